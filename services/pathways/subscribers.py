"""Door 2, Kafka: facts about persons, and offers."""

from __future__ import annotations

from services.pathways.domain import facts
from services.pathways.store.offers import Told
from services.pathways.usecases import Heard, Removed, UseCases
from services.pathways.usecases.offers import Offers
from shared.contracts import offers, topics
from shared.messaging.consumer import Consumer
from shared.messaging.events import read
from shared.messaging.records import Record, Unreadable

_NEEDED = ("ce_id", "ce_source", "ce_type", "ce_subject", "ce_time")


def subscribe(consumer: Consumer, usecases: UseCases, *, records: int) -> None:
    """Read the facts about persons."""
    consumer.subscribe([topics.PERSONS.name], decode=heard, take=usecases.take_facts, records=records, parts=2)


def subscribe_offers(consumer: Consumer, usecases: Offers) -> None:
    """Read the offers of integration."""
    consumer.subscribe([topics.OFFERS.name], decode=told, take=usecases.take)


def told(record: Record) -> Told | None:
    """What a record says of an offer; None for tombstones and newer types; raises `Unreadable`."""
    event = read(record, offers.EVENTS)
    if event is None:
        return None
    envelope, data = event
    said = data.model_dump()
    names = ("type", "provider", "area", "seats", "starts_on", "language_from", "language_to", "closed_on")
    return Told(data.offer_id, envelope.recorded_at, envelope.id, *(said.get(name) for name in names))


def heard(record: Record) -> Heard | Removed:
    """The fact of a record, or that a record was removed. Raises `Unreadable`."""
    if record.value is None:
        key = (record.key or b"").decode("utf-8", "replace")
        return Removed(topics.subject_of_key(key), key, record.headers.get("traceparent"))
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
