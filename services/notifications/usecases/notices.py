"""Mails about the programme: planned once for each event and contact, sent until the server takes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any

import asyncpg

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
from services.notifications.domain.outcome import SOURCE, Outcome
from services.notifications.gateways.attendees import Attendees
from services.notifications.gateways.email import Attachment, Mail
from services.notifications.store import notices as store
from services.notifications.store import trays
from services.notifications.usecases import SERVICE
from services.notifications.usecases.posting import Cleared, Post, Postman
from shared.clock import Clock
from shared.contracts.deliveries import Channel, DeliveryFailed, DeliverySent, Failure
from shared.contracts.envelope import Envelope, time_text, to_headers
from shared.contracts.topics import DELIVERIES
from shared.db import Database
from shared.messaging import dead_letters, outbox
from shared.messaging.records import Batch
from shared.reference import name_of

_ROOMS = {"source": "sources", "brake": "files"}


@dataclass(frozen=True, slots=True)
class Enrollment:
    """What is known of enrollment: where its pages begin, and who tells the addresses of attendees."""

    pages: str
    attendees: Attendees


class Programme:
    """Mails about the programme, as the postman takes them."""

    table = trays.NOTICES

    def __init__(self, post: Post, attendees: Attendees, clock: Clock) -> None:
        self._post = post
        self._attendees = attendees
        self._clock = clock

    async def lease(self, connection: asyncpg.Connection, now: datetime, until: datetime, most: int) -> list[Notice]:
        """Those that are due."""
        return await store.lease_due(connection, now, until, most)

    async def clear(self, letters: Sequence[Notice]) -> Cleared[Notice]:
        """All of them: mails about the programme say nothing about persons looked after."""
        return Cleared(list(letters), [], [])

    async def mail(self, letter: Notice) -> Mail:
        """The mail as it was planned, to the address as it is now."""
        attachment = Attachment("workshop.ics", "text/calendar", letter.calendar) if letter.calendar else None
        return Mail(
            message_id=self._message_id(letter),
            sender=self._post.sender,
            address=await self._address(letter),
            subject=letter.subject,
            body=letter.body,
            language=letter.contact.language,
            attachment=attachment,
            reply_to=self._post.reply_to,
        )

    async def _address(self, letter: Notice) -> str:
        if letter.contact.attendee_id is None:
            return letter.contact.address
        return await self._attendees.address(letter.contact.attendee_id, self._clock.now())

    def _message_id(self, letter: Notice) -> str:
        domain = parseaddr(self._post.sender)[1].rpartition("@")[2] or "gemeinsam.invalid"
        return f"<{letter.notice_id}@{domain}>"

    async def note(self, connection: asyncpg.Connection, letter: Notice, outcome: Outcome) -> None:
        """The last answer."""
        await store.keep_reason(connection, letter, outcome.reason)

    def said(self, letter: Notice, outcome: Outcome) -> outbox.Message:
        """`delivery.sent` or `delivery.failed`."""
        common = {
            "delivery_id": letter.notice_id,
            "channel": Channel.EMAIL,
            "recipient": letter.contact.attendee_id or f"contact-{letter.contact.contact_id}",
            "municipality": letter.municipality,
            "about": letter.about,
            "message_id": self._message_id(letter),
            "attempts": letter.attempts,
        }
        data: DeliverySent | DeliveryFailed
        if outcome.state == "sent":
            data = DeliverySent(**common, sent_at=outcome.at)
        else:
            reason = Failure.REJECTED if outcome.rejected else Failure.UNREACHABLE
            data = DeliveryFailed(**common, failed_at=outcome.at, reason=reason)
        envelope = Envelope(
            f"{letter.notice_id}.{outcome.state}",
            SOURCE,
            data.TYPE,
            letter.notice_id,
            time_text(outcome.at),
            causationid=letter.event_id,
        )
        value = json.dumps(data.to_data(), ensure_ascii=False).encode()
        return outbox.Message(DELIVERIES.name, envelope.subject, envelope.subject, value, to_headers(envelope))


class Notices:
    """The use cases of mails about the programme."""

    def __init__(self, db: Database, clock: Clock, postman: Postman, *, enrollment: Enrollment) -> None:
        self._db = db
        self._clock = clock
        self._postman = postman
        self._pages = enrollment.pages.rstrip("/")
        self._tray = Programme(postman.post, enrollment.attendees, clock)

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
                    await store.put_slot(connection, _slot(happening), happening.recorded_at)
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
        room = _ROOMS.get(happening.thing.partition(".")[0], f"declarations/{ags}")
        link = f"{self._pages}/workshops/{happening.subject}" if is_workshop else f"{self._pages}/{room}"
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
        """Send what is due, a bounded number; returns how many were tried."""
        return await self._postman.deliver(self._tray)

    async def add_contacts(self, rows: Sequence[tuple[str, str, str]]) -> None:
        """Add contacts (area, role, address) that are not there yet."""
        async with self._db.transaction() as connection:
            await store.add_contacts(connection, rows)

    async def counts(self) -> dict[str, int]:
        """How many mails about the programme wait, were sent and given up, in all."""
        async with self._db.reading() as connection:
            return await store.counts_by_state(connection)

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
