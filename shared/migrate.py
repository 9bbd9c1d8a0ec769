"""Brings a service's database up to date from plain SQL files, once each, in order, one process at a time.

Files are named `NNNN_pre_what.sql` or `NNNN_post_what.sql`: `pre` runs before the new code is deployed, `post` after
it, so that old and new code can run side by side. The tables of the outbox come first in every database.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from pathlib import Path

import asyncpg

from shared.db import TEMPORARY

MESSAGING = Path(__file__).parent / "messaging" / "migrations"
_NAME = re.compile(r"^\d{4}_(pre|post)_[a-z0-9_]+\.sql$")
_LOCK = 0x6765_6D65  # "geme": one migration at a time in a database


class MigrationChanged(Exception):
    """A file that has been applied reads differently now; a change needs a new file."""


async def migrate(url: str, *directories: Path | str) -> list[str]:
    """Apply what is missing and return the names applied. Waits for the server; each file is one transaction."""
    connection = await _connect(url)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", _LOCK)
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS migrations"
            " (name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        applied = {row["name"]: row["sha256"] for row in await connection.fetch("SELECT name, sha256 FROM migrations")}
        done: list[str] = []
        for directory in (MESSAGING, *directories):
            done += await _apply(connection, Path(directory), applied)
        return done
    finally:
        await connection.close()


def _files(directory: Path) -> list[tuple[str, str]]:
    found = []
    for path in sorted(directory.glob("*.sql")):
        if not _NAME.match(path.name):
            raise ValueError(f"{path.name}: a migration is named NNNN_pre_what.sql or NNNN_post_what.sql")
        found.append((f"{directory.parent.name}/{path.name}", path.read_text(encoding="utf-8")))
    return found


async def _apply(connection: asyncpg.Connection, directory: Path, applied: dict[str, str]) -> list[str]:
    done: list[str] = []
    for name, text in _files(directory):
        digest = hashlib.sha256(text.encode()).hexdigest()
        if name in applied:
            if applied[name] != digest:
                raise MigrationChanged(f"{name} was applied with other content; write a new migration")
            continue
        async with connection.transaction():
            await connection.execute("SET LOCAL lock_timeout = '30s'")
            await connection.execute(text)
            await connection.execute("INSERT INTO migrations (name, sha256) VALUES ($1, $2)", name, digest)
        done.append(name)
    return done


async def _connect(url: str) -> asyncpg.Connection:
    for attempt in range(60):
        try:
            return await asyncpg.connect(url, timeout=10)
        except TEMPORARY:
            if attempt == 59:
                raise
            await asyncio.sleep(0.5)
    raise AssertionError("unreachable")
