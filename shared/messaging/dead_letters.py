"""Dead letters: records that could not be taken are kept with their reason, shown masked, sent again or discarded.

They stand in the service's own table (to decide on) and go out on `<service>.dead-letters` (to be seen by others).
Sending again means that this service takes the record once more: no other reader hears it twice.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import asyncpg

from shared import metrics, telemetry
from shared.messaging import outbox
from shared.messaging.records import Record, Refused

_FIELD_NAME = re.compile(r"^[a-z_]{1,40}$")  # anything else in a key's place could be somebody's name


async def put(connection: asyncpg.Connection, refused: Sequence[Refused], *, service: str) -> None:
    """Keep refused records in the caller's transaction; one that was kept before only counts an attempt."""
    if not refused:
        return
    new = await _insert(connection, refused)
    messages = []
    for letter in refused:
        record = letter.record
        parent = record.headers.get("traceparent")
        with telemetry.span(
            "dead letter", parent=parent or None, keep=True, gemeinsam__reason=letter.reason,
            messaging__destination__name=record.topic, messaging__kafka__offset=record.offset,
        ) as current:  # fmt: skip
            telemetry.mark_failed(current, letter.reason)
            if (record.topic, record.partition, record.offset) in new:
                metrics.DEAD_LETTERS.labels(service, letter.reason).inc()
                messages.append(_message(letter, service))
    await outbox.put(connection, messages)


async def _insert(connection: asyncpg.Connection, refused: Sequence[Refused]) -> set[tuple[str, int, int]]:
    rows = [
        (
            letter.record.topic,
            letter.record.partition,
            letter.record.offset,
            letter.record.key,
            letter.record.value,
            json.dumps(letter.record.headers),
            letter.reason,
            letter.field,
            letter.attempts,
        )
        for letter in refused
    ]
    inserted = await connection.fetch(
        'INSERT INTO dead_letters (topic, partition, "offset", key, value, headers, reason, field, attempts)'
        " SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bytea[], $5::bytea[], $6::text[], $7::text[],"
        " $8::text[], $9::int[])"
        ' ON CONFLICT (topic, partition, "offset") DO UPDATE SET attempts = dead_letters.attempts + 1,'
        " reason = excluded.reason, field = excluded.field,"
        " state = CASE dead_letters.state WHEN 'requested' THEN 'open' ELSE dead_letters.state END"
        ' RETURNING topic, partition, "offset", (xmax = 0) AS is_new',
        *map(list, zip(*rows, strict=True)),
    )
    return {(row["topic"], row["partition"], row["offset"]) for row in inserted if row["is_new"]}


def _message(letter: Refused, service: str) -> outbox.Message:
    record = letter.record
    headers = {
        **record.headers,
        "dl_reason": letter.reason,
        "dl_topic": record.topic,
        "dl_partition": str(record.partition),
        "dl_offset": str(record.offset),
        "dl_attempts": str(letter.attempts),
        "dl_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
    }
    return outbox.Message(
        topic=f"{service}.dead-letters", key=record.key or b"", subject=service, value=record.value, headers=headers
    )


async def listed(connection: asyncpg.Connection, *, state: str = "open", limit: int = 100) -> list[dict[str, Any]]:
    """The newest dead letters of a state, without their payload."""
    rows = await connection.fetch(
        'SELECT dead_letter_id, topic, partition, "offset", reason, field, attempts, dead_at, state, decided_by,'
        " decided_why FROM dead_letters WHERE state = $1 ORDER BY dead_letter_id DESC LIMIT $2",
        state,
        limit,
    )
    return [dict(row) for row in rows]


async def one(connection: asyncpg.Connection, dead_letter_id: int) -> dict[str, Any] | None:
    """One dead letter with its bytes as found; show them with `masked` unless the reader may open them."""
    row = await connection.fetchrow(
        'SELECT dead_letter_id, topic, partition, "offset", key, value, headers, reason, field, attempts, dead_at,'
        " state, decided_by, decided_why FROM dead_letters WHERE dead_letter_id = $1",
        dead_letter_id,
    )
    return {**row, "headers": json.loads(row["headers"])} if row else None


async def decide(connection: asyncpg.Connection, dead_letter_id: int, *, state: str, by: str, why: str) -> bool:
    """Request that an open one is taken again (`requested`) or lay it aside (`discarded`); False if it is not open."""
    done = await connection.execute(
        "UPDATE dead_letters SET state = $2, decided_by = $3, decided_why = $4, decided_at = now()"
        " WHERE dead_letter_id = $1 AND state = 'open'",
        dead_letter_id,
        state,
        by,
        why,
    )
    return done == "UPDATE 1"


async def requested(
    connection: asyncpg.Connection, topics: Sequence[str], *, pattern: str | None = None, limit: int = 500
) -> list[Record]:
    """The records somebody asked to take again, oldest first; their rows are locked until the transaction ends."""
    rows = await connection.fetch(
        'SELECT topic, partition, "offset", key, value, headers FROM dead_letters'
        " WHERE state = 'requested' AND (topic = ANY($1::text[]) OR topic ~ $3) ORDER BY dead_letter_id LIMIT $2"
        " FOR UPDATE SKIP LOCKED",
        list(topics),
        limit,
        pattern,
    )
    return [
        Record(row["topic"], row["partition"], row["offset"], row["key"], row["value"], json.loads(row["headers"]))
        for row in rows
    ]


async def mark_resent(connection: asyncpg.Connection, record: Record) -> None:
    """Close a requested dead letter whose record has been taken."""
    await connection.execute(
        "UPDATE dead_letters SET state = 'resent', decided_at = now()"
        " WHERE topic = $1 AND partition = $2 AND \"offset\" = $3 AND state = 'requested'",
        record.topic,
        record.partition,
        record.offset,
    )


async def forget_about(connection: asyncpg.Connection, subjects: Sequence[str]) -> int:
    """Delete dead letters that name one of these subjects anywhere, since they have been erased; returns how many."""
    done = await connection.execute(
        "DELETE FROM dead_letters USING unnest($1::text[]) AS gone (subject)"
        " WHERE position(gone.subject::bytea IN coalesce(key, '')) > 0"
        " OR position(gone.subject::bytea IN coalesce(value, '')) > 0 OR position(gone.subject IN headers) > 0",
        list(subjects),
    )
    return int(done.split()[-1])


def masked(value: bytes | None) -> Any:
    """A payload's shape without its content: keys stay, values become their kind; no JSON becomes its length."""
    if value is None:
        return None
    try:
        return _shape(json.loads(value), depth=6)
    except (ValueError, RecursionError):
        return {"bytes": len(value), "sha256": hashlib.sha256(value).hexdigest()[:16]}


def _shape(value: Any, *, depth: int) -> Any:
    if depth == 0:
        return "…"
    if isinstance(value, dict):
        return {
            (key if _FIELD_NAME.match(key) else "…"): _shape(item, depth=depth - 1)
            for key, item in list(value.items())[:40]
        }
    if isinstance(value, list):
        return [_shape(item, depth=depth - 1) for item in value[:5]]
    return {str: "text", bool: "true or false", int: "number", float: "number"}.get(type(value), "null")
