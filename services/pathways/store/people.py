"""Statements about persons as somebody looks at them: their facts unlocked, and what was said of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Sequence
from typing import NamedTuple

import asyncpg

from services.pathways.store.findings import Said


class Stored(NamedTuple):
    """One pseudonym's stored facts (packed) and the cluster it belongs to."""

    person_id: str
    cluster_id: str
    facts: bytes


async def with_clusters(connection: asyncpg.Connection, persons: Collection[str]) -> list[Stored]:
    """The facts of these pseudonyms and of all others of their clusters."""
    rows = await connection.fetch(
        "SELECT person_id, cluster_id, facts FROM timelines WHERE person_id = ANY($1::text[]) OR (linked AND cluster_id"
        " IN (SELECT cluster_id FROM timelines WHERE linked AND person_id = ANY($1::text[])))",
        list(persons),
    )
    return [Stored(*row) for row in rows]


async def by_cluster(connection: asyncpg.Connection) -> AsyncIterator[Stored]:
    """All stored facts, the pseudonyms of a cluster one after the other, read bit by bit."""
    async for row in connection.cursor(
        "SELECT person_id, cluster_id, facts FROM timelines ORDER BY cluster_id, person_id", prefetch=500
    ):
        yield Stored(*row)


async def count(connection: asyncpg.Connection) -> int:
    """How many pseudonyms have facts."""
    number: int = await connection.fetchval("SELECT count(*) FROM timelines")
    return number


async def restore_history(connection: asyncpg.Connection, said: Sequence[Said]) -> None:
    """Write what was said of findings into the history where that has lost it."""
    await connection.executemany(
        "INSERT INTO finding_history (person_id, pattern, anchor, revision, event, business_date, said_at, data)"
        " SELECT $1, $2, $3, $4, $5, $6, $7, $8 WHERE NOT EXISTS (SELECT FROM finding_history"
        " WHERE person_id = $1 AND pattern = $2 AND anchor = $3 AND revision = $4)",
        [tuple(one) for one in said],
    )
