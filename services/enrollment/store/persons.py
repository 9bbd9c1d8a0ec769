"""SQL of the vault: pseudonyms and who was granted them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import asyncpg


async def granted(connection: asyncpg.Connection, source_number: int, local_ids: Collection[str]) -> dict[str, str]:
    """The pseudonyms a source already has for its own record numbers."""
    rows = await connection.fetch(
        "SELECT local_id, pseudonym FROM vault.grants WHERE source_number = $1 AND local_id = ANY($2::text[])",
        source_number,
        list(local_ids),
    )
    return {row["local_id"]: row["pseudonym"] for row in rows}


async def issue(
    connection: asyncpg.Connection, source_number: int, local_ids: Sequence[str], pseudonyms: Sequence[str]
) -> None:
    """Grant each record number without a pseudonym the one beside it, which comes to be with the grant.

    A record number that got one meanwhile keeps it. A pseudonym already given to a person is a UniqueViolationError.
    """
    await connection.execute(
        "WITH granted AS ("
        " INSERT INTO vault.grants (source_number, local_id, pseudonym)"
        " SELECT $1, local_id, pseudonym FROM unnest($2::text[], $3::text[]) AS asked (local_id, pseudonym)"
        " ON CONFLICT DO NOTHING RETURNING pseudonym)"
        " INSERT INTO vault.persons (pseudonym) SELECT pseudonym FROM granted",
        source_number,
        list(local_ids),
        list(pseudonyms),
    )


async def issued_at(connection: asyncpg.Connection, pseudonym: str) -> datetime | None:
    """When a pseudonym was given; None if it was not, or has been erased."""
    return await connection.fetchval("SELECT issued_at FROM vault.persons WHERE pseudonym = $1", pseudonym)


async def make(connection: asyncpg.Connection, pseudonyms: Sequence[str]) -> None:
    """Let persons come to be; a pseudonym already given is a UniqueViolationError."""
    await connection.execute("INSERT INTO vault.persons (pseudonym) SELECT unnest($1::text[])", list(pseudonyms))


async def grant(
    connection: asyncpg.Connection, source_number: int, local_ids: Sequence[str], pseudonyms: Sequence[str]
) -> None:
    """Grant each record number the person beside it; one that got a pseudonym meanwhile is a UniqueViolationError."""
    await connection.execute(
        "INSERT INTO vault.grants (source_number, local_id, pseudonym)"
        " SELECT $1, local_id, pseudonym FROM unnest($2::text[], $3::text[]) AS given (local_id, pseudonym)",
        source_number,
        list(local_ids),
        list(pseudonyms),
    )


async def lock_granted(
    connection: asyncpg.Connection, source_number: int, subjects: Collection[str]
) -> dict[str, bool]:
    """Lock the persons among the subjects that this source was granted; says of each whether another source was too.

    The lock is held to the end of the transaction, so that the outbox's ids follow the order of decisions about each
    person. In the order of pseudonyms, so that two chunks with the same people wait and do not deadlock.
    The grants are looked up person by person: the planner, left to choose, may read all grants of the source.
    """
    rows = await connection.fetch(
        "SELECT person.pseudonym, held.shared FROM vault.persons AS person CROSS JOIN LATERAL ("
        "SELECT bool_or(source_number = $1) AS own, bool_or(source_number <> $1) AS shared"
        " FROM vault.grants WHERE grants.pseudonym = person.pseudonym) AS held"
        " WHERE person.pseudonym = ANY($2::text[]) AND held.own"
        " ORDER BY person.pseudonym FOR NO KEY UPDATE OF person",
        source_number,
        list(subjects),
    )
    return {row["pseudonym"]: row["shared"] for row in rows}
