"""Clusters in hand: their rows locked, their facts unpacked, what is held of them read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import asyncpg
import msgspec

from services.pathways.domain.cluster import Cluster, Said, linked, needs_evaluation
from services.pathways.domain.facts import Fact, append, each_once, pack, unpack
from services.pathways.domain.finding import Finding
from services.pathways.domain.schemas import Kind
from services.pathways.store import findings, timelines

_unpack_finding = msgspec.msgpack.Decoder(Finding).decode


class Heard(msgspec.Struct, frozen=True, gc=False):
    """A fact as it came, with the trace it is part of."""

    fact: Fact
    traceparent: str | None


class Removed(msgspec.Struct, frozen=True, gc=False):
    """A record that was removed from the topic, by its key: what it said does not hold of this person any more."""

    person: str
    key: str
    traceparent: str | None


class Cause(msgspec.Struct, frozen=True, gc=False):
    """What a statement follows from: the event's id and its trace."""

    id: str
    traceparent: str | None = None

    def text(self) -> str:
        """As it is stored while facts wait to be evaluated."""
        return f"{self.id} {self.traceparent or ''}"

    @classmethod
    def of(cls, text: str | None, *, on: date) -> Cause:
        """The stored cause; without one the passing of time itself."""
        if text is None:
            return cls(f"clock:{on.isoformat()}")
        event_id, _, traceparent = text.rpartition(" ")
        return cls(event_id, traceparent or None)


class Loaded:
    """Clusters with their rows locked, and which pseudonyms' facts have been changed."""

    def __init__(self, rows: Sequence[timelines.Row]) -> None:
        self.rows = {row.person_id: row for row in rows}
        self.root_of = {row.person_id: row.cluster_id for row in rows}
        self.clusters: dict[str, Cluster] = {}
        self.causes: dict[str, str] = {row.cluster_id: row.cause for row in rows if row.cause}
        self._appended: list[timelines.Row] = []

    def unpack_all(self) -> None:
        """Make the clusters of all rows that have not been dealt with."""
        for row in self.rows.values():
            cluster = self.clusters.setdefault(row.cluster_id, Cluster({}))
            facts = unpack(row.facts)
            # What was appended unread while catching up may hold a repeat; it has waited for this.
            cluster.facts[row.person_id] = each_once(facts) if row.cluster_id in self.causes else facts
            if row.person_id == row.cluster_id:
                cluster.next_due = row.next_due

    def append_unread(self, heard: dict[str, list[Heard]], today: date) -> None:
        """Put facts behind the stored ones of persons who stand alone and have nothing due, without unpacking them.

        These persons become due today and are taken out of `heard`; everybody else is left to the careful way.
        """
        for person, events in list(heard.items()):
            row = self.rows.get(person)
            facts = [event.fact for event in events]
            if row is None or row.linked or not needs_evaluation(facts):
                continue
            if _is_due(row.next_due, today, bool(row.cause)):
                continue
            packed = append(row.facts, facts)
            self._appended.append(timelines.Row(person, person, False, packed, today, cause_of(events).text()))
            del heard[person], self.rows[person]

    def drop(self, removed: Iterable[Removed]) -> dict[str, Cause]:
        """Drop facts by the keys of their records; gives the clusters that lost something, and why.

        Of an erased person the statements that make the erasure final are kept, whatever becomes of their records.
        """
        changed: dict[str, Cause] = {}
        for one in removed:
            root = self.root_of.get(one.person)
            known = self.clusters[root].facts.get(one.person, []) if root else []
            left = [fact for fact in known if f"{fact.subject}/{fact.source}/{fact.id}" != one.key]
            if root and len(left) < len(known) and not any(fact.kind == Kind.ERASED for fact in known):
                self.clusters[root].facts[one.person] = left
                changed[root] = Cause(f"removed:{one.key}", one.traceparent)
        return changed

    def is_due(self, root: str, today: date) -> bool:
        """Whether due dates are to be stepped through before new facts; those stored today and waiting are netted."""
        return _is_due(self.clusters[root].next_due, today, root in self.causes)

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
        if waited := self.causes.pop(second, None):
            self.causes.setdefault(first, waited)

    def changed_rows(self, roots: Iterable[str]) -> tuple[list[timelines.Row], list[timelines.Row]]:
        """New rows and rows to update of these clusters, each in the order of locking."""
        new, old = [], list(self._appended)
        for root in roots:
            cluster = self.clusters[root]
            many = len(cluster.facts) > 1
            for person, facts in cluster.facts.items():
                own = (cluster.next_due, self.causes.get(root)) if person == root else (None, None)
                row = timelines.Row(person, root, many, pack(facts), *own)
                before = self.rows.get(person)
                if before is None:
                    new.append(row)
                elif before != row:
                    old.append(row)
        return sorted(new), sorted(old)


async def load(connection: asyncpg.Connection, persons: set[str]) -> Loaded:
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


async def opened(
    connection: asyncpg.Connection, events: Sequence[Heard]
) -> tuple[Loaded, dict[str, list[Heard]], Mapping[str, set[str]]]:
    """The rows of a batch in hand, its facts by person, and which pseudonyms they link."""
    heard: dict[str, list[Heard]] = {}
    for event in events:
        heard.setdefault(event.fact.subject, []).append(event)
    links = linked(event.fact for event in events)
    loaded = await load(connection, set(heard) | {other for others in links.values() for other in others})
    return loaded, heard, links


def touched_by(loaded: Loaded, heard: dict[str, list[Heard]], links: Mapping[str, set[str]]) -> dict[str, Cause | None]:
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
            touched[root] = cause_of(new)
    return touched


def cause_of(events: Sequence[Heard]) -> Cause:
    """The last fact, in the last trace there is."""
    return Cause(events[-1].fact.id, next((e.traceparent for e in reversed(events) if e.traceparent), None))


def _is_due(due: date | None, today: date, waits: bool) -> bool:
    return due is not None and (due < today or (due == today and not waits))


async def read_held(
    connection: asyncpg.Connection, loaded: Loaded, roots: Iterable[str], *, heard: Mapping[str, str] | None = None
) -> None:
    """Read what is held of clusters; `heard` names what is new about persons, whose referrals it has checked anew."""
    persons = [person for root in roots for person in loaded.clusters[root].facts]
    rows = findings.held_hearing(connection, persons, heard) if heard else findings.held(connection, persons)
    for row in await rows:
        cluster = loaded.clusters[loaded.root_of[row.person_id]]
        cluster.held[(row.person_id, row.pattern, row.anchor)] = Said(
            _unpack_finding(row.held), row.revision, row.municipality, row.historical, row.state == "retracted"
        )
