"""One person whose evaluation fails, one batch after the other, a rebuild that was killed: nobody else pays for it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from services.pathways import rules
from services.pathways.domain.facts import decode_line
from services.pathways.store import rule_sets, timelines
from services.pathways.usecases import Heard, UseCases, rebuilding
from shared.clock import Clock
from shared.contracts.topics import ERASURES
from shared.db import Database
from shared.messaging.records import Batch
from shared.migrate import migrate
from tests.integration.pathways.conftest import expected, fails_for, folded, lines_of, people, quiet, send, stored

MIGRATIONS = Path("services/pathways/migrations")
TODAY = "2020-03-01"


async def test_a_person_who_cannot_be_evaluated_is_set_aside_and_comes_back(pathways, fresh_topics, monkeypatch):
    events = people(41, 60, today=TODAY)
    poison = next(event["subject"] for event in events if "measure.started" in event["type"])
    host = await pathways("2019-06-01")
    await send(fresh_topics, events)
    await quiet(host, stored(events))
    jump = UseCases(host.db, Clock(date.fromisoformat(TODAY)), rules.load())
    async with host.db.transaction() as connection:
        root = await connection.fetchval("SELECT cluster_id FROM timelines WHERE person_id = $1", poison)
        await connection.execute("UPDATE timelines SET next_due = '2019-06-02' WHERE person_id = $1", root)
    mend = fails_for(monkeypatch, poison)
    await jump.move_clock(date.fromisoformat(TODAY))
    await nobody_due(host.db)
    async with host.db.reading() as connection:
        (aside,) = await connection.fetch("SELECT person_id, due_on, reason FROM set_aside")
        assert tuple(aside) == (root, date(2019, 6, 2), "ZeroDivisionError")

    mend()
    assert await jump.try_set_aside() == 1
    await jump.move_clock(date.fromisoformat(TODAY))
    await nobody_due(host.db)
    await quiet(host, stored(events))
    assert lines_of(await folded(fresh_topics)) == expected(events, TODAY)
    async with host.db.reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM set_aside") == 0


async def test_a_backfill_evaluates_a_person_once_though_the_clock_goes_on_meanwhile(database_url):
    events = people(43, 40, today=TODAY)
    heard = [Heard(decode_line(json.dumps(event).encode()), None) for event in events]
    await migrate(database_url, MIGRATIONS)
    database = await Database.at(database_url)
    usecases = UseCases(database, Clock(date.fromisoformat(TODAY)), rules.load())
    try:
        for begin in range(0, len(heard), 50):
            await usecases.take_facts(Batch(heard[begin : begin + 50], [], behind=100_000))
            assert await usecases.move_clock(date.fromisoformat(TODAY)) == 0
            assert usecases.is_behind
        await usecases.take_facts(Batch([], [], behind=0))
        assert usecases.is_behind
        await usecases.settle()
        assert not usecases.is_behind
        async with database.reading() as connection:
            said = await connection.fetch("SELECT person_id, pattern, anchor FROM finding_history")
        assert len(said) == len({tuple(one) for one in said}) == len(expected(events, TODAY)) > 40
    finally:
        await database.close()


async def nobody_due(database: Database, *, seconds: float = 150) -> None:
    """Wait until all who were due are evaluated or set aside: the running service takes its part of them."""
    async with asyncio.timeout(seconds):
        while True:
            async with database.reading() as connection:
                if not await connection.fetchval(
                    "SELECT count(*) FROM timelines WHERE next_due <= $1", date.fromisoformat(TODAY)
                ):
                    return
            await asyncio.sleep(0.1)


@pytest.fixture
async def database(database_url: str):
    await migrate(database_url, MIGRATIONS)
    database = await Database.at(database_url, connections=6)
    yield database
    await database.close()


async def test_the_proof_of_an_erasure_counts_what_was_removed_while_catching_up(database: Database):
    events = people(39, 100, today=TODAY)
    erasures = [event for event in events if event["type"] == "gemeinsam.person.erased.v1"]
    others = [event for event in events if event not in erasures]
    usecases = UseCases(database, Clock(date.fromisoformat(TODAY)), rules.load())
    for part in (others[::2], others[1::2] + erasures):
        await usecases.store_facts(Batch([Heard(decode_line(json.dumps(event).encode()), None) for event in part], []))
    while await usecases.settle():
        pass
    async with database.reading() as connection:
        rows = await connection.fetch("SELECT key, value FROM outbox WHERE topic = $1", ERASURES.name)
    removed = {row["key"].decode().split("/")[0]: json.loads(row["value"])["removed"] for row in rows}
    kept = ("gemeinsam.person.erased.v1", "gemeinsam.person.merged.v1", "gemeinsam.person.split.v1")
    had = Counter(event["subject"] for event in events if event["type"] not in kept)
    assert sum(had[person] for person in removed) > 0
    assert removed == {event["subject"]: had[event["subject"]] for event in erasures}


async def test_who_moves_the_date_is_not_passed_by_those_who_come_later(database: Database):
    first, later = date(2026, 1, 1), date(2026, 1, 2)
    async with database.transaction() as connection:
        await timelines.begin_on(connection, first)

    async def moved() -> bool:
        async with database.transaction() as connection:
            return await timelines.move_date(connection, later)

    async def seen() -> date:
        async with database.transaction() as connection:
            return await timelines.begin_on(connection, first)

    async def held() -> date | None:
        async with database.transaction() as connection:
            return (await rule_sets.hold_date(connection))[0]

    async with database.transaction() as evaluating:
        assert await timelines.begin_on(evaluating, first) == first
        moving = asyncio.create_task(moved())
        async with asyncio.timeout(60):
            while not await waiting(evaluating):
                await asyncio.sleep(0.01)
        late = [asyncio.create_task(seen()), asyncio.create_task(held())]
        async with asyncio.timeout(60):
            while await waiting(evaluating) < 3:
                await asyncio.sleep(0.01)
    assert await moving
    assert await asyncio.gather(*late) == [later, later]
    async with database.transaction() as evaluating:
        await timelines.begin_on(evaluating, first)
        assert not await moved(), "a date that stands is not waited for"


async def waiting(connection: asyncpg.Connection) -> int:
    return await connection.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


def said(person: str, revision: int, *, kind: str = "detected", data: bool = True) -> rebuilding.Heard:
    value = (
        f'{{"person_id":"{person}","pattern":"M05","anchor":"m1","severity":"warning","since":"2026-03-01",'
        f'"until":null,"steps":[["warning","2026-05-01"]],"evidence":["m1"],"rules_version":"1",'
        f'"revision":{revision},"historical":false,"municipality":"05315000"}}'
    )
    content = value.encode() if data else None
    return rebuilding.Heard(f"{person}/M05/m1", content, f"gemeinsam.finding.{kind}.v1", "2026-05-01T06:00:00Z")


async def test_a_rebuild_counts_no_revision_down_and_holds_nothing_that_was_erased(database: Database):
    assert await rebuilding.hold(database, [said("P1", 7), said("P2", 1), said("P3", 1)]) == 3
    await rebuilding.forget_all(database)
    # The topic has less than what was decided: the rest was never sent.
    assert await rebuilding.hold(database, [said("P1", 5), said("P2", 1), said("P3", 1)]) == 3
    assert await rebuilding.hold(database, [said("P2", 0, data=False)]) == 0
    async with database.reading() as connection:
        rows = await connection.fetch("SELECT person_id, revision, state FROM findings ORDER BY person_id")
        assert [tuple(row) for row in rows] == [("P1", 7, "open"), ("P3", 1, "open")]
        history = await connection.fetch("SELECT person_id, revision FROM finding_history ORDER BY person_id, revision")
        assert [tuple(row) for row in history] == [("P1", 5), ("P1", 7), ("P3", 1)]
