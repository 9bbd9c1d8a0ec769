"""Facts about workshops, the topic `enrollment.workshops`. The subject is the workshop.

Who attends stays with enrollment.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, Field

from shared.contracts.fields import Area, Code, Data, Day, Identifier

_Language = Annotated[str, Code(("de", "en"))]
_Kind = Annotated[str, Code(("DEVELOPMENT", "STARTER"))]


class WorkshopFact(Data):
    """What every fact about a workshop says: which one, and its kind."""

    TYPE: ClassVar[str] = ""

    workshop_id: Identifier
    kind: _Kind


class BookingFact(WorkshopFact):
    """What every fact about a booking says besides: which one, and for which municipality."""

    booking_id: Identifier
    municipality: Area


class SeatFact(BookingFact):
    """A fact about a booking that its attendee is mailed about.

    `attendee_id` is random: only enrollment knows who it is, and tells the address to whoever sends the mail, when it
    is sent. `language` is that of the mail.
    """

    attendee_id: Identifier | None = None
    language: _Language | None = None


class PassedOn(SeatFact):
    """With `substituted`, somebody else takes the booking over; the former attendee is to be told too."""

    substituted: bool = False
    former_attendee_id: Identifier | None = None
    former_language: _Language | None = None


class WorkshopRequested(WorkshopFact):
    """A member asks for a starter workshop on site."""

    TYPE: ClassVar[str] = "gemeinsam.workshop.requested.v1"

    municipality: Area
    requested_on: Day


class WorkshopAssigned(WorkshopFact):
    """A Jugendmigrationsdienst will hold the starter workshop; `host` is an identifier, no name."""

    TYPE: ClassVar[str] = "gemeinsam.workshop.assigned.v1"

    municipality: Area
    host: Identifier
    assigned_on: Day


class WorkshopOffered(WorkshopFact):
    """Date, place (AGS of the venue) and seats are set; said again whenever they change."""

    TYPE: ClassVar[str] = "gemeinsam.workshop.offered.v1"

    municipality: Area | None = None
    venue: Area
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    seats: Annotated[int, Field(ge=1)]


class WorkshopBooked(PassedOn):
    """A seat is booked; with `substituted`, somebody else has it now; with `rescheduled`, date or place changed."""

    TYPE: ClassVar[str] = "gemeinsam.workshop.booked.v1"

    rescheduled: bool = False


class WorkshopWaitlisted(PassedOn):
    """All seats are taken: the booking waits. `position` counts all bookings of the workshop in the order of asking."""

    TYPE: ClassVar[str] = "gemeinsam.workshop.waitlisted.v1"

    position: Annotated[int, Field(ge=1)]


class WorkshopPromoted(SeatFact):
    """A seat became free and the booking moved up from the waiting list."""

    TYPE: ClassVar[str] = "gemeinsam.workshop.promoted.v1"


class WorkshopCancelled(WorkshopFact):
    """A booking was cancelled, or, without `booking_id`, the whole workshop.

    A workshop that is called off is said once without `booking_id`, and once for each booking, with `called_off`.
    """

    TYPE: ClassVar[str] = "gemeinsam.workshop.cancelled.v1"

    booking_id: Identifier | None = None
    municipality: Area | None = None
    cancelled_on: Day
    called_off: bool = False
    attendee_id: Identifier | None = None
    language: _Language | None = None


class WorkshopHeld(WorkshopFact):
    """The workshop took place."""

    TYPE: ClassVar[str] = "gemeinsam.workshop.held.v1"

    held_on: Day


class WorkshopAttended(BookingFact):
    """Whether the booked person was there; the last word counts."""

    TYPE: ClassVar[str] = "gemeinsam.workshop.attended.v1"

    attended: bool
    held_on: Day


EVENTS: Mapping[str, type[WorkshopFact]] = MappingProxyType(
    {
        model.TYPE: model
        for model in (
            WorkshopRequested,
            WorkshopAssigned,
            WorkshopOffered,
            WorkshopBooked,
            WorkshopWaitlisted,
            WorkshopPromoted,
            WorkshopCancelled,
            WorkshopHeld,
            WorkshopAttended,
        )
    }
)
"""Every type on the topic and its model."""
