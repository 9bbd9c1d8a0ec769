"""SQL about contacts, workshops' dates and notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from services.notifications.domain.notice import Contact, Notice, Slot


async def contacts(connection: asyncpg.Connection, areas: Sequence[str]) -> dict[tuple[str, str], list[Contact]]:
    """The contacts of areas, by area and role."""
    rows = await connection.fetch(
        "SELECT contact_id, area, role, address, language FROM contacts WHERE area = ANY($1::text[])"
        " AND removed_at IS NULL ORDER BY contact_id",
        areas,
    )
    found: dict[tuple[str, str], list[Contact]] = {}
    for row in rows:
        found.setdefault((row["area"], row["role"]), []).append(Contact(**row))
    return found


async def add_contacts(connection: asyncpg.Connection, rows: Sequence[tuple[str, str, str]]) -> None:
    """Add contacts (area, role, address) that are not there yet."""
    await connection.execute(
        "INSERT INTO contacts (area, role, address) SELECT * FROM unnest($1::text[], $2::text[], $3::text[])"
        " ON CONFLICT ON CONSTRAINT contacts_once_an_area_and_role DO NOTHING",
        *map(list, zip(*rows, strict=True)),
    )


async def put_slot(connection: asyncpg.Connection, slot: Slot, said_at: datetime) -> None:
    """Remember when and where a workshop is; what was said last counts, whatever comes last."""
    await connection.execute(
        "INSERT INTO workshop_slots AS held (workshop_id, kind, starts_at, ends_at, venue, said_at)"
        " VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (workshop_id) DO UPDATE SET starts_at = excluded.starts_at, ends_at = excluded.ends_at,"
        " venue = excluded.venue, said_at = excluded.said_at WHERE held.said_at <= excluded.said_at",
        slot.workshop_id,
        slot.kind,
        slot.starts_at,
        slot.ends_at,
        slot.venue,
        said_at,
    )


async def slot(connection: asyncpg.Connection, workshop_id: str) -> Slot | None:
    """When and where a workshop is, as far as it was said."""
    row = await connection.fetchrow(
        "SELECT workshop_id, kind, starts_at, ends_at, venue FROM workshop_slots WHERE workshop_id = $1", workshop_id
    )
    return Slot(**row) if row else None


async def add(connection: asyncpg.Connection, planned: Sequence[Notice], now: datetime) -> None:
    """Store planned notices; those known already stay as they are."""
    await connection.executemany(
        "INSERT INTO notices (notice_id, contact_id, about, municipality, subject, body, calendar, event_id,"
        " traceparent, attendee_id, language, planned_at, due_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)"
        " ON CONFLICT (notice_id) DO NOTHING",
        [
            (
                one.notice_id,
                one.contact.contact_id,
                one.about,
                one.municipality,
                one.subject,
                one.body,
                one.calendar,
                one.event_id,
                one.traceparent,
                one.contact.attendee_id,
                one.contact.language,
                now,
            )
            for one in planned
        ],
    )


async def lease_due(connection: asyncpg.Connection, now: datetime, until: datetime, most: int) -> list[Notice]:
    """Take notices that are due, for this process alone until the lease ends; `attempts` counts the one to come."""
    rows = await connection.fetch(
        "WITH due AS (SELECT notice_id FROM notices WHERE state = 'waiting' AND due_at <= $1"
        " AND (leased_until IS NULL OR leased_until < $1) ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED),"
        " leased AS (UPDATE notices SET leased_until = $2 FROM due"
        " WHERE notices.notice_id = due.notice_id RETURNING notices.*)"
        " SELECT leased.notice_id, about, municipality, subject, body, calendar, event_id, traceparent,"
        " attempts + 1 AS attempts,"
        " contact_id, attendee_id, coalesce(contacts.area, municipality) AS area,"
        " coalesce(contacts.role, 'attendee') AS role, coalesce(contacts.address, '') AS address,"
        " coalesce(contacts.language, leased.language, 'de') AS language"
        " FROM leased LEFT JOIN contacts USING (contact_id) ORDER BY leased.planned_at",
        now,
        until,
        most,
    )
    return [_notice(row) for row in rows]


async def keep_reason(connection: asyncpg.Connection, notice: Notice, reason: str | None) -> None:
    """Keep what the server answered last, as a slug."""
    await connection.execute("UPDATE notices SET last_reason = $2 WHERE notice_id = $1", notice.notice_id, reason)


async def newest(connection: asyncpg.Connection, areas: Sequence[str], most: int) -> list[Mapping[str, Any]]:
    """The newest notices to boxes of the areas and to attendees from there, without addresses."""
    rows = await connection.fetch(
        "SELECT notice_id, subject, municipality, coalesce(contacts.role, 'attendee') AS role, state, attempts,"
        " planned_at, settled_at FROM notices LEFT JOIN contacts USING (contact_id)"
        " WHERE coalesce(contacts.area, municipality) = ANY($1::text[]) ORDER BY planned_at DESC, notice_id LIMIT $2",
        areas,
        most,
    )
    return [dict(row) for row in rows]


async def counts_by_state(connection: asyncpg.Connection) -> dict[str, int]:
    """How many notices are waiting, sent, failed."""
    rows = await connection.fetch("SELECT state, count(*) AS number FROM notices GROUP BY state")
    return {row["state"]: row["number"] for row in rows}


def _notice(row: asyncpg.Record) -> Notice:
    contact = Contact(row["contact_id"], row["area"], row["role"], row["address"], row["language"], row["attendee_id"])
    names = ("about", "municipality", "subject", "body", "calendar", "event_id", "traceparent", "attempts")
    return Notice(notice_id=row["notice_id"], contact=contact, **{name: row[name] for name in names})
