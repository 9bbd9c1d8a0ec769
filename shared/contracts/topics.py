"""The topics of the system: name, partitions, clean-up, subject and record key, as published to integrators."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

Cleanup = Literal["compact", "delete"]


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic. `retention_days` counts for cleanup `delete` only; `None` keeps for ever.

    `key` is the template of the record key over the envelope's attributes and the data's fields. `subject` says what
    the CloudEvents subject names; it alone decides the partition (`partition_of`).
    """

    name: str
    partitions: int
    cleanup: Cleanup
    retention_days: int | None
    min_compaction_lag_days: int
    subject: str
    key: str

    def record_key(self, subject: str, source: str, event_id: str, data: Mapping[str, Any] | None = None) -> str:
        """The record key of an event on this topic; a field the key needs and `data` lacks raises KeyError."""
        return self.key.format_map({**(data or {}), "subject": subject, "source": source, "id": event_id})

    def partition_of(self, subject: str) -> int:
        """The partition that all records of this subject are in (murmur2 of its UTF-8 text)."""
        return partition_of(subject, self.partitions)


def subject_of_key(key: str) -> str:
    """The subject a record key belongs to: the text before its first slash (all of it, if there is none)."""
    return key.split("/", 1)[0]


def _kept(name: str, partitions: int, subject: str, key: str, *, lag_days: int = 0) -> Topic:
    return Topic(name, partitions, "compact", None, lag_days, subject, key)


def _passing(name: str, partitions: int, subject: str, key: str, *, days: int) -> Topic:
    return Topic(name, partitions, "delete", days, 0, subject, key)


PERSONS = _kept("enrollment.persons", 12, "pseudonym", "{subject}/{source}/{id}")
MUNICIPALITIES = _kept("enrollment.municipalities", 3, "AGS", "{subject}/{id}")
WORKSHOPS = _kept("enrollment.workshops", 3, "workshop", "{subject}/{id}")
ERASURES = _passing("enrollment.erasures", 3, "pseudonym", "{subject}/{service}", days=365)
OFFERS = _kept("enrollment.offers", 3, "offer", "{subject}/{id}")
FINDINGS = _kept("pathways.findings", 12, "pseudonym", "{subject}/{pattern}/{anchor}", lag_days=7)
REFERRALS = _kept("pathways.referrals", 12, "pseudonym", "{subject}/{measure_id}", lag_days=7)
DELIVERIES = _passing("notifications.deliveries", 3, "delivery", "{subject}", days=90)
INDICATORS = _kept("reporting.indicators", 3, "cell", "{subject}")
INTAKE_REPLIES = _passing("intake.<source>.replies", 3, "the record's key as sent", "{subject}", days=14)
"""Stands for the topic of each source that sends over Kafka; see `intake_topics`."""

INTAKE = r"^intake\.(?!.*\.replies$).+"
"""The names of all topics that sources write to, and of no other, as a regular expression."""


def dead_letters(service: str) -> Topic:
    """The topic a service puts the records on that it can never use: original bytes, key and headers, and why."""
    return _passing(f"{service}.dead-letters", 1, "as found", "as found", days=30)


def intake_topics(source: str) -> tuple[Topic, Topic]:
    """The two topics of a source that sends over Kafka: what it sends, and the replies it gets.

    `//koeln.example/jobcenter` has `intake.koeln.example.jobcenter` and `….replies`. Two sources whose names differ
    only in characters a topic name cannot have would meet, so registering the second must be refused. An empty or an
    overlong name raises ValueError (Kafka takes 249 characters), and so does one that would be another's replies.
    """
    slug = re.sub(r"[^A-Za-z0-9.-]+", ".", source).strip(".-")
    if not slug or len(slug) > 200 or slug == "replies" or slug.endswith(".replies"):
        raise ValueError(f"no topic can be named after the source {source[:80]!r}")
    name = f"intake.{slug}"
    return (
        _passing(name, 3, "as sent", "as sent", days=14),
        _passing(f"{name}.replies", 3, "as sent", "as sent", days=14),
    )


_OWN: tuple[Topic, ...] = (
    PERSONS,
    MUNICIPALITIES,
    WORKSHOPS,
    OFFERS,
    ERASURES,
    FINDINGS,
    REFERRALS,
    DELIVERIES,
    INDICATORS,
)
SERVICES: tuple[str, ...] = tuple(dict.fromkeys(topic.name.split(".")[0] for topic in _OWN))
DEAD_LETTERS: Mapping[str, Topic] = {service: dead_letters(service) for service in SERVICES}
TOPICS: tuple[Topic, ...] = (*_OWN, *DEAD_LETTERS.values())
BY_NAME: Mapping[str, Topic] = {topic.name: topic for topic in TOPICS}


@lru_cache(maxsize=131_072)
def partition_of(subject: str, partitions: int) -> int:
    """The partition of a subject among `partitions`: murmur2 of its UTF-8 text, as Kafka's own default partitioner."""
    return (murmur2(subject.encode("utf-8")) & 0x7FFF_FFFF) % partitions


def murmur2(data: bytes) -> int:
    """MurmurHash2 (32 bit, Kafka's seed) as an unsigned number."""
    multiplier, mask = 0x5BD1_E995, 0xFFFF_FFFF
    h = (0x9747_B28C ^ len(data)) & mask
    whole = len(data) & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at : at + 4], "little") * multiplier & mask
        k = (k ^ (k >> 24)) * multiplier & mask
        h = (h * multiplier & mask) ^ k
    if rest := data[whole:]:
        h = (h ^ int.from_bytes(rest, "little")) * multiplier & mask
    h = (h ^ (h >> 13)) * multiplier & mask
    return h ^ (h >> 15)
