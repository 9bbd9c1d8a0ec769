"""Sending mails that wait, of whatever kind: leased, tried over a few connections, settled or put off.

A try counts when the mail itself was tried. While the mail server is away nothing is counted and nobody is given up:
all mails wait, and the server is asked again after growing pauses.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypeVar

import asyncpg
from opentelemetry.trace import SpanKind

from services.notifications.domain.delivery import away_seconds, pause_seconds
from services.notifications.domain.outcome import Outcome
from services.notifications.gateways.email import Blame, Line, Mail, NotDelivered, Server, line_to
from services.notifications.store import trays
from shared import metrics, telemetry
from shared.clock import Clock
from shared.db import Database
from shared.messaging import outbox

LEASE = timedelta(seconds=60)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Post:
    """How messages go out: the server, who sends, where links lead, how many at once, and how patiently."""

    server: Server
    sender: str
    case_url: str  # with `{case}` in it
    at_once: int
    a_run: int
    first_pause_seconds: float
    reply_to: str | None = None  # whom answers to mails about the programme go to


class Letter(Protocol):
    """A mail that waits; `attempts` counts the present try."""

    @property
    def key(self) -> str: ...
    @property
    def attempts(self) -> int: ...
    @property
    def traceparent(self) -> str | None: ...


L = TypeVar("L", bound=Letter)


class Tray(Protocol[L]):
    """Mails of one kind: where they wait, what they say, and how their end is told."""

    table: trays.Table

    async def lease(self, connection: asyncpg.Connection, now: datetime, until: datetime, most: int) -> list[L]:
        """Take mails that are due, for this process alone until the lease ends."""

    async def mail(self, letter: L) -> Mail:
        """What is sent; raises `NotDelivered`."""

    async def note(self, connection: asyncpg.Connection, letter: L, outcome: Outcome) -> None:
        """Keep how a counted try went."""

    def said(self, letter: L, outcome: Outcome) -> outbox.Message:
        """The event about the end."""


class Postman:
    """Carries the mails of all trays to one server, and knows how that is."""

    def __init__(self, db: Database, clock: Clock, post: Post, chance: Callable[[], float] = random.random) -> None:
        self._db = db
        self._clock = clock
        self.post = post
        self._chance = chance
        self._away_until = datetime.min.replace(tzinfo=UTC)
        self._away_times = 0

    async def deliver(self, tray: Tray[L]) -> int:
        """Send what is due, a bounded number; returns how many were tried. None while the server is away."""
        now = self._clock.now()
        if now < self._away_until:
            return 0
        until = now + LEASE
        async with self._db.transaction() as connection:
            due = await tray.lease(connection, now, until, self.post.a_run)
        if not due:
            return 0
        run = _Run(until - timedelta(seconds=3 * self.post.server.timeout_seconds))
        lanes = [due[start :: self.post.at_once] for start in range(self.post.at_once)]
        await asyncio.gather(*(self._lane(tray, lane, run) for lane in lanes if lane))
        if run.away is not None:
            self._pause(run.away)
        elif run.tried:
            self._away_times = 0
        if left := [letter.key for letter in due if letter.key not in run.tried]:
            async with self._db.transaction() as connection:
                await trays.lay_back(connection, tray.table, left, until)
        return len(run.tried)

    async def _lane(self, tray: Tray[L], letters: Sequence[L], run: _Run) -> None:
        async with line_to(self.post.server) as line:
            for letter in letters:
                # The lease could end while we send: the rest is leased anew.
                if run.away is not None or self._clock.now() > run.ends:
                    return
                await self._one(tray, letter, line, run)

    async def _one(self, tray: Tray[L], letter: L, line: Line, run: _Run) -> None:
        with telemetry.span(
            "send e-mail",
            kind=SpanKind.CLIENT,
            parent=letter.traceparent,
            delivery_id=letter.key,
            attempt=letter.attempts,
        ) as span:
            try:
                await line.send(await tray.mail(letter))
            except NotDelivered as error:
                telemetry.mark_failed(span, error.reason)
                if error.blame is Blame.SERVER:
                    run.away = error.reason
                    return
                run.tried.add(letter.key)
                await self._not_sent(tray, letter, error)
            else:
                run.tried.add(letter.key)
                await self._settled(tray, letter, Outcome("sent", self._clock.now()))

    def _pause(self, reason: str) -> None:
        self._away_times += 1
        seconds = away_seconds(self._away_times, self.post.first_pause_seconds, self._chance())
        self._away_until = self._clock.now() + timedelta(seconds=seconds)
        log.warning("the mail server is away (%s): asked again in %.0f seconds", reason, seconds)
        metrics.DELIVERIES.labels("email", "server_away").inc()

    async def _not_sent(self, tray: Tray[L], letter: L, error: NotDelivered) -> None:
        now = self._clock.now()
        counted = error.blame is Blame.MAIL
        # What is not counted would wait as shortly for ever.
        pause = pause_seconds(letter.attempts if counted else 4, self.post.first_pause_seconds, self._chance())
        if error.permanent or pause is None:
            await self._settled(tray, letter, Outcome("failed", now, error.reason, error.permanent))
            return
        due_at = now + timedelta(seconds=pause)
        async with self._db.transaction() as connection:
            waits = await trays.postpone(connection, tray.table, letter.key, due_at=due_at, counted=counted)
            if waits and counted:
                await tray.note(connection, letter, Outcome("retried", now, error.reason))
        metrics.DELIVERIES.labels("email", "retried").inc()

    async def _settled(self, tray: Tray[L], letter: L, outcome: Outcome) -> None:
        async with self._db.transaction() as connection:
            if not await trays.settle(connection, tray.table, letter.key, state=outcome.state, at=outcome.at):
                return
            await tray.note(connection, letter, outcome)
            await outbox.put(connection, [tray.said(letter, outcome)])
        metrics.DELIVERIES.labels("email", outcome.state).inc()


class _Run:
    """What is known of one run over the lanes: which were tried, and whether the server was found away."""

    def __init__(self, ends: datetime) -> None:
        self.ends = ends
        self.tried: set[str] = set()
        self.away: str | None = None
