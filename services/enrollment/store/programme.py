"""SQL about the programme's dates and the log of what was told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import asyncpg

from services.enrollment.domain.commitment import Activity
from services.enrollment.domain.programme import PAPER, Programme, programme_from, to_document


async def current(connection: asyncpg.Connection) -> Programme:
    """The programme as it is set now."""
    document = await connection.fetchval("SELECT document FROM programme_versions ORDER BY version DESC LIMIT 1")
    return programme_from(document) if document else PAPER


async def put(connection: asyncpg.Connection, programme: Programme, at: datetime, by: str) -> None:
    """Set the programme anew; what was set before stays as history."""
    await connection.execute(
        "INSERT INTO programme_versions (document, changed_at, changed_by) VALUES ($1, $2, $3)",
        to_document(programme),
        at,
        by,
    )


async def log_facts(connection: asyncpg.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Keep told facts: rows of (fact_id, topic, subject, ags, type, data, recorded_at, recorded_by)."""
    await connection.executemany(
        "INSERT INTO told_facts (fact_id, topic, subject, ags, type, data, recorded_at, recorded_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        rows,
    )


async def facts_of(connection: asyncpg.Connection, ags: str, limit: int) -> list[asyncpg.Record]:
    """The newest facts told of a municipality, newest first."""
    return await connection.fetch(
        "SELECT fact_id, type, data, recorded_at FROM told_facts WHERE ags = $1"
        " ORDER BY recorded_at DESC, position DESC LIMIT $2",
        ags,
        limit,
    )


async def activities(connection: asyncpg.Connection, ags: str | None = None) -> dict[str, list[tuple[Activity, date]]]:
    """What municipalities, or one of them, did for the planning phase, by AGS: days in Europe/Berlin."""
    rows = await connection.fetch(
        "SELECT ags, done, day FROM (SELECT DISTINCT b.ags, 'WORKSHOP_ATTENDED' AS done,"
        " (w.starts_at AT TIME ZONE 'Europe/Berlin')::date AS day FROM bookings b JOIN workshops w USING (workshop_id)"
        " WHERE b.attended UNION ALL SELECT ags, 'NEEDS_ANALYSIS_SUBMITTED', submitted_on FROM needs_analyses"
        " UNION ALL SELECT ags, 'APPROACH_SUBMITTED', submitted_on FROM approaches) AS all_done"
        " WHERE $1::text IS NULL OR ags = $1 ORDER BY ags, done DESC, day",
        ags,
    )
    found: dict[str, list[tuple[Activity, date]]] = {}
    for row in rows:
        found.setdefault(row["ags"], []).append((Activity(row["done"]), row["day"]))
    return found
