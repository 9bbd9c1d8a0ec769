"""A record removed from the topic says nothing any more of its person; an erasure's own tombstones change nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from services.pathways import rules
from services.pathways.domain import facts as reading
from services.pathways.subscribers import heard
from services.pathways.usecases import Heard, Removed, UseCases
from shared.clock import Clock
from shared.db import Database
from shared.messaging.records import Batch, Record
from tests.integration.pathways.careers import CAREER, GAP, KOELN, TODAY, facts, settle, take

SOURCE = "//koeln.example/jobcenter"


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    database = await Database.at(database_url, connections=3)
    await settle(database_url, database)
    yield database
    await database.close()


def tombstone(person: str, fact_id: str) -> Removed:
    record = Record("enrollment.persons", 0, 0, f"{person}/{SOURCE}/{fact_id}".encode(), None, {})
    found = heard(record)
    assert isinstance(found, Removed)
    return found


async def remove(db: Database, *events: Heard | Removed, behind: int = 0) -> None:
    await UseCases(db, Clock(TODAY), rules.load()).take_facts(Batch(list(events), [], behind))


async def state(db: Database) -> dict[tuple[Any, ...], str]:
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT person_id, pattern, anchor, state FROM findings")
    return {tuple(row)[:3]: row["state"] for row in rows if row["state"] != "retracted"}


async def stored(db: Database, person: str) -> list[reading.Fact]:
    async with db.reading() as connection:
        return reading.unpack(await connection.fetchval("SELECT facts FROM timelines WHERE person_id = $1", person))


@pytest.mark.parametrize("behind", [0, 100_000])
async def test_facts_of_removed_records_are_dropped_and_what_rested_on_them_is_taken_back(
    db: Database, behind: int
) -> None:
    before = await state(db)
    more = facts(CAREER, ["referred m9 IK_ALLG 2024-05-02"], municipality=KOELN, rechtskreis="SGB2")
    ids = [fact.id for fact in await stored(db, CAREER)]
    await remove(db, *(tombstone(CAREER, id) for id in ids), Heard(more[0], None), behind=behind)
    await UseCases(db, Clock(TODAY), rules.load()).settle()
    after = await state(db)
    assert [fact.id for fact in await stored(db, CAREER)] == [more[0].id]
    assert not [key for key in after if key[0] == CAREER]
    assert {key: one for key, one in before.items() if key[0] != CAREER} == after


async def test_when_all_records_of_a_person_are_removed_nothing_is_left_to_find_or_to_show(db: Database) -> None:
    ids = [fact.id for fact in await stored(db, GAP)]
    await remove(db, *(tombstone(GAP, id) for id in ids))
    assert not [key for key in await state(db) if key[0] == GAP]
    assert await stored(db, GAP) == []


async def test_records_nobody_knows_change_nothing(db: Database) -> None:
    before = await state(db)
    await remove(db, tombstone(CAREER, "never"), tombstone("NOBODY", "x"))
    assert await state(db) == before


async def test_the_tombstones_of_an_erasure_leave_its_mark_alone(db: Database) -> None:
    erased = reading.decode(
        SOURCE, "e1", "gemeinsam.person.erased.v1", CAREER, "2024-06-01T00:00:00Z", b'{"reason":"REQUESTED"}'
    )
    await take(db, TODAY, erased)
    await remove(db, tombstone(CAREER, "e1"), tombstone(CAREER, "m1"))
    assert [fact.id for fact in await stored(db, CAREER)] == ["e1"]
