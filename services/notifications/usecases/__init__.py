"""What notifications can do: plan messages about findings, deliver them, show how they went."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg
from opentelemetry.trace import SpanKind

from services.notifications import store
from services.notifications.domain.delivery import Delivery, pause_seconds, planned
from services.notifications.domain.finding import Finding, Gone, worth_telling
from services.notifications.domain.outcome import Outcome, event_of, message_id
from services.notifications.domain.recipient import areas_of, told
from services.notifications.domain.wording import words_for
from services.notifications.gateways.email import Line, Mail, NotDelivered, Server, line_to
from shared import metrics, telemetry
from shared.clock import Clock
from shared.contracts.envelope import to_headers
from shared.contracts.topics import DELIVERIES
from shared.db import Database
from shared.messaging import dead_letters, outbox
from shared.messaging.records import Batch

SERVICE = "notifications"
LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Heard:
    """A finding as it was heard, with the trace it came in."""

    finding: Finding | Gone
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class Post:
    """How messages go out: the server, who sends, where links lead, how many at once, and how patiently."""

    server: Server
    sender: str
    case_url: str  # with `{case}` in it
    at_once: int
    a_run: int
    first_pause_seconds: float


class UseCases:
    """The use cases; each opens its transactions itself and talks to the mail server outside of them."""

    def __init__(self, db: Database, clock: Clock, post: Post, chance: Callable[[], float] = random.random) -> None:
        self._db = db
        self._clock = clock
        self._post = post
        self._chance = chance

    async def plan(self, batch: Batch[Heard]) -> None:
        """Store who is to be told of the findings heard; what was planned before is not planned again."""
        # Erasure comes after everything else about a person on its partition, so the order inside the batch is kept
        # by planning first and forgetting then.
        gone = [one.finding for one in batch.events if isinstance(one.finding, Gone)]
        telling = [
            (one.finding, one.traceparent)
            for one in batch.events
            if isinstance(one.finding, Finding) and worth_telling(one.finding)
        ]
        if not (gone or telling or batch.refused):
            return
        async with self._db.transaction() as connection:
            await dead_letters.put(connection, batch.refused, service=SERVICE)
            if telling:
                await self._plan(connection, telling)
            if gone:
                await store.remove_deliveries(connection, gone)

    async def _plan(self, connection: asyncpg.Connection, telling: Sequence[tuple[Finding, str | None]]) -> None:
        areas = {area for finding, _ in telling for area in areas_of(finding.municipality)}
        by_area = await store.recipients_in(connection, sorted(areas))
        deliveries = [
            planned(finding, recipient, traceparent)
            for finding, traceparent in telling
            for recipient in told(finding, by_area)
        ]
        if deliveries:
            deliveries.sort(key=lambda one: one.delivery_id)  # one order of locks for all processes
            await store.add_deliveries(connection, deliveries, self._clock.now())

    async def deliver(self) -> int:
        """Send what is due, a bounded number; returns how many were tried."""
        now = self._clock.now()
        until = now + LEASE
        async with self._db.transaction() as connection:
            due = await store.lease_due(connection, now, until, self._post.a_run)
        lanes = [due[start :: self._post.at_once] for start in range(self._post.at_once)]
        await asyncio.gather(*(self._deliver_lane(lane, until) for lane in lanes if lane))
        return len(due)

    async def _deliver_lane(self, deliveries: Sequence[Delivery], until: datetime) -> None:
        longest = timedelta(seconds=3 * self._post.server.timeout_seconds)
        async with line_to(self._post.server) as line:
            for delivery in deliveries:
                if self._clock.now() + longest > until:
                    return  # the lease could end while we send: the rest is leased anew
                await self._deliver_one(line, delivery)

    async def _deliver_one(self, line: Line, delivery: Delivery) -> None:
        with telemetry.span(
            "send e-mail",
            kind=SpanKind.CLIENT,
            parent=delivery.traceparent,
            delivery_id=delivery.delivery_id,
            attempt=delivery.attempts,
        ) as span:
            try:
                await line.send(self._mail(delivery))
            except NotDelivered as error:
                telemetry.mark_failed(span, error.reason)
                await self._not_sent(delivery, error)
            else:
                await self._settled(delivery, Outcome("sent", self._clock.now()))

    def _mail(self, delivery: Delivery) -> Mail:
        words = words_for(delivery, self._post.case_url.format(case=delivery.person_id))
        return Mail(
            message_id=message_id(delivery, self._post.sender),
            sender=self._post.sender,
            address=delivery.recipient.address,
            subject=words.subject,
            body=words.body,
            language=words.language,
        )

    async def _not_sent(self, delivery: Delivery, error: NotDelivered) -> None:
        pause = pause_seconds(delivery.attempts, self._post.first_pause_seconds, self._chance())
        if error.permanent or pause is None:
            await self._settled(delivery, Outcome("failed", self._clock.now(), error.reason, error.permanent))
            return
        now = self._clock.now()
        async with self._db.transaction() as connection:
            if await store.postpone(connection, delivery, now + timedelta(seconds=pause)):
                await store.log_attempt(connection, delivery, at=now, outcome="retried", reason=error.reason)
        metrics.DELIVERIES.labels("email", "retried").inc()

    async def _settled(self, delivery: Delivery, outcome: Outcome) -> None:
        async with self._db.transaction() as connection:
            if not await store.settle(connection, delivery, outcome.state, outcome.at):
                return
            await store.log_attempt(connection, delivery, at=outcome.at, outcome=outcome.state, reason=outcome.reason)
            await outbox.put(connection, [self._said(delivery, outcome)])
        metrics.DELIVERIES.labels("email", outcome.state).inc()

    def _said(self, delivery: Delivery, outcome: Outcome) -> outbox.Message:
        envelope, data = event_of(delivery, outcome, self._post.sender)
        value = json.dumps(data.to_data(), ensure_ascii=False).encode()
        return outbox.Message(DELIVERIES.name, envelope.subject, envelope.subject, value, to_headers(envelope))

    async def newest(self, areas: Sequence[str], most: int) -> list[Mapping[str, Any]]:
        """The newest deliveries of areas, for the page; no addresses."""
        async with self._db.reading() as connection:
            return await store.newest_deliveries(connection, areas, most)

    async def counts(self) -> dict[str, int]:
        """How many deliveries are waiting, sent and failed in all."""
        async with self._db.reading() as connection:
            return await store.counts_by_state(connection)

    async def add_recipients(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Add mail boxes (area, role, address) that are not there yet."""
        async with self._db.transaction() as connection:
            await store.add_recipients(connection, rows)
