"""SQL about who is one person: pairs of pseudonyms, decisions, what the vault has said, and who has looked."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg


class Pair(NamedTuple):
    """A pair of pseudonyms, the lesser first."""

    one: str
    other_one: str
    agreed: Sequence[str]
    state: str
    found_at: datetime


class Decision(NamedTuple):
    """What somebody decided about a pair, and why."""

    decision: str
    reason: str
    decided_by: str
    decided_at: datetime


class Look(NamedTuple):
    """Who looks at what, and why."""

    reader: str
    role: str
    what: str
    reason: str


class Looked(NamedTuple):
    """A look that was written down."""

    read_at: datetime
    reader: str
    role: str
    what: str
    reason: str


async def looks_at(connection: asyncpg.Connection, pseudonyms: Collection[str]) -> list[Looked]:
    """Who has looked behind any of these pseudonyms, the newest first."""
    rows = await connection.fetch(
        "SELECT read_at, reader, role, what, reason FROM vault.read_log WHERE pseudonyms && $1::text[]"
        " ORDER BY look_id DESC",
        list(pseudonyms),
    )
    return [Looked(*row) for row in rows]


async def lock_persons(connection: asyncpg.Connection, pseudonyms: Collection[str]) -> dict[str, datetime]:
    """Lock persons in the order of pseudonyms; gives when each was issued, none for one that is not there."""
    rows = await connection.fetch(
        "SELECT pseudonym, issued_at FROM vault.persons WHERE pseudonym = ANY($1::text[])"
        " ORDER BY pseudonym FOR UPDATE",
        list(pseudonyms),
    )
    return {row["pseudonym"]: row["issued_at"] for row in rows}


async def pairs_around(connection: asyncpg.Connection, pseudonyms: Collection[str]) -> list[Pair]:
    """All pairs decided about these pseudonyms and about everybody merged with them."""
    rows = await connection.fetch(
        'WITH RECURSIVE member (pseudonym) AS (SELECT unnest($1::text[]) COLLATE "C"'
        " UNION SELECT CASE WHEN one = member.pseudonym THEN other_one ELSE one END FROM vault.pairs"
        " JOIN member ON member.pseudonym IN (one, other_one) WHERE state = 'merged')"
        " SELECT DISTINCT one, other_one, agreed, state, found_at FROM vault.pairs"
        " JOIN member ON member.pseudonym = one OR member.pseudonym = other_one",
        list(pseudonyms),
    )
    return [Pair(*row) for row in rows]


async def waiting(connection: asyncpg.Connection, limit: int) -> list[Pair]:
    """Near matches nobody has decided yet, the oldest first."""
    rows = await connection.fetch(
        "SELECT one, other_one, agreed, state, found_at FROM vault.pairs WHERE state = 'waiting'"
        " ORDER BY found_at, one, other_one LIMIT $1",
        limit,
    )
    return [Pair(*row) for row in rows]


async def pair(connection: asyncpg.Connection, one: str, other_one: str) -> Pair | None:
    """The pair, if it has ever been found alike; the lesser pseudonym first."""
    row = await connection.fetchrow(
        "SELECT one, other_one, agreed, state, found_at FROM vault.pairs WHERE one = $1 AND other_one = $2",
        one,
        other_one,
    )
    return Pair(*row) if row else None


async def keep_pairs(connection: asyncpg.Connection, rows: Sequence[tuple[str, str, Sequence[str], str]]) -> None:
    """Keep pairs (one, other, agreed, state) that are new; a decided pair stays as it is, a waiting one may merge."""
    await connection.executemany(
        "INSERT INTO vault.pairs (one, other_one, agreed, state) VALUES ($1, $2, $3::text[], $4)"
        " ON CONFLICT (one, other_one) DO UPDATE SET agreed = excluded.agreed, state = excluded.state"
        " WHERE pairs.state = 'waiting'",
        rows,
    )


async def set_state(connection: asyncpg.Connection, one: str, other_one: str, state: str) -> None:
    """Decide a pair."""
    await connection.execute(
        "UPDATE vault.pairs SET state = $3 WHERE one = $1 AND other_one = $2", one, other_one, state
    )


async def keep_decision(
    connection: asyncpg.Connection, one: str, other_one: str, *, decision: str, reason: str, by: str
) -> None:
    """Write down who decided what, and why."""
    await connection.execute(
        "INSERT INTO vault.decisions (one, other_one, decision, reason, decided_by) VALUES ($1, $2, $3, $4, $5)",
        one,
        other_one,
        decision,
        reason,
        by,
    )


async def decisions(connection: asyncpg.Connection, one: str, other_one: str) -> list[Decision]:
    """What was decided about a pair, in order."""
    rows = await connection.fetch(
        "SELECT decision, reason, decided_by, decided_at FROM vault.decisions WHERE one = $1 AND other_one = $2"
        " ORDER BY decision_id",
        one,
        other_one,
    )
    return [Decision(*row) for row in rows]


async def keep_said(connection: asyncpg.Connection, pseudonym: str, other: str, event_id: str) -> None:
    """Remember a record the vault puts on the topic."""
    await connection.execute(
        "INSERT INTO vault.said (pseudonym, other, event_id) VALUES ($1, $2, $3)", pseudonym, other, event_id
    )


async def note_look(connection: asyncpg.Connection, pseudonyms: Collection[str], look: Look) -> None:
    """Write a look into the read log."""
    await connection.execute(
        "INSERT INTO vault.read_log (reader, role, pseudonyms, what, reason) VALUES ($1, $2, $3, $4, $5)",
        look.reader,
        look.role,
        sorted(pseudonyms),
        look.what,
        look.reason,
    )
