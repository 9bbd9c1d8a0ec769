"""Facts about persons, from the published events to a compact form the rules read quickly."""

from __future__ import annotations

from collections.abc import Iterable
from operator import attrgetter
from typing import Any

import msgspec

from services.pathways.domain import dates
from services.pathways.domain.quick import quick
from services.pathways.domain.schemas import BY_KIND, BY_TYPE, COMMON, Form, Kind, Schema


class Unreadable(Exception):
    """An event that cannot be read: `reason` is a sentence, `field` the attribute or data field, or None."""

    def __init__(self, reason: str, field: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field


class Fact(msgspec.Struct, array_like=True, gc=False):
    """One event about a person.

    `at` and `fraction` are `time` as UTC seconds and digits; `values` are the declared data fields in the order of
    the schema of `kind`: dates as ordinals, months as counts, None for absent, False for a `null` of a correction.
    Of an event of an unknown type `values` is its type.
    """

    kind: int
    source: str
    id: str
    subject: str
    time: str
    at: int
    fraction: str
    values: tuple[Any, ...]
    municipality: str | None = None
    rechtskreis: str | None = None
    legal_basis: str | None = None
    purpose: str | None = None
    received_at: str | None = None

    @property
    def type(self) -> str:
        """The type of the event as sent."""
        return BY_KIND[self.kind].type if self.kind else self.values[0]


ORDER = attrgetter("at", "fraction", "source", "id")
"""Sort key: of two facts about one field the later in this order holds."""

INDIFFERENT = frozenset({Kind.UNKNOWN, Kind.STATUS, Kind.NEED, Kind.CONSENT_GIVEN, Kind.CONSENT_WITHDRAWN})
"""Kinds of facts that no rule looks at: they change no finding and no due date of a person who has other facts."""


BOM = b"\xef\xbb\xbf"
"""What some systems put before the first line of a file; it is no part of the line."""


class _Line(msgspec.Struct, gc=False):
    specversion: str
    id: str
    source: str
    type: str
    subject: str
    time: str
    data: msgspec.Raw = msgspec.Raw()


_line = msgspec.json.Decoder(_Line)
_any = msgspec.json.Decoder()
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[Fact])


def decode_line(line: bytes) -> Fact:
    """The fact of one structured event. Raises Unreadable as docs/contracts.md says ("Evaluating a file")."""
    try:
        event = _line.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        if line.startswith(BOM):
            return decode_line(line.removeprefix(BOM))
        raise _why(line) from None
    if event.specversion != "1.0":
        raise Unreadable("specversion is not 1.0", "specversion")
    if not line.isascii():
        try:
            line.decode()
        except UnicodeDecodeError:
            raise Unreadable("not UTF-8") from None
    return _fact(event, event.data)


def decode(source: str, id: str, type: str, subject: str, time: str, data: bytes | None) -> Fact:
    """The fact of one event in binary mode; `data` is the JSON value of the record. Raises Unreadable."""
    return _fact(_Line("1.0", id, source, type, subject, time), data or b"")


def _why(line: bytes) -> Unreadable:
    try:
        event = _any.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return Unreadable("not JSON")
    if not isinstance(event, dict):
        return Unreadable("not a JSON object")
    for name in ("specversion", "id", "source", "type", "subject", "time"):
        if event.get(name) is None:
            return Unreadable(f"lacks {name}", name)
        if not isinstance(event[name], str):
            return Unreadable(f"{name} is not text", name)
    return Unreadable("not JSON")


def _fact(event: _Line, data: msgspec.Raw | bytes) -> Fact:
    instant = dates.instant(event.time)
    if instant is None:
        raise Unreadable("time is not a time with offset (RFC 3339)", "time")
    schema = BY_TYPE.get(event.type)
    if schema is None:
        return Fact(0, event.source, event.id, event.subject, event.time, *instant, (event.type,))
    read = quick(schema.kind, data) or with_care(schema, data)
    return Fact(schema.kind, event.source, event.id, event.subject, event.time, *instant, *read)


def with_care(schema: Schema, data: msgspec.Raw | bytes) -> tuple[Any, ...]:
    """The values and the common fields, read one by one. Raises Unreadable naming the first that is wrong."""
    try:
        content = _any.decode(data) if data else None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Unreadable("data is not JSON", "data") from None
    if type(content) is not dict:
        raise Unreadable("lacks data", "data")
    return (_values(schema, content), *[_text(content.get(name)) for name in COMMON])


def _text(value: Any) -> str | None:
    return value if type(value) is str else None


def _values(schema: Schema, data: dict[str, Any]) -> tuple[Any, ...]:
    values: list[Any] = []
    add = values.append
    for name, form, required in schema.fields:
        value = data.get(name)
        if value is None:
            if required:
                raise Unreadable(f"lacks {name}", name)
            add(False if schema.nullable and name in data else None)
        elif form == Form.DATE:
            day = dates.ordinal(value) if type(value) is str else None
            if day is None:
                raise Unreadable(f"{name} is not a date", name)
            add(day)
        elif form == Form.TEXT:
            if type(value) is not str:
                raise Unreadable(f"{name} is not text", name)
            add(value)
        else:
            add(_other(name, form, value))
    return tuple(values)


def _other(name: str, form: Form, value: Any) -> Any:
    if form == Form.LOOSE:
        return _storable(value)
    if form == Form.NUMBER:
        if type(value) is not int and type(value) is not float:
            raise Unreadable(f"{name} is not a number", name)
        return _storable(value)
    if form == Form.MONTH:
        month = dates.month(value) if type(value) is str else None
        if month is None:
            raise Unreadable(f"{name} is not a month", name)
        return month
    if type(value) is not dict or type(value.get("source")) is not str or type(value.get("id")) is not str:
        raise Unreadable(f"{name} does not name source and id", name)
    return [value["source"], value["id"]]


def _storable(value: Any) -> Any:
    """The value, or what comes closest to it where the stored form has no place for it (numbers beyond 64 bits)."""
    try:
        _encoder.encode(value)
    except (OverflowError, RecursionError):
        return float(str(value)) if type(value) is int else str(type(value).__name__)
    return value


def pack(facts: Iterable[Fact]) -> bytes:
    """The facts as bytes (MessagePack), in the given order."""
    return _encoder.encode(list(facts))


def unpack(packed: bytes) -> list[Fact]:
    """The facts of `pack`."""
    return _decoder.decode(packed)


def append(packed: bytes, facts: Iterable[Fact]) -> bytes:
    """The facts of `packed` with more behind them, without reading the old ones: their count is all that changes."""
    before, content = _counted(packed)
    more, added = _counted(pack(facts))
    return b"\xdd" + (before + more).to_bytes(4, "big") + content + added


def _counted(packed: bytes) -> tuple[int, bytes]:
    """How many facts are packed, and their bytes: MessagePack's three forms of an array's head."""
    head = packed[0]
    if head == 0xDD:
        return int.from_bytes(packed[1:5], "big"), packed[5:]
    if head == 0xDC:
        return int.from_bytes(packed[1:3], "big"), packed[3:]
    return head & 0x0F, packed[1:]


def each_once(facts: Iterable[Fact]) -> list[Fact]:
    """The facts in their order, those that are equal in everything only once."""
    known: dict[tuple[str, str], list[Fact]] = {}
    once = []
    for fact in facts:
        same = known.setdefault((fact.source, fact.id), [])
        if fact not in same:
            same.append(fact)
            once.append(fact)
    return once


def fields(fact: Fact) -> dict[str, Any]:
    """The declared data fields that the event gave, by name, as JSON has them: dates as `YYYY-MM-DD`."""
    named: dict[str, Any] = {}
    schema = BY_KIND.get(fact.kind)
    for (name, form, _), value in zip(schema.fields if schema else (), fact.values, strict=False):
        if value is None:
            continue
        if value is False and schema and schema.nullable:
            named[name] = None
        elif form == Form.DATE:
            named[name] = dates.iso(value)
        elif form == Form.MONTH:
            named[name] = dates.month_text(value)
        elif form == Form.TARGET:
            named[name] = {"source": value[0], "id": value[1]}
        else:
            named[name] = value
    for name in COMMON:
        value = getattr(fact, name)
        if value is not None:
            named.setdefault(name, value)
    return named
