"""How long what is kept: each category's period is a line of a file, and a recurring duty deletes what is past it.

A service names for each category of its file the statement that deletes; a category without one, or one without a line,
stops the service from starting. A dry run carries the same statements out and takes them back.
"""

from __future__ import annotations

import csv
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg

from shared.clock import Clock
from shared.db import Database

log = logging.getLogger(__name__)

EVERY_SECONDS = 6 * 3600.0
COLUMNS = ("category", "days", "counted_from", "basis")
_AT_ONCE = 1000
_LONGEST_DAYS = 36_500

Forget = Callable[[asyncpg.Connection, datetime, int], Awaitable[int]]
"""Deletes at most so many rows that are older than an instant; gives how many."""


def deleting(table: str, past: str) -> Forget:
    """Deletes the rows of a table for which `past` holds, an SQL condition on the instant `$1::timestamptz`."""
    statement = f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {past} LIMIT $2))"

    async def forget(connection: asyncpg.Connection, before: datetime, limit: int) -> int:
        done: str = await connection.execute(statement, before, limit)
        return int(done.split()[-1])

    return forget


class BadRetention(Exception):
    """A file of periods that cannot be used; says which lines and why."""


@dataclass(frozen=True, slots=True)
class Period:
    """How long a category is kept: so many days counted from something, on a legal basis; both in words."""

    category: str
    days: int
    counted_from: str
    basis: str


@dataclass(frozen=True, slots=True)
class Count:
    """What one run did with a category: all from before `before`, so many rows (`dry_run`: it would have)."""

    category: str
    days: int
    before: datetime
    removed: int
    dry_run: bool


def periods(path: Path) -> dict[str, Period]:
    """The periods of a file (CSV) by category; raises BadRetention with all errors."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadRetention(f"{path}: {error}") from None
    reader = csv.DictReader(text.splitlines())
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise BadRetention(f"{path}: the columns are {', '.join(COLUMNS)}")
    found: dict[str, Period] = {}
    errors = []
    for number, row in enumerate(reader, start=2):
        days = row["days"] or ""
        if not days.isdecimal() or not 1 <= int(days) <= _LONGEST_DAYS:
            errors.append(f"line {number}: days is a whole number from 1 to {_LONGEST_DAYS}")
        elif row["category"] in found:
            errors.append(f"line {number}: {row['category']} is there twice")
        elif not (row["category"] and row["counted_from"] and row["basis"]) or None in row:
            errors.append(f"line {number}: {', '.join(COLUMNS)} are all needed")
        else:
            found[row["category"]] = Period(row["category"], int(days), row["counted_from"], row["basis"])
    if errors:
        raise BadRetention(f"{path}: {'; '.join(errors)}")
    return found


class Retention:
    """Deletes what is past its time, category by category, and writes down how much."""

    def __init__(
        self, database: Database, clock: Clock, kept: Mapping[str, Period], forget: Mapping[str, Forget]
    ) -> None:
        ways = {"dead_letters": deleting("dead_letters", "dead_at < $1::timestamptz"), **forget}
        if kept.keys() != ways.keys():
            missing = sorted(ways.keys() - kept.keys()) + sorted(kept.keys() - ways.keys())
            raise BadRetention(f"the file of periods and the service do not agree on {', '.join(missing)}")
        self._database = database
        self._clock = clock
        self._kept = kept
        self._ways = ways

    async def run(self, *, now: datetime | None = None, dry_run: bool = False) -> Sequence[Count]:
        """Delete what is past its time at `now` (the clock's without one); gives what was, or would be, deleted."""
        at = now or self._clock.now()
        counts = []
        for category, period in self._kept.items():
            before = at - timedelta(days=period.days)
            removed = await (self._tried if dry_run else self._removed)(self._ways[category], before)
            counts.append(Count(category, period.days, before, removed, dry_run))
            log.info("retention of %s: %s%d rows", category, "would remove " if dry_run else "removed ", removed)
        await self._write_down(at, counts)
        return counts

    async def _removed(self, forget: Forget, before: datetime) -> int:
        removed = 0
        while True:
            async with self._database.transaction() as connection:
                count = await forget(connection, before, _AT_ONCE)
            removed += count
            if count < _AT_ONCE:
                return removed

    async def _tried(self, forget: Forget, before: datetime) -> int:
        removed = 0
        try:
            async with self._database.transaction() as connection:
                while True:
                    count = await forget(connection, before, _AT_ONCE)
                    removed += count
                    if count < _AT_ONCE:
                        raise _TakenBack
        except _TakenBack:
            return removed

    async def _write_down(self, at: datetime, counts: Sequence[Count]) -> None:
        rows = [(at, one.category, one.days, one.before, one.removed, one.dry_run) for one in counts]
        async with self._database.transaction() as connection:
            await connection.executemany(
                "INSERT INTO retention_runs (ran_at, category, days, before_at, removed, dry_run)"
                " VALUES ($1, $2, $3, $4, $5, $6)",
                [row for row in rows if row[4] or row[5]],
            )


class _TakenBack(Exception):
    """Ends a dry run: nothing of it is committed."""
