"""SQL about workshops and their bookings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import asyncpg

from services.enrollment.domain.seats import Booking, Place
from services.enrollment.domain.workshop import Kind, Slot, State, Workshop

_BOOKING = "booking_id, ags, attendee, attendee_name, position, place, attended, attendee_id, language"
_WORKSHOP = "workshop_id, kind, state, host, ags, title, starts_at, ends_at, venue, place, seats"


async def add(connection: asyncpg.Connection, workshop: Workshop, at: datetime) -> None:
    """Keep a new workshop."""
    await connection.execute(
        f"INSERT INTO workshops ({_WORKSHOP}, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        *_values(workshop),
        at,
    )


async def save(connection: asyncpg.Connection, workshop: Workshop) -> None:
    """Save a changed workshop; the caller holds its lock."""
    await connection.execute(
        "UPDATE workshops SET kind = $2, state = $3, host = $4, ags = $5, title = $6, starts_at = $7, ends_at = $8,"
        " venue = $9, place = $10, seats = $11 WHERE workshop_id = $1",
        *_values(workshop),
    )


async def lock(connection: asyncpg.Connection, workshop_id: str) -> Workshop | None:
    """A workshop, locked: bookings of one workshop are decided one after the other."""
    row = await connection.fetchrow(f"SELECT {_WORKSHOP} FROM workshops WHERE workshop_id = $1 FOR UPDATE", workshop_id)
    return _workshop(row) if row else None


async def find(connection: asyncpg.Connection, workshop_id: str) -> Workshop | None:
    """A workshop."""
    row = await connection.fetchrow(f"SELECT {_WORKSHOP} FROM workshops WHERE workshop_id = $1", workshop_id)
    return _workshop(row) if row else None


async def requested(connection: asyncpg.Connection, ags: str) -> Workshop | None:
    """The starter workshop a municipality has asked for and that has no date yet."""
    row = await connection.fetchrow(
        f"SELECT {_WORKSHOP} FROM workshops WHERE ags = $1 AND state IN ('REQUESTED', 'ASSIGNED') ORDER BY created_at"
        " LIMIT 1",
        ags,
    )
    return _workshop(row) if row else None


async def listed(connection: asyncpg.Connection) -> list[tuple[Workshop, int, int]]:
    """All workshops with how many are booked and how many wait, the latest first."""
    rows = await connection.fetch(
        "SELECT w.workshop_id, w.kind, w.state, w.host, w.ags, w.title, w.starts_at, w.ends_at, w.venue, w.place,"
        " w.seats, count(b.*) FILTER (WHERE b.place = 'BOOKED') AS booked,"
        " count(b.*) FILTER (WHERE b.place = 'WAITLISTED') AS waiting"
        " FROM workshops w LEFT JOIN bookings b USING (workshop_id) GROUP BY w.workshop_id"
        " ORDER BY w.starts_at DESC NULLS FIRST, w.workshop_id"
    )
    return [(_workshop(row), row["booked"], row["waiting"]) for row in rows]


async def bookings(connection: asyncpg.Connection, workshop_id: str) -> tuple[Booking, ...]:
    """All bookings of a workshop in the order of asking, cancelled ones among them."""
    rows = await connection.fetch(
        f"SELECT {_BOOKING} FROM bookings WHERE workshop_id = $1 ORDER BY position",
        workshop_id,
    )
    return tuple(_booking(row) for row in rows)


async def bookings_of_area(connection: asyncpg.Connection, ags: str) -> list[tuple[str, Booking]]:
    """A municipality's bookings with their workshops' ids."""
    rows = await connection.fetch(
        f"SELECT workshop_id, {_BOOKING} FROM bookings WHERE ags = $1 ORDER BY workshop_id, position",
        ags,
    )
    return [(row["workshop_id"], _booking(row)) for row in rows]


async def save_bookings(connection: asyncpg.Connection, workshop_id: str, changed: Iterable[Booking]) -> None:
    """Add or change bookings; the caller holds the workshop's lock."""
    await connection.executemany(
        "INSERT INTO bookings (workshop_id, booking_id, ags, attendee, attendee_name, position, place, attended,"
        " attendee_id, language) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        " ON CONFLICT (booking_id) DO UPDATE SET"
        " attendee = EXCLUDED.attendee, attendee_name = EXCLUDED.attendee_name, place = EXCLUDED.place,"
        " attended = EXCLUDED.attended, attendee_id = EXCLUDED.attendee_id, language = EXCLUDED.language",
        [
            (
                workshop_id,
                booking.booking_id,
                booking.municipality,
                booking.attendee,
                booking.attendee_name,
                booking.position,
                str(booking.place),
                booking.attended,
                booking.attendee_id,
                booking.language,
            )
            for booking in changed
        ],
    )


async def add_attendee(connection: asyncpg.Connection, booking: Booking) -> None:
    """Keep where the person of a booking wants mail, under the person's own id."""
    await connection.execute(
        "INSERT INTO attendees (attendee_id, booking_id, address, language) VALUES ($1, $2, $3, $4)",
        booking.attendee_id,
        booking.booking_id,
        booking.attendee,
        booking.language,
    )


async def address_of(connection: asyncpg.Connection, attendee_id: str) -> str | None:
    """Where an attendee wants mail, if that is still kept."""
    found: str | None = await connection.fetchval("SELECT address FROM attendees WHERE attendee_id = $1", attendee_id)
    return found


async def forget_attendees(connection: asyncpg.Connection, ended_before: datetime) -> None:
    """Delete the addresses of workshops that ended, or without a date began, before an instant."""
    await connection.execute(
        "DELETE FROM attendees USING bookings b JOIN workshops w USING (workshop_id)"
        " WHERE attendees.booking_id = b.booking_id AND coalesce(w.ends_at, w.created_at) < $1",
        ended_before,
    )


async def forget_names(connection: asyncpg.Connection, ended_before: datetime) -> None:
    """Take name and address out of the bookings of such workshops: that somebody came for the municipality stays."""
    await connection.execute(
        "UPDATE bookings SET attendee = booking_id, attendee_name = '', attendee_id = '' FROM workshops w"
        " WHERE bookings.workshop_id = w.workshop_id AND attendee <> booking_id"
        " AND coalesce(w.ends_at, w.created_at) < $1",
        ended_before,
    )


def _values(workshop: Workshop) -> tuple[object, ...]:
    slot = workshop.slot
    place = (slot.title, slot.starts_at, slot.ends_at, slot.venue, slot.place, slot.seats) if slot else (None,) * 6
    return (
        workshop.workshop_id,
        str(workshop.kind),
        str(workshop.state),
        workshop.host,
        workshop.municipality,
        *place,
    )


def _workshop(row: asyncpg.Record) -> Workshop:
    slot = None
    if row["starts_at"] is not None:
        slot = Slot(row["title"], row["starts_at"], row["ends_at"], row["venue"], row["place"], row["seats"])
    return Workshop(row["workshop_id"], Kind(row["kind"]), State(row["state"]), row["host"], row["ags"], slot)


def _booking(row: asyncpg.Record) -> Booking:
    return Booking(
        row["booking_id"],
        row["ags"],
        row["attendee"],
        row["attendee_name"],
        row["position"],
        Place(row["place"]),
        row["attended"],
        row["attendee_id"],
        row["language"],
    )
