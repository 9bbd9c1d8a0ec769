"""SQL about facts taken, events set aside and the mandates they need."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date

import asyncpg

from services.enrollment.domain.intake import Candidate
from services.enrollment.domain.quality import effective_on


async def mandates(connection: asyncpg.Connection, areas: Collection[str]) -> dict[str, list[tuple[date, date | None]]]:
    """The times of membership of these areas; `until` is the first day it is none any more."""
    rows = await connection.fetch("SELECT ags, since, until FROM memberships WHERE ags = ANY($1::text[])", list(areas))
    found: dict[str, list[tuple[date, date | None]]] = {}
    for row in rows:
        found.setdefault(row["ags"], []).append((row["since"], row["until"]))
    return found


async def insert_new(connection: asyncpg.Connection, source_number: int, candidates: Sequence[Candidate]) -> set[str]:
    """Keep the keys of candidates with different ids; gives the ids that were not known before.

    In the order of ids: two chunks of one source with the same ids then wait for each other and do not deadlock.
    """
    ordered = sorted(candidates, key=lambda candidate: candidate.envelope.id)
    rows = await connection.fetch(
        "INSERT INTO facts (source_number, fact_id, subject, type, about, content, recorded_at, is_set_aside,"
        " effective_on, area, fields_given)"
        " SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::timestamptz[],"
        " $8::bool[], $9::date[], $10::text[], $11::smallint[]) ON CONFLICT DO NOTHING RETURNING fact_id",
        source_number,
        [candidate.envelope.id for candidate in ordered],
        [candidate.envelope.subject for candidate in ordered],
        [candidate.envelope.type for candidate in ordered],
        [candidate.about for candidate in ordered],
        [candidate.content for candidate in ordered],
        [candidate.recorded_at for candidate in ordered],
        [candidate.event is not None for candidate in ordered],
        *_for_quality(ordered),
    )
    return {row["fact_id"] for row in rows}


async def known(connection: asyncpg.Connection, source_number: int, fact_ids: Collection[str]) -> dict[str, bytes]:
    """The content of the facts known by these ids."""
    rows = await connection.fetch(
        "SELECT fact_id, content FROM facts WHERE source_number = $1 AND fact_id = ANY($2::text[])",
        source_number,
        list(fact_ids),
    )
    return {row["fact_id"]: row["content"] for row in rows}


async def shared(
    connection: asyncpg.Connection, source_number: int, about: Sequence[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Those of the (`subject`, `about`) that another source has spoken of too."""
    rows = await connection.fetch(
        "SELECT asked.subject, asked.about FROM unnest($2::text[], $3::text[]) AS asked (subject, about)"
        " WHERE EXISTS (SELECT FROM facts WHERE facts.subject = asked.subject AND facts.about = asked.about"
        " AND facts.source_number <> $1)",
        source_number,
        [subject for subject, _ in about],
        [what for _, what in about],
    )
    return {(row["subject"], row["about"]) for row in rows}


async def keep_set_aside(
    connection: asyncpg.Connection, source_number: int, receipt_id: str, candidates: Sequence[Candidate]
) -> None:
    """Keep whole the events whose type this release does not know."""
    await connection.execute(
        "INSERT INTO set_aside (source_number, receipt_id, fact_id, type, event, receipt_row)"
        " SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::bigint[])",
        source_number,
        receipt_id,
        [candidate.envelope.id for candidate in candidates],
        [candidate.envelope.type for candidate in candidates],
        [candidate.event for candidate in candidates],
        [candidate.row for candidate in candidates],
    )


async def waiting(connection: asyncpg.Connection, types: Collection[str], limit: int) -> list[asyncpg.Record]:
    """Events set aside whose type is one of these by now, locked; other processes get others."""
    return await connection.fetch(
        "SELECT set_aside.source_number, set_aside.fact_id, set_aside.event, set_aside.receipt_row,"
        " sources.source, sources.areas"
        " FROM set_aside JOIN sources ON sources.source_number = set_aside.source_number"
        " WHERE set_aside.judged_at IS NULL AND set_aside.type = ANY($1::text[])"
        " ORDER BY set_aside.source_number, set_aside.fact_id LIMIT $2 FOR UPDATE OF set_aside SKIP LOCKED",
        list(types),
        limit,
    )


async def refuse_set_aside(
    connection: asyncpg.Connection, source_number: int, refused: Sequence[tuple[str, str, str]]
) -> None:
    """Mark events judged again and refused: (id, field, code)."""
    await connection.execute(
        "UPDATE set_aside SET refused_field = judged.field, refused_code = judged.code, judged_at = now()"
        " FROM unnest($2::text[], $3::text[], $4::text[]) AS judged (fact_id, field, code)"
        " WHERE set_aside.source_number = $1 AND set_aside.fact_id = judged.fact_id",
        source_number,
        *([row[part] for row in refused] for part in range(3)),
    )


async def release_set_aside(connection: asyncpg.Connection, source_number: int, fact_ids: Collection[str]) -> None:
    """Drop the kept copies of events that are now taken."""
    await connection.execute(
        "DELETE FROM set_aside WHERE source_number = $1 AND fact_id = ANY($2::text[])", source_number, list(fact_ids)
    )


async def take_set_aside(connection: asyncpg.Connection, source_number: int, candidates: Sequence[Candidate]) -> None:
    """Mark facts as taken that were set aside, with what they speak of."""
    await connection.execute(
        "UPDATE facts SET is_set_aside = false, taken_at = now(), about = judged.about,"
        " effective_on = judged.effective_on, area = judged.area, fields_given = judged.fields_given"
        " FROM unnest($2::text[], $3::text[], $4::date[], $5::text[], $6::smallint[])"
        " AS judged (fact_id, about, effective_on, area, fields_given)"
        " WHERE facts.source_number = $1 AND facts.fact_id = judged.fact_id",
        source_number,
        [candidate.envelope.id for candidate in candidates],
        [candidate.about for candidate in candidates],
        *_for_quality(candidates),
    )


def _for_quality(candidates: Sequence[Candidate]) -> tuple[list[date | None], list[str | None], list[int | None]]:
    """By column: when each took effect, where, and how many of its fields are filled."""
    return (
        [effective_on(one.envelope.type, one.data) if one.data is not None else None for one in candidates],
        [one.area for one in candidates],
        [len(one.data) if one.data is not None else None for one in candidates],
    )
