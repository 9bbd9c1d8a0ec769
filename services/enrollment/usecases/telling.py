"""Telling what was decided: each fact goes into the log that pages show and into the outbox, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import asyncpg

from services.enrollment.store import programme as log
from shared.contracts.envelope import Envelope, time_text, to_headers
from shared.contracts.municipalities import MunicipalityFact
from shared.contracts.offers import OfferFact
from shared.contracts.topics import MUNICIPALITIES, OFFERS, WORKSHOPS, Topic
from shared.contracts.workshops import WorkshopFact
from shared.messaging import outbox

SOURCE = "//gemeinsam/enrollment"

Told = MunicipalityFact | WorkshopFact | OfferFact


@dataclass(frozen=True, slots=True)
class Hand:
    """Who decides and when: the caller's subject and the instant of recording in UTC."""

    by: str
    at: datetime


async def tell(connection: asyncpg.Connection, told: Iterable[Told], hand: Hand) -> None:
    """Log and publish facts in order. The caller holds the lock of what they are about."""
    messages, rows = [], []
    for fact in told:
        topic, subject = _address(fact)
        data = fact.to_data()
        envelope = Envelope(str(uuid4()), SOURCE, fact.TYPE, subject, time_text(hand.at))
        value = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
        key = topic.record_key(subject, SOURCE, envelope.id)
        messages.append(outbox.Message(topic.name, key, subject, value, to_headers(envelope)))
        ags = data.get("municipality") or data.get("area")
        rows.append((envelope.id, topic.name, subject, ags, fact.TYPE, data, hand.at, hand.by))
    if rows:
        await log.log_facts(connection, rows)
        await outbox.put(connection, messages)


def _address(fact: Told) -> tuple[Topic, str]:
    if isinstance(fact, MunicipalityFact):
        return MUNICIPALITIES, fact.municipality
    if isinstance(fact, WorkshopFact):
        return WORKSHOPS, fact.workshop_id
    return OFFERS, fact.offer_id


def new_id(prefix: str) -> str:
    """A new random id, e.g. `ws-3f9a…`."""
    return f"{prefix}-{uuid4().hex[:16]}"
