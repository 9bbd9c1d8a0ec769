"""Workshops: requested, assigned, offered, held or cancelled, as the LaKI, the JMD and municipalities do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import asyncpg

from services.enrollment.domain import seats
from services.enrollment.domain import workshop as rules
from services.enrollment.domain.programme import received_on
from services.enrollment.domain.reference import AreaTable
from services.enrollment.domain.seats import Booking, Place
from services.enrollment.domain.submission import repeatable_id
from services.enrollment.domain.workshop import Kind, Move, Slot, State, Workshop
from services.enrollment.store import declarations, programme
from services.enrollment.store import workshops as store
from services.enrollment.usecases.acting import SEES_ALL, check_acts_for, takes_part
from services.enrollment.usecases.telling import Hand, Told, new_id, tell
from shared.auth import Principal, Role, require
from shared.clock import Clock
from shared.contracts import workshops as facts
from shared.db import Database
from shared.errors import Forbidden, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class WorkshopView:
    """A workshop with how many are booked and how many wait."""

    workshop: Workshop
    booked: int = 0
    waiting: int = 0


class Workshops:
    """The workshops themselves; who sits in them is in `Bookings`."""

    def __init__(self, database: Database, clock: Clock, areas: AreaTable) -> None:
        self._database = database
        self._clock = clock
        self._areas = areas

    async def offer(self, principal: Principal, slot: Slot, key: str | None = None) -> Workshop:
        """The LaKI offers a development workshop; the same again is the same, unless it was called off or moved."""
        require(principal, Role.LAKI, Role.MINISTRY)
        identity = repeatable_id("ws", principal.subject, key, slot)
        made = Workshop(identity, Kind.DEVELOPMENT, State.OFFERED, principal.subject, None, slot)
        self._areas.declarant(slot.venue, received_on(slot.starts_at), field="venue")
        async with self._database.transaction() as connection:
            rules.check_slot(slot, made.kind, await programme.current(connection))
            await declarations.lock(connection, slot.venue)  # two clicks at once find each other
            held = await store.find(connection, identity)
            if held is not None and held.state is not State.CANCELLED and held.slot == slot:
                return held
            if held is not None:
                made = replace(made, workshop_id=new_id("ws"))
            hand = self._hand(principal)
            await store.add(connection, made, hand.at)
            await tell(connection, [offered(made)], hand)
        return made

    async def request(self, principal: Principal, ags: str) -> Workshop:
        """A member asks for a starter workshop on site; while one is asked for, asking again changes nothing."""
        check_acts_for(principal, ags)
        self._areas.declarant(ags, self._clock.today())
        made = Workshop(new_id("ws"), Kind.STARTER, State.REQUESTED, "", ags, None)
        async with self._database.transaction() as connection:
            await declarations.lock(connection, ags)
            open_request = await store.requested(connection, ags)
            if open_request is not None:
                return open_request
            held = await declarations.find(connection, ags)
            rules.check_admission(made.kind, interested=False, member=held is not None and held.is_member)
            hand = self._hand(principal)
            await store.add(connection, made, hand.at)
            fact = facts.WorkshopRequested(
                workshop_id=made.workshop_id,
                kind=str(made.kind),
                municipality=ags,
                requested_on=self._clock.today(),
            )
            await tell(connection, [fact], hand)
        return made

    async def assign(self, principal: Principal, workshop_id: str) -> Workshop:
        """A JMD takes a requested starter workshop on; again by the same one changes nothing."""
        require(principal, Role.JMD)
        async with self._database.transaction() as connection:
            held = await locked(connection, workshop_id)
            if held.kind is not Kind.STARTER or held.municipality is None:
                raise Invalid(
                    "only starter workshops are assigned", field="workshop_id", reason="only_starter_assigned"
                )
            if principal.areas and not principal.covers(held.municipality):
                raise Forbidden("this JMD works elsewhere", reason="role_not_allowed")
            if held.state is State.ASSIGNED and held.host == principal.subject:
                return held
            after = replace(rules.move(held, Move.ASSIGN), host=principal.subject)
            await store.save(connection, after)
            fact = facts.WorkshopAssigned(
                workshop_id=after.workshop_id,
                kind=str(after.kind),
                municipality=held.municipality,
                host=host_id(principal.subject),
                assigned_on=self._clock.today(),
            )
            await tell(connection, [fact], self._hand(principal))
        return after

    async def schedule(self, principal: Principal, workshop_id: str, slot: Slot) -> Workshop:
        """Set or change date, place and seats; more seats let the waiting list in."""
        self._areas.declarant(slot.venue, received_on(slot.starts_at), field="venue")
        async with self._database.transaction() as connection:
            held = await self._hosted(connection, principal, workshop_id)
            rules.check_slot(slot, held.kind, await programme.current(connection))
            if held.slot == slot:
                return held
            bookings = await store.bookings(connection, workshop_id)
            seats.check_resize(bookings, slot.seats)
            after = replace(rules.move(held, Move.OFFER), slot=slot)
            _, promoted = seats.promote(bookings, slot.seats)
            await store.save(connection, after)
            await store.save_bookings(connection, workshop_id, promoted)
            told: list[Told] = [offered(after), *_moved(held, after, bookings)]
            told += [booking_fact(facts.WorkshopPromoted, after, booking) for booking in promoted]
            await tell(connection, told, self._hand(principal))
        return after

    async def hold(self, principal: Principal, workshop_id: str) -> Workshop:
        """Note that the workshop took place."""
        async with self._database.transaction() as connection:
            held = await self._hosted(connection, principal, workshop_id)
            if held.state is State.HELD:
                return held
            after = rules.move(held, Move.HOLD)
            rules.check_held(after, self._clock.today())
            assert after.slot is not None
            await store.save(connection, after)
            day = received_on(after.slot.starts_at)
            fact = facts.WorkshopHeld(workshop_id=workshop_id, kind=str(after.kind), held_on=day)
            await tell(connection, [fact], self._hand(principal))
        return after

    async def cancel(self, principal: Principal, workshop_id: str) -> Workshop:
        """Call the whole workshop off: its host, the ministry, or the member that asked for it."""
        async with self._database.transaction() as connection:
            held = await locked(connection, workshop_id)
            if not (held.municipality and held.municipality in principal.areas):
                check_host(principal, held)
            if held.state is State.CANCELLED:
                return held
            after = rules.move(held, Move.CANCEL)
            await store.save(connection, after)
            ended = seats.call_off(await store.bookings(connection, workshop_id))
            await store.save_bookings(connection, workshop_id, ended)
            await tell(connection, _called_off(after, ended, self._clock.today()), self._hand(principal))
        return after

    async def listed(self, principal: Principal) -> list[WorkshopView]:
        """All workshops but the requests of others, the latest first."""
        async with self._database.reading() as connection:
            rows = await store.listed(connection)
        return [
            WorkshopView(workshop, booked, waiting)
            for workshop, booked, waiting in rows
            if workshop.slot is not None
            or principal.role in SEES_ALL
            or (workshop.municipality is not None and takes_part(principal, workshop.municipality))
        ]

    async def found(self, workshop_id: str) -> WorkshopView:
        """One workshop; raises `NotFound`."""
        async with self._database.reading() as connection:
            held = await store.find(connection, workshop_id)
            bookings = await store.bookings(connection, workshop_id)
        if held is None:
            raise NotFound("there is no such workshop")
        places = [booking.place for booking in bookings]
        return WorkshopView(held, places.count(Place.BOOKED), places.count(Place.WAITLISTED))

    async def _hosted(self, connection: asyncpg.Connection, principal: Principal, workshop_id: str) -> Workshop:
        held = await locked(connection, workshop_id)
        check_host(principal, held)
        return held

    def _hand(self, principal: Principal) -> Hand:
        return Hand(principal.subject, self._clock.now())


async def locked(connection: asyncpg.Connection, workshop_id: str) -> Workshop:
    """The workshop, locked for this transaction; raises `NotFound`."""
    held = await store.lock(connection, workshop_id)
    if held is None:
        raise NotFound("there is no such workshop")
    return held


def check_host(principal: Principal, held: Workshop) -> None:
    """Raise `Forbidden` unless the caller hosts it: any LaKI for development, the JMD in charge, or the ministry."""
    if principal.role is Role.MINISTRY:
        return
    if held.kind is Kind.DEVELOPMENT and principal.role is Role.LAKI:
        return
    if held.kind is Kind.STARTER and principal.role is Role.JMD and held.host == principal.subject:
        return
    raise Forbidden("only the host of the workshop or the ministry may do this", reason="role_not_allowed")


def host_id(subject: str) -> str:
    """The host as an identifier that facts may carry: other characters than an identifier's become a hyphen."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "._:/-") else "-" for c in subject)[:80] or "-"


def offered(workshop: Workshop) -> facts.WorkshopOffered:
    """The fact that says date, place and seats."""
    assert workshop.slot is not None
    more = {"municipality": workshop.municipality} if workshop.municipality else {}
    return facts.WorkshopOffered(
        workshop_id=workshop.workshop_id,
        kind=str(workshop.kind),
        venue=workshop.slot.venue,
        starts_at=workshop.slot.starts_at,
        ends_at=workshop.slot.ends_at,
        seats=workshop.slot.seats,
        **more,
    )


def _moved(before: Workshop, after: Workshop, bookings: Sequence[Booking]) -> list[Told]:
    """What those who have a seat are told when date or place are others than they were."""
    if before.slot is None or after.slot is None or _where(before.slot) == _where(after.slot):
        return []
    seated = [booking for booking in bookings if booking.place is Place.BOOKED]
    return [booking_fact(facts.WorkshopBooked, after, booking, rescheduled=True) for booking in seated]


def _where(slot: Slot) -> tuple[object, ...]:
    return slot.starts_at, slot.ends_at, slot.venue, slot.place


def _called_off(workshop: Workshop, ended: Sequence[Booking], on: date) -> list[Told]:
    whole = facts.WorkshopCancelled(workshop_id=workshop.workshop_id, kind=str(workshop.kind), cancelled_on=on)
    each = [
        booking_fact(facts.WorkshopCancelled, workshop, booking, cancelled_on=on, called_off=True) for booking in ended
    ]
    return [whole, *each]


def booking_fact(model: type[facts.WorkshopFact], workshop: Workshop, booking: Booking, **more: object) -> Told:
    """A fact about a booking: ids, the municipality and the mails' language, never who attends."""
    if booking.attendee_id and model is not facts.WorkshopAttended:
        more |= {"attendee_id": booking.attendee_id, "language": booking.language}
    return model(
        workshop_id=workshop.workshop_id,
        kind=str(workshop.kind),
        booking_id=booking.booking_id,
        municipality=booking.municipality,
        **more,
    )
