"""SQL about declarations and reminders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import asyncpg

from services.enrollment.domain.concurrence import Concurrence, ConcurrenceState, Side
from services.enrollment.domain.declaration import Declaration, Status, Submission

_COLUMNS = (
    "ags, needs_concurrence, status, received_on, changed_on, late, late_accepted, evidence, signed_on, signatory_name,"
    " signatory_function, signatory_on_board, managing_body_kind, managing_body_name, managing_body_contact,"
    " concurrence, concurrence_by, concurrence_on, concurrence_evidence, concurrence_contradicted, return_reasons,"
    " resume, membership_id, ended_on"
)


async def lock(connection: asyncpg.Connection, ags: str) -> None:
    """Let one transaction at a time decide on a municipality, also before it has a row."""
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('declaration ' || $1, 0))", ags)


async def find(connection: asyncpg.Connection, ags: str) -> Declaration | None:
    """The declaration of a municipality."""
    row = await connection.fetchrow(f"SELECT {_COLUMNS} FROM declarations WHERE ags = $1", ags)
    return _declaration(row) if row else None


async def listed(connection: asyncpg.Connection, areas: Sequence[str] | None = None) -> list[Declaration]:
    """All declarations by key; with `areas` only those of the areas, a Kreis standing for its Gemeinden."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM declarations"
        " WHERE $1::text[] IS NULL OR ags = ANY($1) OR left(ags, 5) || '000' = ANY($1) ORDER BY ags",
        list(areas) if areas is not None else None,
    )
    return [_declaration(row) for row in rows]


async def put(connection: asyncpg.Connection, held: Declaration) -> None:
    """Save a declaration; the caller holds its lock."""
    submission, concurrence = held.submission, held.concurrence
    await connection.execute(
        f"INSERT INTO declarations ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
        " $15, $16, $17, $18, $19, $20, $21, $22, $23, $24) ON CONFLICT (ags) DO UPDATE SET"
        f" ({_COLUMNS}) = ROW({', '.join(f'EXCLUDED.{name}' for name in _COLUMNS.split(', '))})",
        held.ags,
        held.needs_concurrence,
        str(held.status),
        held.received_on,
        held.changed_on,
        held.late,
        held.late_accepted,
        submission.evidence,
        submission.signed_on,
        submission.signatory_name,
        submission.signatory_function,
        submission.signatory_on_board,
        submission.managing_body_kind,
        submission.managing_body_name,
        submission.managing_body_contact,
        str(concurrence.state),
        str(concurrence.stated_by) if concurrence.stated_by else None,
        concurrence.decided_on,
        concurrence.evidence,
        concurrence.contradicted,
        list(held.return_reasons),
        str(held.resume),
        held.membership_id,
        held.ended_on,
    )


async def remind(connection: asyncpg.Connection, ags: str, about: str, *, due_on: date, at: datetime) -> bool:
    """Note a reminder; says whether it is the first on this occasion."""
    status = await connection.execute(
        "INSERT INTO reminders (ags, about, due_on, reminded_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        ags,
        about,
        due_on,
        at,
    )
    return status.endswith(" 1")


async def reminded(connection: asyncpg.Connection) -> set[tuple[str, str, date]]:
    """Who was reminded, of what, due when."""
    rows = await connection.fetch("SELECT ags, about, due_on FROM reminders")
    return {(row["ags"], row["about"], row["due_on"]) for row in rows}


def _declaration(row: asyncpg.Record) -> Declaration:
    return Declaration(
        ags=row["ags"],
        needs_concurrence=row["needs_concurrence"],
        status=Status(row["status"]),
        submission=Submission(**{name: row[name] for name in Submission.__slots__}),
        received_on=row["received_on"],
        changed_on=row["changed_on"],
        late=row["late"],
        late_accepted=row["late_accepted"],
        concurrence=Concurrence(
            ConcurrenceState(row["concurrence"]),
            Side(row["concurrence_by"]) if row["concurrence_by"] else None,
            row["concurrence_on"],
            row["concurrence_evidence"],
            row["concurrence_contradicted"],
        ),
        return_reasons=tuple(row["return_reasons"]),
        resume=Status(row["resume"]),
        membership_id=row["membership_id"],
        ended_on=row["ended_on"],
    )
