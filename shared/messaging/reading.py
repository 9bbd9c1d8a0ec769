"""How a reader gets its batches, and when it tells Kafka how far it has come."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import ConsumerStoppedError, KafkaError

log = logging.getLogger(__name__)

_WAIT_MS = 500
_PATIENT_BYTES = 262_144
_COMMIT_SECONDS = 0.5
_LOOK_SECONDS = 0.5


class Patience(NamedTuple):
    """How long, and for how much, the broker may keep a reader waiting."""

    wait_ms: int
    least_bytes: int


def patience_of(gather_seconds: float) -> Patience:
    """Of a reader for which the broker gathers so long: one answer in that time, instead of one a record."""
    return Patience(int(gather_seconds * 1000), _PATIENT_BYTES) if gather_seconds else Patience(_WAIT_MS, 1)


class BatchReading:
    """Hands out the batches of one reader, and commits the offsets of those that were taken.

    Offsets are committed twice a second and when the reader ends, not after each batch: to Kafka that is a write as
    large as a batch's own. What is met again after a crash is known by its natural keys.
    """

    def __init__(self, *, records: int, parts: int = 1) -> None:
        self.records = records
        self._parts = parts
        self._taken: dict[TopicPartition, int] = {}
        self._committed_at = 0.0

    async def next(self, consumer: Any) -> tuple[ConsumerRecord[Any, Any], ...]:
        """The next records, none if none have come for half a second; see `parts` for how many at most."""
        if self._taken and time.monotonic() - self._committed_at > _COMMIT_SECONDS:
            await self.commit(consumer)
        found = await consumer.getmany(timeout_ms=_WAIT_MS, max_records=self.records)
        read = tuple(chain(*found.values()))
        for _ in range(1, self._parts):
            others = consumer.assignment() - found.keys()
            if len(read) % self.records or not others:
                break
            try:
                found |= await consumer.getmany(*others, timeout_ms=0, max_records=self.records)
            except (KafkaError, ConsumerStoppedError):
                break  # it will come again; what was read before it must not be lost with it
            read = tuple(chain(*found.values()))
        return read

    def parts(self, read: Sequence[ConsumerRecord[Any, Any]]) -> list[Sequence[ConsumerRecord[Any, Any]]]:
        """What was read, cut into batches of which no two have records of one partition."""
        return [read[start : start + self.records] for start in range(0, len(read), self.records)]

    def taken(self, records: Sequence[ConsumerRecord[Any, Any]]) -> None:
        """Note that the effects of a batch are committed: its offsets may be."""
        for record in records:
            self._taken[TopicPartition(record.topic, record.partition)] = record.offset + 1

    async def commit(self, consumer: Any) -> None:
        """Tell Kafka how far this reader has come on the partitions it has."""
        self._committed_at = time.monotonic()
        taken, self._taken = self._taken, {}
        try:
            assigned = consumer.assignment()
            if offsets := {partition: offset for partition, offset in taken.items() if partition in assigned}:
                await consumer.commit(offsets)
        except KafkaError as error:
            # Another member has taken over the partitions: it meets the same records, and natural keys.
            log.warning("offsets were not committed: %s", type(error).__name__)


async def behind(consumer: Any) -> int:
    """Records that wait on all partitions of a consumer: what the last fetches have told, or the broker does."""
    records, unread = 0, []
    try:
        async with asyncio.timeout(_LOOK_SECONDS):
            for partition in consumer.assignment():
                if (end := consumer.highwater(partition)) is None:
                    unread.append(partition)
                else:
                    records += max(0, end - await consumer.position(partition))
            if unread:
                for partition, end in (await consumer.end_offsets(unread)).items():
                    records += max(0, end - await consumer.position(partition))
    except (KafkaError, TimeoutError):
        pass  # partitions are just being given or taken away, or have no leader: those counted so far are what is known
    return records
