"""Statements about referrals that have not led to a start yet, and what their start would make."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import NamedTuple

import asyncpg


class Referral(NamedTuple):
    """A referral as reported; `starts_on` is the planned start."""

    person_id: str
    measure_id: str
    type: str
    starts_on: date | None


class Hint(NamedTuple):
    """What the start of a referred measure would make: the gravest severity and the patterns of at least a warning."""

    person_id: str
    measure_id: str
    type: str
    starts_on: date | None
    municipality: str
    severity: str
    patterns: list[str]


async def note(connection: asyncpg.Connection, referrals: Sequence[Referral]) -> None:
    """Write referrals down, to be checked; of two about one measure in one call the last is given only."""
    await connection.execute(
        "INSERT INTO referrals (person_id, measure_id, type, starts_on)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::date[])"
        " ON CONFLICT (person_id, measure_id) DO UPDATE SET type = excluded.type, starts_on = excluded.starts_on,"
        " checked_on = NULL",
        *(list(column) for column in zip(*referrals, strict=True)),
    )


async def check_again(connection: asyncpg.Connection, persons: Collection[str]) -> None:
    """Have the referrals of these persons checked anew: there is something new about them."""
    await connection.execute(
        "UPDATE referrals SET checked_on = NULL WHERE person_id = ANY($1::text[]) AND checked_on IS NOT NULL",
        list(persons),
    )


async def to_check(connection: asyncpg.Connection, today: date, *, limit: int) -> list[Referral]:
    """Referrals not checked on `today` yet, locked; those another process has in hand are left to it."""
    rows = await connection.fetch(
        "SELECT person_id, measure_id, type, starts_on FROM referrals WHERE checked_on IS NULL OR checked_on < $1"
        " ORDER BY checked_on NULLS FIRST LIMIT $2 FOR UPDATE SKIP LOCKED",
        today,
        limit,
    )
    return [Referral(*row) for row in rows]


async def checked(connection: asyncpg.Connection, today: date, hints: Sequence[Hint | Referral]) -> None:
    """Write what was found: hints, or referrals of which there is nothing to warn."""
    await connection.executemany(
        "UPDATE referrals SET checked_on = $3, municipality = $4, severity = $5, patterns = $6"
        " WHERE (person_id, measure_id) = ($1, $2)",
        [
            (one.person_id, one.measure_id, today, one.municipality, one.severity, one.patterns)
            if isinstance(one, Hint)
            else (one.person_id, one.measure_id, today, None, None, [])
            for one in hints
        ],
    )


async def forget(connection: asyncpg.Connection, referrals: Sequence[Referral]) -> None:
    """Delete referrals that are no longer open."""
    await connection.executemany(
        "DELETE FROM referrals WHERE (person_id, measure_id) = ($1, $2)",
        [(one.person_id, one.measure_id) for one in referrals],
    )


async def forget_persons(connection: asyncpg.Connection, persons: Collection[str]) -> None:
    """Delete the referrals of erased persons."""
    await connection.execute("DELETE FROM referrals WHERE person_id = ANY($1::text[])", list(persons))


async def hints(connection: asyncpg.Connection, areas: Collection[str], *, limit: int) -> list[Hint]:
    """What there is to warn of in these areas, the earliest start first."""
    rows = await connection.fetch(
        "SELECT person_id, measure_id, type, starts_on, municipality, severity, patterns FROM referrals"
        " WHERE severity IS NOT NULL AND municipality = ANY($1::text[]) ORDER BY starts_on NULLS LAST, person_id"
        " LIMIT $2",
        list(areas),
        limit,
    )
    return [Hint(*row) for row in rows]
