"""The headers that a dead letter carries beside its own, on `<service>.dead-letters`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.contracts.envelope import Malformed, parse_time, time_text

REASON = "dl_reason"
TOPIC = "dl_topic"
PARTITION = "dl_partition"
OFFSET = "dl_offset"
ATTEMPTS = "dl_attempts"
AT = "dl_at"
NAMES: frozenset[str] = frozenset({REASON, TOPIC, PARTITION, OFFSET, ATTEMPTS, AT})


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a dead letter was found and why it is one: a slug, its place, how often it was tried, and when given up."""

    reason: str
    topic: str
    partition: int
    offset: int
    attempts: int
    at: datetime


def to_headers(origin: Origin) -> dict[str, str]:
    """The headers to add to the record's own."""
    return {
        REASON: origin.reason,
        TOPIC: origin.topic,
        PARTITION: str(origin.partition),
        OFFSET: str(origin.offset),
        ATTEMPTS: str(origin.attempts),
        AT: time_text(origin.at),
    }


def from_headers(headers: Mapping[str, str]) -> Origin:
    """The origin of a dead letter; raises Malformed where a header is missing or wrong."""
    for name in sorted(NAMES):
        if name not in headers:
            raise Malformed(name, "missing")
    for name in (PARTITION, OFFSET, ATTEMPTS):
        if not (headers[name].isascii() and headers[name].isdigit()):
            raise Malformed(name, "not_a_number")
    return Origin(
        reason=headers[REASON],
        topic=headers[TOPIC],
        partition=int(headers[PARTITION]),
        offset=int(headers[OFFSET]),
        attempts=int(headers[ATTEMPTS]),
        at=parse_time(headers[AT]).at(),
    )


def original_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The record's own headers, for sending it again."""
    return {name: value for name, value in headers.items() if name not in NAMES}
