"""SQL about evidence."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from services.enrollment.domain.documents import Document


async def put(connection: asyncpg.Connection, ags: str, document: Document, *, at: datetime, by: str) -> bool:
    """Keep a document for a municipality; says whether it is new there."""
    status = await connection.execute(
        "INSERT INTO documents (ags, sha256, media_type, content, uploaded_at, uploaded_by)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (ags, sha256) DO NOTHING",
        ags,
        document.sha256,
        document.media_type,
        document.content,
        at,
        by,
    )
    return status.endswith(" 1")


async def kept(connection: asyncpg.Connection, ags: str) -> tuple[int, int]:
    """How many documents a municipality has handed in, and their bytes together."""
    row = await connection.fetchrow(
        "SELECT count(*), coalesce(sum(octet_length(content)), 0)::bigint FROM documents WHERE ags = $1", ags
    )
    return row[0], row[1]


async def find(connection: asyncpg.Connection, ags: str, sha256: str) -> Document | None:
    """A municipality's document by its SHA-256 in hexadecimal."""
    row = await connection.fetchrow(
        "SELECT content, media_type FROM documents WHERE ags = $1 AND sha256 = $2", ags, sha256
    )
    return Document(row["content"], row["media_type"], sha256) if row else None


async def exists(connection: asyncpg.Connection, ags: str, sha256: str) -> bool:
    """Whether the municipality has handed in these bytes."""
    return await connection.fetchval(
        "SELECT EXISTS (SELECT 1 FROM documents WHERE ags = $1 AND sha256 = $2)", ags, sha256
    )
