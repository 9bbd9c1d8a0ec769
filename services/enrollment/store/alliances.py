"""SQL about alliances, needs analyses, approaches and practices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

import asyncpg

from services.enrollment.domain.alliance import Field, Partner, PartnerRole
from services.enrollment.domain.submission import Approach, NeedsAnalysis, Practice

_Submission = TypeVar("_Submission", NeedsAnalysis, Approach)

# Where each kind of submission is kept: the table, and the fields its columns are named like (municipality: ags).
_KEPT: Mapping[type, tuple[str, tuple[str, ...]]] = {
    NeedsAnalysis: ("needs_analyses", NeedsAnalysis.__slots__),
    Approach: ("approaches", Approach.__slots__),
    Practice: ("practices", ("practice_id", "municipality", "title", "summary", "bausteine", "submitted_on")),
}


async def partners(connection: asyncpg.Connection, ags: str) -> list[Partner]:
    """All partners of an alliance, those that left among them, by day of joining."""
    rows = await connection.fetch(
        "SELECT partner_id, ags, organisation, role, stands_for, joined_on, left_on FROM alliance_partners"
        " WHERE ags = $1 ORDER BY joined_on, partner_id",
        ags,
    )
    return [
        Partner(
            row["partner_id"],
            row["ags"],
            row["organisation"],
            PartnerRole(row["role"]),
            tuple(Field(field) for field in row["stands_for"]),
            row["joined_on"],
            row["left_on"],
        )
        for row in rows
    ]


async def add_partner(connection: asyncpg.Connection, partner: Partner) -> None:
    """Keep a new partner."""
    await connection.execute(
        "INSERT INTO alliance_partners (partner_id, ags, organisation, role, stands_for, joined_on)"
        " VALUES ($1, $2, $3, $4, $5, $6)",
        partner.partner_id,
        partner.municipality,
        partner.organisation,
        str(partner.role),
        [str(field) for field in partner.fields],
        partner.joined_on,
    )


async def end_partner(connection: asyncpg.Connection, ags: str, partner_id: str, left_on: date) -> bool:
    """Let a partner leave; says whether it was there until now."""
    status = await connection.execute(
        "UPDATE alliance_partners SET left_on = greatest(joined_on, $3) WHERE ags = $1 AND partner_id = $2"
        " AND left_on IS NULL",
        ags,
        partner_id,
        left_on,
    )
    return status.endswith(" 1")


async def sizes(connection: asyncpg.Connection, on: date) -> dict[str, int]:
    """How many partners each alliance has on a day, by AGS."""
    rows = await connection.fetch(
        "SELECT ags, count(*) AS partners FROM alliance_partners"
        " WHERE joined_on <= $1 AND (left_on IS NULL OR $1 < left_on) GROUP BY ags",
        on,
    )
    return {row["ags"]: row["partners"] for row in rows}


async def add_submission(connection: asyncpg.Connection, submission: NeedsAnalysis | Approach | Practice) -> None:
    """Keep what a municipality handed in."""
    table, columns = _KEPT[type(submission)]
    values = [getattr(submission, name) for name in columns]
    await connection.execute(
        f"INSERT INTO {table} ({_named(columns)})"
        f" VALUES ({', '.join(f'${number}' for number in range(1, len(columns) + 1))})",
        *(list(value) if isinstance(value, tuple) else value for value in values),
    )


async def submissions(connection: asyncpg.Connection, kind: type[_Submission], ags: str) -> list[_Submission]:
    """A municipality's needs analyses or approaches, the newest first."""
    table, columns = _KEPT[kind]
    rows = await connection.fetch(
        f"SELECT {_named(columns)} FROM {table} WHERE ags = $1 ORDER BY submitted_on DESC, {columns[0]}", ags
    )
    listed: list[list[Any]] = [[tuple(value) if isinstance(value, list) else value for value in row] for row in rows]
    return [kind(*values) for values in listed]


def _named(columns: Sequence[str]) -> str:
    return ", ".join("ags" if name == "municipality" else name for name in columns)


async def practices(connection: asyncpg.Connection, ids: Sequence[str] | None = None) -> list[Practice]:
    """All practices, or those with the ids, the newest first, with who re-uses them."""
    rows = await connection.fetch(
        "SELECT practice_id, p.ags, title, summary, bausteine, submitted_on, published_on,"
        " coalesce(array_agg(r.ags ORDER BY r.ags) FILTER (WHERE r.ags IS NOT NULL), '{}') AS reused_by"
        " FROM practices p LEFT JOIN practice_reuses r USING (practice_id)"
        " WHERE $1::text[] IS NULL OR practice_id = ANY($1) GROUP BY practice_id"
        " ORDER BY submitted_on DESC, practice_id",
        list(ids) if ids is not None else None,
    )
    return [
        Practice(
            row["practice_id"],
            row["ags"],
            row["title"],
            row["summary"],
            tuple(row["bausteine"]),
            row["submitted_on"],
            row["published_on"],
            tuple(row["reused_by"]),
        )
        for row in rows
    ]


async def publish_practice(connection: asyncpg.Connection, practice_id: str, on: date) -> bool:
    """Publish a practice; says whether it was not published until now."""
    status = await connection.execute(
        "UPDATE practices SET published_on = $2 WHERE practice_id = $1 AND published_on IS NULL", practice_id, on
    )
    return status.endswith(" 1")


async def reuse_practice(connection: asyncpg.Connection, practice_id: str, ags: str, on: date) -> bool:
    """Note that a municipality re-uses a practice; says whether that is new."""
    status = await connection.execute(
        "INSERT INTO practice_reuses (practice_id, ags, reused_on) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        practice_id,
        ags,
        on,
    )
    return status.endswith(" 1")
