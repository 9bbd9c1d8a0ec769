"""The envelope of every event: CloudEvents 1.0, read and written in Kafka's binary mode and in structured JSON."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec
import rfc8785

SPECVERSION = "1.0"
CONTENT_TYPE = "application/json"
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
LINES = "application/x-ndjson"
PREFIX = "gemeinsam."
LONGEST_ATTRIBUTE = 512

_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt]([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d{1,60}))?(?:([Zz])|([+-])([01]\d|2[0-3]):([0-5]\d))",
    re.ASCII,
)
_PARTS = ("id", "source", "type", "subject", "time")
_OPTIONAL = ("correlationid", "causationid")
_EPOCH = date(1970, 1, 1).toordinal()
_JSON_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]+/(?:[a-z0-9!#$&^_.+-]+\+)?json(?:\s*;.*)?", re.ASCII | re.IGNORECASE)
_UNREADABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")


class Malformed(ValueError):
    """What was sent is no event in our sense: `field` is the attribute, `reason` a slug (`missing`, `bad_time`, …)."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True, order=True)
class Instant:
    """A point in time with every digit sent, comparable: whole seconds since 1970 in UTC, then the fraction's digits.

    The fraction is text without trailing zeros, so comparing it as text compares the numbers.
    """

    seconds: int
    fraction: str = ""

    def at(self) -> datetime:
        """The instant in UTC, cut to microseconds."""
        micro = int(self.fraction[:6].ljust(6, "0"))
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds, microseconds=micro)


@dataclass(frozen=True, slots=True)
class Envelope:
    """The attributes of one event. (`id`, `source`) is the idempotency key; `time` is the text as it was sent."""

    id: str
    source: str
    type: str
    subject: str
    time: str
    correlationid: str | None = None
    causationid: str | None = None

    @property
    def instant(self) -> Instant:
        """When the source recorded it, with all digits; use this to order facts."""
        return parse_time(self.time)

    @property
    def recorded_at(self) -> datetime:
        """When the source recorded it, in UTC and cut to microseconds; use `instant` to order facts."""
        return self.instant.at()


def time_text(at: datetime) -> str:
    """RFC 3339 in UTC with six digits for an aware time; what our own services write into `time`."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def parse_time(text: object) -> Instant:
    """An RFC 3339 date and time with offset, to the last digit; raises Malformed("time", "bad_time").

    A leap second counts as the first second after it. Years are 0001 to 9999, in UTC too.
    """
    if not isinstance(text, str):
        raise Malformed("time", "bad_time")
    return _parsed_time(text)


@lru_cache(maxsize=64)  # an event's time is read again within moments of being checked
def _parsed_time(text: str) -> Instant:
    found = _TIME.fullmatch(text)
    if found is None:
        raise Malformed("time", "bad_time")
    day, hours, minutes, seconds, fraction, _, sign, off_hours, off_minutes = found.groups()
    try:
        days = date.fromisoformat(day).toordinal()
    except ValueError:
        raise Malformed("time", "bad_time") from None
    clock = int(hours) * 3600 + int(minutes) * 60 + int(seconds)
    if sign:
        offset = int(off_hours) * 3600 + int(off_minutes) * 60
        clock += offset if sign == "-" else -offset
    # UTC must stay inside the calendar too: 0001-01-01T00:00:00+01:00 has no place in it.
    if not 86_400 <= days * 86_400 + clock < (date.max.toordinal() + 1) * 86_400:
        raise Malformed("time", "bad_time")
    return Instant((days - _EPOCH) * 86_400 + clock, (fraction or "").rstrip("0"))


def to_headers(envelope: Envelope) -> dict[str, str]:
    """The Kafka headers of binary mode: `ce_*` and the content type."""
    headers = {"ce_specversion": SPECVERSION, "content-type": CONTENT_TYPE}
    for name in _PARTS:
        headers[f"ce_{name}"] = getattr(envelope, name)
    for name in _OPTIONAL:
        if (value := getattr(envelope, name)) is not None:
            headers[f"ce_{name}"] = value
    return headers


def from_headers(headers: Mapping[str, str]) -> Envelope:
    """The envelope of a Kafka record in binary mode; raises Malformed. Headers it does not know are left alone."""
    if headers.get("ce_specversion") != SPECVERSION:
        raise Malformed("specversion", "unsupported" if "ce_specversion" in headers else "missing")
    if _JSON_TYPE.fullmatch(headers.get("content-type", CONTENT_TYPE)) is None:
        raise Malformed("content-type", "unsupported")
    return _envelope({name: headers.get(f"ce_{name}") for name in (*_PARTS, *_OPTIONAL)})


def from_structured(event: object) -> tuple[Envelope, dict[str, Any]]:
    """Envelope and data of an event in structured mode, parsed from JSON already; raises Malformed.

    The data must be an object. Attributes beyond ours are CloudEvents extensions and are left alone.
    """
    if not isinstance(event, dict):
        raise Malformed("event", "not_an_object")
    if event.get("specversion") != SPECVERSION:
        raise Malformed("specversion", "unsupported" if event.get("specversion") is not None else "missing")
    content_type = event.get("datacontenttype")
    if content_type is not None and (not isinstance(content_type, str) or _JSON_TYPE.fullmatch(content_type) is None):
        raise Malformed("datacontenttype", "unsupported")
    if event.get("data_base64") is not None:
        raise Malformed("data_base64", "unsupported")
    envelope = _envelope(event)
    data = event.get("data")
    if not isinstance(data, dict):
        raise Malformed("data", "missing" if data is None else "not_an_object")
    return envelope, data


def to_structured(envelope: Envelope, data: Mapping[str, Any]) -> dict[str, Any]:
    """The event in structured mode, ready for JSON."""
    event: dict[str, Any] = {"specversion": SPECVERSION}
    for name in (*_PARTS, *_OPTIONAL):
        if (value := getattr(envelope, name)) is not None:
            event[name] = value
    return {**event, "datacontenttype": CONTENT_TYPE, "data": data}


def content_hash(type_: str, subject: str, data: Mapping[str, Any]) -> bytes:
    """SHA-256 of an event's content, {type, subject, data}, as canonical JSON (RFC 8785): 32 bytes.

    Numbers JSON cannot hold exactly (beyond 2^53, not finite) and lone surrogates raise ValueError.
    """
    return hashlib.sha256(canonical({"type": type_, "subject": subject, "data": data})).digest()


def canonical(value: Mapping[str, Any]) -> bytes:
    """Canonical JSON (RFC 8785) of an object parsed from JSON; raises ValueError where there is none."""
    try:
        if _plain(value):
            return msgspec.json.encode(value, order="deterministic")
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as e:
        raise ValueError(str(e)) from e


def _plain(value: object) -> bool:
    """Whether msgspec writes exactly what RFC 8785 asks: plain text and whole numbers; floats are left to rfc8785."""
    kind = type(value)
    if kind is str:
        return value.isprintable()  # type: ignore[attr-defined]
    if kind is dict:
        for name, below in value.items():  # type: ignore[attr-defined]
            if type(name) is not str or not (name.isascii() and name.isprintable()):
                return False
            if not (below.isprintable() if type(below) is str else _plain(below)):
                return False
        return True
    if kind is int:
        return -(2**53) < value < 2**53  # type: ignore[operator]
    if kind is list:
        return all(map(_plain, value))  # type: ignore[call-overload]
    return value is None or kind is bool


def _envelope(parts: Mapping[str, Any]) -> Envelope:
    for name in _PARTS:
        value = parts.get(name)
        if type(value) is not str or not 0 < len(value) <= LONGEST_ATTRIBUTE or not _readable(value):
            raise Malformed(name, _why(value))
    for name in _OPTIONAL:
        value = parts.get(name)
        if value is not None and (type(value) is not str or len(value) > LONGEST_ATTRIBUTE or not _readable(value)):
            raise Malformed(name, _why(value))
    parse_time(parts["time"])
    return Envelope(
        parts["id"],
        parts["source"],
        parts["type"],
        parts["subject"],
        parts["time"],
        parts.get("correlationid"),
        parts.get("causationid"),
    )


def _readable(text: str) -> bool:
    return (text.isascii() and text.isprintable()) or _UNREADABLE.search(text) is None


def _why(value: object) -> str:
    if value is None or value == "":
        return "missing"
    if not isinstance(value, str):
        return "not_text"
    return "too_long" if len(value) > LONGEST_ATTRIBUTE else "bad_text"
