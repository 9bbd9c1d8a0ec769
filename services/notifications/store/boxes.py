"""SQL about mail boxes: contacts for the programme, recipients for findings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from services.notifications.domain.box import Box


async def contacts(connection: asyncpg.Connection, areas: Sequence[str] | None, most: int) -> list[Box]:
    """Contacts of areas, or all, by area."""
    rows = await connection.fetch(
        "SELECT contact_id AS box_id, area, role, address, language FROM contacts WHERE removed_at IS NULL"
        " AND ($1::text[] IS NULL OR area = ANY($1)) ORDER BY area, role, address LIMIT $2",
        areas,
        most,
    )
    return [Box(**row) for row in rows]


async def recipients(connection: asyncpg.Connection, areas: Sequence[str] | None, most: int) -> list[Box]:
    """Recipients of areas, by area."""
    rows = await connection.fetch(
        "SELECT recipient_id AS box_id, area, role, address, language, min_severity, body FROM recipients"
        " WHERE removed_at IS NULL AND ($1::text[] IS NULL OR area = ANY($1)) ORDER BY area, role, address LIMIT $2",
        areas,
        most,
    )
    return [Box(**row) for row in rows]


async def put_contact(connection: asyncpg.Connection, box: Box) -> int:
    """Enter a contact, or change its language; its number."""
    number: int = await connection.fetchval(
        "INSERT INTO contacts (area, role, address, language) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT ON CONSTRAINT contacts_once_an_area_and_role DO UPDATE SET language = EXCLUDED.language"
        " RETURNING contact_id",
        box.area,
        box.role,
        box.address,
        box.language,
    )
    return number


async def put_recipient(connection: asyncpg.Connection, box: Box) -> int:
    """Enter a recipient, or change its language, severity and body; its number."""
    number: int = await connection.fetchval(
        "INSERT INTO recipients (area, role, address, language, min_severity, body) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT ON CONSTRAINT recipients_once_an_area_and_role DO UPDATE SET language = EXCLUDED.language,"
        " min_severity = EXCLUDED.min_severity, body = EXCLUDED.body RETURNING recipient_id",
        box.area,
        box.role,
        box.address,
        box.language,
        box.min_severity,
        box.body,
    )
    return number


async def contact_area(connection: asyncpg.Connection, box_id: int) -> str | None:
    """Whose area a contact is of, locked until it is taken off."""
    found: str | None = await connection.fetchval(
        "SELECT area FROM contacts WHERE contact_id = $1 AND removed_at IS NULL FOR UPDATE", box_id
    )
    return found


async def recipient_area(connection: asyncpg.Connection, box_id: int) -> str | None:
    """Whose area a recipient is of, locked until it is taken off."""
    found: str | None = await connection.fetchval(
        "SELECT area FROM recipients WHERE recipient_id = $1 AND removed_at IS NULL FOR UPDATE", box_id
    )
    return found


async def remove_contact(connection: asyncpg.Connection, box_id: int, at: datetime) -> None:
    """Take a contact off: its address goes, its number stays with what was sent."""
    await connection.execute(
        "UPDATE contacts SET removed_at = $2, address = 'removed-' || contact_id WHERE contact_id = $1", box_id, at
    )


async def remove_recipient(connection: asyncpg.Connection, box_id: int, at: datetime) -> None:
    """Take a recipient off: its address goes, its number stays with what was sent."""
    await connection.execute(
        "UPDATE recipients SET removed_at = $2, address = 'removed-' || recipient_id WHERE recipient_id = $1",
        box_id,
        at,
    )


async def drop_notices(connection: asyncpg.Connection, box_id: int, at: datetime) -> None:
    """Give up what still waits for a contact that was taken off."""
    await connection.execute(
        "UPDATE notices SET state = 'failed', settled_at = $2, leased_until = NULL, last_reason = 'box_removed'"
        " WHERE contact_id = $1 AND state = 'waiting'",
        box_id,
        at,
    )


async def drop_deliveries(connection: asyncpg.Connection, box_id: int, at: datetime) -> None:
    """Give up what still waits for a recipient that was taken off."""
    await connection.execute(
        "UPDATE deliveries SET state = 'failed', settled_at = $2, leased_until = NULL"
        " WHERE recipient_id = $1 AND state = 'waiting'",
        box_id,
        at,
    )
