"""SQL about restricted persons: whose data are kept and not used, since when and until when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import asyncpg


class Restriction(NamedTuple):
    """One restriction of a pseudonym; `released_at` is None while it is in force."""

    pseudonym: str
    reason: str
    restricted_by: str
    restricted_at: datetime
    released_by: str | None
    released_at: datetime | None

    @property
    def in_force(self) -> bool:
        """Whether the data may not be used at present."""
        return self.released_at is None


_COLUMNS = "pseudonym, reason, restricted_by, restricted_at, released_by, released_at"


async def of_persons(connection: asyncpg.Connection, pseudonyms: Collection[str]) -> list[Restriction]:
    """All restrictions of these pseudonyms, past ones too, in order."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM vault.restrictions WHERE pseudonym = ANY($1::text[]) ORDER BY restriction_id",
        list(pseudonyms),
    )
    return [Restriction(*row) for row in rows]


async def in_force(connection: asyncpg.Connection, limit: int) -> list[Restriction]:
    """The restrictions in force, the newest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM vault.restrictions WHERE released_at IS NULL ORDER BY restriction_id DESC LIMIT $1",
        limit,
    )
    return [Restriction(*row) for row in rows]


async def begin(connection: asyncpg.Connection, pseudonym: str, *, reason: str, by: str, at: datetime) -> None:
    """Restrict a pseudonym; one that is restricted already is a UniqueViolationError."""
    await connection.execute(
        "INSERT INTO vault.restrictions (pseudonym, reason, restricted_by, restricted_at) VALUES ($1, $2, $3, $4)",
        pseudonym,
        reason,
        by,
        at,
    )


async def end(connection: asyncpg.Connection, pseudonyms: Collection[str], *, by: str, at: datetime) -> list[str]:
    """Lift what is in force of these pseudonyms; gives those that were restricted."""
    rows = await connection.fetch(
        "UPDATE vault.restrictions SET released_by = $2, released_at = $3"
        " WHERE pseudonym = ANY($1::text[]) AND released_at IS NULL RETURNING pseudonym",
        list(pseudonyms),
        by,
        at,
    )
    return sorted(row["pseudonym"] for row in rows)
