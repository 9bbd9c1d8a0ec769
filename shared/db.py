"""PostgreSQL for one service: the pool, and the two ways to use it (a transaction, a reading)."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

log = logging.getLogger(__name__)

_SETTINGS = {
    "application_name": "gemeinsam",
    "timezone": "UTC",
    # A plan is made once a connection and kept. Made while a table is nearly empty it would read the whole table for a
    # few rows by their keys, and go on to do so as the table grows; where an index fits, it is used from the start.
    "enable_seqscan": "off",
    # Left to choose, the planner thinks the few keys at hand cheaper than its guess and plans anew each time, which
    # takes longer than the statement.
    "plan_cache_mode": "force_generic_plan",
    "jit": "off",  # up to PostgreSQL 17 a whole reading would then seem dear enough to compile it
}

_NEVER_TOO_MANY = 2**62  # a new connection in place of one that works costs a login, and all plans

Connection = asyncpg.pool.PoolConnectionProxy | asyncpg.Connection


class Overtaken(Exception):
    """Another process has done the same in between: the transaction is given up and the work done again."""


# The database itself is away, or takes nothing: no work is to blame, however long it lasts.
AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InsufficientResourcesError,  # disk full, out of memory, too many connections
    asyncpg.PostgresSystemError,
    asyncpg.ReadOnlySQLTransactionError,  # a standby that has not been promoted yet
    asyncpg.InterfaceError,
    ConnectionError,
    TimeoutError,
    OSError,
)

# What goes away by itself: the database is away, or two of us met. The same work may be done again as it is.
TEMPORARY = (
    *AWAY,
    Overtaken,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
)


class Database:
    """The pool of one service. Opened by the host; use cases hold it and open transactions on it."""

    def __init__(self, url: str, *, connections: int = 10) -> None:
        self._url = url
        self._connections = connections
        self._pool: asyncpg.Pool | None = None
        self.committed = asyncio.Event()  # set after each commit: wakes the relay of this process

    @classmethod
    async def at(cls, url: str, *, connections: int = 10) -> Database:
        """An opened database, for tests and commands."""
        database = cls(url, connections=connections)
        await database.open()
        return database

    async def open(self) -> None:
        """Connect, waiting for the server with a message while it is away."""
        attempt = 0
        while True:
            try:
                self._pool = await asyncpg.create_pool(
                    self._url,
                    min_size=1,
                    max_size=self._connections,
                    max_queries=_NEVER_TOO_MANY,
                    init=_speak_json,
                    reset=_leave_as_it_is,
                    command_timeout=60,
                    timeout=10,
                    server_settings=_SETTINGS,
                )
                return
            except TEMPORARY as error:
                attempt += 1
                log.warning("waiting for PostgreSQL (attempt %d): %s", attempt, type(error).__name__)
                await asyncio.sleep(min(5.0, 0.2 * 2**attempt))

    async def close(self) -> None:
        """Close the pool; what still runs is ended after five seconds."""
        if self._pool is None:
            return
        pool, self._pool = self._pool, None
        try:
            await asyncio.wait_for(pool.close(), 5)
        except TimeoutError:
            pool.terminate()

    @property
    def pool(self) -> asyncpg.Pool:
        """The open pool."""
        if self._pool is None:
            raise ConnectionError("the database is not open")
        return self._pool

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[asyncpg.Connection]:
        """One transaction (READ COMMITTED). After its commit the relay is woken. Opened by use cases only."""
        async with self.pool.acquire() as connection:
            async with connection.transaction():
                yield connection
        self.committed.set()

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[asyncpg.Connection]:
        """A connection for one statement that reads: no transaction around it, which would cost two more."""
        async with self.pool.acquire() as connection:
            yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[asyncpg.Connection]:
        """A read-only transaction that sees one state of the database throughout."""
        async with self.pool.acquire() as connection:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                yield connection


async def _leave_as_it_is(connection: asyncpg.Connection) -> None:
    """No statement when a connection goes back: nothing here outlives a transaction (no SET, no LISTEN, no cursor)."""


async def _speak_json(connection: asyncpg.Connection) -> None:
    for name in ("json", "jsonb"):
        await connection.set_type_codec(name, schema="pg_catalog", encoder=_dump, decoder=json.loads)


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
