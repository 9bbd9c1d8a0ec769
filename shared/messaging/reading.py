"""How a reader gathers records into batches, and when it tells Kafka how far it has come."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

log = logging.getLogger(__name__)

# A batch of one costs nearly what a batch of fifty costs, so a small one that follows soon on another waits for more:
# as long as the last one took, which is little on an idle machine and more on a busy one. Who comes alone waits for
# nobody.
_SMALL_BATCH = 50
_PATIENT_SECONDS = 0.1  # from here on the broker gathers: one answer in that time, instead of one a record
_PATIENT_BYTES = 262_144
_WAIT_MS = 500
_COMMIT_SECONDS = 0.5


class Patience(NamedTuple):
    """How long, and for how much, the broker may keep a reader waiting."""

    wait_ms: int
    least_bytes: int


def patience_of(gather_seconds: float) -> Patience:
    """Of a reader that may wait so long for a batch to gather."""
    if gather_seconds < _PATIENT_SECONDS:
        return Patience(_WAIT_MS, 1)
    return Patience(int(gather_seconds * 1000), _PATIENT_BYTES)


class Gatherer:
    """Hands out the batches of one reader, and commits the offsets of those that were taken.

    Offsets are committed twice a second and when the reader ends, not after each batch: to Kafka that is a write as
    large as a batch's own. What is met again after a crash is known by its natural keys.
    """

    def __init__(self, *, records: int, gather_seconds: float) -> None:
        self._records = records
        self._gather_seconds = gather_seconds if gather_seconds < _PATIENT_SECONDS else 0.0
        self._waits_until = 0.0
        self._taken: dict[TopicPartition, int] = {}
        self._committed_at = 0.0

    async def next(self, consumer: Any) -> tuple[ConsumerRecord[Any, Any], ...]:
        """The next records, none if none have come for half a second."""
        if self._taken and time.monotonic() - self._committed_at > _COMMIT_SECONDS:
            await self.commit(consumer)
        batch = await self._some(consumer, _WAIT_MS, self._records)
        while 0 < len(batch) < min(_SMALL_BATCH, self._records):
            left_ms = int((self._waits_until - time.monotonic()) * 1000)
            if left_ms <= 0:
                break
            try:
                batch += await self._some(consumer, left_ms, self._records - len(batch))
            except KafkaError as error:  # what is in hand would be passed over; the error comes again if it lasts
                log.warning("no more records are waited for: %s", type(error).__name__)
                break
        return tuple(batch)

    async def _some(self, consumer: Any, timeout_ms: int, most: int) -> list[ConsumerRecord[Any, Any]]:
        found = await consumer.getmany(timeout_ms=timeout_ms, max_records=most)
        return list(chain(*found.values()))

    def taken(self, records: Sequence[ConsumerRecord[Any, Any]], *, seconds: float) -> None:
        """Note that the effects of a batch are committed, which took so long: its offsets may be."""
        for record in records:
            self._taken[TopicPartition(record.topic, record.partition)] = record.offset + 1
        self._waits_until = time.monotonic() + min(seconds, self._gather_seconds)

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
    """Records that wait on the partitions of a reader, as far as its last fetches have told."""
    records = 0
    try:
        for partition in consumer.assignment():
            records += max(0, (consumer.highwater(partition) or 0) - await consumer.position(partition))
    except KafkaError:
        pass  # partitions are just being taken away: what is left of the batch is a small one
    return records
