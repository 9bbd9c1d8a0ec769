"""Watches the readers of a service: lag, age, and those that have silently stopped are started anew."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from shared import metrics
from shared.messaging.cluster import Cluster
from shared.messaging.consumer import Consumer, Subscription

log = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0
_STUCK_SECONDS = 60.0
_SILENT_SECONDS = 15.0


async def wait_for_kafka(cluster: Cluster) -> None:
    """Return once a broker answers; until then say every few seconds what is waited for."""
    pause = 0.2
    while True:
        admin = AIOKafkaAdminClient(**cluster.options(), request_timeout_ms=5_000)
        try:
            await admin.start()
            return
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("waiting for Kafka: %s", type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(5.0, pause * 2)
        finally:
            await admin.close()


class Watch:
    """Looks at position against high-water mark of each reader every two seconds."""

    def __init__(self, consumer: Consumer, *, service: str) -> None:
        self._consumer = consumer
        self._service = service
        self._moved: dict[Any, tuple[int, float]] = {}  # reader → (sum of positions, when it last changed)
        self._patience: dict[Any, float] = {}
        self._heard: dict[Any, float] = {}  # reader with partitions → when the broker last answered it (monotonic)
        self.lag = 0
        self.assigned = 0

    async def run(self) -> None:
        """Look for ever."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if self._consumer.stopping.is_set():
                return
            try:
                await self._look_at_all()
            except Exception:
                log.exception("looking at the readers failed; it is tried again")

    async def _look_at_all(self) -> None:
        lag: dict[str, int] = {}
        assigned = 0
        for subscription in self._consumer.subscriptions:
            behind, partitions = await self._look(subscription, subscription.reader)
            topic = subscription.topics[0]
            lag[topic] = lag.get(topic, 0) + behind
            assigned += partitions
        self.lag, self.assigned = sum(lag.values()), assigned
        for topic, behind in lag.items():
            metrics.CONSUMER_LAG.labels(self._service, topic).set(behind)

    def state(self) -> dict[str, Any]:
        """How the readers are, for the health page."""
        subscriptions = self._consumer.subscriptions
        held = {s.topics[0]: s.held_because for s in subscriptions if s.held_because}
        waiting = {s.topics[0]: s.waiting_for for s in subscriptions if s.waiting_for}
        busy = max((time.monotonic() - s.busy_since for s in subscriptions if s.busy_since), default=0.0)
        silent = max((time.monotonic() - heard for heard in self._heard.values()), default=0.0)
        # A member beyond the number of partitions has none and stands by: that is as it should be.
        fine = not held and not waiting and busy < 60 and silent < _SILENT_SECONDS
        return {
            "ok": fine and all(_works(s.reader) for s in subscriptions),
            "assigned": self.assigned,
            "lag": self.lag,
            "busy_seconds": round(busy, 3),
            "silent_seconds": round(silent, 3),
            "held": held,
            "waiting_for": waiting,
        }

    async def _look(self, subscription: Subscription[Any], reader: Any) -> tuple[int, int]:
        """Records behind and partitions held by one reader; one that stands still while behind is started anew."""
        consumer = reader.consumer
        if consumer is None or not _works(reader):
            await self._start_anew(reader, time.monotonic())
            return 0, 0
        partitions = consumer.assignment()
        behind = position_sum = 0
        try:
            for partition in partitions:
                position = await asyncio.wait_for(consumer.position(partition), 2)
                behind += max(0, (consumer.highwater(partition) or position) - position)
                position_sum += position
        except (KafkaError, TimeoutError, AssertionError):
            return 0, len(partitions)
        now = time.monotonic()
        self._listen(subscription, reader, now)
        before = self._moved.get(reader)
        # A pattern may match no topic yet; then there is nothing to hold and nothing to be behind of.
        content = not behind if partitions else bool(subscription.pattern and not consumer.subscription())
        if before is None or before[0] != position_sum or subscription.busy_since or content:
            self._moved[reader] = (position_sum, now)
            if partitions:
                self._patience[reader] = _STUCK_SECONDS
        elif now - before[1] > self._patience.get(reader, _STUCK_SECONDS):
            await self._start_anew(reader, now)
        return behind, len(partitions)

    def _listen(self, subscription: Subscription[Any], reader: Any, now: float) -> None:
        """Note when the broker last answered a reader, which it does ten times a second with nothing to say."""
        partitions = reader.consumer.assignment()
        if not partitions or subscription.busy_since:  # it does not ask while a batch is in hand
            self._heard.pop(reader, None)
            return
        last = max(reader.consumer.last_poll_timestamp(one) or 0 for one in partitions) / 1000
        self._heard[reader] = max(self._heard.get(reader, now), now - max(0.0, time.time() - last))

    async def _start_anew(self, reader: Any, now: float) -> None:
        # Members without a partition do not always rejoin, and a reader can lose its coordinator for good. The
        # patience doubles, since a member may rightly have nothing to read.
        log.warning("a reader of %s stands still and is started anew", ", ".join(reader.topic_names))
        self._moved.pop(reader, None)
        self._heard.pop(reader, None)
        self._patience[reader] = 2 * self._patience.get(reader, _STUCK_SECONDS)
        try:
            await reader.stop()
            await reader.start()
        except (KafkaError, OSError, TimeoutError) as error:
            log.warning("the reader did not start, it is tried again: %s", type(error).__name__)


def _works(reader: Any) -> bool:
    return bool(reader.running) and any(not task.done() for task in reader.tasks)
