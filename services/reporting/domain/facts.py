"""A fact about a person as reporting keeps it: only what counting needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from operator import attrgetter
from typing import Any

import msgspec

from shared.contracts.envelope import Envelope
from shared.contracts.fields import day

REGISTERED = "person.registered"
MOVED = "person.moved"
MERGED = "person.merged"
SPLIT = "person.split"
ERASED = "person.erased"
RETRACTED = "fact.retracted"
RESTRICTED = "person.restricted"
RELEASED = "person.released"
LINKS = frozenset({MERGED, SPLIT})

# The field with the effective date, for each type that has one.
EFFECTIVE: Mapping[str, str] = {
    REGISTERED: "registered_on",
    MOVED: "moved_on",
    "status.changed": "changed_on",
    "benefit.changed": "changed_on",
    "need.recorded": "recorded_on",
    "goal.set": "recorded_on",
    "contact.held": "held_on",
    "measure.referred": "referred_on",
    "measure.refused": "refused_on",
    "measure.no_show": "no_show_on",
    "measure.started": "started_on",
    "measure.ended": "ended_on",
    "language.tested": "tested_on",
    "certificate.obtained": "obtained_on",
    "employment.started": "started_on",
    "employment.ended": "ended_on",
    "training.started": "started_on",
    "training.ended": "ended_on",
    "consent.given": "valid_from",
    "consent.withdrawn": "withdrawn_on",
}
# What is kept beside the effective date: the fields a running measure or the place of a person depends on.
_KEPT: Mapping[str, tuple[str, ...]] = {
    MOVED: ("to_municipality",),
    "measure.started": ("measure_id", "started_on"),
    "measure.no_show": ("measure_id", "no_show_on"),
    "measure.ended": ("measure_id", "ended_on", "exit"),
    "measure.corrected": ("measure_id", "started_on", "ended_on", "exit"),
    "measure.cancelled": ("measure_id",),
    RETRACTED: ("retracts",),
}
_WITHOUT_DATE = frozenset(
    {"measure.extended", "measure.corrected", "measure.cancelled", RETRACTED, RESTRICTED, RELEASED, *LINKS, ERASED}
)
KNOWN = frozenset({*EFFECTIVE, *_WITHOUT_DATE})
_DATES = ("started_on", "ended_on", "no_show_on")


class NotAFact(ValueError):
    """The data of a record are not those of its type: `field` is where."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class Fact(msgspec.Struct, frozen=True, array_like=True):
    """One fact: `seconds` and `fraction` are the instant of recording to its last digit, `kept` what else counts."""

    kind: str
    source: str
    id: str
    seconds: int
    fraction: str
    on: date | None
    municipality: str | None
    kept: dict[str, Any]

    @property
    def key(self) -> tuple[str, str]:
        """The idempotency key."""
        return (self.source, self.id)


ORDER = attrgetter("seconds", "fraction", "source", "id")
"""Of two facts about one field the one with the greater order holds: recording to its last digit, source, id."""


def fact_of(envelope: Envelope, kind: str, data: Mapping[str, Any]) -> Fact:
    """Read a known fact; raises `NotAFact` where a field that counts is missing or of another sort."""
    at = envelope.instant
    effective = EFFECTIVE.get(kind)
    on = _day(data, effective) if effective else None
    if effective and on is None and kind != "consent.given":
        raise NotAFact(effective)
    kept = {name: _value(data, name) for name in _KEPT.get(kind, ()) if name in data}
    if "measure_id" in _KEPT.get(kind, ()) and not isinstance(kept.get("measure_id"), str):
        raise NotAFact("measure_id")
    return Fact(kind, envelope.source, envelope.id, at.seconds, at.fraction, on, _text(data, "municipality"), kept)


def _value(data: Mapping[str, Any], name: str) -> Any:
    if name in _DATES:
        found = _day(data, name)
        return found.isoformat() if found else None
    if name == "retracts":
        named = data.get(name)
        if not isinstance(named, dict) or not all(isinstance(named.get(part), str) for part in ("source", "id")):
            raise NotAFact(name)
        return [named["source"], named["id"]]
    return _text(data, name)


def _day(data: Mapping[str, Any], name: str) -> date | None:
    value = data.get(name)
    if value is None:
        return None
    try:
        return day(value)
    except (ValueError, TypeError):
        raise NotAFact(name) from None


def _text(data: Mapping[str, Any], name: str) -> str | None:
    value = data.get(name)
    if value is not None and not isinstance(value, str):
        raise NotAFact(name)
    return value
