"""What notifications can do: plan messages about findings, deliver them, show how they went."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from services.notifications import store
from services.notifications.domain.delivery import Delivery, planned
from services.notifications.domain.finding import RETRACTED, Cleared, Finding, Gone, worth_telling
from services.notifications.domain.outcome import Outcome, event_of, message_id
from services.notifications.domain.recipient import areas_of, told
from services.notifications.domain.wording import words_for
from services.notifications.gateways.email import Mail
from services.notifications.store import trays
from services.notifications.usecases.posting import Post, Postman
from shared.clock import Clock
from shared.contracts.envelope import to_headers
from shared.contracts.topics import DELIVERIES
from shared.db import Database
from shared.messaging import dead_letters, outbox
from shared.messaging.records import Batch

SERVICE = "notifications"


@dataclass(frozen=True, slots=True)
class Heard:
    """A finding, or a warning about a referral, as it was heard, with the trace it came in."""

    finding: Finding | Cleared | Gone
    traceparent: str | None


class Findings:
    """Mails about findings, as the postman takes them."""

    table = trays.DELIVERIES

    def __init__(self, post: Post) -> None:
        self._post = post

    async def lease(self, connection: asyncpg.Connection, now: datetime, until: datetime, most: int) -> list[Delivery]:
        """Those that are due."""
        return await store.lease_due(connection, now, until, most)

    async def mail(self, letter: Delivery) -> Mail:
        """The words of a finding's step."""
        words = words_for(letter, self._post.case_url.format(case=letter.person_id))
        return Mail(
            message_id=message_id(letter, self._post.sender),
            sender=self._post.sender,
            address=letter.recipient.address,
            subject=words.subject,
            body=words.body,
            language=words.language,
        )

    async def note(self, connection: asyncpg.Connection, letter: Delivery, outcome: Outcome) -> None:
        """A row in the log of tries."""
        await store.log_attempt(connection, letter, at=outcome.at, outcome=outcome.state, reason=outcome.reason)

    def said(self, letter: Delivery, outcome: Outcome) -> outbox.Message:
        """`delivery.sent` or `delivery.failed`."""
        envelope, data = event_of(letter, outcome, self._post.sender)
        value = json.dumps(data.to_data(), ensure_ascii=False).encode()
        return outbox.Message(DELIVERIES.name, envelope.subject, envelope.subject, value, to_headers(envelope))


class UseCases:
    """The use cases; each opens its transactions itself and talks to the mail server outside of them."""

    def __init__(self, db: Database, clock: Clock, postman: Postman) -> None:
        self._db = db
        self._clock = clock
        self._postman = postman
        self._tray = Findings(postman.post)

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
        retracted = _retracted_at_last(batch.events)
        if not (gone or telling or retracted or batch.refused):
            return
        async with self._db.transaction() as connection:
            await dead_letters.put(connection, batch.refused, service=SERVICE)
            if telling:
                await self._plan(connection, telling)
            if retracted:
                await store.remove_waiting(connection, retracted)
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
        return await self._postman.deliver(self._tray)

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


def _retracted_at_last(events: Sequence[Heard]) -> list[Gone]:
    """The findings whose last word is that they do not hold: what has not been sent about them must not be."""
    last = {
        (one.finding.person_id, one.finding.pattern, one.finding.anchor): one.finding
        for one in events
        if isinstance(one.finding, Finding | Cleared)
    }
    return [
        Gone(*identity)
        for identity, finding in sorted(last.items(), key=lambda pair: pair[0])
        if isinstance(finding, Cleared) or finding.type == RETRACTED
    ]
