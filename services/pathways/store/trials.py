"""Statements about rule sets that are tried on the stored timelines."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

import asyncpg


class Trial(NamedTuple):
    """One trial and how far it is; `lines` is its outcome, protected, once it is done."""

    trial_id: int
    version: str
    state: str
    asked_at: datetime
    asked_by: str
    alive_at: datetime | None
    finished_at: datetime | None
    persons_done: int
    persons_total: int
    evaluated_on: date | None
    held_version: str | None
    lines: list[list[Any]] | None = None


_SHORT = (
    "trial_id, version, state, asked_at, asked_by, alive_at, finished_at, persons_done, persons_total, evaluated_on,"
    " held_version"
)


async def ask(connection: asyncpg.Connection, version: str, texts: tuple[str, str], *, now: datetime, by: str) -> int:
    """Write down what is to be tried; returns the trial's id."""
    found: int = await connection.fetchval(
        "INSERT INTO trials (version, rules, catalogue, asked_at, asked_by) VALUES ($1, $2, $3, $4, $5)"
        " RETURNING trial_id",
        version,
        *texts,
        now,
        by,
    )
    return found


async def forget_old(connection: asyncpg.Connection, before: datetime) -> None:
    """Delete trials asked for before an instant."""
    await connection.execute("DELETE FROM trials WHERE asked_at < $1", before)


async def newest(connection: asyncpg.Connection, *, limit: int) -> list[Trial]:
    """The newest trials, without their outcomes."""
    rows = await connection.fetch(f"SELECT {_SHORT} FROM trials ORDER BY trial_id DESC LIMIT $1", limit)
    return [Trial(*row) for row in rows]


async def one(connection: asyncpg.Connection, trial_id: int) -> Trial | None:
    """One trial with its outcome."""
    row = await connection.fetchrow(f"SELECT {_SHORT}, cells FROM trials WHERE trial_id = $1", trial_id)
    return Trial(*row) if row else None


async def unfinished(connection: asyncpg.Connection) -> int:
    """How many trials wait or run."""
    found: int = await connection.fetchval("SELECT count(*) FROM trials WHERE state IN ('waiting', 'running')")
    return found


async def take(connection: asyncpg.Connection, now: datetime, silent: timedelta) -> tuple[int, str, str] | None:
    """The oldest trial that waits, or whose process has been silent for so long: id, rules and catalogue."""
    row = await connection.fetchrow(
        "UPDATE trials SET state = 'running', alive_at = $1, persons_done = 0 WHERE trial_id ="
        " (SELECT trial_id FROM trials WHERE state = 'waiting' OR (state = 'running' AND alive_at < $2)"
        " ORDER BY trial_id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING trial_id, rules, catalogue",
        now,
        now - silent,
    )
    return (row["trial_id"], row["rules"], row["catalogue"]) if row else None


async def is_alive(connection: asyncpg.Connection, trial_id: int, now: datetime, done: int, total: int) -> None:
    """Write down how far a trial is."""
    await connection.execute(
        "UPDATE trials SET alive_at = $2, persons_done = $3, persons_total = $4"
        " WHERE trial_id = $1 AND state = 'running'",
        trial_id,
        now,
        done,
        total,
    )


async def finish(
    connection: asyncpg.Connection,
    trial_id: int,
    now: datetime,
    *,
    evaluated_on: date,
    held_version: str,
    lines: list[tuple[Any, ...]],
) -> None:
    """Write down the outcome."""
    await connection.execute(
        "UPDATE trials SET state = 'done', finished_at = $2, evaluated_on = $3, held_version = $4, cells = $5,"
        " persons_done = persons_total WHERE trial_id = $1 AND state = 'running'",
        trial_id,
        now,
        evaluated_on,
        held_version,
        lines,
    )


async def fail(connection: asyncpg.Connection, trial_id: int, now: datetime) -> None:
    """It cannot be done; the log says why."""
    await connection.execute(
        "UPDATE trials SET state = 'failed', finished_at = $2 WHERE trial_id = $1 AND state = 'running'",
        trial_id,
        now,
    )
