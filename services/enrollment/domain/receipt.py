"""Receipts: what became of each row sent, in counts that add up and in notes that name row, field and reason."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.errors import BadRequest

NOTES_IN_ANSWER = 1000
_NAME = re.compile(r"[A-Za-z0-9._:-]{1,80}", re.ASCII)


class State(StrEnum):
    """Whether the body was read to its end."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"


class Kind(StrEnum):
    """Whether a note is why a row was rejected, or something to know about a row that was taken."""

    REJECTION = "rejection"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to say of one row. `row` counts from 1; `field` is a dotted path; `code` a slug of the catalogue."""

    row: int
    field: str
    code: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one chunk of rows."""

    accepted: int = 0
    duplicate: int = 0
    set_aside: int = 0
    rejections: tuple[Note, ...] = ()
    warnings: tuple[Note, ...] = ()

    @property
    def rows(self) -> int:
        """The rows of the chunk: each has exactly one outcome."""
        return self.accepted + self.duplicate + self.set_aside + len(self.rejections)


@dataclass(slots=True)
class Receipt:
    """The receipt as it grows chunk by chunk; notes beyond the first thousand of a kind are only counted here."""

    receipt_id: str
    state: State = State.INCOMPLETE
    accepted: int = 0
    duplicate: int = 0
    set_aside: int = 0
    rejected: int = 0
    warned: int = 0
    rejections: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)
    opened_at: datetime | None = None

    @property
    def received(self) -> int:
        """The rows sent, as far as they were read."""
        return self.accepted + self.duplicate + self.set_aside + self.rejected

    def add(self, outcome: Outcome) -> None:
        """Count a committed chunk in."""
        self.accepted += outcome.accepted
        self.duplicate += outcome.duplicate
        self.set_aside += outcome.set_aside
        self.rejected += len(outcome.rejections)
        self.warned += len(outcome.warnings)
        self.rejections += outcome.rejections[: NOTES_IN_ANSWER - len(self.rejections)]
        self.warnings += self.kept_warnings(outcome)

    def kept_warnings(self, outcome: Outcome) -> tuple[Note, ...]:
        """The warnings of a chunk there is still room for: all rejections are kept, but only the first warnings."""
        return outcome.warnings[: max(0, NOTES_IN_ANSWER - len(self.warnings))]


def receipt_name(header: str | None, *, fresh: str) -> str:
    """The receipt's id: the client's `Idempotency-Key` (bare or in quotes), else the fresh one.

    Raises BadRequest unless it is 1 to 80 letters, digits, dots, underscores, colons or hyphens.
    """
    if header is None:
        return fresh
    name = header.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1]
    if _NAME.fullmatch(name) is None:
        raise BadRequest(
            "Idempotency-Key: 1 to 80 of letters, digits, dot, underscore, colon, hyphen", field="Idempotency-Key"
        )
    return name
