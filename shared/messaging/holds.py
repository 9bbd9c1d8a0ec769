"""Holds: a consumer that has stopped itself, kept in the database so that a restart does not forget it."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import Any

from shared.db import TEMPORARY, Database

_LOOK_SECONDS = 1.0


class Holds:
    """The holds of one service, by topic."""

    def __init__(self, database: Database, *, hold_seconds: int) -> None:
        self._database = database
        self._hold_seconds = hold_seconds

    async def wait(self, topic: str, reason: str, pause: Callable[[float], Awaitable[None]]) -> None:
        """Note the hold and wait until somebody releases it, or until it has lasted its time; then it is lifted."""
        ends = time.monotonic() + self._hold_seconds
        noted = False
        while time.monotonic() < ends:
            try:
                if not noted:
                    await self._note(topic, reason)
                    noted = True
                elif await self._released(topic):
                    break
            except TEMPORARY:
                pass  # the database is away: the hold goes on, it is noted when it is back
            await pause(_LOOK_SECONDS)
        await self._lift(topic)

    async def _note(self, topic: str, reason: str) -> None:
        async with self._database.transaction() as connection:
            await connection.execute(
                "INSERT INTO consumer_holds (topic, reason) VALUES ($1, $2)"
                " ON CONFLICT (topic) DO UPDATE SET reason = excluded.reason",
                topic,
                reason,
            )

    async def _released(self, topic: str) -> bool:
        async with self._database.reading() as connection:
            row = await connection.fetchrow("SELECT released_at FROM consumer_holds WHERE topic = $1", topic)
            return row is None or row["released_at"] is not None

    async def _lift(self, topic: str) -> None:
        async with self._database.transaction() as connection:
            await connection.execute("DELETE FROM consumer_holds WHERE topic = $1", topic)

    async def release(self, topic: str, by: str) -> bool:
        """Release a held topic; False if it is not held."""
        async with self._database.transaction() as connection:
            done = await connection.execute(
                "UPDATE consumer_holds SET released_at = now(), released_by = $2"
                " WHERE topic = $1 AND released_at IS NULL",
                topic,
                by,
            )
            return bool(done == "UPDATE 1")

    async def listed(self) -> list[dict[str, Any]]:
        """All topics held."""
        async with self._database.reading() as connection:
            rows = await connection.fetch("SELECT topic, since, reason, released_at, released_by FROM consumer_holds")
            return [dict(row) for row in rows]
