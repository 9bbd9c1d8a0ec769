"""A source that is quiet for longer than its rhythm is told of once, and once more when it speaks again."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from services.enrollment.domain.lines import Row
from services.enrollment.domain.source import Source
from services.enrollment.usecases.intake import Chunk, Intake
from services.enrollment.usecases.persons import Persons
from services.enrollment.usecases.source_health import SourceWatch
from services.enrollment.usecases.sources import Sources
from shared.auth import Principal, Role
from shared.clock import Clock
from shared.contracts.vocabulary import Body
from shared.db import Database
from shared.errors import Forbidden, NotFound
from shared.inside import HEADER, sign
from shared.migrate import migrate
from tests.integration.enrollment import running
from tests.integration.enrollment.running import Enrollment

NAME = "//a.example/x"


async def told(database: Database) -> list[str]:
    async with database.transaction() as connection:
        rows = await connection.fetch("DELETE FROM outbox WHERE topic = 'enrollment.municipalities' RETURNING headers")
    return [json.loads(row["headers"])["ce_type"] for row in rows]


async def report(database: Database, *events: bytes) -> None:
    emitter = await Sources(database).emitter(Principal("t", Role.EMITTER, (running.KOELN,), None, NAME))

    async def chunks() -> AsyncIterator[Chunk]:
        yield Chunk([Row(number, raw) for number, raw in enumerate(events, 1)], is_last=True)

    await Intake(database).report(emitter, secrets.token_hex(4), chunks())


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    await migrate(database_url, *(Path("services/enrollment") / part for part in ("migrations", "development")))
    opened = await Database.at(database_url)
    await Sources(opened).register(Source(NAME, Body.JOBCENTER, (running.KOELN,), "it", 7))
    yield opened
    await opened.close()


async def test_silence_is_told_once_and_so_is_its_end(database: Database) -> None:
    today = Clock(None).today()
    late = SourceWatch(database, Clock(today + timedelta(days=8)))
    await SourceWatch(database, Clock(today + timedelta(days=7))).watch()
    assert await told(database) == []
    await late.watch()
    await late.watch()
    assert await told(database) == ["gemeinsam.source.silenced.v1"]
    await SourceWatch(database, Clock(today)).watch()
    assert await told(database) == ["gemeinsam.source.resumed.v1"]


async def test_its_last_word_and_the_share_of_rejected_rows_are_shown(database: Database) -> None:
    emitter = await Sources(database).emitter(Principal("t", Role.EMITTER, (running.KOELN,), None, NAME))
    person = (await Persons(database, secrets.randbits).pseudonyms(emitter, ["1"]))["1"]
    sender = running.Emitter(None, NAME, "")  # type: ignore[arg-type]
    await report(database, json.dumps(sender.event(person, "e1")).encode(), b"{}", b"[]", b"x")
    watch = SourceWatch(database, Clock(None))
    (one,) = await watch.listed(Principal("g", Role.MANAGING_BODY, (running.KOELN,)))
    assert (one.accepted, one.rejected, one.rejected_share, one.silent_since(Clock(None).today())) == (1, 3, 0.75, None)
    assert one.heard_at is not None
    assert await watch.listed(Principal("g", Role.MANAGING_BODY, ("05111000",))) == []
    with pytest.raises(Forbidden):
        await watch.listed(Principal("c", Role.CASE_MANAGER, (running.KOELN,)))


async def test_delay_corrections_and_completeness_are_reckoned_from_the_facts(database: Database) -> None:
    areas = (running.KOELN, "05978000")
    await Sources(database).register(Source(NAME, Body.JOBCENTER, areas, "it@koeln.example", 1))
    emitter = await Sources(database).emitter(Principal("t", Role.EMITTER, areas, None, NAME))
    person = (await Persons(database, secrets.randbits).pseudonyms(emitter, ["1"]))["1"]
    sender, today = running.Emitter(None, NAME, ""), Clock(None).today()  # type: ignore[arg-type]
    late = [
        sender.event(person, f"e{days}", data={"ended_on": (today - timedelta(days=days)).isoformat()})
        for days in (2, 10, 30)
    ]
    ahead = sender.event(person, "e9", data={"ended_on": (today + timedelta(days=9)).isoformat()})
    common = {name: late[0]["data"][name] for name in ("municipality", "rechtskreis", "legal_basis", "purpose")}
    corrected = {**late[0], "id": "c1", "type": "gemeinsam.measure.corrected.v1"}
    corrected["data"] = common | {"measure_id": "m-e2", "hours": 3}
    await report(database, *(json.dumps(event).encode() for event in (*late, ahead, corrected)))
    watch = SourceWatch(database, Clock(None))
    await watch.measure()
    await watch.measure()
    (one,) = await watch.listed(Principal("o", Role.OPERATOR, ()))
    assert one.quality is not None
    assert (one.quality.delay_days, one.quality.corrected_share) == (10, 0.2)
    assert one.quality.areas_heard(one.areas) == 1
    assert one.quality.fields_given == 4 * 7 + 6
    assert one.quality.fields_declared == 4 * 9 + 17
    assert (one.quality.periods_seen, one.periods(today + timedelta(days=3))) == (1, 3)
    assert await watch.contact(one.source_number) == "it@koeln.example"


async def test_of_the_facts_about_one_silence_a_single_one_names_the_source(database: Database) -> None:
    await Sources(database).register(Source(NAME, Body.JOBCENTER, (running.KOELN, "05978000"), "it", 1))
    await SourceWatch(database, Clock(Clock(None).today() + timedelta(days=2))).watch()
    async with database.transaction() as connection:
        rows = await connection.fetch("SELECT value FROM outbox WHERE topic = 'enrollment.municipalities'")
    told = [json.loads(row["value"]) for row in rows]
    assert sorted(one["municipality"] for one in told) == [running.KOELN, "05978000"]
    assert [one["municipality"] for one in told if one.get("source_id")] == [running.KOELN]
    watch = SourceWatch(database, Clock(None))
    with pytest.raises(NotFound):
        await watch.contact((await watch.listed(Principal("o", Role.OPERATOR, ())))[0].source_number)


def test_where_a_source_is_reached_is_told_to_our_own_services_alone(enrollment: Enrollment) -> None:
    emitter = enrollment.emitter(contact="it@koeln.example")
    number = running_number(enrollment, emitter.source)
    path = f"/v1/source-contacts/source-{number}/address"
    secret = "0123456789abcdef0123456789abcdef"
    signed = {HEADER: sign(secret, path, datetime.now(UTC))}
    assert enrollment.client.get(enrollment.url + path, headers=signed).json() == {"address": "it@koeln.example"}
    assert enrollment.client.get(enrollment.url + path, headers=emitter.headers).status_code == 401
    gone = path.replace(str(number), "999999")
    signed = {HEADER: sign(secret, gone, datetime.now(UTC))}
    assert enrollment.client.get(enrollment.url + gone, headers=signed).status_code == 404


def running_number(enrollment: Enrollment, source: str) -> int:
    async def ask() -> int:
        connection = await asyncpg.connect(enrollment.database_url)
        try:
            return await connection.fetchval("SELECT source_number FROM sources WHERE source = $1", source)
        finally:
            await connection.close()

    return asyncio.run(ask())
