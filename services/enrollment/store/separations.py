"""SQL about taking one pseudonym apart: what a source knows under it goes to another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg


class FactKey(NamedTuple):
    """One fact as it was taken: whose, under which id, and whether it was published."""

    source_number: int
    source: str
    fact_id: str
    is_set_aside: bool


async def facts_of(connection: asyncpg.Connection, pseudonym: str, sources: Sequence[str]) -> list[FactKey]:
    """All facts these sources have told of a person."""
    rows = await connection.fetch(
        "SELECT source_number, source, fact_id, is_set_aside FROM facts JOIN sources USING (source_number)"
        " WHERE subject = $1 AND source = ANY($2::text[]) ORDER BY source_number, fact_id",
        pseudonym,
        list(sources),
    )
    return [FactKey(*row) for row in rows]


async def move_grants(connection: asyncpg.Connection, pseudonym: str, to: str, sources: Sequence[str]) -> None:
    """Grant the sources' records another pseudonym."""
    await connection.execute(
        "UPDATE vault.grants SET pseudonym = $2 FROM sources WHERE sources.source_number = grants.source_number"
        " AND pseudonym = $1 AND source = ANY($3::text[])",
        pseudonym,
        to,
        list(sources),
    )


async def move_traits(connection: asyncpg.Connection, pseudonym: str, to: str, sources: Sequence[str]) -> None:
    """Let the traits of the sources' records stand for another pseudonym."""
    await connection.execute(
        "UPDATE vault.traits SET pseudonym = $2 FROM sources WHERE sources.source_number = traits.source_number"
        " AND pseudonym = $1 AND source = ANY($3::text[])",
        pseudonym,
        to,
        list(sources),
    )


async def move_facts(
    connection: asyncpg.Connection, to: str, keys: Sequence[FactKey], contents: Sequence[bytes | None]
) -> None:
    """Note that facts speak of another pseudonym; `contents` are their new hashes, None keeps the old one."""
    await connection.execute(
        "UPDATE facts SET subject = $1, content = coalesce(moved.content, facts.content)"
        " FROM unnest($2::integer[], $3::text[], $4::bytea[]) AS moved (source_number, fact_id, content)"
        " WHERE facts.source_number = moved.source_number AND facts.fact_id = moved.fact_id",
        to,
        [key.source_number for key in keys],
        [key.fact_id for key in keys],
        list(contents),
    )


async def move_set_aside(connection: asyncpg.Connection, to: str, keys: Sequence[FactKey]) -> None:
    """Let events that wait for a later release speak of another pseudonym."""
    await connection.execute(
        "UPDATE set_aside SET event = jsonb_set(event::jsonb, '{subject}', to_jsonb($1::text))::text"
        " FROM unnest($2::integer[], $3::text[]) AS moved (source_number, fact_id)"
        " WHERE set_aside.source_number = moved.source_number AND set_aside.fact_id = moved.fact_id",
        to,
        [key.source_number for key in keys],
        [key.fact_id for key in keys],
    )


async def move_snapshots(connection: asyncpg.Connection, pseudonym: str, to: str, sources: Sequence[str]) -> None:
    """Let what the sources' snapshots have said, and are about to say, be of another pseudonym."""
    await connection.execute(
        "WITH chosen AS (SELECT source_number FROM sources WHERE source = ANY($3::text[])),"
        " facets AS (UPDATE snapshot_facets SET subject = $2 WHERE subject = $1"
        " AND source_number IN (SELECT source_number FROM chosen)),"
        " told AS (UPDATE snapshot_told SET subject = $2 WHERE subject = $1"
        " AND source_number IN (SELECT source_number FROM chosen))"
        " UPDATE import_facts SET subject = $2 WHERE subject = $1 AND import_id IN"
        " (SELECT import_id FROM imports WHERE source_number IN (SELECT source_number FROM chosen))",
        pseudonym,
        to,
        list(sources),
    )
