"""Door 2, Kafka: facts about persons."""

from __future__ import annotations

from services.pathways.domain import facts
from services.pathways.usecases import Heard, UseCases
from shared.contracts import topics
from shared.messaging.consumer import Consumer
from shared.messaging.records import Record, Unreadable

_NEEDED = ("ce_id", "ce_source", "ce_type", "ce_subject", "ce_time")


def subscribe(consumer: Consumer, usecases: UseCases, *, records: int, readers: int) -> None:
    """Read the facts about persons."""
    consumer.subscribe([topics.PERSONS.name], decode=heard, take=usecases.take_facts, records=records, readers=readers)


def heard(record: Record) -> Heard | None:
    """The fact of a record; None for a tombstone: erasure itself has been said as a fact. Raises `Unreadable`."""
    if record.value is None:
        return None
    headers = record.headers
    for name in _NEEDED:
        if not headers.get(name, "").isprintable() or not headers.get(name):
            raise Unreadable("no_event", name)
    subject, source, event_id = headers["ce_subject"], headers["ce_source"], headers["ce_id"]
    if record.key != f"{subject}/{source}/{event_id}".encode():
        raise Unreadable("foreign_key", "key")
    try:
        fact = facts.decode(source, event_id, headers["ce_type"], subject, headers["ce_time"], record.value)
    except facts.Unreadable as error:
        raise Unreadable("unreadable", error.field or "data") from None
    return Heard(fact, headers.get("traceparent"))
