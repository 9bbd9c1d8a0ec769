"""The catalogue of all events: for each type its model, its topic and its name in German and English."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

from shared.contracts import (
    deliveries,
    erasures,
    findings,
    indicators,
    intake,
    municipalities,
    offers,
    persons,
    referrals,
    topics,
    workshops,
)
from shared.contracts.fields import Data
from shared.contracts.topics import Topic

Model = type[Data]


@dataclass(frozen=True, slots=True)
class EventType:
    """One type of event: what its data are, where it is published and what people call it."""

    type: str
    model: Model
    topic: Topic
    name_de: str
    name_en: str

    @property
    def description(self) -> str:
        """What the event says, in English, in one or a few sentences."""
        return " ".join((self.model.__doc__ or "").split())

    def name(self, language: str) -> str:
        """The name in `de` or `en`."""
        return self.name_de if language == "de" else self.name_en


_MODELS: tuple[tuple[Topic, Mapping[str, Model]], ...] = (
    (topics.PERSONS, persons.EVENTS),
    (topics.MUNICIPALITIES, municipalities.EVENTS),
    (topics.WORKSHOPS, workshops.EVENTS),
    (topics.OFFERS, offers.EVENTS),
    (topics.ERASURES, erasures.EVENTS),
    (topics.FINDINGS, findings.EVENTS),
    (topics.REFERRALS, referrals.EVENTS),
    (topics.DELIVERIES, deliveries.EVENTS),
    (topics.INDICATORS, indicators.EVENTS),
    (topics.INTAKE_REPLIES, intake.EVENTS),
)


def _all() -> dict[str, EventType]:
    text = (files(__package__) / "reference" / "events.csv").read_text(encoding="utf-8")
    names = {row["type"]: row for row in csv.DictReader(text.splitlines())}
    return {
        type_: EventType(type_, model, topic, names[type_]["de"], names[type_]["en"])
        for topic, models in _MODELS
        for type_, model in models.items()
    }


CATALOGUE: Mapping[str, EventType] = MappingProxyType(_all())
"""Every type of event that is published, in the order of the topics."""


def of_topic(topic: Topic) -> tuple[EventType, ...]:
    """The events on a topic, in the order they are written in."""
    return tuple(event for event in CATALOGUE.values() if event.topic == topic)
