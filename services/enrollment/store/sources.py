"""SQL about sources."""

from __future__ import annotations

import asyncpg

from services.enrollment.domain.source import Emitter, Source
from shared.contracts.vocabulary import Body


async def put(connection: asyncpg.Connection, source: Source) -> bool:
    """Register the source or change what is registered; says whether it is new."""
    return await connection.fetchval(
        "INSERT INTO sources AS known (source, body, areas, contact, rhythm_days, brake_limit)"
        " VALUES ($1, $2, $3::text[], $4, $5, $6)"
        " ON CONFLICT (source) DO UPDATE SET body = EXCLUDED.body, areas = EXCLUDED.areas, contact = EXCLUDED.contact,"
        " rhythm_days = EXCLUDED.rhythm_days, brake_limit = EXCLUDED.brake_limit, changed_at = now()"
        " RETURNING xmax = 0",  # a row just inserted has no deleting or locking transaction
        source.source,
        str(source.body),
        list(source.areas),
        source.contact,
        source.rhythm_days,
        source.brake_limit,
    )


async def lock_all(connection: asyncpg.Connection) -> None:
    """Let nobody else register meanwhile: two new names must not come to mean one topic."""
    await connection.execute("LOCK TABLE sources IN SHARE ROW EXCLUSIVE MODE")


async def every(connection: asyncpg.Connection) -> list[Source]:
    """All sources by name."""
    rows = await connection.fetch(
        "SELECT source, body, areas, contact, rhythm_days, brake_limit FROM sources ORDER BY source"
    )
    return [
        Source(
            row["source"],
            Body(row["body"]),
            tuple(row["areas"]),
            row["contact"],
            row["rhythm_days"],
            row["brake_limit"],
        )
        for row in rows
    ]


async def emitters(connection: asyncpg.Connection) -> list[Emitter]:
    """All sources as they may speak, for all areas registered."""
    rows = await connection.fetch("SELECT source_number, source, areas FROM sources ORDER BY source_number")
    return [Emitter(row["source_number"], row["source"], frozenset(row["areas"])) for row in rows]


async def find(connection: asyncpg.Connection, source: str) -> tuple[int, list[str]] | None:
    """The number and the registered areas of a source."""
    row = await connection.fetchrow("SELECT source_number, areas FROM sources WHERE source = $1", source)
    return None if row is None else (row["source_number"], row["areas"])
