"""The outbox: what a transaction decides to say is stored with the decision, and sent after the commit by the relay."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import asyncpg
import msgspec

from shared import telemetry
from shared.writes import Copy, Write, inserting, write

_COLUMNS = ("topic", "key", "subject", "value", "headers")
_INSERT = (
    f"INSERT INTO outbox ({', '.join(_COLUMNS)})"
    " SELECT * FROM unnest($1::text[], $2::bytea[], $3::text[], $4::bytea[], $5::text[])"
)


class Message(msgspec.Struct, frozen=True):
    """One record to be sent. `subject` alone decides the partition; `value` None is a tombstone."""

    topic: str
    key: str | bytes
    subject: str
    value: bytes | None
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)


async def put(connection: asyncpg.Connection, messages: Sequence[Message]) -> None:
    """Store messages in the caller's transaction, as `putting` says."""
    await write(connection, putting(messages))


def putting(messages: Sequence[Message]) -> list[Write]:
    """The write that stores messages, in order; the current trace goes along where a message has none.

    The writer must hold the lock of each message's aggregate: only then do ids follow the order of decisions.
    """
    if not messages:
        return []
    current = telemetry.traceparent()
    trace = {"traceparent": current} if current else {}
    rows = [
        (
            message.topic,
            message.key if isinstance(message.key, bytes) else message.key.encode("utf-8", "surrogatepass"),
            message.subject,
            message.value,
            _json({**trace, **message.headers}),
        )
        for message in messages
    ]
    return inserting(Copy("outbox", _COLUMNS, rows), _INSERT)


async def holds_more_than(connection: asyncpg.Connection, number: int) -> bool:
    """Whether more messages than this wait to be sent: who writes many in the background waits then."""
    found = await connection.fetchval("SELECT 1 FROM outbox OFFSET $1 LIMIT 1", number)
    return found is not None


async def forget(connection: asyncpg.Connection, topic: str) -> None:
    """Take back what is decided for a topic and not yet sent, where everything is going to be decided anew."""
    await connection.execute("DELETE FROM outbox WHERE topic = $1", topic)


def _json(headers: Mapping[str, str]) -> str:
    try:
        return msgspec.json.encode(headers).decode()
    except UnicodeEncodeError:  # a lone surrogate that stood in a header on Kafka goes back there as it came
        return json.dumps(headers, ensure_ascii=True)
