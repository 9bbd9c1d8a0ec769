"""Records as a consumer meets them: tolerant of anything that can stand on a topic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from aiokafka import ConsumerRecord

T = TypeVar("T")


@dataclass(slots=True)
class Record:
    """One record of a topic; `headers` are text whatever their bytes were, `traceparent` among them is the taker's."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: dict[str, str] = field(default_factory=dict)
    timestamp_ms: int = 0


@dataclass(frozen=True, slots=True)
class Refused:
    """A record that can never be taken as it is: `reason` is a slug, `field` the place, if one is known."""

    record: Record
    reason: str
    field: str | None = None
    attempts: int = 1


@dataclass(slots=True)
class Batch(Generic[T]):
    """What one `take` gets: the decoded events in the order of their partitions, and what could not be decoded.

    A use case stores `refused` with `dead_letters.put` in the same transaction as its effects. `behind` is how many
    records waited on all partitions the process reads when the batch was read: a use case may put off work while it
    catches up.
    """

    events: list[T]
    refused: list[Refused]
    behind: int = 0


class Unreadable(Exception):
    """Raised by a decoder: the record is no event of this topic. `reason` is a slug, `field` names the place."""

    def __init__(self, reason: str, field: str | None = None) -> None:
        self.reason = reason
        self.field = field
        super().__init__(reason if field is None else f"{reason}: {field}")


def record_of(raw: ConsumerRecord[Any, Any]) -> Record:
    """A record as the client gives it."""
    return Record(
        raw.topic, raw.partition, raw.offset, raw.key, raw.value, text_headers(raw.headers or ()), raw.timestamp
    )


def text_headers(headers: Sequence[tuple[str, Any]]) -> dict[str, str]:
    """Headers as text: null becomes empty, bytes that are no UTF-8 become escapes; the last of a name wins."""
    return {
        name: value.decode("utf-8", "backslashreplace").replace("\x00", "\\x00") if value else ""
        for name, value in headers
    }
