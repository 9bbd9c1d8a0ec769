"""Statements about erased persons: the mark that stays, and what is still held of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg


class Mail(NamedTuple):
    """One mail about a person, without its address."""

    planned_at: datetime
    pattern: str
    severity: str
    role: str
    area: str
    state: str


async def mails_about(connection: asyncpg.Connection, person: str) -> list[Mail]:
    """All mails about a person, oldest first."""
    rows = await connection.fetch(
        "SELECT planned_at, pattern, deliveries.severity, role, area, state FROM deliveries JOIN recipients"
        " USING (recipient_id) WHERE person_id = $1 ORDER BY planned_at, delivery_id",
        person,
    )
    return [Mail(*row) for row in rows]


async def mark(connection: asyncpg.Connection, persons: Sequence[str], at: datetime) -> None:
    """Remember that these persons have been erased: nothing is planned for them any more."""
    await connection.execute(
        "INSERT INTO erased (person_id, erased_at) SELECT unnest($1::text[]), $2 ON CONFLICT DO NOTHING", persons, at
    )


async def held(connection: asyncpg.Connection, persons: Sequence[str]) -> dict[str, int]:
    """How many deliveries are held about each of these persons; none where there are none."""
    rows = await connection.fetch(
        "SELECT person_id, count(*) AS number FROM deliveries WHERE person_id = ANY($1::text[]) GROUP BY 1", persons
    )
    return {row["person_id"]: row["number"] for row in rows}


async def forget(connection: asyncpg.Connection, persons: Sequence[str]) -> None:
    """Delete all deliveries about these persons, with their attempts."""
    await connection.execute("DELETE FROM deliveries WHERE person_id = ANY($1::text[])", persons)
