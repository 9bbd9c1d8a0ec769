"""Statements about the business date and the stored facts of persons."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple

import asyncpg

from shared.writes import Change, Write, columns

DATE_LOCK = 0x6461_7465  # "date": who evaluates shares it, who moves the date has it alone


class Row(NamedTuple):
    """One pseudonym's stored facts (packed). `linked` says that its cluster has other members.

    `cause` is set while facts wait to be evaluated: the last one's event id and, after a blank, its traceparent.
    """

    person_id: str
    cluster_id: str
    linked: bool
    facts: bytes
    next_due: date | None
    cause: str | None = None


_COLUMNS = "person_id, cluster_id, linked, facts, next_due, cause"
_UNNEST = "unnest($1::text[], $2::text[], $3::bool[], $4::bytea[], $5::date[], $6::text[])"
_NOT_ASIDE = "DELETE FROM set_aside WHERE person_id = ANY($1::text[])"
_UPDATE = (
    "UPDATE timelines SET cluster_id = given.cluster_id, linked = given.linked, facts = given.facts,"
    f" next_due = given.next_due, cause = given.cause FROM {_UNNEST} AS given ({_COLUMNS})"
    " WHERE timelines.person_id = given.person_id"
)
_INSERT = (
    f"INSERT INTO timelines ({_COLUMNS}) SELECT * FROM {_UNNEST} ON CONFLICT (person_id) DO NOTHING RETURNING person_id"
)


async def begin_on(connection: asyncpg.Connection, today: date) -> date:
    """The business date, which does not move until the commit; set to `today` where there is none.

    Many may keep it so at once. The lock is an advisory one: its queue is fair, while those who share a row's lock pass
    by who waits to move it.
    """
    await connection.execute("SELECT pg_advisory_xact_lock_shared($1)", DATE_LOCK)
    return await _begun(connection, today)


async def keep_date(connection: asyncpg.Connection, today: date) -> date:
    """The business date, set to `today` where there is none; nobody evaluates until the commit."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", DATE_LOCK)
    return await _begun(connection, today)


async def _begun(connection: asyncpg.Connection, today: date) -> date:
    found = await current_date(connection)
    if found is None:
        await connection.execute("INSERT INTO business_date (today) VALUES ($1) ON CONFLICT DO NOTHING", today)
        found = await current_date(connection)
    return found or today


async def move_date(connection: asyncpg.Connection, today: date) -> bool:
    """Set the business date if it is earlier; waits for those who evaluate on the old one. False if it stays."""
    found = await current_date(connection)
    if found is not None and found >= today:
        return False
    await connection.execute("SELECT pg_advisory_xact_lock($1)", DATE_LOCK)
    moved = await connection.execute(
        "INSERT INTO business_date (today) VALUES ($1)"
        " ON CONFLICT (only_one) DO UPDATE SET today = excluded.today WHERE business_date.today < excluded.today",
        today,
    )
    return bool(moved.endswith("1"))


async def current_date(connection: asyncpg.Connection) -> date | None:
    """The business date, without any lock."""
    found: date | None = await connection.fetchval("SELECT today FROM business_date")
    return found


async def lock(connection: asyncpg.Connection, persons: Collection[str]) -> list[Row]:
    """The rows of these pseudonyms as far as there are any, locked in one order so that two lockers cannot cross."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM timelines WHERE person_id = ANY($1::text[]) ORDER BY person_id FOR UPDATE",
        list(persons),
    )
    return [Row(*row) for row in rows]


async def of_clusters(connection: asyncpg.Connection, clusters: Collection[str]) -> list[Row]:
    """All rows of linked clusters; whoever holds the row the cluster is named after may change them."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM timelines WHERE linked AND cluster_id = ANY($1::text[])", list(clusters)
    )
    return [Row(*row) for row in rows]


async def due(connection: asyncpg.Connection, today: date, *, limit: int) -> list[Row]:
    """Rows of clusters that are due, earliest first, locked; those another process has in hand are left to it."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM timelines WHERE next_due <= $1 ORDER BY next_due LIMIT $2 FOR UPDATE SKIP LOCKED",
        today,
        limit,
    )
    return [Row(*row) for row in rows]


async def due_among(connection: asyncpg.Connection, today: date, persons: Collection[str]) -> list[Row]:
    """Those of these rows that are due, locked; those another process has in hand are left to it."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM timelines WHERE next_due <= $1 AND person_id = ANY($2::text[])"
        " ORDER BY person_id FOR UPDATE SKIP LOCKED",
        today,
        list(persons),
    )
    return [Row(*row) for row in rows]


async def anyone_due(connection: asyncpg.Connection, today: date) -> bool:
    """Whether a cluster is due on the business date, `today` where there is none; without any lock.

    The least date is read from the end of an index. Asked for any row that is due, the planner may look at all.
    """
    found: bool = await connection.fetchval(
        "SELECT coalesce((SELECT min(next_due) FROM timelines) <= coalesce((SELECT today FROM business_date), $1),"
        " false)",
        today,
    )
    return found


async def make_due(connection: asyncpg.Connection, person_id: str, today: date, cause: str) -> None:
    """Have a cluster, whose row is locked, evaluated in its turn."""
    await connection.execute(
        "UPDATE timelines SET next_due = least(next_due, $2), cause = coalesce(cause, $3) WHERE person_id = $1",
        person_id,
        today,
        cause,
    )


async def set_aside(connection: asyncpg.Connection, person_id: str, reason: str, at: datetime) -> bool:
    """Let a due cluster wait where it stops nobody else; False if it is not due any more."""
    done = await connection.execute(
        "WITH was AS (SELECT person_id, next_due FROM timelines WHERE person_id = $1 AND next_due IS NOT NULL"
        " FOR UPDATE),"
        " cleared AS (UPDATE timelines SET next_due = NULL FROM was WHERE timelines.person_id = was.person_id)"
        " INSERT INTO set_aside (person_id, due_on, reason, since) SELECT person_id, next_due, $2, $3 FROM was"
        " ON CONFLICT (person_id) DO UPDATE SET due_on = least(set_aside.due_on, excluded.due_on),"
        " reason = excluded.reason, tries = set_aside.tries + 1",
        person_id,
        reason,
        at,
    )
    return bool(done.endswith("1"))


async def take_back(connection: asyncpg.Connection) -> int:
    """Make due again who was set aside; returns how many."""
    done = await connection.execute(
        "UPDATE timelines SET next_due = least(timelines.next_due, set_aside.due_on) FROM set_aside"
        " WHERE timelines.person_id = set_aside.person_id"
        " AND (timelines.next_due IS NULL OR timelines.next_due > set_aside.due_on)"
    )
    return int(done.split()[-1])


async def count_set_aside(connection: asyncpg.Connection) -> int:
    """How many cannot be evaluated."""
    number: int = await connection.fetchval("SELECT count(*) FROM set_aside")
    return number


async def clusters_after(connection: asyncpg.Connection, name: str, *, limit: int) -> list[Row]:
    """The next rows that clusters are named after, in order, locked: whoever has one in hand is waited for."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM timelines WHERE person_id > $1 AND cluster_id = person_id"
        " ORDER BY person_id LIMIT $2 FOR UPDATE",
        name,
        limit,
    )
    return [Row(*row) for row in rows]


def saving(new: Sequence[Row], locked: Sequence[Row], *, evaluated: Collection[str]) -> list[Write]:
    """The writes of new pseudonyms and of rows that are locked; who could be evaluated is not set aside any more.

    The last gives a row for each of the new ones that was new (fewer than given: somebody else was first).
    """
    return [
        *([Change(_NOT_ASIDE, [list(evaluated)])] if evaluated else []),
        *([Change(_UPDATE, columns(locked))] if locked else []),
        *([Change(_INSERT, columns(new))] if new else []),
    ]


async def delete_all(connection: asyncpg.Connection) -> None:
    """Delete all stored facts."""
    await connection.execute("TRUNCATE timelines, set_aside")
