"""SQL about counting: what has changed, the numbers by municipality, and the cells of the last count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from services.reporting.domain.indicators import Cell, Counted

_COUNT_LOCK = 0x636F_756E  # "coun"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Which count is the last: a version that grows with every change, when it was made, for which business date."""

    version: int
    counted_at: datetime | None
    counted_on: date | None


async def mark_changed(connection: asyncpg.Connection) -> None:
    """Say that there is something to count."""
    await connection.execute("INSERT INTO changes DEFAULT VALUES")


async def count_alone(connection: asyncpg.Connection) -> bool:
    """Whether this process may count now: one of them does at a time, the others need not wait."""
    return bool(await connection.fetchval("SELECT pg_try_advisory_xact_lock($1)", _COUNT_LOCK))


async def take_changes(connection: asyncpg.Connection) -> bool:
    """Take the marks of changes that this count will see; True if there were any."""
    return bool(await connection.execute("DELETE FROM changes") != "DELETE 0")


async def count_contributions(connection: asyncpg.Connection) -> tuple[list[Counted], list[Counted]]:
    """Persons and running measures by municipality."""
    rows = await connection.fetch(
        "SELECT municipality, count(*) AS persons, sum(running_measures) AS running FROM contributions GROUP BY 1"
    )
    return (
        [Counted(row["municipality"], row["persons"]) for row in rows],
        [Counted(row["municipality"], row["running"]) for row in rows],
    )


async def count_findings(connection: asyncpg.Connection) -> list[Counted]:
    """Open findings by municipality, pattern and severity; those of people who have none in the Land count nowhere."""
    rows = await connection.fetch(
        "SELECT municipality, pattern, severity, count(*) AS number FROM findings"
        " WHERE is_open AND municipality IS NOT NULL GROUP BY 1, 2, 3"
    )
    return [Counted(row["municipality"], row["number"], row["pattern"], row["severity"]) for row in rows]


async def read_cells(connection: asyncpg.Connection) -> dict[Cell, tuple[int, int | None]]:
    """The cells of the last count: the true number, and the one shown."""
    rows = await connection.fetch("SELECT indicator, area, number, shown FROM cells")
    return {Cell(row["indicator"], row["area"]): (row["number"], row["shown"]) for row in rows}


async def save_cells(connection: asyncpg.Connection, cells: Mapping[Cell, tuple[int, int | None]]) -> None:
    """Set cells."""
    await connection.execute(
        "INSERT INTO cells (indicator, area, number, shown)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[])"
        " ON CONFLICT (area, indicator) DO UPDATE SET number = excluded.number, shown = excluded.shown",
        [cell.indicator for cell in cells],
        [cell.area for cell in cells],
        [number for number, _ in cells.values()],
        [shown for _, shown in cells.values()],
    )


async def read_snapshot(connection: asyncpg.Connection) -> Snapshot:
    """Which count is the last."""
    row = await connection.fetchrow("SELECT version, counted_at, counted_on FROM snapshot")
    return Snapshot(**row)


async def next_snapshot(connection: asyncpg.Connection, at: datetime, on: date) -> int:
    """Begin a new count; returns its version."""
    return int(
        await connection.fetchval(
            "UPDATE snapshot SET version = version + 1, counted_at = $1, counted_on = $2 RETURNING version", at, on
        )
    )
