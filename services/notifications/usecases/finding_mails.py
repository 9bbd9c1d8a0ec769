"""Mails about findings, as the postman takes them: what each recipient's body may be told is asked before they go."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import asyncpg

from services.notifications import store
from services.notifications.domain.delivery import Delivery
from services.notifications.domain.outcome import Outcome, event_of, message_id
from services.notifications.domain.release import Question, Release
from services.notifications.domain.wording import words_for
from services.notifications.gateways.email import Mail
from services.notifications.gateways.releases import Releases
from services.notifications.store import trays
from services.notifications.usecases.posting import Cleared, Post
from shared.contracts.envelope import to_headers
from shared.contracts.topics import DELIVERIES
from shared.messaging import outbox


class Findings:
    """Mails about findings and about referrals."""

    table = trays.DELIVERIES

    def __init__(self, post: Post, releases: Releases) -> None:
        self._post = post
        self._releases = releases

    async def lease(self, connection: asyncpg.Connection, now: datetime, until: datetime, most: int) -> list[Delivery]:
        """Those that are due."""
        return await store.lease_due(connection, now, until, most)

    async def clear(self, letters: Sequence[Delivery]) -> Cleared[Delivery]:
        """Ask what may be told: all, only that there is something, nothing ever, or not now (a restricted person)."""
        questions = [
            Question(one.recipient.body, one.person_id, one.pattern, one.anchor, one.event_id) for one in letters
        ]
        cleared: Cleared[Delivery] = Cleared([], [], [])
        for letter, release in zip(letters, await self._releases.ask(questions), strict=True):
            if release is None:
                cleared.later.append(letter.key)
            elif release is Release.NOTHING:
                cleared.never.append(letter.key)
            else:
                cleared.ready.append(replace(letter, released=release is Release.FULL))
        return cleared

    async def mail(self, letter: Delivery) -> Mail:
        """The words of a finding's step, as far as they were released."""
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
