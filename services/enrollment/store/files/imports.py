"""SQL about uploaded files on their way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import asyncpg

from services.enrollment.domain.file_import import FileImport, FileNote, ImportState, Progress

_COLUMNS = (
    "import_id, imports.source_number, sources.source, imports.areas, mapping_name, mapping, file_name, is_dry_run,"
    " is_snapshot, scope_since, scope_until, state, is_planned, failure, received_at, rows_total, rows_done,"
    " facts_total, facts_done, chunks_done, counts, share, finished_at, claims,"
    " sheet_name, columns"
)


async def begin(
    connection: asyncpg.Connection,
    key: tuple[str, int, Sequence[str]],
    mapping: tuple[str, Mapping[str, Any]],
    file: tuple[str, bool, bool, tuple[date, date] | None],
    received: tuple[datetime, str],
) -> None:
    """Open an import (id, source number, areas) of a file (name, dry run, snapshot, scope) that is being received."""
    scope = file[3] or (None, None)
    await connection.execute(
        "INSERT INTO imports (import_id, source_number, areas, mapping_name, mapping, file_name, is_dry_run,"
        " is_snapshot, scope_since, scope_until, received_at, received_by, state)"
        " VALUES ($1, $2, $3::text[], $4, $5, $6, $7, $8, $9, $10, $11, $12, 'receiving')",
        key[0],
        key[1],
        list(key[2]),
        *mapping,
        *file[:3],
        *scope,
        *received,
    )


async def add_part(
    connection: asyncpg.Connection, import_id: str, part: int, content: bytes, key_id: str | None
) -> None:
    """Keep a part of the file, sealed with that key."""
    await connection.execute(
        "INSERT INTO vault.file_parts (import_id, part, content, key_id) VALUES ($1, $2, $3, $4)",
        import_id,
        part,
        content,
        key_id,
    )


async def received(connection: asyncpg.Connection, import_id: str, size: int) -> None:
    """The file is whole and waits its turn. A second open snapshot of the mapping is a UniqueViolationError."""
    await connection.execute(
        "UPDATE imports SET state = 'waiting', bytes = $2 WHERE import_id = $1 AND state = 'receiving'", import_id, size
    )


async def delete(connection: asyncpg.Connection, import_id: str) -> None:
    """Forget an import that was not received wholly."""
    await connection.execute("DELETE FROM imports WHERE import_id = $1", import_id)


async def forget_unfinished(connection: asyncpg.Connection, before: datetime) -> None:
    """Forget files whose sender or receiver died before they were whole."""
    await connection.execute("DELETE FROM imports WHERE state = 'receiving' AND received_at < $1", before)


async def find(connection: asyncpg.Connection, import_id: str) -> FileImport | None:
    """The import by its id."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM imports JOIN sources USING (source_number) WHERE import_id = $1", import_id
    )
    return _import(row) if row else None


async def of_source(connection: asyncpg.Connection, source_number: int, limit: int) -> list[FileImport]:
    """The newest imports of a source."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM imports JOIN sources USING (source_number)"
        " WHERE imports.source_number = $1 AND state <> 'receiving' ORDER BY received_at DESC LIMIT $2",
        source_number,
        limit,
    )
    return [_import(row) for row in rows]


async def braked(connection: asyncpg.Connection) -> list[FileImport]:
    """All imports a person must decide about, oldest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM imports JOIN sources USING (source_number) WHERE state = 'braked' ORDER BY received_at"
    )
    return [_import(row) for row in rows]


async def claim(connection: asyncpg.Connection, worker: str, lease_seconds: float) -> FileImport | None:
    """Take up the oldest import that waits, or whose worker is gone; other workers get others."""
    import_id = await connection.fetchval(
        "UPDATE imports SET state = 'running', worker = $1, claims = claims + 1,"
        " leased_until = now() + make_interval(secs => $2) WHERE import_id = ("
        " SELECT import_id FROM imports WHERE state = 'waiting' OR (state = 'running' AND leased_until < now())"
        " ORDER BY claims, received_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING import_id",
        worker,
        lease_seconds,
    )
    return await find(connection, import_id) if import_id is not None else None


async def renew(connection: asyncpg.Connection, import_id: str, worker: str, lease_seconds: float) -> bool:
    """Keep the import for this worker; False if another has it by now."""
    kept = await connection.fetchval(
        "UPDATE imports SET leased_until = now() + make_interval(secs => $3)"
        " WHERE import_id = $1 AND worker = $2 AND state = 'running' RETURNING import_id",
        import_id,
        worker,
        lease_seconds,
    )
    return kept is not None


async def measured(
    connection: asyncpg.Connection, import_id: str, rows_total: int, sheet_name: str, columns: Mapping[str, list[str]]
) -> None:
    """The file could be read to its end: it has so many rows on this sheet, and the mapping's columns stand there."""
    await connection.execute(
        "UPDATE imports SET rows_total = $2, sheet_name = $3, columns = $4 WHERE import_id = $1",
        import_id,
        rows_total,
        sheet_name,
        dict(columns),
    )


async def advance(connection: asyncpg.Connection, held: tuple[str, str, int], progress: Progress) -> bool | None:
    """Count a chunk in, held by (id, worker, chunks done before); None if another worker has the import by now.

    Else whether the import is to be cancelled.
    """
    return await connection.fetchval(
        "UPDATE imports SET chunks_done = chunks_done + 1, rows_done = rows_done + $4, facts_done = facts_done + $5,"
        " counts = $6, claims = 0 WHERE import_id = $1 AND worker = $2 AND chunks_done = $3 AND state = 'running'"
        " RETURNING cancel_asked",
        *held,
        progress.rows,
        progress.facts,
        dict(progress.counts),
    )


async def planned(
    connection: asyncpg.Connection,
    held: tuple[str, str],
    facts: int,
    outcome: tuple[Mapping[str, int], float],
    state: ImportState,
) -> bool:
    """A snapshot is compared: so many facts, with (counts, share); False if another worker has it by now."""
    counts, share = outcome
    kept = await connection.fetchval(
        "UPDATE imports SET is_planned = true, facts_total = $3, counts = $4, share = $5, state = $6,"
        " rows_done = rows_total, claims = 0 WHERE import_id = $1 AND worker = $2 AND state = 'running'"
        " RETURNING import_id",
        *held,
        facts,
        dict(counts),
        share,
        str(state),
    )
    return kept is not None


async def end(connection: asyncpg.Connection, import_id: str, state: ImportState, at: datetime) -> None:
    """An import that nobody works on is over."""
    await connection.execute(
        "UPDATE imports SET state = $2, finished_at = $3 WHERE import_id = $1", import_id, str(state), at
    )


async def end_held(
    connection: asyncpg.Connection, held: tuple[str, str], state: ImportState, failure: str | None, at: datetime
) -> bool:
    """The import, held by (id, worker), is over; False if another worker has it by now."""
    ended = await connection.fetchval(
        "UPDATE imports SET state = $3, failure = $4, finished_at = $5, worker = NULL, leased_until = NULL"
        " WHERE import_id = $1 AND worker = $2 AND state = 'running' RETURNING import_id",
        *held,
        str(state),
        failure,
        at,
    )
    return ended is not None


async def ask_to_cancel(connection: asyncpg.Connection, import_id: str) -> None:
    """Let the worker stop after its chunk."""
    await connection.execute("UPDATE imports SET cancel_asked = true WHERE import_id = $1", import_id)


async def decided(connection: asyncpg.Connection, import_id: str, state: ImportState, at: datetime, by: str) -> bool:
    """A person has decided about a braked import; False if it is not braked any more."""
    changed = await connection.fetchval(
        "UPDATE imports SET state = $2, decided_at = $3, decided_by = $4 WHERE import_id = $1 AND state = 'braked'"
        " RETURNING import_id",
        import_id,
        str(state),
        at,
        by,
    )
    return changed is not None


async def lock_state(connection: asyncpg.Connection, import_id: str) -> ImportState:
    """The state, which nobody else changes before the transaction ends."""
    return ImportState(
        await connection.fetchval("SELECT state FROM imports WHERE import_id = $1 FOR UPDATE", import_id)
    )


async def forget_parts(connection: asyncpg.Connection, import_id: str) -> None:
    """Forget the file itself."""
    await connection.execute("DELETE FROM vault.file_parts WHERE import_id = $1", import_id)


async def parts(connection: asyncpg.Connection, import_id: str) -> list[tuple[int, bytes, str | None]]:
    """The parts of the file in order: number, content, and the id of the key that sealed it."""
    rows = await connection.fetch(
        "SELECT part, content, key_id FROM vault.file_parts WHERE import_id = $1 ORDER BY part", import_id
    )
    return [(row["part"], row["content"], row["key_id"]) for row in rows]


async def add_notes(connection: asyncpg.Connection, import_id: str, notes: Sequence[FileNote]) -> None:
    """Keep what is to say of rows."""
    await connection.execute(
        "INSERT INTO import_notes (import_id, kind, row_number, column_letters, column_name, field, code)"
        " SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])",
        import_id,
        ["warning" if note.is_warning else "rejection" for note in notes],
        [note.row for note in notes],
        [note.letters for note in notes],
        [note.column for note in notes],
        [note.field for note in notes],
        [note.code for note in notes],
    )


async def notes(connection: asyncpg.Connection, import_id: str, *, after: int, limit: int) -> list[FileNote]:
    """What is to say of rows, in the order it was found, after a note's number."""
    rows = await connection.fetch(
        "SELECT note_number, kind, row_number, column_letters, column_name, field, code FROM import_notes"
        " WHERE import_id = $1 AND note_number > $2 ORDER BY note_number LIMIT $3",
        import_id,
        after,
        limit,
    )
    return [
        FileNote(
            row["row_number"],
            row["column_letters"],
            row["column_name"],
            row["field"],
            row["code"],
            row["kind"] == "warning",
            row["note_number"],
        )
        for row in rows
    ]


def _import(row: asyncpg.Record) -> FileImport:
    values = dict(row)
    since, until = values.pop("scope_since"), values.pop("scope_until")
    values["scope"] = (since, until) if since is not None else None
    values["areas"] = tuple(values["areas"])
    values["state"] = ImportState(values["state"])
    return FileImport(**values)
