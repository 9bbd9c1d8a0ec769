"""What the topics remember of persons: the last record of each of their keys, read from the log itself."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from shared.contracts.envelope import Envelope, Malformed, from_headers
from shared.contracts.topics import FINDINGS, PERSONS, REFERRALS, Topic, subject_of_key
from shared.errors import Unavailable
from shared.messaging import wire
from shared.messaging.cluster import Cluster
from shared.messaging.records import text_headers

_ABOUT_PERSONS = (PERSONS, FINDINGS, REFERRALS)
_json = msgspec.json.Decoder(dict[str, Any]).decode


@dataclass(frozen=True, slots=True)
class Remembered:
    """One event that a topic holds about a person."""

    head: Envelope
    data: dict[str, Any]


class Memory:
    """The log of a broker. Reading a person means reading its partition through: for rare requests only."""

    def __init__(self, kafka: Cluster) -> None:
        self._kafka = kafka

    async def of(self, persons: Collection[str]) -> list[Remembered]:
        """All facts, findings and warnings that are held of these persons, oldest first; raises Unavailable."""
        wire.tolerate()
        consumer = AIOKafkaConsumer(**self._kafka.options(), enable_auto_commit=False, auto_offset_reset="earliest")
        try:
            await consumer.start()
            found = [one for topic in _ABOUT_PERSONS for one in await _read(consumer, topic, persons)]
        except KafkaError:
            raise Unavailable("the log cannot be read at the moment") from None
        finally:
            await consumer.stop()
        return sorted(found, key=lambda one: (one.head.instant, one.head.id))


async def _read(consumer: AIOKafkaConsumer, topic: Topic, persons: Collection[str]) -> list[Remembered]:
    parts = [TopicPartition(topic.name, part) for part in sorted({topic.partition_of(person) for person in persons})]
    consumer.assign(parts)
    begins, ends = await consumer.beginning_offsets(parts), await consumer.end_offsets(parts)
    for part in parts:
        consumer.seek(part, begins[part])
    held: dict[bytes, Remembered | None] = {}
    for part in parts:
        while await consumer.position(part) < ends[part]:
            for records in (await consumer.getmany(part, timeout_ms=1000, max_records=5000)).values():
                for record in records:
                    if subject_of_key((record.key or b"").decode("utf-8", "replace")) in persons:
                        held[record.key] = _remembered(record)
    return [one for one in held.values() if one is not None]


def _remembered(record: Any) -> Remembered | None:
    if record.value is None:
        return None
    try:
        return Remembered(from_headers(text_headers(record.headers)), _json(record.value))
    except (Malformed, msgspec.MsgspecError):
        return None
