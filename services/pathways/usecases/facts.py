"""Takes facts and moves the clock. Each is one transaction: lock, load, decide, save, outbox."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg
import msgspec

from services.pathways.domain.cluster import Cluster, Said, Statement, linked, needs_evaluation
from services.pathways.domain.facts import Fact, pack, unpack
from services.pathways.domain.finding import Finding
from services.pathways.domain.rules import Rules
from services.pathways.store import findings, timelines
from shared import metrics
from shared.clock import Clock
from shared.contracts import topics
from shared.contracts.envelope import Envelope, time_text, to_headers
from shared.db import Database, Overtaken
from shared.messaging import dead_letters, outbox
from shared.messaging.records import Batch

SOURCE = "//gemeinsam/pathways"
_DUE_AT_ONCE = 300

_pack_finding = msgspec.msgpack.Encoder().encode
_unpack_finding = msgspec.msgpack.Decoder(Finding).decode


@dataclass(frozen=True, slots=True)
class Heard:
    """A fact as it came, with the trace it is part of."""

    fact: Fact
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class Cause:
    """What a statement follows from: the event's id and its trace."""

    id: str
    traceparent: str | None = None


class Loaded:
    """Clusters with their rows locked, and which pseudonyms' facts have been changed."""

    def __init__(self, rows: Sequence[timelines.Row]) -> None:
        self.rows = {row.person_id: row for row in rows}
        self.root_of = {row.person_id: row.cluster_id for row in rows}
        self.clusters: dict[str, Cluster] = {}
        for row in rows:
            cluster = self.clusters.setdefault(row.cluster_id, Cluster({}))
            cluster.facts[row.person_id] = unpack(row.facts)
            if row.person_id == row.cluster_id:
                cluster.next_due = row.next_due

    def cluster_with(self, person: str) -> tuple[str, Cluster]:
        """The cluster of a pseudonym, a new one if it is new."""
        root = self.root_of.setdefault(person, person)
        return root, self.clusters.setdefault(root, Cluster({person: []}))

    def join(self, person: str, other: str) -> None:
        """Make two clusters one, under the lesser of their names."""
        first, second = sorted((self.cluster_with(person)[0], self.cluster_with(other)[0]))
        if first == second:
            return
        into, gone = self.clusters[first], self.clusters.pop(second)
        for member, facts in gone.facts.items():
            into.facts[member] = facts
            self.root_of[member] = first
        into.held |= gone.held
        due = [date_ for date_ in (into.next_due, gone.next_due) if date_ is not None]
        into.next_due = min(due, default=None)

    def changed_rows(self, roots: Iterable[str]) -> tuple[list[timelines.Row], list[timelines.Row]]:
        """New rows and rows to update of these clusters, each in the order of locking."""
        new, old = [], []
        for root in roots:
            cluster = self.clusters[root]
            many = len(cluster.facts) > 1
            for person, facts in cluster.facts.items():
                row = timelines.Row(person, root, many, pack(facts), cluster.next_due if person == root else None)
                before = self.rows.get(person)
                if before is None:
                    new.append(row)
                elif before != row:
                    old.append(row)
        return sorted(new), sorted(old)


class UseCases:
    """The things pathways can do."""

    def __init__(self, database: Database, clock: Clock, rules: Rules) -> None:
        self._database = database
        self._clock = clock
        self._rules = rules

    async def take_facts(self, batch: Batch[Heard]) -> None:
        """Add the facts that are new to their timelines and say what follows from them on the business date."""
        heard = {}
        for event in batch.events:
            heard.setdefault(event.fact.subject, []).append(event)
        async with self._database.transaction() as connection:
            await dead_letters.put(connection, batch.refused, service="pathways")
            if not heard:
                return
            today = await timelines.begin_on(connection, self._clock.today())
            links = linked(event.fact for event in batch.events)
            loaded = await _load(connection, set(heard) | {other for others in links.values() for other in others})
            touched = _touched(loaded, heard, links)
            await _read_held(connection, loaded, [root for root, cause in touched.items() if cause])
            said = []
            for root, cause in touched.items():
                cluster = loaded.clusters[root]
                if cause:
                    said += [(statement, cause) for statement in _decide(cluster, heard, today, self._rules)]
                else:
                    _add(cluster, heard)
            await self._save(connection, loaded, list(touched), said)

    async def move_clock(self, today: date) -> int:
        """Move the business date on (never back) and say what becomes due, each date in turn; returns how many."""
        async with self._database.transaction() as connection:
            await timelines.move_date(connection, today)
        evaluated = 0
        while count := await self._step_due():
            evaluated += count
        return evaluated

    async def business_date(self) -> date:
        """The date up to which everything is evaluated."""
        async with self._database.reading() as connection:
            return await timelines.current_date(connection) or self._clock.today()

    async def _step_due(self) -> int:
        async with self._database.transaction() as connection:
            today = await timelines.begin_on(connection, self._clock.today())
            rows = await timelines.due(connection, today, limit=_DUE_AT_ONCE)
            if not rows:
                return 0
            clusters = [row.cluster_id for row in rows if row.linked]
            members = await timelines.of_clusters(connection, clusters) if clusters else []
            loaded = Loaded([*rows, *(row for row in members if row.person_id != row.cluster_id)])
            await _read_held(connection, loaded, loaded.clusters)
            said = []
            for cluster in loaded.clusters.values():
                for statement in cluster.step_to(today, self._rules):
                    said.append((statement, Cause(f"clock:{statement.on.isoformat()}")))
            await self._save(connection, loaded, loaded.clusters, said)
            return len(rows)

    async def _save(
        self,
        connection: asyncpg.Connection,
        loaded: Loaded,
        roots: Iterable[str],
        said: Sequence[tuple[Statement, Cause]],
    ) -> None:
        now = self._clock.now()
        bodies = [_body(statement) for statement, _ in said]
        await findings.put(connection, list({_identity(s): _held(s) for s, _ in said}.values()))
        await findings.remember(connection, [_said(s, body, now) for (s, _), body in zip(said, bodies, strict=True)])
        messages = [_message(s, cause, body, now) for (s, cause), body in zip(said, bodies, strict=True)]
        gone = set()
        for root in roots:
            if loaded.clusters[root].erased:
                gone |= loaded.clusters[root].forget_erased()
        if gone:
            messages += [_tombstone(*identity) for identity in await findings.forget(connection, gone)]
        new, old = loaded.changed_rows(roots)
        if new and await timelines.insert(connection, new) < len(new):
            raise Overtaken("another process has just met the same persons")
        if old:
            await timelines.update(connection, old)
        await outbox.put(connection, messages)
        for statement, _ in said:
            metrics.FINDINGS_SAID.labels(statement.event, statement.said.finding.pattern).inc()


async def _load(connection: asyncpg.Connection, persons: set[str]) -> Loaded:
    """Lock what these persons' clusters are named after, and load the clusters whole."""
    rows = {row.person_id: row for row in await timelines.lock(connection, persons)}
    while True:
        clusters = {row.cluster_id for row in rows.values() if row.linked}
        if not clusters:
            return Loaded(list(rows.values()))
        missing = clusters - rows.keys()
        if missing:
            rows |= {row.person_id: row for row in await timelines.lock(connection, missing)}
        members = await timelines.of_clusters(connection, clusters)
        rows |= {row.person_id: row for row in members}
        # A cluster that was joined to another while we waited for its lock shows under its new name: once more.
        if {row.cluster_id for row in rows.values() if row.linked} <= clusters:
            return Loaded(list(rows.values()))


def _touched(loaded: Loaded, heard: dict[str, list[Heard]], links: Mapping[str, set[str]]) -> dict[str, Cause | None]:
    """The clusters, joined where facts link them, that get something new; with the cause to evaluate it, if any."""
    for person, others in links.items():
        for other in others:
            loaded.join(person, other)
    touched: dict[str, Cause | None] = {}
    for person, events in heard.items():
        root, cluster = loaded.cluster_with(person)
        cluster.facts.setdefault(person, [])
        known = {(fact.source, fact.id): fact for fact in cluster.facts[person]}
        new = [event for event in events if known.get((event.fact.source, event.fact.id)) != event.fact]
        if not new:
            continue
        touched.setdefault(root, None)
        facts = [event.fact for event in new]
        if links or needs_evaluation(facts):
            touched[root] = Cause(facts[-1].id, next((e.traceparent for e in reversed(new) if e.traceparent), None))
    return touched


def _decide(cluster: Cluster, heard: dict[str, list[Heard]], today: date, rules: Rules) -> list[Statement]:
    """First the due dates the old facts still had, in turn; then the new facts, on the business date."""
    statements = cluster.step_to(today, rules)
    _add(cluster, heard)
    return statements + cluster.evaluate_on(today, rules)


def _add(cluster: Cluster, heard: dict[str, list[Heard]]) -> None:
    for person in list(cluster.facts):
        cluster.add(event.fact for event in heard.get(person, ()))


async def _read_held(connection: asyncpg.Connection, loaded: Loaded, roots: Iterable[str]) -> None:
    persons = [person for root in roots for person in loaded.clusters[root].facts]
    for row in await findings.held(connection, persons):
        cluster = loaded.clusters[loaded.root_of[row.person_id]]
        cluster.held[(row.person_id, row.pattern, row.anchor)] = Said(
            _unpack_finding(row.held), row.revision, row.municipality, row.historical, row.state == "retracted"
        )


def _identity(statement: Statement) -> tuple[str, str, str]:
    return statement.said.finding.identity


def _held(statement: Statement) -> findings.Held:
    said, finding = statement.said, statement.said.finding
    state = "retracted" if said.retracted else "open" if finding.until is None else "closed"
    return findings.Held(
        *finding.identity,
        said.revision,
        state,
        finding.severity,
        finding.since,
        finding.until,
        said.municipality,
        said.historical,
        _pack_finding(finding),
    )


def _body(statement: Statement) -> str:
    """The data of the event as JSON."""
    said, text = statement.said, statement.text
    data: dict[str, Any] = {
        **said.finding.line(),
        "text": {"de": text.de, "en": text.en},
        "municipality": said.municipality,
        "revision": said.revision,
        "historical": said.historical,
    }
    if text.ends_de:
        data["ends_with"] = {"de": text.ends_de, "en": text.ends_en}
    if said.finding.reason:
        data["reason"] = said.finding.reason
    if statement.event == "revised":
        data["changed"] = list(statement.changed)
    return json.dumps(data, ensure_ascii=False, separators=(",", ":"))


def _said(statement: Statement, body: str, now: datetime) -> findings.Said:
    return findings.Said(*_identity(statement), statement.said.revision, statement.event, statement.on, now, body)


def _message(statement: Statement, cause: Cause, body: str, now: datetime) -> outbox.Message:
    person, pattern, anchor = _identity(statement)
    envelope = Envelope(
        id=f"{person}/{pattern}/{anchor}/{statement.said.revision}",
        source=SOURCE,
        type=f"gemeinsam.finding.{statement.event}.v1",
        subject=person,
        time=time_text(now),
        correlationid=cause.id,
        causationid=cause.id,
    )
    headers = to_headers(envelope)
    if cause.traceparent:
        headers["traceparent"] = cause.traceparent
    return outbox.Message(topics.FINDINGS.name, f"{person}/{pattern}/{anchor}", person, body.encode(), headers)


def _tombstone(person: str, pattern: str, anchor: str) -> outbox.Message:
    return outbox.Message(topics.FINDINGS.name, f"{person}/{pattern}/{anchor}", person, None)
