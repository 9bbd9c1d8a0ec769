"""Writes of one transaction that are sent together: of few rows the round trip costs more than the write.

Statements of a store that write are described first and made by the use case: whatever it has to write, of its own
tables and of the outbox, then goes to the database as one statement.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import asyncpg

COPY_FROM = 64
"""Rows from which on a COPY, which takes two more round trips, saves more than it costs."""

_PLACE = re.compile(r"\$(\d+)")


class Change(NamedTuple):
    """One INSERT, UPDATE or DELETE without a WITH, and its arguments from `$1` on."""

    sql: str
    arguments: Sequence[object]


class Copy(NamedTuple):
    """New rows of a table, many of them."""

    table: str
    columns: Sequence[str]
    rows: Sequence[tuple[object, ...]]


Write = Change | Copy


def columns(rows: Sequence[tuple[object, ...]]) -> list[object]:
    """The values of rows column by column, as `unnest` takes them."""
    return [list(column) for column in zip(*rows, strict=True)]


def inserting(copy: Copy, insert: str) -> list[Write]:
    """The write of new rows: a copy where there are many, the statement on their columns where there are few."""
    if len(copy.rows) >= COPY_FROM:
        return [copy]
    return [Change(insert, columns(copy.rows))] if copy.rows else []


async def write(connection: asyncpg.Connection, writes: Sequence[Write]) -> list[asyncpg.Record]:
    """Make all these writes, the copies first; gives the rows which the last change returns, if it has a RETURNING.

    All changes are one statement: each sees the tables as they were before it, so no two may be about the same row.
    """
    changes: list[Change] = []
    for one in writes:
        if isinstance(one, Change):
            changes.append(one)
        else:
            await connection.copy_records_to_table(one.table, records=one.rows, columns=one.columns)
    if not changes:
        return []
    sql = _together(tuple((change.sql, len(change.arguments)) for change in changes))
    rows: list[asyncpg.Record] = await connection.fetch(sql, *chain.from_iterable(one.arguments for one in changes))
    return rows


@lru_cache(maxsize=256)
def _together(changes: tuple[tuple[str, int], ...]) -> str:
    """One statement of several, each with so many arguments, which are numbered through."""
    texts, first = [], 0
    for sql, arguments in changes:
        texts.append(_PLACE.sub(lambda place, first=first: f"${int(place[1]) + first}", sql))  # type: ignore[misc]
        first += arguments
    *before, last = texts
    parts = ", ".join(f"write_{number} AS ({text})" for number, text in enumerate(before))
    return f"WITH {parts} {last}" if before else last
