"""The relay: sends what stands in the outbox, in order, from exactly one process a database.

An advisory lock on the relay's own connection elects the one; PostgreSQL frees it when that process dies. A batch is
read by id, sent with idempotence, and deleted only after every acknowledgement, so a crash repeats and never loses.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from typing import NamedTuple

import asyncpg
import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, UnknownTopicOrPartitionError
from aiokafka.producer.message_accumulator import BatchBuilder
from opentelemetry.trace import SpanKind

from shared import metrics, telemetry
from shared.contracts.topics import BY_NAME
from shared.db import TEMPORARY, Database
from shared.messaging import producing
from shared.messaging.cluster import Cluster
from shared.messaging.partition import partition_of

log = logging.getLogger(__name__)

_decode_headers = msgspec.json.Decoder(dict[str, str]).decode
_LOCK = 0x72656C61  # "rela"
_POLL_SECONDS = 0.05
_FIRST_PAUSE_SECONDS = 0.2
_SMALL_BATCH = 50
_REST_SECONDS = 0.02
_ELECTION_SECONDS = 1.0
_SEND_SECONDS = 30.0
_TRACES_A_BATCH = 32


class Parcel(NamedTuple):
    """A batch for one partition, and the rows in it."""

    batch: BatchBuilder
    rows: list[asyncpg.Record]


class Relay:
    """Runs for the life of the process; `run` never returns by itself and survives both servers' restarts."""

    def __init__(self, database: Database, url: str, kafka: Cluster, *, service: str, batch: int = 2000) -> None:
        self._database = database
        self._url = url
        self._kafka = kafka
        self._service = service
        self._batch = batch
        self._stopping = False
        self._partitions: dict[str, int] = {}
        self._missing: dict[str, float] = {}  # topics of outsiders that there are not, and until when that is believed
        self._acknowledged: list[int] = []
        self.active = False
        self._oldest_at: float | None = None  # when the oldest message that waits was decided (monotonic)
        self.last_error: str | None = None
        self._pause_seconds = _FIRST_PAUSE_SECONDS

    @property
    def oldest_seconds(self) -> float:
        """The age of the oldest message that was waiting when last looked; it grows while a send is stuck."""
        return 0.0 if self._oldest_at is None else time.monotonic() - self._oldest_at

    async def run(self) -> None:
        """Stand for election, relay while elected, begin anew after any failure (0.2 to 5 seconds later)."""
        while not self._stopping:
            try:
                await self._stand_for_election()
            except (*TEMPORARY, asyncpg.PostgresError, KafkaError) as error:
                self.last_error = type(error).__name__
                log.warning("the relay begins anew: %s", self.last_error)
            except Exception as error:  # a fault of ours: said, and tried again, since nothing else sends
                self.last_error = type(error).__name__
                log.exception("the relay failed and begins anew")
            finally:
                self._set_active(False)
            if self.last_error and not self._stopping:
                await asyncio.sleep(self._pause_seconds)
                self._pause_seconds = min(5.0, self._pause_seconds * 2)

    async def drain(self, seconds: float) -> None:
        """Send what is committed, for at most so long, then stop."""
        deadline = time.monotonic() + seconds
        while self.active and self.oldest_seconds > 0 and time.monotonic() < deadline:
            self._database.committed.set()
            await asyncio.sleep(0.02)
        self._stopping = True
        self._database.committed.set()

    async def _stand_for_election(self) -> None:
        connection = await asyncpg.connect(self._url, timeout=10, command_timeout=60)
        try:
            while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", _LOCK):
                await self._measure(connection)
                self.last_error = None  # the database is there, and another process sends
                await asyncio.sleep(_ELECTION_SECONDS)
                if self._stopping:
                    return
            await self._relay_while_elected(connection)
        finally:
            with suppress(*TEMPORARY, asyncpg.PostgresError):
                await connection.close(timeout=2)

    async def _relay_while_elected(self, connection: asyncpg.Connection) -> None:
        producer = await producing.start(self._kafka, client_id=f"{self._service}-relay")
        self._partitions.clear()  # what there was may have gone
        try:
            self._set_active(True)
            self.last_error = None
            self._pause_seconds = _FIRST_PAUSE_SECONDS
            self._acknowledged = []
            while not self._stopping:
                self._database.committed.clear()
                started = time.monotonic()
                sent = await self._relay_once(connection, producer)
                if 0 < sent < _SMALL_BATCH:
                    # Lets the next batch gather for as long as this one took. What comes alone waits for nobody.
                    await asyncio.sleep(min(time.monotonic() - started, _REST_SECONDS))
                elif sent < self._batch:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._database.committed.wait(), _POLL_SECONDS)
        finally:
            await producing.end(producer)

    async def _relay_once(self, connection: asyncpg.Connection, producer: AIOKafkaProducer) -> int:
        """Delete what was acknowledged, send what comes next until it is acknowledged; returns how many that were.

        Deleting a few and reading are one statement, since there is always a next look; a crash between repeats them.
        """
        rows = await connection.fetch(
            "WITH gone AS (DELETE FROM outbox WHERE outbox_id = ANY($2::bigint[]))"
            " SELECT outbox_id, topic, key, subject, value, headers,"
            " extract(epoch FROM clock_timestamp() - created_at)::float8 AS age"
            " FROM outbox WHERE outbox_id <> ALL($2::bigint[]) ORDER BY outbox_id LIMIT $1",
            self._batch,
            self._acknowledged,
        )
        self._acknowledged = []
        self._note(len(rows), max(0.0, rows[0]["age"]) if rows else 0.0)
        if not rows:
            return 0
        if lost := [row for row in rows if await self._goes_nowhere(producer, row["topic"])]:
            for row in lost:
                await self._lay_aside(connection, row, "topic_missing")
            return len(lost)
        with ExitStack() as spans:
            parcels = await self._parcels(producer, rows, self._traced(rows, spans))
            sending = [self._send(producer, place, parts) for place, parts in parcels.items()]
            done = await asyncio.wait_for(asyncio.gather(*sending), _SEND_SECONDS)
        await self._look_at([failed for parts in done for failed in parts], connection)
        self._count(rows)
        sent = [row["outbox_id"] for row in rows]
        if len(sent) < _SMALL_BATCH:
            self._acknowledged = sent
        else:
            await connection.execute("DELETE FROM outbox WHERE outbox_id = ANY($1::bigint[])", sent)
        return len(sent)

    async def _parcels(
        self, producer: AIOKafkaProducer, rows: Sequence[asyncpg.Record], headers: Sequence[list[tuple[str, bytes]]]
    ) -> dict[tuple[str, int], list[Parcel]]:
        """The rows packed by topic and partition, in order. Whole batches cost a third of sending one by one."""
        places: dict[tuple[str, int], list[tuple[asyncpg.Record, list[tuple[str, bytes]]]]] = {}
        for row, row_headers in zip(rows, headers, strict=True):
            place = (row["topic"], await self._partition(producer, row["topic"], row["subject"]))
            places.setdefault(place, []).append((row, row_headers))
        return {place: _packed(producer, found) for place, found in places.items()}

    async def _send(
        self, producer: AIOKafkaProducer, place: tuple[str, int], parcels: Sequence[Parcel]
    ) -> list[tuple[Parcel, BaseException]]:
        """Send the batches of one partition one after the other; answers those that failed, and why."""
        failed: list[tuple[Parcel, BaseException]] = []
        for parcel in parcels:
            try:
                acknowledged = await producer.send_batch(parcel.batch, place[0], partition=place[1])
                await acknowledged
            except KafkaError as error:
                failed.append((parcel, error))
                if not isinstance(error, MessageSizeTooLargeError):
                    break  # what comes after it on this partition must not overtake it
        return failed

    async def _look_at(self, failed: Sequence[tuple[Parcel, BaseException]], connection: asyncpg.Connection) -> None:
        """Raise what went wrong. What is too large is out of the way first, so that it stops nothing the next time."""
        for parcel, error in failed:
            if isinstance(error, MessageSizeTooLargeError) and len(parcel.rows) == 1:
                log.error("message %d is larger than the broker takes", parcel.rows[0]["outbox_id"])
                await self._lay_aside(connection, parcel.rows[0], "too_large_to_send")
        for _, error in failed:
            raise error

    async def _goes_nowhere(self, producer: AIOKafkaProducer, topic: str) -> bool:
        """Whether an outsider's topic does not exist. One of ours that is missing is waited for, however long."""
        if topic in BY_NAME or topic in self._partitions:
            return False
        if time.monotonic() < self._missing.get(topic, 0.0):
            return True
        try:
            await self._partition(producer, topic, "")
        except UnknownTopicOrPartitionError:
            log.error("there is no topic %s; what is for it becomes dead letters", topic)
            self._missing[topic] = time.monotonic() + _SEND_SECONDS
            return True
        return False

    async def _lay_aside(self, connection: asyncpg.Connection, row: asyncpg.Record, reason: str) -> None:
        """Keep what the broker will never take as a dead letter, so that it does not stop everything behind it."""
        metrics.DEAD_LETTERS.labels(self._service, reason).inc()
        await connection.execute(
            "WITH gone AS (DELETE FROM outbox WHERE outbox_id = $1 RETURNING outbox_id, topic, key, value, headers)"
            ' INSERT INTO dead_letters (topic, partition, "offset", key, value, headers, reason, attempts)'
            " SELECT topic, -1, outbox_id, key, value, headers, $2, 1 FROM gone",
            row["outbox_id"],
            reason,
        )

    async def _partition(self, producer: AIOKafkaProducer, topic: str, subject: str) -> int:
        count = self._partitions.get(topic)
        if count is None:
            count = self._partitions[topic] = len(await producer.partitions_for(topic))
        return partition_of(subject, count)

    def _traced(self, rows: Sequence[asyncpg.Record], spans: ExitStack) -> list[list[tuple[str, bytes]]]:
        """The headers of each row; each sampled trace gets one span, and its records go on from there."""
        onward: dict[str, str] = {}
        result = []
        for row in rows:
            headers = _headers_of(row["headers"])
            parent = headers.get("traceparent")
            if parent and telemetry.sampled(parent):
                if parent not in onward and len(onward) < _TRACES_A_BATCH:
                    spans.enter_context(
                        telemetry.span(
                            f"relay {row['topic']}", kind=SpanKind.PRODUCER, parent=parent,
                            messaging__system="kafka", messaging__destination__name=row["topic"],
                        )
                    )  # fmt: skip
                    onward[parent] = telemetry.traceparent() or parent
                headers["traceparent"] = onward.get(parent, parent)
            result.append([(name, value.encode("utf-8", "surrogatepass")) for name, value in headers.items()])
        return result

    async def _measure(self, connection: asyncpg.Connection) -> None:
        row = await connection.fetchrow(
            "SELECT count(*) AS messages, coalesce(extract(epoch FROM now() - min(created_at)), 0)::float8 AS age"
            " FROM (SELECT created_at FROM outbox ORDER BY outbox_id LIMIT 10000) AS oldest"
        )
        self._note(row["messages"], row["age"])

    def _note(self, messages: int, oldest_seconds: float) -> None:
        self._oldest_at = time.monotonic() - oldest_seconds if messages else None
        metrics.OUTBOX_MESSAGES.labels(self._service).set(messages)
        metrics.OUTBOX_AGE_SECONDS.labels(self._service).set(self.oldest_seconds)

    def _count(self, rows: Sequence[asyncpg.Record]) -> None:
        topics = [row["topic"] for row in rows]
        for topic in set(topics):
            metrics.RELAYED.labels(self._service, topic).inc(topics.count(topic))

    def _set_active(self, active: bool) -> None:
        self.active = active
        metrics.RELAY_ACTIVE.labels(self._service).set(1 if active else 0)


def _packed(
    producer: AIOKafkaProducer, rows: Sequence[tuple[asyncpg.Record, Sequence[tuple[str, bytes]]]]
) -> list[Parcel]:
    """Rows of one partition with their headers, in as few batches as hold them."""
    now = int(time.time() * 1000)
    content = sum(len(row["value"] or b"") for row, _ in rows)
    parcels: list[Parcel] = []
    for row, headers in rows:
        record = {"timestamp": now, "key": row["key"], "value": row["value"], "headers": headers}
        if not parcels or parcels[-1].batch.append(**record) is None:
            parcels.append(Parcel(producing.batch(producer, content_bytes=content), []))
            parcels[-1].batch.append(**record)
        parcels[-1].rows.append(row)
    return parcels


def _headers_of(text: str) -> dict[str, str]:
    try:
        return _decode_headers(text)
    except msgspec.DecodeError:  # a lone surrogate, which JSON can escape and msgspec does not read
        return dict(json.loads(text))
