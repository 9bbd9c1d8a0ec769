"""SQL about snapshots: what they have said so far, and what a compared one is about to say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import asyncpg

from services.enrollment.domain.snapshot import Key, Move, Record, Step

Scope = tuple[int, str]
"""Source number and name of the mapping."""


async def known(connection: asyncpg.Connection, scope: Scope) -> dict[Key, Record]:
    """All records the snapshots of a mapping have said so far, without the facts told."""
    rows = await connection.fetch(
        "SELECT subject, thing, about, type, data FROM snapshot_facets WHERE source_number = $1 AND mapping_name = $2",
        *scope,
    )
    records: dict[Key, Record] = {}
    for row in rows:
        record = records.setdefault((row["subject"], row["thing"], row["about"]), Record())
        record.facets[row["type"]] = row["data"]
    return records


async def told(connection: asyncpg.Connection, scope: Scope) -> list[tuple[Key, str, str]]:
    """The facts in force of these records: (record, fact id, type), oldest first."""
    rows = await connection.fetch(
        "SELECT subject, thing, about, fact_id, type FROM snapshot_told WHERE source_number = $1 AND mapping_name = $2"
        " ORDER BY told_at",
        *scope,
    )
    return [((row["subject"], row["thing"], row["about"]), row["fact_id"], row["type"]) for row in rows]


async def plan(connection: asyncpg.Connection, import_id: str, moves: Sequence[tuple[str, Move]]) -> None:
    """Keep the facts (id, move) a compared snapshot will tell, in order."""
    await connection.executemany(
        "INSERT INTO import_facts (import_id, place, fact_id, row_number, subject, thing, about, step, type, data,"
        " facet, after, retracts) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        [
            (
                import_id,
                place,
                fact_id,
                move.row,
                *move.key,
                str(move.step),
                move.type,
                move.data,
                move.facet,
                None if move.after is None else dict(move.after),
                move.retracts,
            )
            for place, (fact_id, move) in enumerate(moves, 1)
        ],
    )


async def next_moves(
    connection: asyncpg.Connection, import_id: str, *, after: int, limit: int
) -> list[tuple[str, Move]]:
    """The next facts to tell after a place."""
    rows = await connection.fetch(
        "SELECT fact_id, row_number, subject, thing, about, step, type, data, facet, after, retracts FROM import_facts"
        " WHERE import_id = $1 AND place > $2 ORDER BY place LIMIT $3",
        import_id,
        after,
        limit,
    )
    return [
        (
            row["fact_id"],
            Move(
                (row["subject"], row["thing"], row["about"]),
                Step(row["step"]),
                row["type"],
                row["data"],
                row["row_number"],
                row["facet"],
                row["after"],
                row["retracts"],
            ),
        )
        for row in rows
    ]


async def forget_plan(connection: asyncpg.Connection, import_id: str) -> None:
    """Forget the facts that were to be told."""
    await connection.execute("DELETE FROM import_facts WHERE import_id = $1", import_id)


async def keep_facets(connection: asyncpg.Connection, scope: Scope, moves: Iterable[Move]) -> None:
    """Set the facets that facts just told have changed; of several for one facet the last counts."""
    await connection.executemany(
        "INSERT INTO snapshot_facets (source_number, mapping_name, subject, thing, about, type, data)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT ON CONSTRAINT snapshot_facets_once DO UPDATE SET data = EXCLUDED.data",
        [(*scope, *move.key, move.facet, dict(move.after)) for move in moves if move.after is not None],
    )


async def drop_facets(connection: asyncpg.Connection, scope: Scope, moves: Iterable[Move]) -> None:
    """Drop the facets that facts just told have taken back."""
    await connection.executemany(
        "DELETE FROM snapshot_facets WHERE source_number = $1 AND mapping_name = $2 AND subject = $3 AND thing = $4"
        " AND about = $5 AND type = $6",
        [(*scope, *move.key, move.facet) for move in moves if move.after is None],
    )


async def keep_told(connection: asyncpg.Connection, scope: Scope, moves: Iterable[tuple[str, Move]]) -> None:
    """Remember the facts (id, move) now in force."""
    await connection.executemany(
        "INSERT INTO snapshot_told (source_number, mapping_name, subject, thing, about, fact_id, type)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        [(*scope, *move.key, fact_id, move.type) for fact_id, move in moves if move.retracts is None],
    )


async def drop_told(connection: asyncpg.Connection, scope: Scope, moves: Iterable[Move]) -> None:
    """Forget the facts just retracted."""
    await connection.executemany(
        "DELETE FROM snapshot_told WHERE source_number = $1 AND mapping_name = $2 AND fact_id = $3",
        [(*scope, move.retracts) for move in moves if move.retracts is not None],
    )


async def brake_limit(connection: asyncpg.Connection, source_number: int) -> float | None:
    """The source's own limit of the brake."""
    return await connection.fetchval("SELECT brake_limit FROM sources WHERE source_number = $1", source_number)


async def granted(connection: asyncpg.Connection, source_number: int, subjects: Sequence[str]) -> set[str]:
    """Those of the pseudonyms that the source was granted; nothing is locked."""
    rows = await connection.fetch(
        "SELECT DISTINCT pseudonym FROM vault.grants WHERE source_number = $1 AND pseudonym = ANY($2::text[])",
        source_number,
        list(subjects),
    )
    return {row["pseudonym"] for row in rows}


async def forget_persons(connection: asyncpg.Connection, pseudonyms: Sequence[str]) -> int:
    """Remove what snapshots have said and are about to say of these people; gives how many rows."""
    return await connection.fetchval(
        "WITH facets AS (DELETE FROM snapshot_facets WHERE subject = ANY($1::text[]) RETURNING 1),"
        " told AS (DELETE FROM snapshot_told WHERE subject = ANY($1::text[]) RETURNING 1),"
        " planned AS (DELETE FROM import_facts WHERE subject = ANY($1::text[]) RETURNING 1)"
        " SELECT (SELECT count(*) FROM facets) + (SELECT count(*) FROM told) + (SELECT count(*) FROM planned)",
        list(pseudonyms),
    )
