"""Statements about referrals, what their start would make, and what was said of that."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import NamedTuple

import asyncpg


class Referral(NamedTuple):
    """A referral as reported; `starts_on` is the planned start, `cause` the last event about it with its trace."""

    person_id: str
    measure_id: str
    type: str
    starts_on: date | None
    referred_on: date | None
    cause: str | None
    said: str | None = None


class Hint(NamedTuple):
    """What the start of a referred measure would make: the gravest severity and the patterns of at least a warning."""

    person_id: str
    measure_id: str
    type: str
    starts_on: date | None
    municipality: str
    severity: str
    patterns: list[str]


class Checked(NamedTuple):
    """What was found of a referral; `hint` None: nothing to warn of. `said` is what is to stand on the topic."""

    referral: Referral
    open: bool
    hint: Hint | None
    said: str | None


async def note(connection: asyncpg.Connection, referrals: Sequence[Referral]) -> None:
    """Write referrals down, to be checked; of two about one measure in one call the last is given only."""
    await connection.execute(
        "INSERT INTO referrals (person_id, measure_id, type, starts_on, referred_on, cause)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::date[], $6::text[])"
        " ON CONFLICT (person_id, measure_id) DO UPDATE SET type = excluded.type, starts_on = excluded.starts_on,"
        " referred_on = excluded.referred_on, cause = excluded.cause, checked_on = NULL",
        *(list(column) for column in zip(*(referral[:6] for referral in referrals), strict=True)),
    )


async def plan_anew(connection: asyncpg.Connection, starts: Mapping[tuple[str, str], date]) -> None:
    """Put right when referred measures are to begin."""
    await connection.execute(
        "UPDATE referrals SET starts_on = given.starts_on FROM unnest($1::text[], $2::text[], $3::date[])"
        " AS given (person_id, measure_id, starts_on)"
        " WHERE (referrals.person_id, referrals.measure_id) = (given.person_id, given.measure_id)",
        [person for person, _ in starts],
        [measure for _, measure in starts],
        list(starts.values()),
    )


async def check_again(connection: asyncpg.Connection, persons: Collection[str]) -> None:
    """Have the referrals of these persons checked anew."""
    await connection.execute("UPDATE referrals SET checked_on = NULL WHERE person_id = ANY($1::text[])", list(persons))


async def to_check(connection: asyncpg.Connection, today: date, *, limit: int) -> list[Referral]:
    """Referrals not checked on `today` yet, locked; those another process has in hand are left to it."""
    rows = await connection.fetch(
        "SELECT person_id, measure_id, type, starts_on, referred_on, cause, said FROM referrals"
        " WHERE checked_on IS NULL OR (open AND checked_on < $1)"
        " ORDER BY checked_on NULLS FIRST LIMIT $2 FOR UPDATE SKIP LOCKED",
        today,
        limit,
    )
    return [Referral(*row) for row in rows]


async def checked(connection: asyncpg.Connection, today: date, found: Sequence[Checked]) -> None:
    """Write what was found and said."""
    nothing: tuple[None, None, list[str]] = (None, None, [])
    await connection.executemany(
        "UPDATE referrals SET checked_on = $3, open = $4, said = $5, cause = NULL, type = $6, referred_on = $7,"
        " municipality = $8, severity = $9, patterns = $10 WHERE (person_id, measure_id) = ($1, $2)",
        [
            (
                *one.referral[:2],
                today,
                one.open,
                one.said,
                one.referral.type,
                one.referral.referred_on,
                *((one.hint.municipality, one.hint.severity, one.hint.patterns) if one.hint else nothing),
            )
            for one in found
        ],
    )


async def pass_over(connection: asyncpg.Connection, today: date, referrals: Sequence[Referral]) -> None:
    """Leave these as they are until the next day, or until something is new about their persons."""
    if referrals:
        await connection.executemany(
            "UPDATE referrals SET checked_on = $3, open = true WHERE (person_id, measure_id) = ($1, $2)",
            [(one.person_id, one.measure_id, today) for one in referrals],
        )


async def of_person(connection: asyncpg.Connection, person: str) -> list[tuple[str, str]]:
    """The referrals of a person that wait for their start: type and measure."""
    rows = await connection.fetch(
        "SELECT type, measure_id FROM referrals WHERE person_id = $1 ORDER BY measure_id", person
    )
    return [(row["type"], row["measure_id"]) for row in rows]


async def forget_old(connection: asyncpg.Connection, before: date) -> None:
    """Delete referrals made before a day that are no longer open and of which nothing stands."""
    await connection.execute(
        "DELETE FROM referrals WHERE NOT open AND said IS NULL AND (referred_on IS NULL OR referred_on < $1)", before
    )


async def forget_persons(connection: asyncpg.Connection, persons: Collection[str]) -> list[tuple[str, str]]:
    """Delete the referrals of erased persons; returns which, since anything may have been said of them."""
    rows = await connection.fetch(
        "DELETE FROM referrals WHERE person_id = ANY($1::text[]) RETURNING person_id, measure_id", list(persons)
    )
    return [(row["person_id"], row["measure_id"]) for row in rows]


async def hold_nothing(connection: asyncpg.Connection) -> None:
    """Hold nothing as said any more, and have all checked."""
    await connection.execute("UPDATE referrals SET said = NULL, checked_on = NULL")


async def hold(connection: asyncpg.Connection, said: Sequence[Referral]) -> None:
    """Hold what the topic says of referrals; the facts that come after it decide what is true of them."""
    await connection.executemany(
        "INSERT INTO referrals (person_id, measure_id, type, starts_on, referred_on, said)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (person_id, measure_id) DO UPDATE SET said = excluded.said",
        [(*one[:5], one.said) for one in said],
    )


async def hints(connection: asyncpg.Connection, areas: Collection[str], *, limit: int) -> list[Hint]:
    """What there is to warn of in these areas, the earliest start first, of those not known yet the gravest."""
    rows = await connection.fetch(
        "SELECT person_id, measure_id, type, starts_on, municipality, severity, patterns FROM referrals"
        " WHERE severity IS NOT NULL AND municipality = ANY($1::text[]) ORDER BY starts_on NULLS LAST,"
        " array_position(ARRAY['critical', 'warning', 'info'], severity), person_id"
        " LIMIT $2",
        list(areas),
        limit,
    )
    return [Hint(*row) for row in rows]
