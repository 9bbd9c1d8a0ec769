"""SQL about mails that wait, whatever they say: leased, sent, put off, laid back. Two tables have these columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg


@dataclass(frozen=True, slots=True)
class Table:
    """Where mails of a kind wait, and the column that names one."""

    name: str
    key: str


DELIVERIES: Final = Table("deliveries", "delivery_id")
NOTICES: Final = Table("notices", "notice_id")


async def settle(connection: asyncpg.Connection, table: Table, key: str, *, state: str, at: datetime) -> bool:
    """Mark a mail as sent or failed, with this try counted; False if it no longer waits."""
    done = await connection.execute(
        f"UPDATE {table.name} SET state = $2, settled_at = $3, leased_until = NULL, attempts = attempts + 1"
        f" WHERE {table.key} = $1 AND state = 'waiting'",
        key,
        state,
        at,
    )
    return bool(done == "UPDATE 1")


async def postpone(connection: asyncpg.Connection, table: Table, key: str, *, due_at: datetime, counted: bool) -> bool:
    """Let a mail wait for its next try; False if it no longer waits."""
    done = await connection.execute(
        f"UPDATE {table.name} SET due_at = $2, leased_until = NULL, attempts = attempts + $3"
        f" WHERE {table.key} = $1 AND state = 'waiting'",
        key,
        due_at,
        int(counted),
    )
    return bool(done == "UPDATE 1")


async def put_off(connection: asyncpg.Connection, table: Table, keys: Sequence[str], due_at: datetime) -> None:
    """Let mails wait that were not tried."""
    await connection.execute(
        f"UPDATE {table.name} SET due_at = $2, leased_until = NULL"
        f" WHERE {table.key} = ANY($1::text[]) AND state = 'waiting'",
        keys,
        due_at,
    )


async def drop(connection: asyncpg.Connection, table: Table, keys: Sequence[str]) -> None:
    """Forget mails that wait and must not be sent."""
    await connection.execute(
        f"DELETE FROM {table.name} WHERE {table.key} = ANY($1::text[]) AND state = 'waiting'", keys
    )


async def lay_back(connection: asyncpg.Connection, table: Table, keys: Sequence[str], until: datetime) -> None:
    """End the lease that runs until then for mails that were not tried."""
    await connection.execute(
        f"UPDATE {table.name} SET leased_until = NULL"
        f" WHERE {table.key} = ANY($1::text[]) AND leased_until = $2 AND state = 'waiting'",
        keys,
        until,
    )
