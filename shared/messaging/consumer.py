"""The batch consumer: every record of a batch is decoded on its own, taken in one transaction, committed after it.

- What cannot be decoded, or fails alone when its batch is cut down to it, becomes a dead letter in the transaction of
  its batch. Facts commute, so a dead letter never holds back its person's later records.
- What is temporary (database away, deadlock) is tried again with growing pauses. It is the dependency that is away, not
  one person's record, so the whole assignment waits, and health says for what.
- Past the limit of dead letters the consumer holds: nothing is committed until it is released or the hold runs out.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker
from faststream.kafka.message import KafkaAckableMessage
from faststream.middlewares import AckPolicy
from opentelemetry.trace import SpanKind

from shared import metrics, telemetry
from shared.db import AWAY, TEMPORARY
from shared.messaging import wire
from shared.messaging.holds import Holds
from shared.messaging.limit import Limit
from shared.messaging.reading import BatchReading, Patience, behind, patience_of
from shared.messaging.records import Batch, Record, Refused, Unreadable, record_of

log = logging.getLogger(__name__)

T = TypeVar("T")
_NEVER_KICKED_OUT_MS = 24 * 3600 * 1000  # a batch may wait for a database for hours; its heartbeat goes on
_TRIES_TOGETHER = 8
_TRACES_A_BATCH = 32


class Stopping(Exception):
    """The process drains: the batch is left uncommitted and will be delivered again."""


@dataclass(slots=True)
class Subscription(Generic[T]):
    """One reader of topics and what is known of how it goes."""

    topics: tuple[str, ...]
    decode: Callable[[Record], T | None]
    take: Callable[[Batch[T]], Awaitable[None]]
    limit: Limit
    waiting_for: str | None = None
    held_because: str | None = None
    busy_since: float | None = None
    pattern: str | None = None
    reader: Any = None
    reading: BatchReading | None = None


class Consumer:
    """All subscriptions of a service, in the consumer group named after it."""

    def __init__(self, broker: KafkaBroker, holds: Holds, *, service: str, limit: Callable[[], Limit]) -> None:
        self._broker = broker
        self._holds = holds
        self._service = service
        self._new_limit = limit
        self.stopping = asyncio.Event()
        self.subscriptions: list[Subscription[Any]] = []
        wire.tolerate()

    def subscribe(
        self,
        topics: Sequence[str],
        *,
        decode: Callable[[Record], T | None],
        take: Callable[[Batch[T]], Awaitable[None]],
        pattern: str | None = None,
        records: int = 1000,
        parts: int = 1,
        gather_seconds: float = 0.0,
    ) -> None:
        """Read topics from the earliest record on, in batches of at most `records`.

        With a `pattern`, all topics whose names it matches, those made later too; `topics` is then its name for people.

        `decode` returns None for what is passed over (tombstones) and raises `Unreadable` for what can never be taken;
        `take` commits a batch's effects, being idempotent. Where more waits than a batch holds, two `parts` are taken
        at once, of different partitions: one decides while the other is in the database. What comes is taken at once,
        but for those who let the broker gather records for `gather_seconds`: where nobody waits for the effects, that
        is cheaper.
        """
        subscription = Subscription(tuple(topics), decode, take, self._new_limit(), pattern=pattern)
        self.subscriptions.append(subscription)
        self._read(subscription, BatchReading(records=records, parts=parts), patience_of(gather_seconds))

    def _read(self, subscription: Subscription[T], reading: BatchReading, patience: Patience) -> None:
        reader = self._broker.subscriber(
            *(() if subscription.pattern else subscription.topics),
            pattern=subscription.pattern,
            batch=True,
            group_id=self._service,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
            max_records=reading.records,
            fetch_max_wait_ms=patience.wait_ms,
            fetch_min_bytes=patience.least_bytes,
            session_timeout_ms=6_000,
            heartbeat_interval_ms=1_000,
            max_poll_interval_ms=_NEVER_KICKED_OUT_MS,
            parser=_parser(lambda: reader.consumer),
            decoder=_undecoded,
        )
        setattr(reader, "get_msg", reading.next)  # noqa: B010 - its own would sleep after a look that finds nothing
        subscription.reader, subscription.reading = reader, reading

        @reader
        async def take(message: KafkaAckableMessage) -> None:
            try:
                parts = [[record_of(raw) for raw in part] for part in reading.parts(message.raw_message)]
                await self._take_parts(subscription, parts, behind=await behind(reader.consumer))
            except Exception as error:
                # What is not committed must be met again: go back to it, or the commit of the next batch skips it.
                with suppress(KafkaError):
                    await message.nack()
                if not isinstance(error, Stopping):
                    log.exception("a batch is read again")  # a fault of ours
                    await asyncio.sleep(1.0)
                return
            reading.taken(message.raw_message)
            if self.stopping.is_set():
                await reading.commit(reader.consumer)

    async def commit(self) -> None:
        """Tell Kafka how far all readers have come: before they are stopped."""
        for subscription in self.subscriptions:
            if subscription.reading is not None and subscription.reader.consumer is not None:
                await subscription.reading.commit(subscription.reader.consumer)

    async def _take_parts(
        self, subscription: Subscription[T], parts: Sequence[Sequence[Record]], *, behind: int
    ) -> None:
        """Take all parts at once; when one fails, the others come to their end first."""
        subscription.busy_since = time.monotonic()
        try:
            taking = [self.take_records(subscription, part, behind=behind) for part in parts]
            ended = await asyncio.gather(*taking, return_exceptions=True)
        finally:
            subscription.busy_since = None
        for error in ended:
            if error is not None:
                raise error

    async def take_records(self, subscription: Subscription[T], records: Sequence[Record], *, behind: int = 0) -> None:
        """Take records until their effects are committed; returns only then, or raises `Stopping`."""
        started = time.monotonic()
        with ExitStack() as spans:
            self._trace(records, spans)
            batch = self._decoded(subscription, records)
            batch.behind = behind
            await self._take(subscription, batch)
        for topic in {record.topic for record in records}:
            metrics.BATCH_SECONDS.labels(self._service, topic).observe(time.monotonic() - started)
            metrics.RECORDS_TAKEN.labels(self._service, topic).inc(sum(r.topic == topic for r in records))

    def _decoded(self, subscription: Subscription[T], records: Sequence[Record]) -> Batch[tuple[Record, T]]:
        batch: Batch[tuple[Record, T]] = Batch([], [])
        for record in records:
            if wire.UNREADABLE in record.headers:
                log.error("a batch cannot be read: %s %s@%s", record.topic, record.partition, record.offset)
                batch.refused.append(Refused(record, "unreadable_batch"))
                continue
            try:
                event = subscription.decode(record)
            except Unreadable as error:
                batch.refused.append(Refused(record, error.reason, error.field))
            except Exception as error:
                log.exception("a decoder failed on %s %s@%s", record.topic, record.partition, record.offset)
                batch.refused.append(Refused(record, f"decoder_{type(error).__name__}"))
            else:
                if event is not None:
                    batch.events.append((record, event))
        return batch

    async def _take(self, subscription: Subscription[T], batch: Batch[tuple[Record, T]]) -> None:
        """Commit a batch whole, or cut it down to the record that cannot be taken."""
        await self._bear(subscription, batch)
        error = await self._try_together(subscription, batch)
        while error is not None and not batch.events:
            # The refusals themselves cannot be stored: nothing may be lost, so this waits for somebody.
            subscription.waiting_for = type(error).__name__
            await self._pause(5.0)
            error = await self._try_together(subscription, batch)
        if error is None:
            subscription.limit.count(taken=len(batch.events), refused=len(batch.refused), now=time.monotonic())
            return
        if len(batch.events) == 1 and not batch.refused:
            record = batch.events[0][0]
            log.error("a record cannot be taken: %s %s@%s", record.topic, record.partition, record.offset)
            refusal = Refused(record, f"take_{type(error).__name__}", attempts=_TRIES_TOGETHER)
            await self._take(subscription, Batch([], [refusal], batch.behind))
            return
        middle = len(batch.events) // 2
        await self._take(subscription, Batch(batch.events[:middle], batch.refused, batch.behind))
        await self._take(subscription, Batch(batch.events[middle:], [], batch.behind))

    async def _try_together(self, subscription: Subscription[T], batch: Batch[tuple[Record, T]]) -> Exception | None:
        """Take the batch; temporary failures are tried again. Returns what will not go away by itself."""
        attempt = 0
        while True:
            try:
                await subscription.take(Batch([event for _, event in batch.events], batch.refused, batch.behind))
                subscription.waiting_for = None
                return None
            except TEMPORARY as error:
                attempt += 1
                if attempt >= _TRIES_TOGETHER and not isinstance(error, AWAY):
                    subscription.waiting_for = None
                    return error
                subscription.waiting_for = type(error).__name__
                metrics.CONSUMER_RETRIES.labels(self._service, type(error).__name__).inc()
                log.warning("taking %s again (attempt %d): %s", subscription.topics, attempt, type(error).__name__)
                await self._pause(min(5.0, 0.05 * 2**attempt) * random.uniform(0.7, 1.3))
            except Exception as error:
                telemetry.failed(error)
                log.exception("a batch of %d from %s failed", len(batch.events), subscription.topics)
                return error

    async def _bear(self, subscription: Subscription[T], batch: Batch[tuple[Record, T]]) -> None:
        """Wait while the batch would make too many dead letters, until a release or the end of the hold."""
        reason = subscription.limit.exceeded(taken=len(batch.events), refused=len(batch.refused), now=time.monotonic())
        if reason is None:
            return
        topic = subscription.topics[0]
        log.error("holding %s: %s", topic, reason)
        subscription.held_because = reason
        metrics.CONSUMER_HELD.labels(self._service, topic).set(1)
        try:
            await self._holds.wait(topic, reason, self._pause)
            subscription.limit.forget()
            log.warning("%s is released", topic)
        finally:
            subscription.held_because = None
            metrics.CONSUMER_HELD.labels(self._service, topic).set(0)

    async def _pause(self, seconds: float) -> None:
        """Sleep, but end at once with `Stopping` when the process drains."""
        try:
            await asyncio.wait_for(self.stopping.wait(), seconds)
        except TimeoutError:
            return
        raise Stopping

    def _trace(self, records: Sequence[Record], spans: ExitStack) -> None:
        """Where traces are sampled: one span for the batch, and one in each trace that its records then carry on."""
        parents: list[str] = []
        for record in records:
            parent = record.headers.get("traceparent")
            if parent and telemetry.sampled(parent) and parent not in parents and len(parents) < _TRACES_A_BATCH:
                parents.append(parent)
        if not parents:
            return  # nobody will look at it
        topic = records[0].topic
        links = [link for link in map(telemetry.link_to, parents) if link]
        spans.enter_context(
            telemetry.span(
                f"take {topic}", kind=SpanKind.CONSUMER, links=links,
                messaging__destination__name=topic, messaging__batch__message_count=len(records),
            )
        )  # fmt: skip
        onward: dict[str, str] = {}
        for parent in parents:
            child = telemetry.begin(f"process {topic}", parent=parent, kind=SpanKind.CONSUMER)
            spans.callback(child.end)
            onward[parent] = telemetry.traceparent_of(child) or parent
        for record in records:
            parent = record.headers.get("traceparent")
            if parent in onward:
                record.headers["traceparent"] = onward[parent]


def _parser(consumer: Callable[[], Any]) -> Callable[[Any], Awaitable[KafkaAckableMessage]]:
    """Instead of the framework's own, which fails on a null header or one that is no UTF-8 before anybody is asked."""

    async def parse(raw: tuple[ConsumerRecord[Any, Any], ...]) -> KafkaAckableMessage:
        return KafkaAckableMessage(body=b"", raw_message=raw, consumer=consumer())

    return parse


async def _undecoded(message: KafkaAckableMessage) -> KafkaAckableMessage:
    return message
