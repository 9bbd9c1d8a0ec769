"""Working on uploaded files: measuring, comparing, telling chunk by chunk, so that any step may be the last."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import asyncpg

from services.enrollment.domain.file_import import (
    MOST_CLAIMS,
    FileImport,
    ImportState,
    Progress,
    row_fact_id,
    summed,
)
from services.enrollment.domain.mapping import mapping_from
from services.enrollment.domain.snapshot import Move
from services.enrollment.domain.source import Emitter, areas_of
from services.enrollment.domain.table import Bounds, Unreadable
from services.enrollment.store import sources
from services.enrollment.store.files import imports, snapshots
from services.enrollment.usecases.files.comparing import Comparison
from services.enrollment.usecases.files.parts import Parts
from services.enrollment.usecases.files.rows import PLACES_A_ROW, FileRows, RowChunk, Subjects, note_of, told_notes
from services.enrollment.usecases.files.speaking import Said, Saying, Speaker
from services.enrollment.usecases.intake import Intake
from shared.clock import Clock
from shared.db import TEMPORARY, Database

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """How files are worked on: rows a chunk, how long a worker holds a file without a sign, what is read at most."""

    chunk_rows: int
    lease_seconds: float
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Ground:
    """What the work stands on: the door to the vault, and where files lie."""

    subjects: Subjects
    parts: Parts


class _Lost(Exception):
    """Another worker has the file by now."""


class _Cancelled(Exception):
    """Its sender wants it no more."""


class FileWork:
    """The work on files that wait. Several processes may do it at once."""

    def __init__(self, database: Database, clock: Clock, intake: Intake, ground: Ground, pace: Pace) -> None:
        self._database = database
        self._clock = clock
        self._pace = pace
        self._worker = uuid4().hex
        self._speaker = Speaker(database, intake)
        self._subjects, self._parts = ground.subjects, ground.parts
        self._comparison = Comparison(database, clock, self._subjects, chunk_rows=pace.chunk_rows)

    async def work(self) -> int:
        """Work until no file waits; gives how many were worked on."""
        count = 0
        while (file := await self._claim()) is not None:
            await self._perform(file)
            count += 1
        return count

    async def _claim(self) -> FileImport | None:
        async with self._database.transaction() as connection:
            return await imports.claim(connection, self._worker, self._pace.lease_seconds)

    async def _perform(self, file: FileImport) -> None:
        if file.claims > MOST_CLAIMS:
            await self._end(file, ImportState.FAILED, "gave_up")
            return
        try:
            async with self._holding(file):
                emitter = await self._emitter(file)
                if file.is_planned:
                    await self._tell_plan(file, emitter)
                elif file.is_snapshot:
                    await self._compare(file, emitter)
                else:
                    await self._tell_rows(file, emitter)
        except Unreadable as unreadable:
            await self._end(file, ImportState.FAILED, unreadable.code)
        except _Cancelled:
            await self._end(file, ImportState.CANCELLED)
        except _Lost:
            return

    @asynccontextmanager
    async def _holding(self, file: FileImport) -> AsyncIterator[None]:
        async def hold() -> None:
            while True:
                await asyncio.sleep(self._pace.lease_seconds / 4)
                try:
                    async with self._database.transaction() as connection:
                        await imports.renew(connection, file.import_id, self._worker, self._pace.lease_seconds)
                except (*TEMPORARY, asyncpg.PostgresError) as error:  # whoever takes the file over is met when told
                    log.warning("a file's lease was not renewed, it is tried again: %s", type(error).__name__)

        holding = asyncio.create_task(hold())
        try:
            yield
        finally:
            holding.cancel()

    async def _emitter(self, file: FileImport) -> Emitter:
        async with self._database.reading() as connection:
            found = await sources.find(connection, file.source)
        assert found is not None
        areas = areas_of(found[1], file.areas)
        if not areas:
            raise Unreadable("no_area_left")
        return Emitter(file.source_number, file.source, areas)

    async def _opened(self, file: FileImport) -> FileRows:
        """The file's rows after those done. The whole file is read once before anything is told of it."""
        async with self._database.reading() as connection:
            content = await self._parts.whole(connection, file.import_id)
        rows = FileRows(file, content, self._pace.bounds)
        self._subjects.require_vault(rows.mapping.person)
        if file.rows_total is None:
            total = await rows.measure()
            async with self._database.transaction() as connection:
                await imports.measured(connection, file.import_id, total, rows.sheet_name, rows.columns)
                await imports.add_notes(connection, file.import_id, rows.remarks)
        await rows.skip(file.rows_done)
        return rows

    async def _tell_rows(self, file: FileImport, emitter: Emitter) -> None:
        rows = await self._opened(file)
        counts: Mapping[str, int] = file.counts
        number, place = file.chunks_done, file.rows_done * PLACES_A_ROW
        while (chunk := await rows.next(self._pace.chunk_rows)).rows:
            said = await self._say(file, emitter, (number, place), rows, chunk)
            counts = summed(counts, said.counts | {"unreadable": chunk.unreadable})
            facts = [(draft.row, draft.type) for draft in chunk.drafts]
            notes = [note_of(fault) for fault in chunk.faults] + told_notes(said, rows.mapping, rows.columns, facts)
            await self._advance(file, number, Progress(chunk.rows, 0, counts, tuple(notes)))
            number, place = number + 1, place + chunk.rows * PLACES_A_ROW
        await self._end(file, ImportState.DONE)

    async def _say(
        self, file: FileImport, emitter: Emitter, numbers: tuple[int, int], rows: FileRows, chunk: RowChunk
    ) -> Said:
        number, place = numbers
        if not chunk.drafts and not chunk.traits:
            return Said({}, [], [])
        asked = self._subjects.known if file.is_dry_run else self._subjects.of
        subjects = await asked(emitter, rows.mapping.person, chunk)
        sayings = [
            Saying(
                row_fact_id(draft.type, subjects[draft.person], draft.data),
                subjects[draft.person],
                draft.type,
                draft.data,
                place + at,
            )
            for at, draft in enumerate(chunk.drafts)
        ]
        if file.is_dry_run:
            return await self._speaker.foretell(emitter, sayings, file.received_at)
        return await self._speaker.tell(emitter, f"{file.import_id}-{number}", sayings, file.received_at)

    async def _compare(self, file: FileImport, emitter: Emitter) -> None:
        rows = await self._opened(file)
        compared = await self._comparison.of(file, emitter, rows)
        kept = await self._comparison.keep(file, self._worker, compared)
        if not kept:
            raise _Lost
        if file.is_dry_run:
            await self._end(file, ImportState.DONE)

    async def _tell_plan(self, file: FileImport, emitter: Emitter) -> None:
        counts: Mapping[str, int] = file.counts
        number, done = file.chunks_done, file.facts_done
        mapping = mapping_from(file.mapping)
        while moves := await self._next_moves(file, done):
            sayings = [
                Saying(fact_id, move.key[0], move.type, move.data, done + at)
                for at, (fact_id, move) in enumerate(moves, 1)
            ]
            said = await self._speaker.tell(emitter, f"{file.import_id}-{number}", sayings, file.received_at)
            counts = summed(counts, said.counts)
            refused = {note.row for note in said.rejections}
            told = [move for at, move in enumerate(moves, 1) if at not in refused]
            facts = [(move.row, move.facet) for _, move in moves]
            notes = told_notes(said, mapping, file.columns, facts)
            await self._advance(file, number, Progress(0, len(moves), counts, tuple(notes)), told)
            number, done = number + 1, done + len(moves)
        await self._end(file, ImportState.DONE)

    async def _next_moves(self, file: FileImport, done: int) -> list[tuple[str, Move]]:
        async with self._database.reading() as connection:
            return await snapshots.next_moves(connection, file.import_id, after=done, limit=self._pace.chunk_rows)

    async def _advance(
        self, file: FileImport, number: int, progress: Progress, told: Sequence[tuple[str, Move]] = ()
    ) -> None:
        """Count a chunk in, together with what it says of rows and what a snapshot's records are now."""
        scope = (file.source_number, file.mapping_name)
        async with self._database.transaction() as connection:
            is_unwanted = await imports.advance(connection, (file.import_id, self._worker, number), progress)
            if is_unwanted is None:
                raise _Lost
            await imports.add_notes(connection, file.import_id, progress.notes)
            if told:
                moves = [move for _, move in told]
                await snapshots.drop_facets(connection, scope, moves)
                await snapshots.keep_facets(connection, scope, moves)
                await snapshots.drop_told(connection, scope, moves)
                await snapshots.keep_told(connection, scope, told)
        if is_unwanted:
            raise _Cancelled

    async def _end(self, file: FileImport, state: ImportState, failure: str | None = None) -> None:
        """The file is through: it is forgotten, and so is what it was still to tell."""
        async with self._database.transaction() as connection:
            if not await imports.end_held(
                connection, (file.import_id, self._worker), state, failure, self._clock.now()
            ):
                return
            await imports.forget_parts(connection, file.import_id)
            await snapshots.forget_plan(connection, file.import_id)
