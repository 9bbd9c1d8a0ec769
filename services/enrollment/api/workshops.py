"""`/v1/workshops`: development and starter workshops, seats, waiting list, attendance, calendar files."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from services.enrollment.api.parts import PROBLEMS, Ags, Id, Key, Line, Moment, Sent, Use
from services.enrollment.domain.seats import Booking
from services.enrollment.domain.workshop import LARGEST, Slot
from services.enrollment.usecases.bookings import Attendee, BookingView
from services.enrollment.usecases.calendar_file import calendar
from services.enrollment.usecases.workshops import WorkshopView
from shared.errors import Invalid
from shared.http import Bearer

router = APIRouter(prefix="/v1/workshops", tags=["workshops"], responses=PROBLEMS)

CALENDAR: dict[str, dict[str, str]] = {"text/calendar": {}}


class SlotSent(Sent):
    """Date, place and seats; `venue` is the AGS of the place."""

    title: Line
    starts_at: Moment
    ends_at: Moment
    venue: Ags
    place: Line
    seats: Annotated[int, Field(ge=1, le=LARGEST)]

    def slot(self) -> Slot:
        """As the rules read it."""
        return Slot(self.title, self.starts_at, self.ends_at, self.venue, self.place, self.seats)


class WorkshopSent(Sent):
    """A development workshop to offer, or a starter workshop a member asks for."""

    kind: Literal["DEVELOPMENT", "STARTER"]
    municipality: Ags | None = Field(default=None, description="who asks; starter workshops only")
    slot: SlotSent | None = Field(default=None, description="date, place and seats; development workshops only")


class AttendeeSent(Sent):
    """Who comes. The address tells people apart and is never published."""

    municipality: Ags
    language: Literal["de", "en"] = Field(default="de", description="of the mails to this person")
    address: Annotated[str, Field(max_length=254, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+$")]
    name: Line


class SubstituteSent(Sent):
    """Who comes instead."""

    language: Literal["de", "en"] = Field(default="de", description="of the mails to this person")
    address: Annotated[str, Field(max_length=254, pattern=r"^[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+$")]
    name: Line


class AttendanceSent(Sent):
    """Whether the booked person was there."""

    attended: bool


class WorkshopShown(BaseModel):
    """A workshop with its seats."""

    workshop_id: str
    kind: str
    state: str
    municipality: str | None
    title: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    venue: str | None = None
    place: str | None = None
    seats: int
    booked: int
    waiting: int


class BookingShown(BaseModel):
    """A booking; `position` counts all bookings of the workshop in the order of asking."""

    booking_id: str
    municipality: str
    attendee: str
    name: str
    position: int
    place: str
    attended: bool | None


@router.get("")
async def list_workshops(use: Use, principal: Bearer) -> list[WorkshopShown]:
    """All workshops with date and place, and the requests the caller may see."""
    return [_workshop(view) for view in await use.workshops.listed(principal)]


@router.post("", status_code=201)
async def create_workshop(sent: WorkshopSent, use: Use, principal: Bearer, key: Key = None) -> WorkshopShown:
    """Offer a development workshop (LaKI) or ask for a starter workshop (members)."""
    if sent.kind == "DEVELOPMENT" and sent.slot is not None:
        made = await use.workshops.offer(principal, sent.slot.slot(), key)
    elif sent.kind == "STARTER" and sent.municipality is not None:
        made = await use.workshops.request(principal, sent.municipality)
    else:
        missing = "slot" if sent.kind == "DEVELOPMENT" else "municipality"
        raise Invalid("this is needed for that kind of workshop", field=missing)
    return _workshop(WorkshopView(made))


@router.get("/{workshop_id}")
async def show_workshop(workshop_id: Id, use: Use, principal: Bearer) -> WorkshopShown:
    """One workshop."""
    return _workshop(await use.workshops.found(workshop_id))


@router.post("/{workshop_id}/assignment")
async def assign_workshop(workshop_id: Id, use: Use, principal: Bearer) -> WorkshopShown:
    """A JMD takes a requested starter workshop on."""
    return _workshop(WorkshopView(await use.workshops.assign(principal, workshop_id)))


@router.put("/{workshop_id}/slot")
async def schedule_workshop(workshop_id: Id, sent: SlotSent, use: Use, principal: Bearer) -> WorkshopShown:
    """Set or change date, place and seats; more seats let the waiting list in."""
    await use.workshops.schedule(principal, workshop_id, sent.slot())
    return _workshop(await use.workshops.found(workshop_id))


@router.post("/{workshop_id}/held")
async def hold_workshop(workshop_id: Id, use: Use, principal: Bearer) -> WorkshopShown:
    """Note that the workshop took place."""
    await use.workshops.hold(principal, workshop_id)
    return _workshop(await use.workshops.found(workshop_id))


@router.delete("/{workshop_id}")
async def cancel_workshop(workshop_id: Id, use: Use, principal: Bearer) -> WorkshopShown:
    """Call the whole workshop off."""
    await use.workshops.cancel(principal, workshop_id)
    return _workshop(await use.workshops.found(workshop_id))


@router.get("/{workshop_id}/bookings")
async def list_bookings(workshop_id: Id, use: Use, principal: Bearer) -> list[BookingShown]:
    """All bookings for the host, its own for a municipality."""
    return [_booking(booking) for booking in await use.bookings.of_workshop(principal, workshop_id)]


@router.post("/{workshop_id}/bookings", status_code=201)
async def book(workshop_id: Id, sent: AttendeeSent, use: Use, principal: Bearer) -> BookingShown:
    """Book a seat or a place on the waiting list; the same person again gets the same booking."""
    attendee = Attendee(sent.address, sent.name, sent.language)
    view = await use.bookings.book(principal, workshop_id, sent.municipality, attendee)
    return _booking(view.booking)


@router.delete("/{workshop_id}/bookings/{booking_id}")
async def cancel_booking(workshop_id: Id, booking_id: Id, use: Use, principal: Bearer) -> BookingShown:
    """Give a seat back; the first on the waiting list moves up."""
    return _booking((await use.bookings.cancel(principal, workshop_id, booking_id)).booking)


@router.put("/{workshop_id}/bookings/{booking_id}/attendee")
async def substitute(
    workshop_id: Id, booking_id: Id, sent: SubstituteSent, use: Use, principal: Bearer
) -> BookingShown:
    """Let somebody else come in this booking's place."""
    attendee = Attendee(sent.address, sent.name, sent.language)
    return _booking((await use.bookings.substitute(principal, workshop_id, booking_id, attendee)).booking)


@router.put("/{workshop_id}/bookings/{booking_id}/attendance")
async def note_attendance(
    workshop_id: Id, booking_id: Id, sent: AttendanceSent, use: Use, principal: Bearer
) -> BookingShown:
    """Note who was there, apart from the booking."""
    view: BookingView = await use.bookings.attend(principal, workshop_id, booking_id, attended=sent.attended)
    return _booking(view.booking)


@router.get(
    "/{workshop_id}/bookings/{booking_id}/calendar.ics", response_class=Response, responses={200: {"content": CALENDAR}}
)
async def booking_calendar(workshop_id: Id, booking_id: Id, use: Use, principal: Bearer) -> Response:
    """The booking as a calendar file (iCalendar); a cancelled one takes the entry back."""
    view = await use.bookings.found(principal, workshop_id, booking_id)
    return Response(
        calendar(view, use.clock.now()),
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="workshop.ics"'},
    )


def _workshop(view: WorkshopView) -> WorkshopShown:
    workshop, slot = view.workshop, view.workshop.slot
    placed = {name: getattr(slot, name) for name in Slot.__slots__ if name != "seats"} if slot else {}
    return WorkshopShown(
        workshop_id=workshop.workshop_id,
        kind=str(workshop.kind),
        state=str(workshop.state),
        municipality=workshop.municipality,
        seats=workshop.seats,
        booked=view.booked,
        waiting=view.waiting,
        **placed,
    )


def _booking(booking: Booking) -> BookingShown:
    return BookingShown(
        booking_id=booking.booking_id,
        municipality=booking.municipality,
        attendee=booking.attendee,
        name=booking.attendee_name,
        position=booking.position,
        place=str(booking.place),
        attended=booking.attended,
    )
