"""SQL of erasure: what enrollment holds of a person, its removal, the mark that stays, and the services' proofs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg


class Proof(NamedTuple):
    """What a service answered about an erased person."""

    pseudonym: str
    service: str
    removed: int
    remaining: int
    confirmed_at: datetime


class Mark(NamedTuple):
    """That a pseudonym has been erased."""

    pseudonym: str
    reason: str
    asked_by: str
    erased_at: datetime


async def erased(connection: asyncpg.Connection, pseudonyms: Collection[str]) -> set[str]:
    """Those of the pseudonyms whose person has been erased."""
    rows = await connection.fetch(
        "SELECT pseudonym FROM vault.erasures WHERE pseudonym = ANY($1::text[])", list(pseudonyms)
    )
    return {row["pseudonym"] for row in rows}


async def published(connection: asyncpg.Connection, pseudonyms: Collection[str]) -> list[tuple[str, str, str]]:
    """The facts that were put on the topic about these people: pseudonym, source, id."""
    rows = await connection.fetch(
        "SELECT subject, source, fact_id FROM facts JOIN sources USING (source_number)"
        " WHERE subject = ANY($1::text[]) AND NOT is_set_aside ORDER BY subject, source, fact_id",
        list(pseudonyms),
    )
    return [(row["subject"], row["source"], row["fact_id"]) for row in rows]


async def take_said(connection: asyncpg.Connection, pseudonyms: Collection[str]) -> list[tuple[str, str]]:
    """Forget what the vault has said of these people, of whichever side; gives pseudonym and id of each record."""
    rows = await connection.fetch(
        "DELETE FROM vault.said WHERE pseudonym = ANY($1::text[]) OR other = ANY($1::text[])"
        " RETURNING pseudonym, event_id",
        list(pseudonyms),
    )
    return [(row["pseudonym"], row["event_id"]) for row in rows]


async def remove_set_aside(connection: asyncpg.Connection, pseudonyms: Collection[str]) -> int:
    """Remove events kept whole about these people; gives how many."""
    done = await connection.execute(
        "DELETE FROM set_aside USING facts WHERE facts.source_number = set_aside.source_number"
        " AND facts.fact_id = set_aside.fact_id AND facts.subject = ANY($1::text[])",
        list(pseudonyms),
    )
    return int(done.split()[-1])


async def remove_facts(connection: asyncpg.Connection, pseudonyms: Collection[str]) -> int:
    """Remove the keys of facts about these people; gives how many."""
    done = await connection.execute("DELETE FROM facts WHERE subject = ANY($1::text[])", list(pseudonyms))
    return int(done.split()[-1])


async def remove_grants(connection: asyncpg.Connection, pseudonyms: Collection[str]) -> int:
    """Remove who was granted these people, and with it their traits; gives how many."""
    done = await connection.execute("DELETE FROM vault.grants WHERE pseudonym = ANY($1::text[])", list(pseudonyms))
    return int(done.split()[-1])


async def remove_persons(connection: asyncpg.Connection, pseudonyms: Collection[str]) -> int:
    """Remove the people themselves, and with them all pairs and decisions; gives how many."""
    done = await connection.execute("DELETE FROM vault.persons WHERE pseudonym = ANY($1::text[])", list(pseudonyms))
    return int(done.split()[-1])


async def remaining(connection: asyncpg.Connection, pseudonyms: Collection[str]) -> int:
    """How many rows about these people are left in the tables that hold people."""
    return int(
        await connection.fetchval(
            "SELECT (SELECT count(*) FROM facts WHERE subject = ANY($1::text[]))"
            " + (SELECT count(*) FROM snapshot_facets WHERE subject = ANY($1::text[]))"
            " + (SELECT count(*) FROM snapshot_told WHERE subject = ANY($1::text[]))"
            " + (SELECT count(*) FROM import_facts WHERE subject = ANY($1::text[]))"
            " + (SELECT count(*) FROM vault.grants WHERE pseudonym = ANY($1::text[]))"
            " + (SELECT count(*) FROM vault.traits WHERE pseudonym = ANY($1::text[]))"
            " + (SELECT count(*) FROM vault.said WHERE pseudonym = ANY($1::text[]) OR other = ANY($1::text[]))"
            " + (SELECT count(*) FROM vault.pairs WHERE one = ANY($1::text[]) OR other_one = ANY($1::text[]))"
            " + (SELECT count(*) FROM vault.restrictions WHERE pseudonym = ANY($1::text[]))"
            " + (SELECT count(*) FROM vault.persons WHERE pseudonym = ANY($1::text[]))",
            list(pseudonyms),
        )
    )


async def mark(connection: asyncpg.Connection, pseudonyms: Sequence[str], *, reason: str, by: str) -> None:
    """Remember that these pseudonyms have been erased."""
    await connection.execute(
        "INSERT INTO vault.erasures (pseudonym, reason, asked_by) SELECT unnest($1::text[]), $2, $3",
        pseudonyms,
        reason,
        by,
    )


async def marked(connection: asyncpg.Connection, pseudonym: str) -> Mark | None:
    """The mark of an erased pseudonym."""
    row = await connection.fetchrow(
        "SELECT pseudonym, reason, asked_by, erased_at FROM vault.erasures WHERE pseudonym = $1", pseudonym
    )
    return Mark(*row) if row else None


async def newest(connection: asyncpg.Connection, limit: int) -> list[Mark]:
    """The newest erasures."""
    rows = await connection.fetch(
        "SELECT pseudonym, reason, asked_by, erased_at FROM vault.erasures ORDER BY erased_at DESC, pseudonym LIMIT $1",
        limit,
    )
    return [Mark(*row) for row in rows]


async def keep_proofs(connection: asyncpg.Connection, proofs: Sequence[Proof]) -> None:
    """Keep what services answered; the last answer of a service counts."""
    await connection.executemany(
        "INSERT INTO vault.proofs (pseudonym, service, removed, remaining, confirmed_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (pseudonym, service) DO UPDATE SET removed = greatest(proofs.removed, excluded.removed),"
        " remaining = excluded.remaining, confirmed_at = excluded.confirmed_at",
        proofs,
    )


async def proofs(connection: asyncpg.Connection, pseudonyms: Collection[str]) -> list[Proof]:
    """The proofs about these erased people."""
    rows = await connection.fetch(
        "SELECT pseudonym, service, removed, remaining, confirmed_at FROM vault.proofs"
        " WHERE pseudonym = ANY($1::text[]) ORDER BY pseudonym, confirmed_at, service",
        list(pseudonyms),
    )
    return [Proof(*row) for row in rows]
