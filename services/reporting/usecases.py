"""What reporting can do: project facts and findings, look again when a date comes, count and publish, show."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import asyncpg

from services.reporting.domain.contribution import Contribution, contribution
from services.reporting.domain.disclosure import protected
from services.reporting.domain.facts import Fact
from services.reporting.domain.groups import groups
from services.reporting.domain.indicators import Cell, cells, parts_of
from services.reporting.domain.ledger import EMPTY, added, is_restricted, pack, removed, unpack
from services.reporting.domain.publication import event_of
from services.reporting.store import counting, projection
from services.reporting.store.counting import Snapshot
from services.reporting.store.projection import FindingState, Person, Statement
from shared.clock import Clock
from shared.contracts.envelope import to_headers
from shared.contracts.topics import INDICATORS
from shared.db import Database
from shared.holding import Part
from shared.messaging import dead_letters, erasures, outbox
from shared.messaging.erasures import Confirmation
from shared.messaging.records import Batch

SERVICE = "reporting"
_LOOKED_AT_ONCE = 500


@dataclass(slots=True)
class News:
    """What a record of `enrollment.persons` says of one pseudonym: a fact, a link, an erasure, or a record removed."""

    person_id: str
    fact: Fact | None = None
    link: Statement | None = None
    erased: bool = False
    removed_key: str | None = None


@dataclass(slots=True)
class _Changes:
    """The news of one pseudonym in a batch."""

    facts: list[Fact] = field(default_factory=list)
    removed_keys: set[str] = field(default_factory=set)
    erased: bool = False


@dataclass(frozen=True, slots=True)
class Board:
    """The last count as the page shows it: for each cell the true number and the one anybody may see."""

    snapshot: Snapshot
    cells: dict[Cell, tuple[int, int | None]]


class UseCases:
    """The use cases; each opens its transactions itself."""

    def __init__(self, db: Database, clock: Clock, *, complementary: bool) -> None:
        self._db = db
        self._clock = clock
        self._complementary = complementary
        self._board: Board | None = None

    async def project_facts(self, batch: Batch[News]) -> None:
        """Add what is new about persons to their ledgers, and count those it touches anew."""
        by_person: dict[str, _Changes] = {}
        statements: dict[tuple[str, ...], Statement] = {}
        for news in batch.events:
            _sort(news, by_person.setdefault(news.person_id, _Changes()), statements)
        async with self._db.transaction() as connection:
            await dead_letters.put(connection, batch.refused, service=SERVICE)
            if not by_person:
                return
            if statements:
                await projection.lock_links(connection)
                await projection.put_links(connection, list(statements.values()))
            else:
                await projection.hold_links(connection)
            touched = {*by_person, *(one.link.other for one in statements.values())}
            await self._recount(connection, touched, by_person)

    async def forget(self, batch: Batch[Confirmation]) -> None:
        """Forget the persons the vault has erased, whatever of them is still to be heard, and answer with a proof."""
        erased = sorted({one.person_id for one in batch.events if one.asks})
        async with self._db.transaction() as connection:
            await dead_letters.put(connection, batch.refused, service=SERVICE)
            if not erased:
                return
            await projection.lock_links(connection)
            removed = await projection.held(connection, erased)
            await self._recount(connection, erased, {person: _Changes(erased=True) for person in erased})
            await projection.forget_persons(connection, erased)
            await dead_letters.forget_about(connection, erased)
            await counting.mark_changed(connection)
            left = await projection.held(connection, erased)
            now = self._clock.now()
            answers = [
                Confirmation(person, SERVICE, removed.get(person, 0), left.get(person, 0), now) for person in erased
            ]
            await outbox.put(connection, [erasures.message(one) for one in answers])

    async def look_again(self) -> int:
        """Count persons anew for whom a date has come; returns how many."""
        async with self._db.transaction() as connection:
            await projection.hold_links(connection)
            due = await projection.persons_changing(connection, self._clock.today(), _LOOKED_AT_ONCE)
            if due:
                await self._recount(connection, due, {})
        return len(due)

    async def _recount(
        self, connection: asyncpg.Connection, touched: Iterable[str], by_person: dict[str, _Changes]
    ) -> None:
        persons = await projection.linked_persons(connection, touched)
        links = await projection.links_among(connection, persons)
        await projection.add_persons(connection, persons)
        before = {one.person_id: one for one in await projection.lock_persons(connection, persons)}
        facts = {person_id: unpack(row.ledger) for person_id, row in before.items()}
        after = {
            person_id: _with(row, facts, by_person[person_id]) if person_id in by_person else row
            for person_id, row in before.items()
        }
        counted: dict[str, tuple[str, int]] = {}
        for counted_under, members in groups(persons, links).items():
            found = self._contribution(members, after, facts)
            for member in members:
                due = found.changes_on if member == counted_under else None
                if after[member].changes_on != due:
                    after[member] = replace(after[member], changes_on=due)
            if found.municipality:
                counted[counted_under] = (found.municipality, found.running_measures)
        if changed := [row for person_id, row in after.items() if row is not before[person_id]]:
            await projection.save_persons(connection, changed)
        await _save_counted(connection, persons, counted)

    def _contribution(
        self, members: Sequence[str], after: dict[str, Person], facts: dict[str, list[Fact]]
    ) -> Contribution:
        if any(after[member].erased or is_restricted(facts[member]) for member in members):
            return Contribution(None, 0, None)
        return contribution([fact for member in members for fact in facts[member]], self._clock.today())

    async def project_findings(self, batch: Batch[FindingState | tuple[str, str, str]]) -> None:
        """Keep the last revision of each finding; an identity alone means that the person has been erased."""
        last: dict[tuple[str, str, str], FindingState | None] = {}
        for one in batch.events:
            if isinstance(one, tuple):
                last[one] = None
                continue
            identity = (one.person_id, one.pattern, one.anchor)
            before = last.get(identity)
            if before is None or before.revision < one.revision:
                last[identity] = one
        states = [last[identity] for identity in sorted(last)]
        async with self._db.transaction() as connection:
            await dead_letters.put(connection, batch.refused, service=SERVICE)
            changed = (
                await projection.save_findings(connection, [one for one in states if one]) if any(states) else False
            )
            if gone := [identity for identity in sorted(last) if last[identity] is None]:
                changed |= await projection.remove_findings(connection, gone)
            if changed:
                await counting.mark_changed(connection)

    async def publish(self) -> int:
        """Count anew if anything changed, and say each cell whose published value differs; returns how many cells."""
        async with self._db.transaction() as connection:
            if not await counting.count_alone(connection):
                return 0
            # A new process counts once in any case: its release may count or protect otherwise than the last one.
            if not await counting.take_changes(connection) and self._board is not None:
                return 0
            known = (await self._read(connection)).cells
            persons, running = await counting.count_contributions(connection)
            numbers = dict.fromkeys(known, 0) | cells(persons, running, await counting.count_findings(connection))
            shown = protected(numbers, parts_of(numbers), complementary=self._complementary)
            changed = {
                cell: (number, shown[cell])
                for cell, number in numbers.items()
                if known.get(cell) != (number, shown[cell])
            }
            if not changed:
                return 0
            at = self._clock.now()
            version = await counting.next_snapshot(connection, at, self._clock.today())
            await counting.save_cells(connection, changed)
            said = [cell for cell in sorted(changed) if cell not in known or known[cell][1] != shown[cell]]
            await outbox.put(connection, [_message(cell, shown[cell], version, at) for cell in said])
            return len(changed)

    async def board(self) -> Board:
        """The last count."""
        async with self._db.reading() as connection:
            return await self._read(connection)

    async def _read(self, connection: asyncpg.Connection) -> Board:
        """The last count; what this process has read of it once is not read again."""
        snapshot = await counting.read_snapshot(connection)
        if self._board is None or self._board.snapshot.version != snapshot.version:
            self._board = Board(snapshot, await counting.read_cells(connection))
        return self._board

    async def tell(self, pseudonym: str) -> list[Part]:
        """What is held of a person, for the answer to that person."""
        async with self._db.reading() as connection:
            rows = (await projection.held(connection, [pseudonym])).get(pseudonym, 0)
        said = f"{rows} Einträge, um die Person in ihrer Kommune zu zählen; veröffentlicht sind nur geschützte Summen."
        return [Part("Statistik", [said] if rows else [])]

    async def version(self) -> int:
        """The version of the last count."""
        async with self._db.reading() as connection:
            return (await counting.read_snapshot(connection)).version


def _sort(news: News, changes: _Changes, statements: dict[tuple[str, ...], Statement]) -> None:
    changes.erased |= news.erased
    if news.fact:
        changes.facts.append(news.fact)
    if news.removed_key:
        changes.removed_keys.add(news.removed_key)
    if news.link:
        pair = tuple(sorted((news.link.link.kept, news.link.link.other)))
        before = statements.get(pair)
        if before is None or _said(before) < _said(news.link):
            statements[pair] = news.link


def _said(statement: Statement) -> tuple[str, str, str]:
    return (statement.said_at, statement.source, statement.event_id)


def _with(row: Person, facts: dict[str, list[Fact]], changes: _Changes) -> Person:
    """The row with the changes; `facts` is kept in step. The row itself comes back if nothing differs."""
    held = facts[row.person_id]
    if row.erased or changes.erased:
        facts[row.person_id] = []
        return row if row.erased else replace(row, ledger=EMPTY, erased=True)
    more = added(held, changes.facts)
    less = removed(held if more is None else more, row.person_id, changes.removed_keys)
    now = less if less is not None else more
    if now is None:
        return row
    facts[row.person_id] = now
    return replace(row, ledger=pack(now))


async def _save_counted(
    connection: asyncpg.Connection, persons: Sequence[str], counted: dict[str, tuple[str, int]]
) -> None:
    changed = await projection.save_contributions(connection, counted) if counted else False
    if nobody := [person_id for person_id in persons if person_id not in counted]:
        changed |= await projection.remove_contributions(connection, nobody)
    if changed:
        await counting.mark_changed(connection)


def _message(cell: Cell, shown: int | None, version: int, at: datetime) -> outbox.Message:
    envelope, data = event_of(cell, shown, version, at)
    value = json.dumps(data.to_data(), ensure_ascii=False).encode()
    return outbox.Message(INDICATORS.name, envelope.subject, envelope.subject, value, to_headers(envelope))
