"""Statements about the read log: who looked at whom, and why."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

import asyncpg

_ONE_LOOK = timedelta(minutes=10)


class Look(NamedTuple):
    """One look: `what` names the page or the route, `reason` is the code the reader gave."""

    read_at: datetime
    reader: str
    role: str
    body: str | None
    persons: Collection[str]
    what: str
    reason: str


async def note(connection: asyncpg.Connection, look: Look) -> None:
    """Write a look down; a page that renews itself is the same look for ten minutes."""
    await connection.execute(
        "INSERT INTO read_log (read_at, reader, role, body, persons, what, reason)"
        " SELECT $1, $2, $3, $4, $5, $6, $7 WHERE NOT EXISTS (SELECT 1 FROM read_log WHERE reader = $2"
        " AND read_at > $8 AND what = $6 AND reason = $7 AND persons @> $5)",
        look.read_at,
        look.reader,
        look.role,
        look.body,
        sorted(look.persons),
        look.what,
        look.reason,
        look.read_at - _ONE_LOOK,
    )


async def of_person(connection: asyncpg.Connection, persons: Collection[str], *, limit: int) -> list[Look]:
    """The newest looks at any of these pseudonyms."""
    rows = await connection.fetch(
        "SELECT read_at, reader, role, body, persons, what, reason FROM read_log WHERE persons && $1::text[]"
        " ORDER BY look_id DESC LIMIT $2",
        list(persons),
        limit,
    )
    return [Look(*row) for row in rows]
