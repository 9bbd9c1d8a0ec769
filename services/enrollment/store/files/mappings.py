"""SQL about saved mappings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg


async def put(
    connection: asyncpg.Connection, key: tuple[int, str], document: dict[str, Any], at: datetime, by: str
) -> bool:
    """Save a mapping (source number, name); says whether it is new."""
    return await connection.fetchval(
        "INSERT INTO file_mappings (source_number, name, document, changed_at, changed_by) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (source_number, name) DO UPDATE SET document = EXCLUDED.document,"
        " changed_at = EXCLUDED.changed_at, changed_by = EXCLUDED.changed_by RETURNING xmax = 0",
        *key,
        document,
        at,
        by,
    )


async def find(connection: asyncpg.Connection, source_number: int, name: str) -> dict[str, Any] | None:
    """The mapping's document."""
    return await connection.fetchval(
        "SELECT document FROM file_mappings WHERE source_number = $1 AND name = $2", source_number, name
    )


async def of_source(connection: asyncpg.Connection, source_number: int) -> list[asyncpg.Record]:
    """All mappings of a source by name: name, document, changed_at."""
    return await connection.fetch(
        "SELECT name, document, changed_at FROM file_mappings WHERE source_number = $1 ORDER BY name", source_number
    )


async def delete(connection: asyncpg.Connection, source_number: int, name: str) -> bool:
    """Forget a mapping; says whether there was one."""
    deleted = await connection.fetchval(
        "DELETE FROM file_mappings WHERE source_number = $1 AND name = $2 RETURNING name", source_number, name
    )
    return deleted is not None
