"""Statements about rule sets, and from when each is in force."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

import asyncpg

from services.pathways.store import timelines


class Activation(NamedTuple):
    """One decision to put a rule set in force from a business date, and how far it has been carried out."""

    activation_id: int
    version: str
    effective_on: date
    state: str
    decided_at: datetime
    decided_by: str
    started_at: datetime | None
    finished_at: datetime | None
    reached: str
    persons_done: int
    persons_total: int
    said: int


_COLUMNS = ", ".join(Activation._fields)


async def in_turn(connection: asyncpg.Connection) -> list[tuple[date, str]]:
    """From when which version is in force; of two on one date the later decision comes last."""
    rows = await connection.fetch(
        "SELECT effective_on, version FROM activations WHERE state <> 'withdrawn' ORDER BY effective_on, activation_id"
    )
    return [(row["effective_on"], row["version"]) for row in rows]


async def hold_date(connection: asyncpg.Connection) -> tuple[date | None, list[tuple[date, str]]]:
    """The business date, which does not move until the commit (`timelines.DATE_LOCK`), and what `in_turn` gives."""
    rows = await connection.fetch("SELECT * FROM hold_business_date($1)", timelines.DATE_LOCK)
    in_turn = [(row["effective_on"], row["version"]) for row in rows if row["version"] is not None]
    return rows[0]["today"], in_turn


async def texts(connection: asyncpg.Connection, versions: Collection[str]) -> dict[str, tuple[str, str]]:
    """Rules (TOML) and catalogue (CSV) of these versions, as far as they are kept."""
    rows = await connection.fetch(
        "SELECT version, rules, catalogue FROM rule_sets WHERE version = ANY($1::text[])", list(versions)
    )
    return {row["version"]: (row["rules"], row["catalogue"]) for row in rows}


async def versions(connection: asyncpg.Connection) -> list[str]:
    """All versions kept, the newest first."""
    rows = await connection.fetch("SELECT version FROM rule_sets ORDER BY kept_at DESC, version")
    return [row["version"] for row in rows]


async def keep(connection: asyncpg.Connection, version: str, rules: str, catalogue: str, now: datetime) -> None:
    """Keep a rule set; one of that version that is kept already stays."""
    await connection.execute(
        "INSERT INTO rule_sets (version, rules, catalogue, kept_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        version,
        rules,
        catalogue,
        now,
    )


async def plan(connection: asyncpg.Connection, version: str, effective_on: date, now: datetime, by: str) -> int:
    """Write down from when a rule set is in force; returns the id of the decision."""
    found: int = await connection.fetchval(
        "INSERT INTO activations (version, effective_on, decided_at, decided_by) VALUES ($1, $2, $3, $4)"
        " RETURNING activation_id",
        version,
        effective_on,
        now,
        by,
    )
    return found


async def activations(connection: asyncpg.Connection) -> list[Activation]:
    """All decisions, the one in force latest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM activations ORDER BY effective_on DESC, activation_id DESC LIMIT 200"
    )
    return [Activation(*row) for row in rows]


async def change_state(connection: asyncpg.Connection, activation_id: int, before: str, after: str) -> bool:
    """Set another state if it is in the state given; waits for a batch in hand. False if it is in another."""
    done = await connection.execute(
        "UPDATE activations SET state = $3 WHERE activation_id = $1 AND state = $2", activation_id, before, after
    )
    return bool(done.endswith("1"))


async def begin(connection: asyncpg.Connection, today: date, now: datetime) -> None:
    """Begin the latest decision whose date has come; earlier ones not finished are superseded by it."""
    await connection.execute(
        "UPDATE activations SET state = CASE WHEN latest THEN 'running' ELSE 'superseded' END,"
        " started_at = CASE WHEN latest THEN $2 ELSE started_at END,"
        " next_at = CASE WHEN latest THEN $2 ELSE next_at END, finished_at = CASE WHEN latest THEN NULL ELSE $2 END,"
        " persons_total = CASE WHEN latest THEN (SELECT count(*) FROM timelines) ELSE persons_total END"
        " FROM (SELECT activation_id AS id, lead(activation_id) OVER (ORDER BY effective_on, activation_id) IS NULL"
        " AS latest FROM activations WHERE state <> 'withdrawn' AND effective_on <= $1) AS come"
        " WHERE activation_id = id AND (state = 'planned' OR NOT latest AND state IN ('running', 'stopped'))",
        today,
        now,
    )


async def take_turn(connection: asyncpg.Connection, now: datetime) -> Activation | None:
    """The running activation, locked, if its next batch is due and no other process has it in hand."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM activations WHERE state = 'running' AND next_at <= $1"
        " ORDER BY effective_on DESC, activation_id DESC LIMIT 1 FOR UPDATE SKIP LOCKED",
        now,
    )
    return Activation(*row) if row else None


async def move_on(
    connection: asyncpg.Connection, activation_id: int, *, reached: str, persons: int, said: int, next_at: datetime
) -> None:
    """Write down how far it is."""
    await connection.execute(
        "UPDATE activations SET reached = $2, persons_done = persons_done + $3, said = said + $4, next_at = $5,"
        " persons_total = greatest(persons_total, persons_done + $3) WHERE activation_id = $1",
        activation_id,
        reached,
        persons,
        said,
        next_at,
    )


async def finish(connection: asyncpg.Connection, activation_id: int, now: datetime) -> None:
    """Everybody has been evaluated."""
    await connection.execute(
        "UPDATE activations SET state = 'done', finished_at = $2, persons_total = persons_done"
        " WHERE activation_id = $1",
        activation_id,
        now,
    )
