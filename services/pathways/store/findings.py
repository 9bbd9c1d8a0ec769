"""Statements about findings: the state last said, and the history of all that was said."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

import asyncpg

from shared.writes import Change, Copy, Write, columns, inserting


class Held(NamedTuple):
    """The last state said of a finding; `held` is its packed form, `state` open, closed or retracted."""

    person_id: str
    pattern: str
    anchor: str
    revision: int
    state: str
    severity: str
    since: date
    until: date | None
    municipality: str | None
    historical: bool
    held: bytes


class Said(NamedTuple):
    """One event about a finding as it was said; `data` is the JSON of the event."""

    person_id: str
    pattern: str
    anchor: str
    revision: int
    event: str
    business_date: date
    said_at: datetime
    data: str


_HELD = "person_id, pattern, anchor, revision, state, severity, since, until, municipality, historical, held"
_PUT = (
    f"INSERT INTO findings ({_HELD}) SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[],"
    " $5::text[], $6::text[], $7::date[], $8::date[], $9::text[], $10::bool[], $11::bytea[])"
    " ON CONFLICT (person_id, pattern, anchor) DO UPDATE SET"
    " revision = greatest(findings.revision, excluded.revision), state = excluded.state,"
    " severity = excluded.severity, since = excluded.since, until = excluded.until,"
    " municipality = excluded.municipality, historical = excluded.historical, held = excluded.held"
)
_REMEMBER = (
    f"INSERT INTO finding_history ({', '.join(Said._fields)}) SELECT * FROM unnest($1::text[], $2::text[], $3::text[],"
    " $4::int[], $5::text[], $6::date[], $7::timestamptz[], $8::text[])"
)


async def held(connection: asyncpg.Connection, persons: Collection[str]) -> list[Held]:
    """What is held of these persons, retracted findings included. The persons' clusters must be locked."""
    rows = await connection.fetch(f"SELECT {_HELD} FROM findings WHERE person_id = ANY($1::text[])", list(persons))
    return [Held(*row) for row in rows]


async def held_hearing(
    connection: asyncpg.Connection, persons: Collection[str], causes: Mapping[str, str]
) -> list[Held]:
    """As `held`; at once, the referrals of whom `causes` names (what is new about them) are to be checked anew."""
    rows = await connection.fetch(
        "WITH heard AS (UPDATE referrals SET checked_on = NULL, cause = given.cause"
        " FROM unnest($2::text[], $3::text[]) AS given (person_id, cause)"
        " WHERE referrals.person_id = given.person_id)"
        f" SELECT {_HELD} FROM findings WHERE person_id = ANY($1::text[])",
        list(persons),
        list(causes),
        list(causes.values()),
    )
    return [Held(*row) for row in rows]


def adding(findings: Sequence[Held]) -> list[Write]:
    """The write of many states of which none is held yet. UniqueViolationError if one is."""
    return [Copy("findings", Held._fields, findings)] if findings else []


def putting(findings: Sequence[Held]) -> list[Write]:
    """The write of states that were said. A revision never counts down, whatever a topic still holds of it."""
    return [Change(_PUT, columns(findings))] if findings else []


def remembering(said: Sequence[Said]) -> list[Write]:
    """The write that appends to the history."""
    return inserting(Copy("finding_history", Said._fields, said), _REMEMBER)


async def forget(connection: asyncpg.Connection, persons: Collection[str]) -> list[tuple[str, str, str]]:
    """Delete all that is held of erased persons; returns the identities, of which tombstones are to be sent."""
    await connection.execute("DELETE FROM finding_history WHERE person_id = ANY($1::text[])", list(persons))
    rows = await connection.fetch(
        "DELETE FROM findings WHERE person_id = ANY($1::text[]) RETURNING person_id, pattern, anchor", list(persons)
    )
    return [(row["person_id"], row["pattern"], row["anchor"]) for row in rows]


async def delete(connection: asyncpg.Connection, identities: Collection[tuple[str, str, str]]) -> None:
    """Delete findings with their history and all that was decided about them."""
    columns = [list(column) for column in zip(*identities, strict=True)] or [[], [], []]
    for table in ("finding_history", "findings"):
        await connection.execute(
            f"DELETE FROM {table} AS held USING unnest($1::text[], $2::text[], $3::text[])"
            " AS gone (person_id, pattern, anchor) WHERE (held.person_id, held.pattern, held.anchor)"
            " = (gone.person_id, gone.pattern, gone.anchor)",
            *columns,
        )


async def remaining(connection: asyncpg.Connection, persons: Collection[str]) -> dict[str, int]:
    """How many findings and lines of their history are left of each of these persons; none where there are none."""
    rows = await connection.fetch(
        "SELECT person_id, count(*) AS number FROM (SELECT person_id FROM findings UNION ALL"
        " SELECT person_id FROM finding_history) AS held WHERE person_id = ANY($1::text[]) GROUP BY 1",
        list(persons),
    )
    return {row["person_id"]: row["number"] for row in rows}


async def hold_nothing(connection: asyncpg.Connection) -> None:
    """Hold nothing any more; the rows stay for their revisions, and for what people have decided about them."""
    await connection.execute("UPDATE findings SET state = 'retracted' WHERE state <> 'retracted'")


async def evidence(
    connection: asyncpg.Connection, asked: Collection[tuple[str, str, str, str | None]]
) -> list[tuple[int, str]]:
    """What findings (identity, id of one event about it) rest on now and rested on in that event: place, data."""
    persons, patterns, anchors, events = ([one[column] for one in asked] for column in range(4))
    rows = await connection.fetch(
        "SELECT place, said.data FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY"
        " AS asked (person_id, pattern, anchor, event_id, place)"
        " JOIN finding_history said USING (person_id, pattern, anchor) JOIN findings USING (person_id, pattern, anchor)"
        " WHERE said.revision = findings.revision"
        " OR concat_ws('/', person_id, pattern, anchor, said.revision) = asked.event_id",
        persons,
        patterns,
        anchors,
        events,
    )
    return [(row["place"] - 1, row["data"]) for row in rows]


async def history(connection: asyncpg.Connection, person_id: str) -> list[Said]:
    """All that was said of a person's findings, oldest first."""
    rows = await connection.fetch(
        "SELECT person_id, pattern, anchor, revision, event, business_date, said_at, data FROM finding_history"
        " WHERE person_id = $1 ORDER BY said_at, pattern, anchor, revision",
        person_id,
    )
    return [Said(*row) for row in rows]
