"""SQL about memberships in two times, and the mandates that follow from them."""

from __future__ import annotations

from datetime import date, datetime

import asyncpg

from services.enrollment.domain.membership import Membership


async def start(connection: asyncpg.Connection, membership: Membership) -> None:
    """Begin a membership."""
    await connection.execute(
        "INSERT INTO membership_versions (membership_id, ags, started_on, known_at) VALUES ($1, $2, $3, $4)",
        membership.membership_id,
        membership.ags,
        membership.started_on,
        membership.known_at,
    )


async def end(connection: asyncpg.Connection, membership_id: str, ended_on: date, at: datetime) -> None:
    """End the running version of a membership: what was known stays, a version with the end takes its place."""
    await connection.execute(
        "WITH known AS (UPDATE membership_versions SET known_until = $3"
        " WHERE membership_id = $1 AND known_until IS NULL RETURNING membership_id, ags, started_on)"
        " INSERT INTO membership_versions (membership_id, ags, started_on, ended_on, known_at)"
        " SELECT membership_id, ags, started_on, greatest(started_on, $2::date), $3 FROM known",
        membership_id,
        ended_on,
        at,
    )


async def versions(connection: asyncpg.Connection) -> list[Membership]:
    """Every version of every membership."""
    rows = await connection.fetch(
        "SELECT membership_id, ags, started_on, ended_on, known_at, known_until FROM membership_versions ORDER BY ags"
    )
    return [Membership(*row) for row in rows]


async def running(connection: asyncpg.Connection, ags: str, on: date) -> bool:
    """Whether the municipality is a member on the day, as known now."""
    return await connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM membership_versions WHERE ags = $1 AND known_until IS NULL"
        " AND started_on <= $2 AND (ended_on IS NULL OR $2 < ended_on))",
        ags,
        on,
    )


async def open_mandate(connection: asyncpg.Connection, ags: str, since: date) -> None:
    """Let facts about persons be taken for the area from a day on."""
    await connection.execute(
        "INSERT INTO memberships (ags, since) SELECT $1, $2"
        " WHERE NOT EXISTS (SELECT 1 FROM memberships WHERE ags = $1 AND until IS NULL AND since <= $2)"
        " ON CONFLICT (ags, since) DO UPDATE SET until = NULL",
        ags,
        since,
    )


async def close_mandate(connection: asyncpg.Connection, ags: str, until: date) -> None:
    """Take no facts about persons for the area from a day on."""
    await connection.execute(
        "WITH never AS (DELETE FROM memberships WHERE ags = $1 AND since >= $2)"
        " UPDATE memberships SET until = $2 WHERE ags = $1 AND since < $2 AND (until IS NULL OR until > $2)",
        ags,
        until,
    )
