"""Seats and the waiting list of one workshop: booked in the order of asking, promoted in the same order (BR-9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple

from shared.errors import Conflict, NotFound


class Place(StrEnum):
    """What a booking has."""

    BOOKED = "BOOKED"
    WAITLISTED = "WAITLISTED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True)
class Booking:
    """One person's booking. `position` counts up in the order of asking; `attendee` is the e-mail address, folded.

    `attendee_id` is random and stands for the person in facts; it changes with the person. `language` is `de` or `en`.
    """

    booking_id: str
    municipality: str
    attendee: str
    attendee_name: str
    position: int
    place: Place
    attended: bool | None = None
    attendee_id: str = ""
    language: str = "de"


@dataclass(frozen=True, slots=True)
class Successor:
    """Who takes a booking over: with an own id, folded address, name, and the language of mails."""

    attendee_id: str
    attendee: str
    attendee_name: str
    language: str


class Booked(NamedTuple):
    """All bookings after a change, the booking asked about, and those that moved up from the waiting list."""

    bookings: tuple[Booking, ...]
    booking: Booking
    promoted: tuple[Booking, ...] = ()
    changed: bool = True


def book(bookings: Sequence[Booking], wanted: Booking, seats: int) -> Booked:
    """Book a seat or a place on the waiting list; the same person again gets the same booking back, unchanged.

    `wanted.position` and `wanted.place` are set here. Whoever asked earlier is never passed by.
    """
    for booking in bookings:
        if booking.attendee == wanted.attendee and booking.place is not Place.CANCELLED:
            return Booked(tuple(bookings), booking, changed=False)
    position = 1 + max((booking.position for booking in bookings), default=0)
    free = _taken(bookings) < seats and not any(b.place is Place.WAITLISTED for b in bookings)
    made = replace(wanted, position=position, place=Place.BOOKED if free else Place.WAITLISTED, attended=None)
    return Booked((*bookings, made), made)


def cancel(bookings: Sequence[Booking], booking_id: str, seats: int) -> Booked:
    """Cancel a booking; the first on the waiting list moves up. Cancelling again changes nothing."""
    booking = find(bookings, booking_id)
    if booking.place is Place.CANCELLED:
        return Booked(tuple(bookings), booking, changed=False)
    if booking.attended is not None:
        raise Conflict("attendance has been noted already", field="booking", reason="attendance_noted")
    cancelled = replace(booking, place=Place.CANCELLED)
    after, promoted = promote(_with(bookings, cancelled), seats)
    return Booked(after, cancelled, promoted)


def promote(bookings: Sequence[Booking], seats: int) -> tuple[tuple[Booking, ...], tuple[Booking, ...]]:
    """Fill free seats from the waiting list in the order of asking: all bookings, and those that moved up."""
    free = max(0, seats - _taken(bookings))
    waiting = sorted((b for b in bookings if b.place is Place.WAITLISTED), key=lambda b: b.position)
    promoted = tuple(replace(booking, place=Place.BOOKED) for booking in waiting[:free])
    after = tuple(bookings)
    for booking in promoted:
        after = _with(after, booking)
    return after, promoted


def substitute(bookings: Sequence[Booking], booking_id: str, successor: Successor) -> Booked:
    """Let somebody else of the same municipality take the booking, in its place."""
    booking = find(bookings, booking_id)
    if booking.place is Place.CANCELLED or booking.attended is not None:
        raise Conflict("this booking cannot be taken over any more", field="booking", reason="booking_over")
    if booking.attendee == successor.attendee:
        return Booked(tuple(bookings), booking, changed=False)
    if any(b.attendee == successor.attendee and b.place is not Place.CANCELLED for b in bookings):
        raise Conflict("this person has a booking already", field="attendee", reason="person_booked")
    taken_over = replace(
        booking,
        attendee=successor.attendee,
        attendee_name=successor.attendee_name,
        attendee_id=successor.attendee_id,
        language=successor.language,
    )
    return Booked(_with(bookings, taken_over), taken_over)


def attend(bookings: Sequence[Booking], booking_id: str, *, attended: bool) -> Booked:
    """Note whether a booked person was there: apart from the booking itself."""
    booking = find(bookings, booking_id)
    if booking.place is not Place.BOOKED:
        raise Conflict("only who has a seat can have been there", field="booking", reason="no_seat")
    if booking.attended is attended:
        return Booked(tuple(bookings), booking, changed=False)
    noted = replace(booking, attended=attended)
    return Booked(_with(bookings, noted), noted)


def call_off(bookings: Sequence[Booking]) -> tuple[Booking, ...]:
    """The bookings that end because the whole workshop is called off, as they are then."""
    return tuple(
        replace(booking, place=Place.CANCELLED) for booking in bookings if booking.place is not Place.CANCELLED
    )


def check_resize(bookings: Iterable[Booking], seats: int) -> None:
    """Raise `Conflict` where a workshop would have fewer seats than people booked."""
    taken = _taken(bookings)
    if taken > seats:
        raise Conflict(
            f"{taken} seats are booked already", field="seats", reason="seats_booked", values={"taken": taken}
        )


def find(bookings: Iterable[Booking], booking_id: str) -> Booking:
    """The booking with this id; raises `NotFound`."""
    for booking in bookings:
        if booking.booking_id == booking_id:
            return booking
    raise NotFound("there is no such booking", reason="booking_unknown")


def _taken(bookings: Iterable[Booking]) -> int:
    return sum(booking.place is Place.BOOKED for booking in bookings)


def _with(bookings: Iterable[Booking], changed: Booking) -> tuple[Booking, ...]:
    return tuple(changed if b.booking_id == changed.booking_id else b for b in bookings)
