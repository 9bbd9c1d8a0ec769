"""Statements about the worklist: open findings of some areas, and what case management has decided about them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import NamedTuple

import asyncpg

Identity = tuple[str, str, str]


class Filters(NamedTuple):
    """What is looked for. `areas` are all municipalities the reader covers; None: no restriction.

    `show` is open (neither seen nor put off), acknowledged, muted, good (the positive patterns) or all; `assigned_to`
    is a person's subject, or empty for nobody; `person` is the beginning of a case number.
    """

    areas: Collection[str]
    show: str = "open"
    severities: Collection[str] | None = None
    patterns: Collection[str] | None = None
    municipality: str | None = None
    assigned_to: str | None = None
    person: str | None = None


class Row(NamedTuple):
    """One open finding with what was last said of it (`data`, JSON) and what was decided about it."""

    person_id: str
    pattern: str
    anchor: str
    revision: int
    severity: str
    since: date
    municipality: str | None
    historical: bool
    assigned_to: str | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    acknowledged_reason: str | None
    muted_until: date | None
    data: str


class Latest(NamedTuple):
    """A finding as it stands, with the data last said."""

    state: str
    revision: int
    severity: str
    municipality: str | None
    data: str


ORDERS = {
    # What has just become grave can still be turned round; what lies in the past would stand before it for ever.
    "severity": "array_position(ARRAY['critical', 'warning', 'info'], f.severity), f.historical, f.since DESC,"
    " f.person_id",
    "age": "f.since, f.person_id",
    "newest": "f.since DESC, f.person_id",
    "person": "f.person_id, array_position(ARRAY['critical', 'warning', 'info'], f.severity)",
    "municipality": "f.municipality, array_position(ARRAY['critical', 'warning', 'info'], f.severity), f.since",
}
_SEEN = (
    "coalesce(array_position(ARRAY['info', 'warning', 'critical'], h.acknowledged_severity)"
    " >= array_position(ARRAY['info', 'warning', 'critical'], f.severity), false)"
)
_PUT_OFF = (
    "coalesce(h.muted_until > $1 AND array_position(ARRAY['info', 'warning', 'critical'], h.muted_severity)"
    " >= array_position(ARRAY['info', 'warning', 'critical'], f.severity), false)"
)
_FOUND = (
    " FROM findings f LEFT JOIN handlings h USING (person_id, pattern, anchor)"
    " WHERE f.state = 'open' AND f.municipality = ANY($2::text[])"
    " AND ($3 = 'good') = (f.pattern LIKE 'P%')"
    f" AND CASE $3 WHEN 'open' THEN NOT {_SEEN} AND NOT {_PUT_OFF}"
    f" WHEN 'acknowledged' THEN {_SEEN} WHEN 'muted' THEN {_PUT_OFF} ELSE true END"
    " AND ($4::text[] IS NULL OR f.severity = ANY($4)) AND ($5::text[] IS NULL OR f.pattern = ANY($5))"
    " AND ($6::text IS NULL OR f.municipality = $6)"
    " AND ($7::text IS NULL OR coalesce(h.assigned_to, '') = $7)"
    " AND ($8::text IS NULL OR starts_with(f.person_id, $8))"
)


def _given(filters: Filters, today: date) -> list[object]:
    return [
        today,
        list(filters.areas),
        filters.show,
        list(filters.severities) if filters.severities else None,
        list(filters.patterns) if filters.patterns else None,
        filters.municipality,
        filters.assigned_to,
        filters.person,
    ]


async def found(
    connection: asyncpg.Connection, filters: Filters, today: date, *, order: str, limit: int, offset: int
) -> list[Row]:
    """A stretch of the open findings in an order of `ORDERS`."""
    rows = await connection.fetch(
        "WITH page AS (SELECT f.person_id, f.pattern, f.anchor, f.revision, f.severity, f.since, f.municipality,"
        " f.historical, h.assigned_to, h.acknowledged_at, h.acknowledged_by, h.acknowledged_reason,"
        f" CASE WHEN {_PUT_OFF} THEN h.muted_until END AS muted_until,"
        f" row_number() OVER (ORDER BY {ORDERS[order]}, f.pattern, f.anchor) AS place"
        f"{_FOUND} ORDER BY place LIMIT $9 OFFSET $10)"
        " SELECT p.person_id, p.pattern, p.anchor, p.revision, p.severity, p.since, p.municipality, p.historical,"
        " p.assigned_to, p.acknowledged_at, p.acknowledged_by, p.acknowledged_reason, p.muted_until, s.data"
        " FROM page p JOIN finding_history s USING (person_id, pattern, anchor, revision) ORDER BY p.place",
        *_given(filters, today),
        limit,
        offset,
    )
    return [Row(*row) for row in rows]


async def counted(connection: asyncpg.Connection, filters: Filters, today: date) -> dict[str, int]:
    """How many findings match, by severity."""
    rows = await connection.fetch(
        f"SELECT f.severity, count(*) AS number{_FOUND} GROUP BY f.severity", *_given(filters, today)
    )
    return {row["severity"]: row["number"] for row in rows}


async def version(connection: asyncpg.Connection, areas: Collection[str]) -> str:
    """A text that differs when anything on the worklist of these areas differs."""
    found: str = await connection.fetchval(
        "SELECT concat_ws('/', count(*), sum(f.revision), max(h.changed_at), (SELECT today FROM business_date),"
        " (SELECT count(*) FROM referrals WHERE severity IS NOT NULL AND municipality = ANY($1::text[])))"
        " FROM findings f LEFT JOIN handlings h USING (person_id, pattern, anchor)"
        " WHERE f.state = 'open' AND f.municipality = ANY($1::text[])",
        list(areas),
    )
    return found


async def colleagues(connection: asyncpg.Connection, areas: Collection[str]) -> list[tuple[str, int]]:
    """To whom open findings of these areas are assigned, and how many."""
    rows = await connection.fetch(
        "SELECT h.assigned_to, count(*) AS number FROM handlings h JOIN findings f USING (person_id, pattern, anchor)"
        " WHERE f.state = 'open' AND f.municipality = ANY($1::text[]) AND h.assigned_to IS NOT NULL"
        " GROUP BY 1 ORDER BY 1",
        list(areas),
    )
    return [(row["assigned_to"], row["number"]) for row in rows]


async def latest(connection: asyncpg.Connection, identity: Identity) -> Latest | None:
    """A finding as it was last said."""
    row = await connection.fetchrow(
        "SELECT f.state, f.revision, f.severity, f.municipality, s.data FROM findings f"
        " JOIN finding_history s USING (person_id, pattern, anchor, revision)"
        " WHERE (f.person_id, f.pattern, f.anchor) = ($1, $2, $3)",
        *identity,
    )
    return Latest(*row) if row else None


async def next_revision(connection: asyncpg.Connection, identity: Identity) -> int:
    """Count a finding's revision up and return it. Its cluster must be locked."""
    revision: int = await connection.fetchval(
        "UPDATE findings SET revision = revision + 1 WHERE (person_id, pattern, anchor) = ($1, $2, $3)"
        " RETURNING revision",
        *identity,
    )
    return revision


async def assign(connection: asyncpg.Connection, identity: Identity, assigned_to: str | None, at: datetime) -> None:
    """Say who looks after a finding."""
    await connection.execute(
        "INSERT INTO handlings (person_id, pattern, anchor, assigned_to, changed_at) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (person_id, pattern, anchor) DO UPDATE SET assigned_to = $4, changed_at = $5",
        *identity,
        assigned_to,
        at,
    )


async def acknowledge(
    connection: asyncpg.Connection, identity: Identity, *, by: str, reason: str, severity: str, at: datetime
) -> None:
    """Say that a finding was seen at its severity, and why it stands."""
    await connection.execute(
        "INSERT INTO handlings (person_id, pattern, anchor, acknowledged_at, acknowledged_by, acknowledged_reason,"
        " acknowledged_severity, changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $4)"
        " ON CONFLICT (person_id, pattern, anchor) DO UPDATE SET acknowledged_at = $4, acknowledged_by = $5,"
        " acknowledged_reason = $6, acknowledged_severity = $7, changed_at = $4",
        *identity,
        at,
        by,
        reason,
        severity,
    )


async def mute(
    connection: asyncpg.Connection, identity: Identity, until: date | None, *, severity: str, at: datetime
) -> None:
    """Put a finding off until a date, unless its severity rises; None brings it back."""
    await connection.execute(
        "INSERT INTO handlings (person_id, pattern, anchor, muted_until, muted_severity, changed_at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (person_id, pattern, anchor)"
        " DO UPDATE SET muted_until = $4, muted_severity = $5, changed_at = $6",
        *identity,
        until,
        severity,
        at,
    )


async def hand_over(
    connection: asyncpg.Connection, areas: Collection[str], from_: str, to: str, at: datetime
) -> list[Identity]:
    """Give all open findings of one person in these areas to another; returns which."""
    rows = await connection.fetch(
        "UPDATE handlings AS h SET assigned_to = $3, changed_at = $4 FROM findings f"
        " WHERE (f.person_id, f.pattern, f.anchor) = (h.person_id, h.pattern, h.anchor) AND f.state = 'open'"
        " AND f.municipality = ANY($1::text[]) AND h.assigned_to = $2 RETURNING h.person_id, h.pattern, h.anchor",
        list(areas),
        from_,
        to,
        at,
    )
    return [(row["person_id"], row["pattern"], row["anchor"]) for row in rows]


class Step(NamedTuple):
    """One decision about a finding."""

    person_id: str
    pattern: str
    anchor: str
    done_at: datetime
    done_by: str
    action: str
    detail: str | None


async def remember(connection: asyncpg.Connection, steps: Collection[Step]) -> None:
    """Append decisions to their record."""
    await connection.executemany(
        "INSERT INTO handling_steps (person_id, pattern, anchor, done_at, done_by, action, detail)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [tuple(step) for step in steps],
    )


async def steps_of(connection: asyncpg.Connection, persons: Collection[str]) -> list[Step]:
    """What was decided about these persons' findings, oldest first."""
    rows = await connection.fetch(
        "SELECT person_id, pattern, anchor, done_at, done_by, action, detail FROM handling_steps"
        " WHERE person_id = ANY($1::text[]) ORDER BY step_id",
        list(persons),
    )
    return [Step(*row) for row in rows]
