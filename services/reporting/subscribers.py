"""The Kafka door: facts about persons, and findings."""

from __future__ import annotations

from typing import Any

import msgspec

from services.reporting.domain import facts
from services.reporting.domain.groups import Link
from services.reporting.store.projection import FindingState, Statement
from services.reporting.usecases import News, UseCases
from shared.contracts import topics
from shared.contracts.envelope import PREFIX, Envelope
from shared.messaging import erasures
from shared.messaging.consumer import Consumer
from shared.messaging.events import envelope_of
from shared.messaging.records import Record, Unreadable

_object = msgspec.json.Decoder(dict[str, Any]).decode
_EPOCH_SHIFT = 10**12  # makes every instant positive, so that its digits sort as text


class _Finding(msgspec.Struct):
    person_id: str
    pattern: str
    anchor: str
    severity: str
    until: str | None
    municipality: str | None
    revision: int


_finding = msgspec.json.Decoder(_Finding).decode
_FINDINGS = frozenset(
    f"{PREFIX}finding.{what}.v1"
    for what in ("detected", "escalated", "revised", "resolved", "retracted", "acknowledged")
)


_GATHER_SECONDS = 0.2  # figures are looked at, not waited for


def subscribe(consumer: Consumer, usecases: UseCases, *, records: int) -> None:
    """Hear facts about persons and findings, at most so many records at once."""
    patient: dict[str, Any] = {"records": records, "gather_seconds": _GATHER_SECONDS}
    consumer.subscribe([topics.PERSONS.name], decode=fact_heard, take=usecases.project_facts, **patient)
    consumer.subscribe([topics.FINDINGS.name], decode=finding_heard, take=usecases.project_findings, **patient)
    consumer.subscribe([topics.ERASURES.name], decode=erasures.heard, take=usecases.forget)


def fact_heard(record: Record) -> News | None:
    """A record of `enrollment.persons`; None for types newer than this release; raises `Unreadable`."""
    key = (record.key or b"").decode("utf-8", "replace")
    if record.value is None:
        return News(key.partition("/")[0], removed_key=key)
    envelope = envelope_of(record)
    if key != topics.PERSONS.record_key(envelope.subject, envelope.source, envelope.id):
        raise Unreadable("foreign_key", "key")
    kind = envelope.type.removeprefix(PREFIX).removesuffix(".v1")
    if kind not in facts.KNOWN:
        return None
    if kind == facts.ERASED:
        return News(envelope.subject, erased=True)
    data = _data(record)
    if kind in facts.LINKS:
        return News(envelope.subject, link=_link(envelope, data, merged=kind == facts.MERGED))
    try:
        return News(envelope.subject, fact=facts.fact_of(envelope, kind, data))
    except facts.NotAFact as error:
        raise Unreadable("unreadable", error.field) from None


def finding_heard(record: Record) -> FindingState | tuple[str, str, str] | None:
    """A record of `pathways.findings`; None for types newer than this release; raises `Unreadable`."""
    if record.value is None:
        try:
            person_id, pattern, anchor = (record.key or b"").decode().split("/", 2)
        except ValueError:
            raise Unreadable("bad_key", "key") from None
        return (person_id, pattern, anchor)
    envelope = envelope_of(record)
    if envelope.type not in _FINDINGS:
        return None
    try:
        said = _finding(record.value)
    except msgspec.MsgspecError as error:
        raise Unreadable("unreadable", str(error).rpartition("$.")[2].rstrip("`") or "data") from None
    if said.person_id != envelope.subject:
        raise Unreadable("subject_differs", "person_id")
    is_open = said.until is None and not envelope.type.endswith(".retracted.v1")
    return FindingState(
        said.person_id, said.pattern, said.anchor, said.revision, said.severity, said.municipality, is_open
    )


def _data(record: Record) -> dict[str, Any]:
    try:
        return _object(record.value or b"")
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise Unreadable("not_json", "data") from None


def _link(envelope: Envelope, data: dict[str, Any], *, merged: bool) -> Statement:
    other = data.get("other")
    if not isinstance(other, str) or not other:
        raise Unreadable("missing", "other")
    at = envelope.instant
    said_at = f"{at.seconds + _EPOCH_SHIFT:013d}.{at.fraction}"
    return Statement(Link(envelope.subject, other, merged), said_at, envelope.source, envelope.id)
