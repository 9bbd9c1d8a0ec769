"""An event as the published language declares it, read from a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from shared.contracts.envelope import Envelope, Malformed, from_headers
from shared.messaging.records import Record, Unreadable

M = TypeVar("M", bound=BaseModel)


def envelope_of(record: Record) -> Envelope:
    """The attributes of the event; raises `Unreadable`."""
    try:
        return from_headers(record.headers)
    except Malformed as error:
        raise Unreadable(error.reason, error.field) from None


def read(record: Record, kinds: Mapping[str, type[M]]) -> tuple[Envelope, M] | None:
    """The event with its data, by the model of its type; None for tombstones and other types; raises `Unreadable`."""
    if record.value is None:
        return None
    envelope = envelope_of(record)
    kind = kinds.get(envelope.type)
    if kind is None:
        return None
    try:
        return envelope, kind.model_validate_json(record.value)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        raise Unreadable(first["type"], ".".join(str(part) for part in first["loc"])) from None
