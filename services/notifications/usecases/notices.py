"""Mails about the programme: planned once for each event and contact, sent until the server takes them."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parseaddr
from typing import Any

import asyncpg
from opentelemetry.trace import SpanKind

from services.notifications.domain.delivery import pause_seconds
from services.notifications.domain.notice import (
    Contact,
    Happening,
    Notice,
    Slot,
    addressed,
    attendees,
    notice_id,
    worth_mailing,
)
from services.notifications.domain.notice_words import calendar, words
from services.notifications.domain.outcome import SOURCE
from services.notifications.gateways.attendees import Attendees
from services.notifications.gateways.email import Attachment, Line, Mail, NotDelivered, line_to
from services.notifications.store import notices as store
from services.notifications.usecases import LEASE, SERVICE, Post
from shared import metrics, telemetry
from shared.clock import Clock
from shared.contracts.deliveries import Channel, DeliveryFailed, DeliverySent, Failure
from shared.contracts.envelope import Envelope, time_text, to_headers
from shared.contracts.topics import DELIVERIES
from shared.db import Database
from shared.messaging import dead_letters, outbox
from shared.messaging.records import Batch
from shared.reference import name_of


@dataclass(frozen=True, slots=True)
class Enrollment:
    """What is known of enrollment: where its pages begin, and who tells the addresses of attendees."""

    pages: str
    attendees: Attendees


class Notices:
    """The use cases of mails about the programme."""

    def __init__(self, db: Database, clock: Clock, post: Post, *, enrollment: Enrollment) -> None:
        self._db = db
        self._clock = clock
        self._post = post
        self._pages = enrollment.pages.rstrip("/")
        self._attendees = enrollment.attendees
        self._chance = random.random

    async def plan(self, batch: Batch[Happening]) -> None:
        """Store who is to be told of what was heard, and when workshops are."""
        now = self._clock.now()
        if not batch.events and not batch.refused:
            return
        async with self._db.transaction() as connection:
            await dead_letters.put(connection, batch.refused, service=SERVICE)
            planned: list[Notice] = []
            for happening in batch.events:
                if happening.thing == "workshop.offered":
                    await store.put_slot(connection, _slot(happening))
                elif worth_mailing(happening, now):
                    planned += await self._planned(connection, happening, now)
            if planned:
                planned.sort(key=lambda one: one.notice_id)  # one order of locks for all processes
                await store.add(connection, planned, now)

    async def _planned(self, connection: asyncpg.Connection, happening: Happening, now: datetime) -> list[Notice]:
        wanted = addressed(happening)
        by_role = await store.contacts(connection, [area for area, _ in wanted])
        slot = await store.slot(connection, happening.subject) if happening.thing.startswith("workshop.") else None
        told = [contact for key in wanted for contact in by_role.get(key, ())]
        told += attendees(happening)
        return [self._notice(happening, contact, slot, now) for contact in told]

    def _notice(self, happening: Happening, contact: Contact, slot: Slot | None, now: datetime) -> Notice:
        ags = happening.municipality or ""
        is_workshop = happening.thing.startswith("workshop.")
        link = f"{self._pages}/workshops/{happening.subject}" if is_workshop else f"{self._pages}/declarations/{ags}"
        subject, body = words(happening, contact.language, name=name_of(ags), link=link, slot=slot, contact=contact)
        place = name_of(slot.venue) if slot else ""
        return Notice(
            notice_id=notice_id(happening.event_id, contact),
            contact=contact,
            about=happening.thing.partition(".")[0],
            municipality=ags,
            subject=subject,
            body=body,
            calendar=calendar(happening, slot, place=place, contact=contact, at=now),
            event_id=happening.event_id,
            traceparent=happening.traceparent,
        )

    async def deliver(self) -> int:
        """Send what is due, a bounded number, over one connection; returns how many were tried."""
        now = self._clock.now()
        until = now + LEASE
        async with self._db.transaction() as connection:
            due = await store.lease_due(connection, now, until, self._post.a_run)
        if due:
            await self._deliver_all(due, until)
        return len(due)

    async def _deliver_all(self, due: Sequence[Notice], until: datetime) -> None:
        longest = timedelta(seconds=3 * self._post.server.timeout_seconds)
        async with line_to(self._post.server) as line:
            for notice in due:
                if self._clock.now() + longest > until:
                    return  # the lease could end while we send: the rest is leased anew
                await self._deliver_one(line, notice)

    async def _deliver_one(self, line: Line, notice: Notice) -> None:
        with telemetry.span(
            "send e-mail",
            kind=SpanKind.CLIENT,
            parent=notice.traceparent,
            delivery_id=notice.notice_id,
            attempt=notice.attempts,
        ) as span:
            try:
                address = await self._address(notice)
                await line.send(self._mail(notice, address))
            except NotDelivered as error:
                telemetry.mark_failed(span, error.reason)
                await self._not_sent(notice, error)
            else:
                await self._settled(notice, "sent")

    async def _address(self, notice: Notice) -> str:
        if notice.contact.attendee_id is None:
            return notice.contact.address
        return await self._attendees.address(notice.contact.attendee_id, self._clock.now())

    def _mail(self, notice: Notice, address: str) -> Mail:
        attachment = Attachment("workshop.ics", "text/calendar", notice.calendar) if notice.calendar else None
        return Mail(
            message_id=self._message_id(notice),
            sender=self._post.sender,
            address=address,
            subject=notice.subject,
            body=notice.body,
            language=notice.contact.language,
            attachment=attachment,
        )

    def _message_id(self, notice: Notice) -> str:
        domain = parseaddr(self._post.sender)[1].rpartition("@")[2] or "gemeinsam.invalid"
        return f"<{notice.notice_id}@{domain}>"

    async def _not_sent(self, notice: Notice, error: NotDelivered) -> None:
        pause = pause_seconds(notice.attempts, self._post.first_pause_seconds, self._chance())
        if error.permanent or pause is None:
            await self._settled(notice, "failed", Failure.REJECTED if error.permanent else Failure.UNREACHABLE)
            return
        due_at = self._clock.now() + timedelta(seconds=pause)
        async with self._db.transaction() as connection:
            await store.postpone(connection, notice, due_at, error.reason)
        metrics.DELIVERIES.labels("email", "retried").inc()

    async def _settled(self, notice: Notice, state: str, failure: Failure | None = None) -> None:
        at = self._clock.now()
        async with self._db.transaction() as connection:
            if await store.settle(connection, notice, state, at):
                await outbox.put(connection, [self._said(notice, failure, at)])
        metrics.DELIVERIES.labels("email", state).inc()

    def _said(self, notice: Notice, failure: Failure | None, at: datetime) -> outbox.Message:
        common = {
            "delivery_id": notice.notice_id,
            "channel": Channel.EMAIL,
            "recipient": notice.contact.attendee_id or f"contact-{notice.contact.contact_id}",
            "municipality": notice.municipality,
            "about": notice.about,
            "message_id": self._message_id(notice),
            "attempts": notice.attempts,
        }
        data = DeliveryFailed(**common, failed_at=at, reason=failure) if failure else DeliverySent(**common, sent_at=at)
        state = "failed" if failure else "sent"
        envelope = Envelope(
            f"{notice.notice_id}.{state}",
            SOURCE,
            data.TYPE,
            notice.notice_id,
            time_text(at),
            causationid=notice.event_id,
        )
        value = json.dumps(data.to_data(), ensure_ascii=False).encode()
        return outbox.Message(DELIVERIES.name, envelope.subject, envelope.subject, value, to_headers(envelope))

    async def add_contacts(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Add contacts (area, role, address) that are not there yet."""
        async with self._db.transaction() as connection:
            await store.add_contacts(connection, rows)

    async def newest(self, areas: Sequence[str], most: int) -> list[Mapping[str, Any]]:
        """The newest mails about the programme to the areas, for the page; no addresses."""
        async with self._db.reading() as connection:
            return await store.newest(connection, areas, most)


def _slot(happening: Happening) -> Slot:
    data = happening.data
    return Slot(
        workshop_id=happening.subject,
        kind=str(data["kind"]),
        starts_at=datetime.fromisoformat(str(data["starts_at"])),
        ends_at=datetime.fromisoformat(str(data["ends_at"])),
        venue=str(data["venue"]),
    )
