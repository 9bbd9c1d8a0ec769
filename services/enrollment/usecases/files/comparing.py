"""Comparing a snapshot with what the mapping's earlier ones said, and pulling the brake if it changes too much."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from services.enrollment.domain.file_import import FileImport, FileNote, ImportState, snapshot_fact_id
from services.enrollment.domain.snapshot import (
    USUAL_BRAKE_LIMIT,
    Key,
    Move,
    Plan,
    Record,
    Scope,
    Stated,
    compare,
)
from services.enrollment.domain.source import Emitter
from services.enrollment.store.files import imports, snapshots
from services.enrollment.usecases.files.rows import FileRows, Subjects, note_of
from services.enrollment.usecases.telling import SOURCE, Hand, tell
from shared.clock import Clock
from shared.contracts.municipalities import BrakePulled
from shared.db import Database


@dataclass(frozen=True, slots=True)
class Compared:
    """What a snapshot would change: the plan, what is to say of rows, and whether it is more than the brake allows."""

    plan: Plan
    notes: tuple[FileNote, ...]
    unreadable: int
    is_implausible: bool

    @property
    def counts(self) -> dict[str, int]:
        """The plan in numbers."""
        plan = self.plan
        numbers = {"compared": plan.compared, "changed": plan.changed, "withheld": plan.withheld}
        return plan.counts() | numbers | {"unreadable": self.unreadable}


class Comparison:
    """The step of a snapshot before anything of it is told."""

    def __init__(self, database: Database, clock: Clock, subjects: Subjects, *, chunk_rows: int) -> None:
        self._database = database
        self._clock = clock
        self._subjects = subjects
        self._chunk_rows = chunk_rows

    async def of(self, file: FileImport, emitter: Emitter, rows: FileRows) -> Compared:
        """Compare the file, with rows at their beginning."""
        stated: list[Stated] = []
        notes: list[FileNote] = []
        unreadable = 0
        asked = self._subjects.known if file.is_dry_run else self._subjects.of
        while (chunk := await rows.next(self._chunk_rows)).rows:
            subjects = await asked(emitter, rows.mapping.person, chunk)
            stated += [Stated(draft.row, subjects[draft.person], draft.type, draft.data) for draft in chunk.drafts]
            notes += [note_of(fault) for fault in chunk.faults]
            unreadable += chunk.unreadable
        old, limit = await self._known(file)
        assert file.scope is not None
        plan = await asyncio.to_thread(
            compare,
            old,
            stated,
            Scope(*file.scope),
            source=file.source,
            types=frozenset(rule.type for rule in rows.mapping.events),
            whole=unreadable == 0,
        )
        notes += [FileNote(row, None, None, "row", code) for row, code in plan.refused]
        return Compared(plan, tuple(notes), unreadable, plan.share > limit)

    async def keep(self, file: FileImport, worker: str, compared: Compared) -> bool:
        """Keep the plan to be told, or to be held by the brake; False if another worker has the file by now.

        Of a dry run only the numbers are kept.
        """
        is_held = compared.is_implausible and not file.is_dry_run
        state = ImportState.RUNNING if file.is_dry_run else ImportState.BRAKED if is_held else ImportState.WAITING
        moves = [] if file.is_dry_run else _named(file, compared.plan)
        counts = compared.counts | {"implausible": int(compared.is_implausible)}
        async with self._database.transaction() as connection:
            outcome = (counts, compared.plan.share)
            if not await imports.planned(connection, (file.import_id, worker), len(moves), outcome, state):
                return False
            await snapshots.plan(connection, file.import_id, moves)
            await imports.add_notes(connection, file.import_id, compared.notes)
            await imports.forget_parts(connection, file.import_id)
            if is_held:
                facts = [
                    BrakePulled(
                        municipality=area,
                        source=file.source,
                        import_id=file.import_id,
                        pulled_on=self._clock.today(),
                        share=min(1.0, compared.plan.share),
                    )
                    for area in file.areas
                ]
                await tell(connection, facts, Hand(SOURCE, self._clock.now()))
        return True

    async def _known(self, file: FileImport) -> tuple[dict[Key, Record], float]:
        scope = (file.source_number, file.mapping_name)
        async with self._database.reading() as connection:
            old = await snapshots.known(connection, scope)
            for key, fact_id, type_ in await snapshots.told(connection, scope):
                old.setdefault(key, Record()).told[fact_id] = type_
            limit = await snapshots.brake_limit(connection, file.source_number)
        return old, USUAL_BRAKE_LIMIT if limit is None else limit


def _named(file: FileImport, plan: Plan) -> list[tuple[str, Move]]:
    return [(snapshot_fact_id(file.import_id, move.type, move.key[0], move.data), move) for move in plan.moves]
