"""Erasure between services: the vault's confirmation asks the others to forget a person; each answers with its own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from shared.contracts.envelope import Envelope, time_text, to_headers
from shared.contracts.erasures import ErasureConfirmed, RetentionEnded
from shared.contracts.topics import ERASURES
from shared.messaging.events import read
from shared.messaging.outbox import Message
from shared.messaging.records import Record

FIRST = ERASURES.name.partition(".")[0]
"""The service that begins: it owns the topic and the vault."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """That a service has removed so many rows of a person, and found so many remaining."""

    person_id: str
    service: str
    removed: int
    remaining: int
    confirmed_at: datetime

    @property
    def asks(self) -> bool:
        """Whether it is the vault's, which asks all others to forget the person too."""
        return self.service == FIRST


@dataclass(frozen=True, slots=True)
class Ended:
    """That a person's time is over: a service asks the vault to erase the person, who left the cohort on a day."""

    person_id: str
    service: str
    left_on: date
    asked_at: datetime


def request(ended: Ended) -> Message:
    """The record of a request; the service's own confirmation will replace it."""
    source = f"//gemeinsam/{ended.service}"
    at = time_text(ended.asked_at)
    head = Envelope(f"retention:{ended.person_id}", source, RetentionEnded.TYPE, ended.person_id, at)
    data = RetentionEnded(service=ended.service, left_on=ended.left_on.isoformat()).to_data()
    key = ERASURES.record_key(head.subject, source, head.id, data)
    return Message(ERASURES.name, key, head.subject, msgspec.json.encode(data), to_headers(head))


def heard_or_asked(record: Record) -> Confirmation | Ended | None:
    """As `heard`, and requests to the vault; raises `Unreadable`."""
    asked = read(record, {RetentionEnded.TYPE: RetentionEnded})
    if asked is None:
        return heard(record)
    head, data = asked
    return Ended(head.subject, data.service, data.left_on, head.recorded_at)


def message(confirmation: Confirmation) -> Message:
    """The record of a confirmation; one a person and service, a later one replaces it."""
    at = time_text(confirmation.confirmed_at)
    source = f"//gemeinsam/{confirmation.service}"
    head = Envelope(f"erasure:{confirmation.person_id}", source, ErasureConfirmed.TYPE, confirmation.person_id, at)
    data = ErasureConfirmed(
        service=confirmation.service, removed=confirmation.removed, remaining=confirmation.remaining, confirmed_at=at
    ).to_data()
    key = ERASURES.record_key(head.subject, source, head.id, data)
    return Message(ERASURES.name, key, head.subject, msgspec.json.encode(data), to_headers(head))


def heard(record: Record) -> Confirmation | None:
    """A record of the topic; None for types newer than this release; raises `Unreadable`."""
    confirmed = read(record, {ErasureConfirmed.TYPE: ErasureConfirmed})
    if confirmed is None:
        return None
    head, data = confirmed
    return Confirmation(head.subject, data.service, data.removed, data.remaining, head.recorded_at)
