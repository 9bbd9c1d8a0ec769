"""Judging again what an earlier release did not know."""

from __future__ import annotations

from itertools import groupby

import asyncpg
import jiter

from services.enrollment.domain import intake
from services.enrollment.domain.intake import Candidate
from services.enrollment.domain.receipt import Note
from services.enrollment.domain.source import Emitter
from services.enrollment.store import facts, persons
from services.enrollment.usecases.intake import message_of
from shared.contracts.persons import EVENTS
from shared.db import Database
from shared.messaging import outbox

_BATCH = 500


class SetAside:
    """Events of types that were unknown when they came."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def judge_again(self) -> int:
        """Publish or refuse every event whose type is known by now; gives how many were judged."""
        judged = 0
        while count := await self._judge_batch():
            judged += count
        return judged

    async def _judge_batch(self) -> int:
        async with self._database.transaction() as connection:
            rows = await facts.waiting(connection, EVENTS.keys(), _BATCH)
            for number, of_source in groupby(rows, key=lambda row: row["source_number"]):
                await _judge(connection, number, list(of_source))
        return len(rows)


async def _judge(connection: asyncpg.Connection, number: int, rows: list[asyncpg.Record]) -> None:
    emitter = Emitter(number, rows[0]["source"], frozenset(rows[0]["areas"]))
    candidates: list[Candidate] = []
    refused: list[tuple[str, str, str]] = []
    for row in rows:
        judged = intake.judge_event(row["receipt_row"], jiter.from_json(row["event"].encode()), emitter)
        if isinstance(judged, Note):
            refused.append((row["fact_id"], judged.field, judged.code))
        else:
            candidates.append(judged)
    granted = await persons.lock_granted(connection, number, {one.envelope.subject for one in candidates})
    areas = {area for one in candidates if one.area is not None for area in (one.area, one.area[:5] + "000")}
    admitted = intake.admit(candidates, granted, await facts.mandates(connection, areas))
    refused += [(one.envelope.id, note.field, note.code) for one, note in admitted.refused]
    taken = list(admitted.firsts.values())
    await facts.refuse_set_aside(connection, number, refused)
    await facts.take_set_aside(connection, number, taken)
    await facts.release_set_aside(connection, number, admitted.firsts.keys())
    await outbox.put(connection, [message_of(one) for one in taken])
