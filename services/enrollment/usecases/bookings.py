"""Seats in workshops: booked, waited for, passed on, given back, and who was there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import asyncpg

from services.enrollment.domain import seats
from services.enrollment.domain import workshop as rules
from services.enrollment.domain.declaration import Event, Status
from services.enrollment.domain.programme import received_on
from services.enrollment.domain.reference import AreaTable
from services.enrollment.domain.seats import Booked, Booking, Place, Successor
from services.enrollment.domain.workshop import State, Workshop
from services.enrollment.store import declarations, workshops
from services.enrollment.usecases.acting import check_acts_for
from services.enrollment.usecases.declarations import advance
from services.enrollment.usecases.telling import Hand, Told, new_id, tell
from services.enrollment.usecases.workshops import booking_fact, check_host, locked
from shared.auth import Principal, Role
from shared.clock import Clock
from shared.contracts import workshops as facts
from shared.db import Database
from shared.errors import Conflict, Forbidden, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class Attendee:
    """Who comes: an e-mail address, which tells people apart, a name for the list at the door, the mails' language."""

    address: str
    name: str
    language: str = "de"


@dataclass(frozen=True, slots=True)
class BookingView:
    """A booking with its workshop."""

    workshop: Workshop
    booking: Booking


class Bookings:
    """Bookings of one workshop are decided one after the other: its row is locked first."""

    def __init__(self, database: Database, clock: Clock, areas: AreaTable) -> None:
        self._database = database
        self._clock = clock
        self._areas = areas

    async def book(self, principal: Principal, workshop_id: str, ags: str, attendee: Attendee) -> BookingView:
        """Book a seat or a place on the waiting list; the same person again gets the same booking."""
        check_acts_for(principal, ags)
        self._areas.declarant(ags, self._clock.today())
        wanted = _wanted(ags, attendee)
        async with self._database.transaction() as connection:
            workshop = await self._bookable(connection, workshop_id)
            await self._admit(connection, workshop, ags)
            booked = seats.book(await workshops.bookings(connection, workshop_id), wanted, workshop.seats)
            if not booked.changed and booked.booking.municipality != ags:
                raise Conflict(
                    "this person is booked by another municipality", field="attendee", reason="person_booked_elsewhere"
                )
            if booked.changed:
                await workshops.save_bookings(connection, workshop_id, [booked.booking])
                await workshops.add_attendee(connection, booked.booking)
                await tell(connection, [_booked_fact(workshop, booked.booking)], self._hand(principal))
        return BookingView(workshop, booked.booking)

    async def cancel(self, principal: Principal, workshop_id: str, booking_id: str) -> BookingView:
        """Give a seat back; the first on the waiting list moves up."""
        async with self._database.transaction() as connection:
            workshop, bookings = await self._own(connection, principal, workshop_id, booking_id)
            if workshop.state is not State.OFFERED:
                raise Conflict("the workshop is over or was called off", field="state", reason="workshop_ended")
            after = seats.cancel(bookings, booking_id, workshop.seats)
            if after.changed:
                cancelled = booking_fact(
                    facts.WorkshopCancelled, workshop, after.booking, cancelled_on=self._clock.today()
                )
                moved = [booking_fact(facts.WorkshopPromoted, workshop, one) for one in after.promoted]
                await self._save(connection, principal, workshop, after, [cancelled, *moved])
        return BookingView(workshop, after.booking)

    async def substitute(
        self, principal: Principal, workshop_id: str, booking_id: str, attendee: Attendee
    ) -> BookingView:
        """Let somebody else of the municipality come in this booking's place."""
        async with self._database.transaction() as connection:
            workshop, bookings = await self._own(connection, principal, workshop_id, booking_id)
            successor = Successor(new_id("at"), _folded(attendee.address), attendee.name.strip(), attendee.language)
            before = seats.find(bookings, booking_id)
            after = seats.substitute(bookings, booking_id, successor)
            if after.changed:
                more: dict[str, object] = {"substituted": True}
                if before.attendee_id:
                    more |= {"former_attendee_id": before.attendee_id, "former_language": before.language}
                told: list[Told] = [_booked_fact(workshop, after.booking, **more)]
                await self._save(connection, principal, workshop, after, told)
                await workshops.add_attendee(connection, after.booking)
        return BookingView(workshop, after.booking)

    async def attend(self, principal: Principal, workshop_id: str, booking_id: str, *, attended: bool) -> BookingView:
        """The host notes who was there; a member that was becomes active in the planning phase."""
        async with self._database.transaction() as connection:
            workshop = await locked(connection, workshop_id)
            check_host(principal, workshop)
            if workshop.state is not State.HELD or workshop.slot is None:
                raise Conflict(
                    "attendance is noted when the workshop has been held", field="state", reason="attendance_too_early"
                )
            bookings = await workshops.bookings(connection, workshop_id)
            after = seats.attend(bookings, booking_id, attended=attended)
            if after.changed:
                day = received_on(workshop.slot.starts_at)
                told = booking_fact(facts.WorkshopAttended, workshop, after.booking, attended=attended, held_on=day)
                await self._save(connection, principal, workshop, after, [told])
                if attended:
                    await advance(connection, after.booking.municipality, Event.BECOME_ACTIVE)
        return BookingView(workshop, after.booking)

    async def address(self, attendee_id: str) -> str:
        """Where an attendee wants mail; raises `NotFound` where that is not kept any more. For our own services."""
        async with self._database.reading() as connection:
            found = await workshops.address_of(connection, attendee_id)
        if found is None:
            raise NotFound("there is no such attendee")
        return found

    async def forget(self, days: int) -> None:
        """Forget who came to workshops that are over for so many days: addresses, then names."""
        before = self._clock.now() - timedelta(days=days)
        async with self._database.transaction() as connection:
            await workshops.forget_attendees(connection, before)
            await workshops.forget_names(connection, before)

    async def of_workshop(self, principal: Principal, workshop_id: str) -> list[Booking]:
        """All bookings for the host; a municipality sees its own."""
        async with self._database.reading() as connection:
            workshop = await workshops.find(connection, workshop_id)
            bookings = await workshops.bookings(connection, workshop_id)
        if workshop is None:
            raise NotFound("there is no such workshop")
        try:
            check_host(principal, workshop)
        except Forbidden:
            return [booking for booking in bookings if _is_own(principal, booking)]
        return list(bookings)

    async def of_area(self, principal: Principal, ags: str) -> list[tuple[str, Booking]]:
        """A municipality's bookings in all workshops, with the workshops' ids."""
        check_acts_for(principal, ags)
        async with self._database.reading() as connection:
            return await workshops.bookings_of_area(connection, ags)

    async def found(self, principal: Principal, workshop_id: str, booking_id: str) -> BookingView:
        """One booking, for its municipality or the host; raises `NotFound`."""
        async with self._database.reading() as connection:
            workshop = await workshops.find(connection, workshop_id)
        if workshop is None:
            raise NotFound("there is no such workshop")
        return BookingView(workshop, seats.find(await self.of_workshop(principal, workshop_id), booking_id))

    async def _bookable(self, connection: asyncpg.Connection, workshop_id: str) -> Workshop:
        workshop = await locked(connection, workshop_id)
        if workshop.state is not State.OFFERED or workshop.slot is None:
            raise Conflict("this workshop cannot be booked", field="state", reason="not_bookable")
        if received_on(workshop.slot.starts_at) < self._clock.today():
            raise Conflict("the workshop is over", field="state", reason="workshop_over")
        return workshop

    async def _admit(self, connection: asyncpg.Connection, workshop: Workshop, ags: str) -> None:
        held = await declarations.find(connection, ags)
        known = held is not None and held.status not in (Status.NOT_DECLARED, Status.WITHDRAWN, Status.CLOSED)
        rules.check_admission(workshop.kind, interested=known, member=held is not None and held.is_member)

    async def _own(
        self, connection: asyncpg.Connection, principal: Principal, workshop_id: str, booking_id: str
    ) -> tuple[Workshop, tuple[Booking, ...]]:
        workshop = await locked(connection, workshop_id)
        bookings = await workshops.bookings(connection, workshop_id)
        booking = seats.find(bookings, booking_id)
        if not _is_own(principal, booking):
            check_host(principal, workshop)
        return workshop, bookings

    async def _save(
        self,
        connection: asyncpg.Connection,
        principal: Principal,
        workshop: Workshop,
        after: Booked,
        told: list[Told],
    ) -> None:
        await workshops.save_bookings(connection, workshop.workshop_id, [after.booking, *after.promoted])
        await tell(connection, told, self._hand(principal))

    def _hand(self, principal: Principal) -> Hand:
        return Hand(principal.subject, self._clock.now())


def _is_own(principal: Principal, booking: Booking) -> bool:
    own = principal.role in (Role.MANAGING_BODY, Role.DISTRICT) and booking.municipality in principal.areas
    return own or principal.role is Role.MINISTRY


def _wanted(ags: str, attendee: Attendee) -> Booking:
    booking = Booking(new_id("bk"), ags, _folded(attendee.address), attendee.name.strip(), 0, Place.BOOKED)
    return replace(booking, attendee_id=new_id("at"), language=attendee.language)


def _booked_fact(workshop: Workshop, booking: Booking, **more: object) -> Told:
    if booking.place is Place.WAITLISTED:
        return booking_fact(facts.WorkshopWaitlisted, workshop, booking, position=booking.position, **more)
    return booking_fact(facts.WorkshopBooked, workshop, booking, **more)


def _folded(address: str) -> str:
    folded = address.strip().casefold()
    local, _, domain = folded.partition("@")
    if not local or "." not in domain or any(c.isspace() or not c.isprintable() for c in folded) or len(folded) > 254:
        raise Invalid("this is no e-mail address", field="attendee", reason="no_address")
    return folded
