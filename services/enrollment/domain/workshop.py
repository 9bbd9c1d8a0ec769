"""Workshops: development workshops of the LaKI and starter workshops of the JMD, from request to held (BR-9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from services.enrollment.domain.programme import Programme, received_on
from shared.errors import Conflict, Forbidden, Invalid

LARGEST = 500


class Kind(StrEnum):
    """DEVELOPMENT: Entwicklungs-Workshop of the LaKI; STARTER: Starterworkshop of the JMD on site."""

    DEVELOPMENT = "DEVELOPMENT"
    STARTER = "STARTER"


class State(StrEnum):
    """A starter workshop begins REQUESTED, a development workshop OFFERED."""

    REQUESTED = "REQUESTED"
    ASSIGNED = "ASSIGNED"
    OFFERED = "OFFERED"
    HELD = "HELD"
    CANCELLED = "CANCELLED"


class Move(StrEnum):
    """What can happen to a workshop."""

    ASSIGN = "ASSIGN"
    OFFER = "OFFER"
    HOLD = "HOLD"
    CANCEL = "CANCEL"


MOVES: Mapping[State, Mapping[Move, State]] = {
    State.REQUESTED: {Move.ASSIGN: State.ASSIGNED, Move.CANCEL: State.CANCELLED},
    State.ASSIGNED: {Move.ASSIGN: State.ASSIGNED, Move.OFFER: State.OFFERED, Move.CANCEL: State.CANCELLED},
    State.OFFERED: {Move.OFFER: State.OFFERED, Move.HOLD: State.HELD, Move.CANCEL: State.CANCELLED},
    State.HELD: {},
    State.CANCELLED: {},
}


@dataclass(frozen=True, slots=True)
class Slot:
    """Date, place and size: instants in UTC, `venue` an AGS, `place` and `title` for people to read."""

    title: str
    starts_at: datetime
    ends_at: datetime
    venue: str
    place: str
    seats: int


@dataclass(frozen=True, slots=True)
class Workshop:
    """One workshop. `municipality` asked for it (starter only), `host` is the subject of who holds it."""

    workshop_id: str
    kind: Kind
    state: State
    host: str = ""
    municipality: str | None = None
    slot: Slot | None = None

    @property
    def seats(self) -> int:
        """Seats there are; none before date and place are set."""
        return self.slot.seats if self.slot else 0


def move(workshop: Workshop, event: Move) -> Workshop:
    """The workshop after the event by the table `MOVES`; raises `Conflict` where there is no way."""
    to = MOVES[workshop.state].get(event)
    if to is None:
        raise Conflict(
            f"{event} is not possible in the state {workshop.state}", field="state", reason="not_in_this_state"
        )
    return replace(workshop, state=to)


def check_slot(slot: Slot, kind: Kind, programme: Programme) -> None:
    """Raise `Invalid` for a slot that cannot be: end before begin, no seats, outside the development window."""
    if slot.ends_at <= slot.starts_at:
        raise Invalid("a workshop ends after it begins", field="ends_at", reason="workshop_reversed")
    if not 1 <= slot.seats <= LARGEST:
        raise Invalid(
            f"a workshop has 1 to {LARGEST} seats", field="seats", reason="workshop_seats", values={"most": LARGEST}
        )
    day = received_on(slot.starts_at)
    if kind is Kind.DEVELOPMENT and not programme.development_from <= day <= programme.development_until:
        raise Invalid(
            f"development workshops take place from {programme.development_from} to {programme.development_until}",
            field="starts_at",
            reason="outside_window",
            values={"since": programme.development_from.isoformat(), "until": programme.development_until.isoformat()},
        )


def check_admission(kind: Kind, *, interested: bool, member: bool) -> None:
    """Development workshops admit who is interested or has joined, starter workshops only members (BR-9)."""
    if kind is Kind.STARTER and not member:
        raise Forbidden("starter workshops are for municipalities that have joined", reason="starter_for_members")
    if not interested and not member:
        raise Forbidden(
            "development workshops are for municipalities that have declared interest",
            reason="development_for_interested",
        )


def check_held(workshop: Workshop, today: date) -> None:
    """Raise `Conflict` where a workshop is said to have been held before its day."""
    if workshop.slot is None or received_on(workshop.slot.starts_at) > today:
        raise Conflict("the workshop has not taken place yet", field="state", reason="not_yet_held")
