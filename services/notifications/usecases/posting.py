"""Sending mails that wait, of whatever kind: leased, tried over a few connections, settled or put off.

A try counts when the mail itself was tried. While the mail server is away nothing is counted and nobody is given up:
all mails wait, and the server is asked again after growing pauses. So do mails of one kind while whoever must be asked
what they may say is away.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, Protocol, TypeVar

import asyncpg
from opentelemetry.trace import SpanKind

from services.notifications.domain.delivery import away_seconds, pause_seconds
from services.notifications.domain.outcome import Outcome
from services.notifications.gateways.email import Blame, Line, Mail, NotDelivered, Server, line_to
from services.notifications.gateways.releases import NotAnswered
from services.notifications.store import trays
from shared import metrics, telemetry
from shared.clock import Clock
from shared.db import Database
from shared.messaging import outbox

LEASE = timedelta(seconds=60)
_UNCOUNTED = 4  # what is not counted waits as after so many tries: it would wait as shortly for ever

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


@dataclass(frozen=True, slots=True)
class Cleared(Generic[L]):
    """What may happen to mails in hand: sent as they are here, or by key tried later, or never sent."""

    ready: list[L]
    later: list[str]
    never: list[str]


class Tray(Protocol[L]):
    """Mails of one kind: where they wait, what they say, and how their end is told."""

    table: trays.Table

    async def lease(self, connection: asyncpg.Connection, now: datetime, until: datetime, most: int) -> list[L]:
        """Take mails that are due, for this process alone until the lease ends."""

    async def clear(self, letters: Sequence[L]) -> Cleared[L]:
        """Decide right before they go, outside of any transaction, what may be sent; raises `NotAnswered`."""

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
        self._server = _Away()
        self._asked: defaultdict[str, _Away] = defaultdict(_Away)  # by table: who says what its mails may say

    async def deliver(self, tray: Tray[L]) -> int:
        """Send what is due, a bounded number; returns how many were tried. None while the server is away."""
        now = self._clock.now()
        if now < max(self._server.until, self._asked[tray.table.name].until):
            return 0
        until = now + LEASE
        async with self._db.transaction() as connection:
            due = await tray.lease(connection, now, until, self.post.a_run)
        if not due:
            return 0
        run = _Run(until - timedelta(seconds=3 * self.post.server.timeout_seconds))
        ready = await self._cleared(tray, due)
        lanes = [ready[start :: self.post.at_once] for start in range(self.post.at_once)]
        await asyncio.gather(*(self._lane(tray, lane, run) for lane in lanes if lane))
        if run.away is not None:
            seconds = self._pause(self._server)
            log.warning("the mail server is away (%s): asked again in %.0f seconds", run.away, seconds)
            metrics.DELIVERIES.labels("email", "server_away").inc()
        elif run.tried:
            self._server.times = 0
        if left := [letter.key for letter in due if letter.key not in run.tried]:
            async with self._db.transaction() as connection:
                await trays.lay_back(connection, tray.table, left, until)
        return len(run.tried)

    async def _cleared(self, tray: Tray[L], due: Sequence[L]) -> Sequence[L]:
        """Those that may go now; what must not is dropped, what may not yet is put off."""
        asked = self._asked[tray.table.name]
        try:
            cleared = await tray.clear(due)
        except NotAnswered as error:
            seconds = self._pause(asked)
            log.warning("what mails may say is not known (%s): asked again in %.0f seconds", error.reason, seconds)
            metrics.DELIVERIES.labels("email", "not_released").inc()
            return []
        asked.times = 0
        if cleared.later or cleared.never:
            pause = pause_seconds(_UNCOUNTED, self.post.first_pause_seconds, self._chance()) or 0.0
            due_at = self._clock.now() + timedelta(seconds=pause)
            async with self._db.transaction() as connection:
                await trays.drop(connection, tray.table, cleared.never)
                await trays.put_off(connection, tray.table, cleared.later, due_at)
        return cleared.ready

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

    def _pause(self, away: _Away) -> float:
        """Ask nothing of it for some seconds, which are returned."""
        away.times += 1
        seconds = away_seconds(away.times, self.post.first_pause_seconds, self._chance())
        away.until = self._clock.now() + timedelta(seconds=seconds)
        return seconds

    async def _not_sent(self, tray: Tray[L], letter: L, error: NotDelivered) -> None:
        now = self._clock.now()
        counted = error.blame is Blame.MAIL
        pause = pause_seconds(letter.attempts if counted else _UNCOUNTED, self.post.first_pause_seconds, self._chance())
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


class _Away:
    """Since when somebody was found away: how often in a row, and until when it is left in peace."""

    def __init__(self) -> None:
        self.times = 0
        self.until = datetime.min.replace(tzinfo=UTC)


class _Run:
    """What is known of one run over the lanes: which were tried, and whether the server was found away."""

    def __init__(self, ends: datetime) -> None:
        self.ends = ends
        self.tried: set[str] = set()
        self.away: str | None = None
