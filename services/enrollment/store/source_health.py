"""SQL about how sources do."""

from __future__ import annotations

from datetime import date, datetime

import asyncpg

from services.enrollment.domain.source_health import SourceHealth
from shared.contracts.vocabulary import Body


async def standings(connection: asyncpg.Connection, since: datetime) -> list[SourceHealth]:
    """All sources by name, with sums of their receipts since an instant. A file without changes counts as a word."""
    rows = await connection.fetch(
        "SELECT sources.source_number, source, body, areas, rhythm_days, sent.heard_at, silent_since,"
        " (coalesce(sent.heard_at, registered_at) AT TIME ZONE 'Europe/Berlin')::date AS heard_on,"
        " sent.accepted, sent.duplicate, sent.rejected, sent.warned"
        " FROM sources LEFT JOIN source_silences USING (source_number) CROSS JOIN LATERAL ("
        " SELECT greatest(max(changed_at) FILTER (WHERE accepted + duplicate > 0), (SELECT max(finished_at)"
        " FROM imports WHERE imports.source_number = sources.source_number AND imports.state = 'done'"
        " AND NOT is_dry_run)) AS heard_at,"
        " coalesce(sum(accepted) FILTER (WHERE changed_at >= $1), 0)::bigint AS accepted,"
        " coalesce(sum(duplicate) FILTER (WHERE changed_at >= $1), 0)::bigint AS duplicate,"
        " coalesce(sum(rejected) FILTER (WHERE changed_at >= $1), 0)::bigint AS rejected,"
        " coalesce(sum(warnings) FILTER (WHERE changed_at >= $1), 0)::bigint AS warned"
        " FROM receipts WHERE receipts.source_number = sources.source_number) AS sent ORDER BY source",
        since,
    )
    return [
        SourceHealth(
            row["source_number"],
            row["source"],
            Body(row["body"]),
            tuple(row["areas"]),
            row["rhythm_days"],
            row["heard_at"],
            row["heard_on"],
            row["accepted"],
            row["duplicate"],
            row["rejected"],
            row["warned"],
            row["silent_since"],
        )
        for row in rows
    ]


async def lock_silences(connection: asyncpg.Connection) -> None:
    """Let one process at a time tell who is silent."""
    await connection.execute("LOCK TABLE source_silences IN SHARE ROW EXCLUSIVE MODE")


async def keep_silence(connection: asyncpg.Connection, source_number: int, since: date) -> None:
    """Remember that a source's silence has been told."""
    await connection.execute(
        "INSERT INTO source_silences (source_number, silent_since) VALUES ($1, $2)", source_number, since
    )


async def drop_silence(connection: asyncpg.Connection, source_number: int) -> None:
    """The source speaks again."""
    await connection.execute("DELETE FROM source_silences WHERE source_number = $1", source_number)
