"""SQL about receipts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from services.enrollment.domain.receipt import Kind, Note, Outcome, Receipt, State
from shared.writes import Change

_BEGIN = (
    "INSERT INTO receipts AS known"
    " (source_number, receipt_id, state, accepted, duplicate, set_aside, rejected, warnings)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
    " ON CONFLICT (source_number, receipt_id) DO UPDATE SET attempt = known.attempt + 1, state = EXCLUDED.state,"
    " accepted = EXCLUDED.accepted, duplicate = EXCLUDED.duplicate, set_aside = EXCLUDED.set_aside,"
    " rejected = EXCLUDED.rejected, warnings = EXCLUDED.warnings, opened_at = now(), changed_at = now()"
    " RETURNING attempt"
)
_GROW = (
    "UPDATE receipts SET state = $4, accepted = accepted + $5, duplicate = duplicate + $6,"
    " set_aside = set_aside + $7, rejected = rejected + $8, warnings = warnings + $9, changed_at = now()"
    " WHERE source_number = $1 AND receipt_id = $2 AND attempt = $3 RETURNING attempt"
)


def beginning(source_number: int, receipt_id: str, outcome: Outcome, state: State) -> Change:
    """The write that opens the receipt with its first chunk; it returns the number of the sending.

    A receipt sent before under this name begins anew and belongs to the newest sending.
    """
    return Change(_BEGIN, [source_number, receipt_id, str(state), *_counts(outcome)])


def growing(key: tuple[int, str, int], outcome: Outcome, state: State) -> Change:
    """The write that counts a further chunk into the receipt (source number, id, sending).

    It returns nothing if a newer sending owns the receipt.
    """
    return Change(_GROW, [*key, str(state), *_counts(outcome)])


async def forget_notes(connection: asyncpg.Connection, source_number: int, receipt_id: str) -> None:
    """Drop the notes of an earlier sending."""
    await connection.execute(
        "DELETE FROM receipt_notes WHERE source_number = $1 AND receipt_id = $2", source_number, receipt_id
    )


async def add_notes(
    connection: asyncpg.Connection, source_number: int, receipt_id: str, notes: Sequence[tuple[Kind, Note]]
) -> None:
    """Keep notes of rows."""
    await connection.execute(
        "INSERT INTO receipt_notes (source_number, receipt_id, kind, row_number, field, code)"
        " SELECT $1, $2, * FROM unnest($3::text[], $4::bigint[], $5::text[], $6::text[])",
        source_number,
        receipt_id,
        [str(kind) for kind, _ in notes],
        [note.row for _, note in notes],
        [note.field for _, note in notes],
        [note.code for _, note in notes],
    )


async def find(connection: asyncpg.Connection, source_number: int, receipt_id: str) -> Receipt | None:
    """The receipt of this source by that name, without its notes."""
    row = await connection.fetchrow(
        "SELECT receipt_id, state, accepted, duplicate, set_aside, rejected, warnings, opened_at FROM receipts"
        " WHERE source_number = $1 AND receipt_id = $2",
        source_number,
        receipt_id,
    )
    return None if row is None else _receipt(row)


def _receipt(row: asyncpg.Record) -> Receipt:
    return Receipt(
        row["receipt_id"],
        State(row["state"]),
        row["accepted"],
        row["duplicate"],
        row["set_aside"],
        row["rejected"],
        row["warnings"],
        opened_at=row["opened_at"],
    )


async def newest(connection: asyncpg.Connection, source_number: int, limit: int) -> list[Receipt]:
    """The newest receipts of a source without their notes, apart from those of a file's chunks."""
    rows = await connection.fetch(
        "SELECT receipt_id, state, accepted, duplicate, set_aside, rejected, warnings, opened_at FROM receipts"
        " WHERE source_number = $1 AND receipt_id NOT LIKE 'imp-%' ORDER BY changed_at DESC LIMIT $2",
        source_number,
        limit,
    )
    return [_receipt(row) for row in rows]


async def notes(
    connection: asyncpg.Connection, key: tuple[int, str], kind: Kind, *, after: int, limit: int
) -> list[Note]:
    """Notes of a receipt (source number, id) of one kind in the order of rows, after a row."""
    rows = await connection.fetch(
        "SELECT row_number, field, code FROM receipt_notes WHERE source_number = $1 AND receipt_id = $2"
        " AND kind = $3 AND row_number > $4 ORDER BY row_number, field, code LIMIT $5",
        *key,
        str(kind),
        after,
        limit,
    )
    return [Note(row["row_number"], row["field"], row["code"]) for row in rows]


async def forget(connection: asyncpg.Connection, before: datetime, limit: int) -> int:
    """Delete receipts not touched since then, the oldest first, with their notes; gives how many."""
    rows = await connection.fetch(
        "DELETE FROM receipts USING (SELECT source_number, receipt_id FROM receipts WHERE changed_at < $1"
        " ORDER BY changed_at LIMIT $2 FOR UPDATE SKIP LOCKED) AS old"
        " WHERE receipts.source_number = old.source_number AND receipts.receipt_id = old.receipt_id"
        " RETURNING receipts.receipt_id",
        before,
        limit,
    )
    return len(rows)


def _counts(outcome: Outcome) -> tuple[int, int, int, int, int]:
    return (
        outcome.accepted,
        outcome.duplicate,
        outcome.set_aside,
        len(outcome.rejections),
        len(outcome.warnings),
    )
