"""What one commit of intake does in the database, and what two at once do to each other."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.enrollment.domain.lines import Row
from services.enrollment.domain.receipt import Receipt
from services.enrollment.domain.source import Emitter, Source
from services.enrollment.store import receipts
from services.enrollment.usecases.intake import Chunk, Intake
from services.enrollment.usecases.persons import Persons
from services.enrollment.usecases.set_aside import SetAside
from services.enrollment.usecases.sources import Sources
from shared.auth import Principal, Role
from shared.contracts.persons import judging
from shared.contracts.vocabulary import Body
from shared.db import Database
from shared.errors import Conflict
from shared.migrate import migrate
from tests.integration.enrollment import running

MIGRATIONS = Path("services/enrollment/migrations")
ENDED = "gemeinsam.measure.ended.v1"


class Desk:
    """The use cases on a database of the test's own, without a door."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.intake = Intake(database)
        self.persons = Persons(database, secrets.randbits)

    async def emitter(self, name: str = "//a.example/x") -> Emitter:
        sources = Sources(self.database)
        await sources.register(Source(name, Body.JOBCENTER, (running.KOELN,), "it", 7))
        return await sources.emitter(Principal("test", Role.EMITTER, (running.KOELN,), None, name))

    async def pseudonym(self, emitter: Emitter, local_id: str = "1") -> str:
        return (await self.persons.pseudonyms(emitter, [local_id]))[local_id]

    def event(self, emitter: Emitter, person: str, event_id: str, **changes: Any) -> bytes:
        sender = running.Emitter(None, emitter.source, "")  # type: ignore[arg-type]
        return json.dumps(sender.event(person, event_id, **changes)).encode()

    async def report(self, emitter: Emitter, *events: bytes, name: str = "r", pieces: int = 1) -> Receipt:
        rows = [Row(number, raw) for number, raw in enumerate(events, 1)]
        size = -(-len(rows) // pieces)

        async def chunks() -> AsyncIterator[Chunk]:
            for start in range(0, len(rows), size):
                yield Chunk(rows[start : start + size], is_last=start + size >= len(rows))

        return await self.intake.report(emitter, name, chunks())

    async def fetch(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        async with self.database.reading() as connection:
            return await connection.fetch(query, *arguments)


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    await migrate(database_url, MIGRATIONS, MIGRATIONS.parent / "development")
    database = await Database.at(database_url, connections=6)
    yield Desk(database)
    await database.close()


async def test_only_declared_fields_go_into_the_outbox_under_the_right_key(desk: Desk) -> None:
    emitter = await desk.emitter()
    person = await desk.pseudonym(emitter)
    await desk.report(emitter, desk.event(emitter, person, "e1", data={"name": "Amina"}, correlationid="c1"))
    message = (await desk.fetch("SELECT topic, key, subject, value, headers FROM outbox"))[0]
    assert (message["topic"], message["subject"]) == ("enrollment.persons", person)
    assert message["key"].decode() == f"{person}/{emitter.source}/e1"
    assert "Amina" not in message["value"].decode()
    headers = json.loads(message["headers"])
    assert (headers["ce_id"], headers["ce_type"], headers["ce_correlationid"]) == ("e1", ENDED, "c1")
    assert headers["ce_time"] == "2025-03-04T10:11:12+01:00"


async def test_facts_of_a_person_leave_in_the_order_they_were_sent(desk: Desk) -> None:
    emitter = await desk.emitter()
    person = await desk.pseudonym(emitter)
    await desk.report(emitter, *(desk.event(emitter, person, f"e{n}") for n in reversed(range(40))), pieces=3)
    rows = await desk.fetch("SELECT key FROM outbox ORDER BY outbox_id")
    assert [row["key"].decode().rsplit("/", 1)[1] for row in rows] == [f"e{n}" for n in reversed(range(40))]


async def test_a_locked_person_holds_back_only_the_chunk_that_speaks_of_it(desk: Desk) -> None:
    emitter = await desk.emitter()
    held, free = await desk.pseudonym(emitter, "1"), await desk.pseudonym(emitter, "2")
    async with desk.database.transaction() as connection:
        await connection.execute("SELECT FROM vault.persons WHERE pseudonym = $1 FOR NO KEY UPDATE", held)
        waiting = asyncio.create_task(desk.report(emitter, desk.event(emitter, held, "a"), name="a"))
        other = await desk.report(emitter, desk.event(emitter, free, "b"), name="b")
        assert other.accepted == 1
        assert not waiting.done()
    assert (await waiting).accepted == 1


async def test_a_resend_after_the_membership_ended_is_still_a_duplicate(desk: Desk) -> None:
    emitter = await desk.emitter()
    person = await desk.pseudonym(emitter)
    fact = desk.event(emitter, person, "e1")
    await desk.report(emitter, fact)
    async with desk.database.transaction() as connection:
        await connection.execute("UPDATE memberships SET until = '2019-01-01' WHERE ags = $1", running.KOELN)
    again = await desk.report(emitter, fact, desk.event(emitter, person, "e2"), name="again")
    assert (again.duplicate, [note.code for note in again.rejections]) == (1, ["not_a_member"])


async def test_the_mandate_begins_and_ends_with_the_day_in_berlin(desk: Desk) -> None:
    emitter = await desk.emitter()
    person = await desk.pseudonym(emitter)
    async with desk.database.transaction() as connection:
        await connection.execute(
            "UPDATE memberships SET since = '2025-03-30', until = '2025-03-31' WHERE ags = $1", running.KOELN
        )
    times = ["2025-03-29T22:59:59Z", "2025-03-29T23:00:00Z", "2025-03-30T21:59:59Z", "2025-03-30T22:00:00Z"]
    events = [desk.event(emitter, person, f"e{n}", time=time) for n, time in enumerate(times)]
    receipt = await desk.report(emitter, *events)
    assert [note.row for note in receipt.rejections] == [1, 4]


async def test_an_id_another_source_uses_for_the_person_is_warned_of(desk: Desk) -> None:
    first, second = await desk.emitter(), await desk.emitter("//b.example/y")
    person = await desk.pseudonym(first)
    async with desk.database.transaction() as connection:
        await connection.execute(
            "INSERT INTO vault.grants (source_number, local_id, pseudonym) VALUES ($1, '9', $2)",
            second.source_number,
            person,
        )
    measure = {"data": {"measure_id": "m-1"}}
    assert (await desk.report(first, desk.event(first, person, "e1", **measure))).warned == 0
    receipt = await desk.report(second, desk.event(second, person, "e1", **measure))
    assert (receipt.accepted, [(note.field, note.code) for note in receipt.warnings]) == (
        1,
        [("data.measure_id", "shared_id")],
    )


async def test_what_was_set_aside_is_judged_again_once_the_type_is_known(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    emitter = await desk.emitter()
    person = await desk.pseudonym(emitter)
    good = desk.event(emitter, person, "good", data={"name": "Amina"})
    bad = desk.event(emitter, person, "bad", data={"ended_on": "never"})
    with monkeypatch.context() as older:
        older.setattr(judging, "_SPECS", {type_: spec for type_, spec in judging._SPECS.items() if type_ != ENDED})
        receipt = await desk.report(emitter, good, bad)
    assert (receipt.set_aside, await desk.fetch("SELECT FROM outbox")) == (2, [])
    assert await SetAside(desk.database).judge_again() == 2
    assert await SetAside(desk.database).judge_again() == 0
    messages = await desk.fetch("SELECT key, value FROM outbox")
    assert [message["key"].decode() for message in messages] == [f"{person}/{emitter.source}/good"]
    assert "Amina" not in messages[0]["value"].decode()
    kept = await desk.fetch("SELECT fact_id, refused_field, refused_code FROM set_aside")
    assert [tuple(row) for row in kept] == [("bad", "data.ended_on", "bad_date")]
    assert (await desk.report(emitter, good, name="again")).duplicate == 1


async def test_a_newer_sending_takes_the_receipt_over(desk: Desk) -> None:
    emitter = await desk.emitter()
    person = await desk.pseudonym(emitter)
    go_on = asyncio.Event()

    async def stalled() -> AsyncIterator[Chunk]:
        yield Chunk([Row(1, desk.event(emitter, person, "a"))], is_last=False)
        await go_on.wait()
        yield Chunk([Row(2, desk.event(emitter, person, "b"))], is_last=True)

    older = asyncio.create_task(desk.intake.report(emitter, "same", stalled()))
    while not await desk.fetch("SELECT FROM receipts"):
        await asyncio.sleep(0.01)
    newer = await desk.report(emitter, desk.event(emitter, person, "a"), name="same")
    assert newer.duplicate == 1
    go_on.set()
    with pytest.raises(Conflict):
        await older
    assert [tuple(row) for row in await desk.fetch("SELECT attempt, state, accepted FROM receipts")] == [
        (2, "complete", 0)
    ]
    assert len(await desk.fetch("SELECT FROM facts")) == 1


async def test_a_chunk_that_cannot_be_committed_leaves_nothing_and_the_resend_takes_it(desk: Desk) -> None:
    emitter = await desk.emitter()
    person = await desk.pseudonym(emitter)
    async with desk.database.transaction() as connection:
        await connection.execute("ALTER TABLE outbox RENAME TO elsewhere")
    with pytest.raises(asyncpg.UndefinedTableError):
        await desk.report(emitter, desk.event(emitter, person, "a"))
    async with desk.database.transaction() as connection:
        await connection.execute("ALTER TABLE elsewhere RENAME TO outbox")
    assert await desk.fetch("SELECT FROM facts") == []
    assert (await desk.report(emitter, desk.event(emitter, person, "a"))).accepted == 1


async def test_a_pseudonym_taken_already_is_drawn_again(desk: Desk) -> None:
    emitter = await desk.emitter()
    draws = iter([5, 5, 6])
    persons = Persons(desk.database, lambda bits: next(draws))
    first = await persons.pseudonyms(emitter, ["1"])
    second = await persons.pseudonyms(emitter, ["2"])
    assert first["1"] != second["2"]
    assert len(await desk.fetch("SELECT FROM vault.persons")) == 2


async def test_receipts_are_forgotten_after_their_time_and_the_facts_are_not(desk: Desk) -> None:
    emitter = await desk.emitter()
    person = await desk.pseudonym(emitter)
    await desk.report(emitter, desk.event(emitter, person, "a"), b"{}", name="old")
    await desk.report(emitter, b"{}", name="new")
    async with desk.database.transaction() as connection:
        await connection.execute("UPDATE receipts SET changed_at = '2025-01-01T00:00:00Z' WHERE receipt_id = 'old'")
    async with desk.database.transaction() as connection:
        assert await receipts.forget(connection, datetime(2025, 1, 2, tzinfo=UTC), 10) == 1
    for table in ("receipts", "receipt_notes"):
        rows = await desk.fetch(f"SELECT receipt_id FROM {table}")
        assert [row["receipt_id"] for row in rows] == ["new"]
    assert (await desk.report(emitter, desk.event(emitter, person, "a"))).duplicate == 1
