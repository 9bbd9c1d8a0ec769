"""What notifications can do: plan messages about findings, deliver them, show how they went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import asyncpg

from services.notifications import store
from services.notifications.domain.delivery import planned
from services.notifications.domain.finding import RETRACTED, Cleared, Finding, Gone, worth_telling
from services.notifications.domain.recipient import areas_of, told
from services.notifications.domain.release import Question, Release
from services.notifications.gateways.releases import NotAnswered, Releases
from services.notifications.usecases.finding_mails import Findings
from services.notifications.usecases.posting import Postman
from shared.clock import Clock
from shared.db import Database
from shared.messaging import dead_letters
from shared.messaging.records import Batch

SERVICE = "notifications"
_SEEN = (Release.FULL, Release.EXISTENCE)


@dataclass(frozen=True, slots=True)
class Heard:
    """A finding, or a warning about a referral, as it was heard, with the trace it came in."""

    finding: Finding | Cleared | Gone
    traceparent: str | None


class Rows(NamedTuple):
    """The newest deliveries as one reader may see them; `asked` False: pathways could not say what that is."""

    rows: list[Mapping[str, Any]]
    asked: bool = True


class UseCases:
    """The use cases; each opens its transactions itself and talks to pathways and the mail server outside of them."""

    def __init__(self, db: Database, clock: Clock, postman: Postman, releases: Releases) -> None:
        self._db = db
        self._clock = clock
        self._postman = postman
        self._releases = releases
        self._tray = Findings(postman.post, releases)

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

    async def newest(self, areas: Sequence[str], most: int, body: str | None) -> Rows:
        """The newest deliveries of areas, for the page; no addresses.

        What the reader's body may not know in full has the pattern None; what it may not know of at all is left out.
        """
        async with self._db.reading() as connection:
            rows = await store.newest_deliveries(connection, areas, most)
        asked = [Question(body, row["person_id"], row["pattern"], row["anchor"], row["event_id"]) for row in rows]
        try:
            answers = await self._releases.ask(asked)
        except NotAnswered:
            return Rows([], asked=False)
        seen = [(row, release) for row, release in zip(rows, answers, strict=True) if release in _SEEN]
        return Rows([row if release is Release.FULL else {**row, "pattern": None} for row, release in seen])

    async def counts(self) -> dict[str, int]:
        """How many deliveries are waiting, sent and failed in all."""
        async with self._db.reading() as connection:
            return await store.counts_by_state(connection)

    async def add_recipients(self, rows: Sequence[tuple[str, str, str, str]]) -> None:
        """Add mail boxes (area, role, address, body) that are not there yet."""
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
