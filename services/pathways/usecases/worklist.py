"""The worklist of case management: what is open in a reader's areas, and the decisions people make about it."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

import asyncpg

from services.pathways.domain.disclosure import Sight
from services.pathways.domain.matrix import Matrix
from services.pathways.store import findings, timelines, worklist
from services.pathways.store.worklist import Filters as Filters
from services.pathways.store.worklist import Identity, Row, Step
from services.pathways.usecases.access import READERS_OF_LISTS, areas_of, disclosures, note_look
from services.pathways.usecases.loading import load
from services.pathways.usecases.saying import SOURCE
from shared.auth import Principal, Role, require
from shared.clock import Clock
from shared.contracts import topics
from shared.contracts.envelope import Envelope, time_text, to_headers
from shared.db import Database
from shared.errors import Invalid, NotFound
from shared.messaging import outbox
from shared.writes import write

SHOWS = ("open", "acknowledged", "muted", "good", "all")
ORDERS = tuple(worklist.ORDERS)
REASONS = ("PLANNED", "IN_PROGRESS", "INTENDED", "PERSON_DECLINES", "NOT_AVAILABLE", "DATA_WRONG", "OTHER")
"""Why a finding stands after somebody has seen it (Grund der Kenntnisnahme)."""
_MOST_ENTRIES = 5000
_LONGEST_MUTE = timedelta(days=366)


class Entry(NamedTuple):
    """One line of the worklist. `data` is what was last said; None if the reader may know only that it exists."""

    row: Row
    age_days: int
    data: dict[str, Any] | None

    @property
    def key(self) -> str:
        """The finding's key on the topic, which forms and addresses carry."""
        return f"{self.row.person_id}/{self.row.pattern}/{self.row.anchor}"


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of the worklist, how many match by severity, and the business date."""

    entries: Sequence[Entry]
    counts: dict[str, int]
    today: date

    @property
    def total(self) -> int:
        """How many match in all."""
        return sum(self.counts.values())


def identity_of(key: str) -> Identity:
    """The identity in a key `person/pattern/anchor`; raises `Invalid`."""
    parts = key.split("/", 2)
    if len(parts) < 3 or not all(parts):
        raise Invalid("a finding is named person/pattern/anchor", field="finding")
    return parts[0], parts[1], parts[2]


class Worklist:
    """Reads the worklist and carries out what people decide about its findings."""

    def __init__(self, database: Database, clock: Clock, matrix: Matrix) -> None:
        self._database = database
        self._clock = clock
        self._matrix = matrix

    async def page(self, reader: Principal, filters: Filters, *, order: str, limit: int, offset: int) -> Page:
        """A stretch of what the reader may see of the open findings of its areas; the look is written down."""
        require(reader, *READERS_OF_LISTS)
        filters = filters._replace(areas=areas_of(reader))
        async with self._database.transaction() as connection:
            today = await self._today(connection)
            if filters.patterns or not self._matrix.existence(reader.body or self._matrix.without_body):
                entries, counts = await self._exactly(connection, reader, filters, today, order=order)
                entries = entries[offset : offset + limit]
            else:
                rows = await worklist.found(connection, filters, today, order=order, limit=limit, offset=offset)
                entries = await self._entries(connection, reader, rows, today)
                counts = await worklist.counted(connection, filters, today)
            persons = {entry.row.person_id for entry in entries}
            await note_look(connection, self._clock, reader, persons, what="worklist", reason="WORKLIST")
        return Page(entries, counts, today)

    async def _exactly(
        self, connection: asyncpg.Connection, reader: Principal, filters: Filters, today: date, *, order: str
    ) -> tuple[list[Entry], dict[str, int]]:
        """Without those the reader may not know in full: counted under a pattern they would give it away."""
        rows = await worklist.found(connection, filters, today, order=order, limit=_MOST_ENTRIES, offset=0)
        entries = [e for e in await self._entries(connection, reader, rows, today) if e.data is not None]
        counts: dict[str, int] = {}
        for entry in entries:
            counts[entry.row.severity] = counts.get(entry.row.severity, 0) + 1
        return entries, counts

    async def _entries(
        self, connection: asyncpg.Connection, reader: Principal, rows: Sequence[Row], today: date
    ) -> list[Entry]:
        persons = {row.person_id for row in rows}
        sights = await disclosures(connection, reader, persons, today, matrix=self._matrix)
        entries = []
        for row in rows:
            data = json.loads(row.data)
            disclosure = sights.get(row.person_id)
            sight = disclosure.evidence(data["evidence"]) if disclosure else Sight.NOTHING
            if sight != Sight.NOTHING:
                age = (today - row.since).days
                entries.append(Entry(row, age, data if sight == Sight.FULL else None))
        return entries

    async def version(self, reader: Principal) -> str:
        """A text that differs when anything on the reader's worklist differs."""
        require(reader, *READERS_OF_LISTS)
        async with self._database.reading() as connection:
            return await worklist.version(connection, areas_of(reader))

    async def colleagues(self, reader: Principal) -> list[tuple[str, int]]:
        """To whom open findings of the reader's areas are assigned, and how many."""
        require(reader, *READERS_OF_LISTS)
        async with self._database.reading() as connection:
            return await worklist.colleagues(connection, areas_of(reader))

    async def assign(self, by: Principal, keys: Collection[Identity], to: str | None) -> int:
        """Say who looks after findings (None: nobody); returns how many."""
        require(by, Role.CASE_MANAGER, Role.MANAGING_BODY)
        async with self._database.transaction() as connection:
            for identity in keys:
                await self._reachable(connection, by, identity)
                await worklist.assign(connection, identity, to, self._clock.now())
            await self._remember(connection, by, keys, "assign", to)
        return len(keys)

    async def mute(self, by: Principal, keys: Collection[Identity], until: date | None) -> int:
        """Put findings off until a date within a year, unless they escalate; None brings them back."""
        require(by, Role.CASE_MANAGER)
        async with self._database.transaction() as connection:
            today = await self._today(connection)
            if until is not None and not today < until <= today + _LONGEST_MUTE:
                raise Invalid("until must lie after today and within a year", field="until")
            for identity in keys:
                standing = await self._reachable(connection, by, identity)
                await worklist.mute(connection, identity, until, severity=standing.severity, at=self._clock.now())
            await self._remember(connection, by, keys, "mute", until.isoformat() if until else None)
        return len(keys)

    async def acknowledge(self, by: Principal, keys: Collection[Identity], reason: str) -> int:
        """Say that findings were seen, and why they stand; it is published as the finding's next revision."""
        require(by, Role.CASE_MANAGER)
        if reason not in REASONS:
            raise Invalid(f"reason must be one of {', '.join(REASONS)}", field="reason")
        async with self._database.transaction() as connection:
            today = await self._today(connection)
            # Whoever holds the persons' locks may speak about them: revisions and the order of the outbox follow.
            await load(connection, {identity[0] for identity in keys})
            for identity in sorted(set(keys)):
                standing = await self._reachable(connection, by, identity)
                await self._say_seen(connection, by, identity, standing, today)
                await worklist.acknowledge(
                    connection,
                    identity,
                    by=by.subject,
                    reason=reason,
                    severity=standing.severity,
                    at=self._clock.now(),
                )
            await self._remember(connection, by, keys, "acknowledge", reason)
        return len(keys)

    async def hand_over(self, by: Principal, from_: str, to: str) -> int:
        """Give all open findings of one person in the reader's areas to another; returns how many."""
        require(by, Role.CASE_MANAGER, Role.MANAGING_BODY)
        if not to or from_ == to:
            raise Invalid("name somebody else to take them over", field="to")
        async with self._database.transaction() as connection:
            keys = await worklist.hand_over(connection, areas_of(by), from_, to, self._clock.now())
            await self._remember(connection, by, keys, "hand_over", f"{from_} > {to}")
        return len(keys)

    async def _reachable(self, connection: asyncpg.Connection, by: Principal, identity: Identity) -> worklist.Latest:
        """The open finding as it stands, if it lies in the reader's areas and may be known to it; else `NotFound`."""
        standing = await worklist.latest(connection, identity)
        if standing is None or standing.state != "open" or standing.municipality not in areas_of(by):
            raise NotFound("there is no such open finding in your areas")
        today = await self._today(connection)
        sights = await disclosures(connection, by, [identity[0]], today, matrix=self._matrix)
        disclosure = sights.get(identity[0])
        if disclosure is None or disclosure.evidence(json.loads(standing.data)["evidence"]) != Sight.FULL:
            raise NotFound("there is no such open finding in your areas")
        return standing

    async def _today(self, connection: asyncpg.Connection) -> date:
        return await timelines.current_date(connection) or self._clock.today()

    async def _remember(
        self, connection: asyncpg.Connection, by: Principal, keys: Collection[Identity], action: str, detail: str | None
    ) -> None:
        now = self._clock.now()
        await worklist.remember(connection, [Step(*identity, now, by.subject, action, detail) for identity in keys])

    async def _say_seen(
        self,
        connection: asyncpg.Connection,
        by: Principal,
        identity: Identity,
        standing: worklist.Latest,
        today: date,
    ) -> None:
        now = self._clock.now()
        revision = await worklist.next_revision(connection, identity)
        data = {name: value for name, value in json.loads(standing.data).items() if name != "changed"}
        data |= {"revision": revision, "acknowledged_at": time_text(now), "acknowledged_by": by.subject}
        content = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        person, pattern, anchor = identity
        said = findings.Said(person, pattern, anchor, revision, "acknowledged", today, now, content)
        key = f"{person}/{pattern}/{anchor}"
        envelope = Envelope(
            id=f"{key}/{revision}",
            source=SOURCE,
            type="gemeinsam.finding.acknowledged.v1",
            subject=person,
            time=time_text(now),
        )
        event = outbox.Message(topics.FINDINGS.name, key, person, content.encode(), to_headers(envelope))
        await write(connection, [*findings.remembering([said]), *outbox.putting([event])])
