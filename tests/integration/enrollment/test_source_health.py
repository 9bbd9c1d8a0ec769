"""A source that is quiet for longer than its rhythm is told of once, and once more when it speaks again."""

from __future__ import annotations

import json
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

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
from shared.errors import Forbidden
from shared.migrate import migrate
from tests.integration.enrollment import running

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
