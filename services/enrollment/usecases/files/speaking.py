"""Telling the facts of one chunk of a file: through the same intake as every other fact, or only foretold."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from services.enrollment.domain import intake as rules
from services.enrollment.domain.intake import Candidate
from services.enrollment.domain.lines import Row
from services.enrollment.domain.receipt import Kind, Note, Receipt, State
from services.enrollment.domain.source import Emitter
from services.enrollment.store import facts, receipts
from services.enrollment.store.files import snapshots
from services.enrollment.usecases.intake import Chunk, Intake
from shared.contracts.envelope import SPECVERSION, time_text
from shared.db import Database

_MOST_NOTES = 100_000
NEWCOMER = "new:"  # before the record number of somebody a dry run knows no pseudonym of


@dataclass(frozen=True, slots=True)
class Saying:
    """A fact to be told: its id, whom it is about, its type and data, and the place in the file that orders it."""

    fact_id: str
    subject: str
    type: str
    data: Mapping[str, Any]
    place: int


@dataclass(frozen=True, slots=True)
class Said:
    """What became of a chunk: its counts, and its notes, whose `row` is the saying's place in the chunk from 1."""

    counts: dict[str, int]
    rejections: list[Note]
    warnings: list[Note]


class Speaker:
    """The way of a file's facts into intake."""

    def __init__(self, database: Database, intake: Intake) -> None:
        self._database = database
        self._intake = intake

    async def tell(self, emitter: Emitter, receipt_id: str, sayings: Sequence[Saying], at: datetime) -> Said:
        """Tell a chunk of facts under a receipt of its own; a chunk already told is not told again.

        So a worker that died after intake's commit and before its own finds out what became of the chunk.
        """
        receipt = await self._receipt(emitter, receipt_id)
        if receipt is None or receipt.state is not State.COMPLETE:
            rows = [Row(number, _event(emitter, saying, at)) for number, saying in enumerate(sayings, 1)]
            await self._intake.report(emitter, receipt_id, _one(Chunk(rows, is_last=True)))
            receipt = await self._receipt(emitter, receipt_id)
        assert receipt is not None
        return Said(
            {
                "accepted": receipt.accepted,
                "duplicate": receipt.duplicate,
                "set_aside": receipt.set_aside,
                "rejected": receipt.rejected,
            },
            receipt.rejections,
            receipt.warnings,
        )

    async def foretell(self, emitter: Emitter, sayings: Sequence[Saying], at: datetime) -> Said:
        """What would become of a chunk of facts; nothing is kept. Newcomers would be granted to the source."""
        judged = [
            rules.judge(Row(number, _event(emitter, saying, at)), emitter) for number, saying in enumerate(sayings, 1)
        ]
        broken = [note for note in judged if isinstance(note, Note)]
        candidates: list[Candidate] = [one for one in judged if not isinstance(one, Note)]
        areas = {area for one in candidates if one.area is not None for area in (one.area, one.area[:5] + "000")}
        subjects = {one.envelope.subject for one in candidates}
        async with self._database.reading() as connection:
            granted = await snapshots.granted(connection, emitter.source_number, sorted(subjects))
            mandates = await facts.mandates(connection, areas)
            known = await facts.known(connection, emitter.source_number, {one.envelope.id for one in candidates})
        newcomers = {subject for subject in subjects if subject.startswith(NEWCOMER)}
        admitted = rules.admit(candidates, granted | newcomers, mandates)
        _, outcome = rules.settle(admitted, admitted.firsts.keys() - known.keys(), known, broken=broken)
        return Said(
            {
                "accepted": outcome.accepted,
                "duplicate": outcome.duplicate,
                "set_aside": outcome.set_aside,
                "rejected": len(outcome.rejections),
            },
            list(outcome.rejections),
            list(outcome.warnings),
        )

    async def _receipt(self, emitter: Emitter, receipt_id: str) -> Receipt | None:
        key = (emitter.source_number, receipt_id)
        async with self._database.reading() as connection:
            receipt = await receipts.find(connection, *key)
            if receipt is not None:
                receipt.rejections = await receipts.notes(connection, key, Kind.REJECTION, after=0, limit=_MOST_NOTES)
                receipt.warnings = await receipts.notes(connection, key, Kind.WARNING, after=0, limit=_MOST_NOTES)
        return receipt


async def _one(chunk: Chunk) -> AsyncIterator[Chunk]:
    yield chunk


def _event(emitter: Emitter, saying: Saying, at: datetime) -> bytes:
    # Later rows of a file count as recorded later, so that of two that contradict each other the last holds.
    event = {
        "specversion": SPECVERSION,
        "id": saying.fact_id,
        "source": emitter.source,
        "type": saying.type,
        "subject": saying.subject,
        "time": time_text(at + timedelta(microseconds=saying.place)),
        "datacontenttype": "application/json",
        "data": saying.data,
    }
    return msgspec.json.encode(event)
