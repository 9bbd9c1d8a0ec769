"""Taking reported facts: judged row by row, committed chunk by chunk together with their rows of the receipt."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol

import asyncpg
import msgspec

from services.enrollment.domain import intake
from services.enrollment.domain.intake import Admitted, Candidate
from services.enrollment.domain.lines import Row
from services.enrollment.domain.receipt import Kind, Note, Outcome, Receipt, State
from services.enrollment.domain.source import Emitter
from services.enrollment.store import erasures, facts, persons, receipts
from shared import metrics
from shared.contracts.envelope import to_headers
from shared.contracts.topics import PERSONS
from shared.db import Database
from shared.errors import Conflict, Unavailable
from shared.messaging import outbox
from shared.writes import Write, write

NOTHING: Mapping[str, str] = MappingProxyType({})
_TRIES = 4
_SLICE = 50  # rows judged without giving way: a few milliseconds, so that commits and other requests go on meanwhile
_MEETINGS = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows to be committed together; `is_last` says that the body was read to its end with them."""

    rows: Sequence[Row]
    is_last: bool


class Way(Protocol):
    """How rows came, where it matters for what goes out: their traces, and who is told of refusals."""

    def headers(self, row: int) -> dict[str, str]:
        """What the published fact of a row carries along."""

    def answers(self, refused: Sequence[Note]) -> Sequence[outbox.Message]:
        """What is sent back, committed together with the refusals."""


@dataclass(slots=True)
class _Sending:
    """One request on its way: its receipt, and the number of the sending once the first chunk is committed."""

    emitter: Emitter
    receipt: Receipt
    way: Way | None = None
    attempt: int | None = None

    def messages(self, taken: Sequence[Candidate], outcome: Outcome) -> list[outbox.Message]:
        """What goes out for a chunk: the facts taken, and what is sent back."""
        published = [candidate for candidate in taken if candidate.event is None]
        if self.way is None:
            return [message_of(candidate) for candidate in published]
        facts_said = [message_of(candidate, self.way.headers(candidate.row)) for candidate in published]
        return [*facts_said, *self.way.answers(outcome.rejections)]


class Intake:
    """The one way facts about persons come in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def report(
        self, emitter: Emitter, receipt_id: str, chunks: AsyncIterator[Chunk], *, way: Way | None = None
    ) -> Receipt:
        """Take all chunks in order and give the receipt; the next chunk is read while the last one is committed.

        What was read before the chunks end with an error is kept, and the receipt stays incomplete.
        """
        sending = _Sending(emitter, Receipt(receipt_id), way)
        committing: asyncio.Task[None] | None = None
        try:
            async for chunk in chunks:
                judged = await _judged(chunk.rows, emitter)
                if committing is not None:
                    await committing
                committing = asyncio.create_task(self._commit(sending, judged, chunk.is_last))
        finally:
            if committing is not None:
                await asyncio.shield(committing)
        return sending.receipt

    async def _commit(self, sending: _Sending, judged: Sequence[Candidate | Note], is_last: bool) -> None:
        broken = [note for note in judged if isinstance(note, Note)]
        candidates = [candidate for candidate in judged if not isinstance(candidate, Note)]
        for _ in range(_TRIES):
            try:
                outcome = await self._commit_once(sending, candidates, broken, is_last=is_last)
            except _MEETINGS:
                continue  # two requests met over the same ids; one of them goes first now
            sending.receipt.add(outcome)
            _count(outcome)
            return
        raise Unavailable("the same facts are being sent twice at once; try again in a moment")

    async def _commit_once(
        self, sending: _Sending, candidates: Sequence[Candidate], broken: Sequence[Note], *, is_last: bool
    ) -> Outcome:
        number = sending.emitter.source_number
        state = State.COMPLETE if is_last else State.INCOMPLETE
        async with self._database.transaction() as connection:
            taken, outcome = await _take(connection, number, candidates, broken)
            told = outbox.putting(sending.messages(taken, outcome))
            attempt = await _write_receipt(connection, sending, outcome, state, told)
            if aside := [candidate for candidate in taken if candidate.event is not None]:
                await facts.keep_set_aside(connection, number, sending.receipt.receipt_id, aside)
        sending.attempt = attempt
        sending.receipt.state = state
        return outcome


async def _judged(rows: Sequence[Row], emitter: Emitter) -> list[Candidate | Note]:
    judged: list[Candidate | Note] = []
    for start in range(0, len(rows), _SLICE):
        judged += [intake.judge(row, emitter) for row in rows[start : start + _SLICE]]
        await asyncio.sleep(0)
    return judged


def message_of(candidate: Candidate, beside: Mapping[str, str] = NOTHING) -> outbox.Message:
    """The record of a fact on its topic: declared fields only, and headers beside its own."""
    head = candidate.envelope
    key = f"{head.subject}/{head.source}/{head.id}"
    headers = {**beside, **to_headers(head)}
    return outbox.Message(PERSONS.name, key, head.subject, msgspec.json.encode(candidate.data), headers)


async def _take(
    connection: asyncpg.Connection, number: int, candidates: Sequence[Candidate], broken: Sequence[Note]
) -> tuple[list[Candidate], Outcome]:
    if not candidates:
        return intake.settle(Admitted(), (), {}, broken=broken)
    granted = await persons.lock_granted(connection, number, {one.envelope.subject for one in candidates})
    areas = {area for one in candidates if one.area is not None for area in (one.area, one.area[:5] + "000")}
    mandates = await facts.mandates(connection, areas) if areas else {}
    strangers = {one.envelope.subject for one in candidates} - granted.keys()
    erased = await erasures.erased(connection, strangers) if strangers else ()
    admitted = intake.admit(candidates, granted, mandates, erased=erased)
    new = await facts.insert_new(connection, number, list(admitted.firsts.values())) if admitted.firsts else set()
    doubtful = admitted.firsts.keys() - new | {one.envelope.id for one, _ in admitted.refused}
    known = await facts.known(connection, number, doubtful - new) if doubtful else {}
    taken, outcome = intake.settle(admitted, new, known, broken=broken)
    return taken, await _with_shared_ids(connection, number, (taken, granted), outcome)


async def _with_shared_ids(
    connection: asyncpg.Connection, number: int, taken: tuple[list[Candidate], dict[str, bool]], outcome: Outcome
) -> Outcome:
    """The outcome with warnings about ids another source uses, asked only for persons it was granted too."""
    candidates, granted = taken
    asked = {
        (one.envelope.subject, one.about)
        for one in candidates
        if one.about is not None and granted.get(one.envelope.subject)
    }
    if not asked:
        return outcome
    notes = intake.shared_notes(candidates, await facts.shared(connection, number, sorted(asked)))
    warnings = tuple(sorted(outcome.warnings + notes, key=lambda note: note.row))
    return Outcome(outcome.accepted, outcome.duplicate, outcome.set_aside, outcome.rejections, warnings)


async def _write_receipt(
    connection: asyncpg.Connection, sending: _Sending, outcome: Outcome, state: State, told: Sequence[Write]
) -> int:
    """Write what is told of a chunk and count it into the receipt; gives the number of the sending."""
    number, receipt = sending.emitter.source_number, sending.receipt
    attempt = sending.attempt
    if attempt is None:
        begun = await write(connection, [*told, receipts.beginning(number, receipt.receipt_id, outcome, state)])
        attempt = int(begun[0]["attempt"])
        if attempt > 1:
            await receipts.forget_notes(connection, number, receipt.receipt_id)
    else:
        grown = await write(
            connection, [*told, receipts.growing((number, receipt.receipt_id, attempt), outcome, state)]
        )
        if not grown:
            raise Conflict("a newer request uses this Idempotency-Key", field="Idempotency-Key")
    notes = [(Kind.REJECTION, note) for note in outcome.rejections]
    notes += [(Kind.WARNING, note) for note in receipt.kept_warnings(outcome)]
    if notes:
        await receipts.add_notes(connection, number, receipt.receipt_id, notes)
    return attempt


def _count(outcome: Outcome) -> None:
    for name, rows in (
        ("accepted", outcome.accepted),
        ("duplicate", outcome.duplicate),
        ("set_aside", outcome.set_aside),
        ("rejected", len(outcome.rejections)),
    ):
        if rows:
            metrics.FACTS_RECEIVED.labels(name).inc(rows)
