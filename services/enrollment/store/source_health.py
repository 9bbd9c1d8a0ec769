"""SQL about how sources do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import asyncpg

from services.enrollment.domain.quality import Quality
from services.enrollment.domain.source_health import SourceHealth
from shared.contracts.vocabulary import Body


async def standings(connection: asyncpg.Connection, since: datetime) -> list[SourceHealth]:
    """All sources by name, with sums of their receipts since an instant. A file without changes counts as a word."""
    rows = await connection.fetch(
        "SELECT sources.source_number, source, body, areas, rhythm_days, sent.heard_at, silent_since,"
        " (coalesce(sent.heard_at, registered_at) AT TIME ZONE 'Europe/Berlin')::date AS heard_on,"
        " (registered_at AT TIME ZONE 'Europe/Berlin')::date AS registered_on,"
        " sent.accepted, sent.duplicate, sent.rejected, sent.warned, measured_at, taken, corrected, delay_days,"
        " fields_given, fields_declared, areas_seen, periods_seen"
        " FROM sources LEFT JOIN source_silences USING (source_number) LEFT JOIN source_quality USING (source_number)"
        " CROSS JOIN LATERAL ("
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
            row["registered_on"],
            _quality(row),
        )
        for row in rows
    ]


def _quality(row: asyncpg.Record) -> Quality | None:
    if row["measured_at"] is None:
        return None
    return Quality(
        row["measured_at"],
        row["taken"],
        row["corrected"],
        row["delay_days"],
        row["fields_given"],
        row["fields_declared"],
        tuple(row["areas_seen"]),
        row["periods_seen"],
    )


async def by_type(connection: asyncpg.Connection, since: datetime) -> list[tuple[int, str, int, int]]:
    """Of each source and type since an instant: the facts taken, and the fields filled in them."""
    rows = await connection.fetch(
        "SELECT source_number, type, count(*) AS taken, coalesce(sum(fields_given), 0)::bigint AS given"
        " FROM facts WHERE taken_at >= $1 AND fields_given IS NOT NULL GROUP BY source_number, type",
        since,
    )
    return [(row["source_number"], row["type"], row["taken"], row["given"]) for row in rows]


async def timeliness(
    connection: asyncpg.Connection, since: datetime, now: datetime
) -> dict[int, tuple[float | None, list[str], int]]:
    """Of each source since an instant: the median delay in days, the areas spoken of, the periods with a fact."""
    rows = await connection.fetch(
        "SELECT source_number, percentile_cont(0.5) WITHIN GROUP (ORDER BY late) FILTER (WHERE late >= 0) AS delay,"
        " array_agg(DISTINCT area) FILTER (WHERE area IS NOT NULL) AS areas, count(DISTINCT period) AS periods FROM ("
        " SELECT source_number, area, (taken_at AT TIME ZONE 'Europe/Berlin')::date - effective_on AS late,"
        " floor(extract(epoch FROM $2::timestamptz - taken_at) / 86400 / rhythm_days) AS period"
        " FROM facts JOIN sources USING (source_number) WHERE taken_at >= $1 AND fields_given IS NOT NULL) AS heard"
        " GROUP BY source_number",
        since,
        now,
    )
    return {row["source_number"]: (row["delay"], row["areas"] or [], row["periods"]) for row in rows}


async def keep_quality(connection: asyncpg.Connection, found: Mapping[int, Quality]) -> None:
    """Keep the figures of these sources, and none of others."""
    await connection.execute("DELETE FROM source_quality")
    await connection.executemany(
        "INSERT INTO source_quality (source_number, measured_at, taken, corrected, delay_days, fields_given,"
        " fields_declared, areas_seen, periods_seen) VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text[], $9)",
        [
            (
                number,
                one.measured_at,
                one.taken,
                one.corrected,
                one.delay_days,
                one.fields_given,
                one.fields_declared,
                list(one.areas_seen),
                one.periods_seen,
            )
            for number, one in found.items()
        ],
    )


async def contact(connection: asyncpg.Connection, source_number: int) -> str | None:
    """The technical contact of a source."""
    return await connection.fetchval("SELECT contact FROM sources WHERE source_number = $1", source_number)


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
