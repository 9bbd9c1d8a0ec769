"""SQL of the vault's traits and keys: hashes to find by, sealed rows to open."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import asyncpg

from services.enrollment.domain.identity import Record

_LOCK = 0x7661756C  # "vaul": one request at a time compares traits, so that two sources do not both make a new person


class Sealed(NamedTuple):
    """One record's traits, encrypted, with their hashes."""

    local_id: str
    pseudonym: str
    key_id: str
    sealed: bytes
    azr_number: bytes | None
    name: bytes | None
    birth_date: bytes | None


class Row(NamedTuple):
    """A kept row as it is opened: who sent it, and how it is sealed."""

    source_number: int
    source: str
    areas: Sequence[str]
    local_id: str
    pseudonym: str
    key_id: str
    sealed: bytes


async def lock_matching(connection: asyncpg.Connection) -> None:
    """Wait until no other transaction compares, decides, erases or seals anew; held to the end of this one."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)


async def keys(connection: asyncpg.Connection) -> dict[str, bool]:
    """The ids of keys in use, and whether each is the current one."""
    rows = await connection.fetch("SELECT key_id, is_current FROM vault.keys")
    return {row["key_id"]: row["is_current"] for row in rows}


async def no_longer_current(connection: asyncpg.Connection) -> None:
    """Let no key be current."""
    await connection.execute("UPDATE vault.keys SET is_current = false WHERE is_current")


async def make_current(connection: asyncpg.Connection, key_id: str) -> None:
    """Note the key that rows are sealed with from now on."""
    await connection.execute(
        "INSERT INTO vault.keys (key_id, is_current) VALUES ($1, true)"
        " ON CONFLICT (key_id) DO UPDATE SET is_current = true, since = now()",
        key_id,
    )


async def forget_old_keys(connection: asyncpg.Connection) -> None:
    """Forget the ids of keys no row is sealed with any more."""
    await connection.execute(
        "DELETE FROM vault.keys WHERE NOT is_current"
        " AND NOT EXISTS (SELECT FROM vault.traits WHERE traits.key_id = keys.key_id)"
    )


async def alike(
    connection: asyncpg.Connection, azr_numbers: Collection[bytes], persons: Collection[tuple[bytes, bytes]]
) -> list[Record]:
    """All records of people with one of these AZR numbers, or with one of these (name, birth date)."""
    rows = await connection.fetch(
        "WITH found AS ("
        " SELECT pseudonym FROM vault.traits WHERE azr_number = ANY($1::bytea[])"
        " UNION SELECT traits.pseudonym FROM vault.traits JOIN unnest($2::bytea[], $3::bytea[])"
        " AS asked (name, birth_date) ON traits.name = asked.name AND traits.birth_date = asked.birth_date)"
        " SELECT pseudonym, key_id, azr_number, name, birth_date FROM vault.traits"
        " WHERE pseudonym IN (SELECT pseudonym FROM found)",
        list(azr_numbers),
        [name for name, _ in persons],
        [birth_date for _, birth_date in persons],
    )
    return [Record(*row) for row in rows]


async def keep(connection: asyncpg.Connection, source_number: int, rows: Sequence[Sealed]) -> None:
    """Keep a source's traits of its records; what it said before of the same record is replaced."""
    await connection.execute(
        "INSERT INTO vault.traits (source_number, local_id, pseudonym, key_id, sealed, azr_number, name, birth_date)"
        " SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::bytea[], $6::bytea[], $7::bytea[],"
        " $8::bytea[]) ON CONFLICT (source_number, local_id) DO UPDATE SET key_id = excluded.key_id,"
        " sealed = excluded.sealed, azr_number = excluded.azr_number, name = excluded.name,"
        " birth_date = excluded.birth_date, kept_at = now()",
        source_number,
        *map(list, zip(*rows, strict=True)),
    )


async def records_of(connection: asyncpg.Connection, pseudonyms: Collection[str]) -> list[Row]:
    """All records of these people with who sent them; without traits `key_id` and `sealed` are empty."""
    rows = await connection.fetch(
        "SELECT grants.source_number, source, areas, grants.local_id, grants.pseudonym, coalesce(key_id, '') AS key_id,"
        " coalesce(sealed, '') AS sealed FROM vault.grants JOIN sources USING (source_number)"
        " LEFT JOIN vault.traits USING (source_number, local_id) WHERE grants.pseudonym = ANY($1::text[])"
        " ORDER BY grants.pseudonym, source, grants.local_id",
        list(pseudonyms),
    )
    return [Row(*row) for row in rows]


async def sealed_with_others(connection: asyncpg.Connection, key_id: str, limit: int) -> list[Row]:
    """Rows that another key than this one has sealed."""
    rows = await connection.fetch(
        "SELECT traits.source_number, sources.source, sources.areas, local_id, pseudonym, key_id, sealed"
        " FROM vault.traits JOIN sources USING (source_number) WHERE key_id <> $1 LIMIT $2",
        key_id,
        limit,
    )
    return [Row(*row) for row in rows]
