"""An uploaded file on its way: what it is, how far it is, and what it has become."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from shared.contracts.envelope import content_hash

MOST_CLAIMS = 5  # a file that is taken up so often without getting on would be so for ever


class ImportState(StrEnum):
    """Where a file stands."""

    RECEIVING = "receiving"
    WAITING = "waiting"
    RUNNING = "running"
    BRAKED = "braked"
    DONE = "done"
    CANCELLED = "cancelled"
    DISCARDED = "discarded"
    FAILED = "failed"


ENDED = frozenset((ImportState.DONE, ImportState.CANCELLED, ImportState.DISCARDED, ImportState.FAILED))
SETTLED = ENDED | {ImportState.BRAKED}


class Decision(StrEnum):
    """What a person decides about a snapshot held by the brake."""

    PASSED = "PASSED"
    DISCARDED = "DISCARDED"


@dataclass(frozen=True, slots=True)
class FileImport:
    """An uploaded file. `counts`: facts by what became of them, rows that could not be read, and a snapshot's steps."""

    import_id: str
    source_number: int
    source: str
    areas: tuple[str, ...]
    mapping_name: str
    mapping: Mapping[str, Any]
    file_name: str
    is_dry_run: bool
    is_snapshot: bool
    scope: tuple[date, date] | None
    state: ImportState
    is_planned: bool
    failure: str | None
    received_at: datetime
    rows_total: int | None
    rows_done: int
    facts_total: int | None
    facts_done: int
    chunks_done: int
    counts: Mapping[str, int]
    share: float | None
    finished_at: datetime | None
    claims: int = 0
    sheet_name: str | None = None
    columns: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def percent(self) -> int | None:
        """How far it is, if that can be said yet."""
        total, done = (self.facts_total, self.facts_done) if self.is_planned else (self.rows_total, self.rows_done)
        if total is None:
            return None
        return min(100, 100 * done // total) if total else 100


@dataclass(frozen=True, slots=True)
class FileNote:
    """One thing to say of a row, in the file's own terms. `row` 0: of no one row."""

    row: int
    letters: str | None
    column: str | None
    field: str
    code: str
    is_warning: bool = False
    number: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a step brought a file."""

    rows: int = 0
    facts: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[FileNote, ...] = ()


def row_fact_id(type_: str, subject: str, data: Mapping[str, Any]) -> str:
    """The id of a fact that a row makes: the hash of its content, so that the same row again is a duplicate."""
    return "file-" + content_hash(type_, subject, data).hex()[:40]


def snapshot_fact_id(import_id: str, type_: str, subject: str, data: Mapping[str, Any]) -> str:
    """The id of a fact a comparison makes: what changes, changes back and changes again is told each time."""
    content = content_hash(type_, subject, data)
    return "snap-" + hashlib.sha256(import_id.encode() + content).hexdigest()[:40]


def summed(counts: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """Both counts together."""
    return {name: counts.get(name, 0) + more.get(name, 0) for name in [*counts, *(set(more) - set(counts))]}
