"""Who left the cohort three years ago is asked to be erased, the restricted wait; history and looks have their time."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from services.pathways import rules
from services.pathways.app import PERIODS
from services.pathways.domain import facts as reading
from services.pathways.usecases import leaving
from shared.clock import Clock
from shared.db import Database
from shared.retention import Retention, periods
from tests.integration.pathways.careers import CAREER, CLEAR, FOREIGN, GAP, TODAY, WAITING, settle, take

KEPT = periods(PERIODS)
MIGRATIONS = Path("services/pathways/migrations")
LATER = date(2031, 3, 3)
"""CLEAR (born 2000-02) turned 27 in February 2027, CAREER (2001-04) in April 2028."""


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    database = await Database.at(database_url, connections=3)
    await settle(database_url, database)
    yield database
    await database.close()


def retention(db: Database, today: date) -> Retention:
    return leaving.retention(db, Clock(today), KEPT, rules.load())


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


async def asked(db: Database) -> list[tuple[str, str]]:
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT value, subject, headers FROM outbox WHERE topic = 'enrollment.erasures'")
    assert {json.loads(row["headers"])["ce_type"] for row in rows} <= {"gemeinsam.retention.ended.v1"}
    return [(row["subject"], json.loads(row["value"])["left_on"]) for row in rows]


async def removed(kept: Retention, now: datetime, *, dry_run: bool = False) -> dict[str, int]:
    return {one.category: one.removed for one in await kept.run(now=now, dry_run=dry_run)}


async def test_who_left_the_cohort_long_ago_is_asked_to_be_erased_and_nobody_else(db: Database) -> None:
    kept = retention(db, TODAY)
    assert (await removed(kept, at(TODAY)))["persons"] == 0
    async with db.transaction() as connection:
        await connection.execute("UPDATE business_date SET today = $1", LATER)
    assert (await removed(kept, at(LATER), dry_run=True))["persons"] == 1
    assert await asked(db) == []
    assert (await removed(kept, at(LATER)))["persons"] == 1
    assert await asked(db) == [(CLEAR, "2027-02-01")]


async def test_a_restricted_person_waits_until_it_is_released(db: Database) -> None:
    said = [
        reading.decode("//vault", f"v{n}", f"gemeinsam.person.{what}.v1", CLEAR, f"2024-06-01T10:0{n}:00Z", data)
        for n, (what, data) in enumerate([("restricted", b'{"reason":"LEGAL_CLAIMS"}'), ("released", b"{}")])
    ]
    await take(db, TODAY, said[0])
    async with db.transaction() as connection:
        await connection.execute("UPDATE business_date SET today = $1", LATER)
    assert (await removed(retention(db, LATER), at(LATER)))["persons"] == 0
    await take(db, LATER, said[1])
    assert (await removed(retention(db, LATER), at(LATER)))["persons"] == 1


async def test_everybody_is_asked_about_in_the_end(db: Database) -> None:
    far = date(2040, 1, 1)
    async with db.transaction() as connection:
        await connection.execute("UPDATE business_date SET today = $1", far)
    await removed(retention(db, far), at(far))
    assert sorted(person for person, _ in await asked(db)) == sorted([CAREER, CLEAR, FOREIGN, GAP, WAITING])


async def test_history_of_ended_findings_and_looks_are_deleted_after_their_time(db: Database) -> None:
    async with db.transaction() as connection:
        open_ones = await connection.fetchval("SELECT count(*) FROM findings WHERE state = 'open'")
        before = await connection.fetchval("SELECT count(*) FROM finding_history")
        await connection.execute(
            "INSERT INTO read_log (read_at, reader, role, persons, what, reason)"
            " VALUES ($1, 'r', 'case_manager', '{}', 'timeline', 'CASE_WORK'), ($2, 'r', 'case_manager', '{}',"
            " 'timeline', 'CASE_WORK')",
            at(LATER) - timedelta(days=1096),
            at(LATER) - timedelta(days=1094),
        )
    counts = await removed(retention(db, TODAY), at(LATER))
    assert counts["read_log"] == 1
    assert counts["finding_history"] == before - open_ones > 0
    async with db.reading() as connection:
        left = await connection.fetchval(
            "SELECT count(*) FROM finding_history JOIN findings USING (person_id, pattern, anchor)"
            " WHERE findings.state <> 'open'"
        )
    assert left == 0
