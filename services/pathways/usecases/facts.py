"""Takes facts and moves the clock. Each is one transaction: lock, load, decide, save, outbox."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

import asyncpg

from services.pathways.domain.cluster import Cluster, Statement
from services.pathways.domain.rules import Rules
from services.pathways.domain.schedule import Schedule
from services.pathways.store import referrals, timelines
from services.pathways.usecases import erasing, saying
from services.pathways.usecases.loading import Cause, Heard, Loaded, Removed, load, opened, read_held, touched_by
from services.pathways.usecases.offers import note_places
from services.pathways.usecases.referrals import causes_of, note_referrals
from services.pathways.usecases.rule_sets import RuleSets
from shared import metrics
from shared.clock import Clock
from shared.db import TEMPORARY, Database, Overtaken
from shared.messaging import dead_letters, outbox
from shared.messaging.records import Batch
from shared.writes import Write, write

log = logging.getLogger(__name__)

CATCH_UP_FROM = 2_000
_DUE_AT_ONCE = 300
_PATIENCE_SECONDS = 60.0


class UseCases:
    """The things pathways can do with facts and time; `catch_up_from` records behind, evaluation is put off."""

    def __init__(self, database: Database, clock: Clock, rules: Rules, *, catch_up_from: int = CATCH_UP_FROM) -> None:
        self._database = database
        self._clock = clock
        self.rule_sets = RuleSets(rules)
        self._catch_up_from = catch_up_from
        self._behind_since: float | None = None
        self._unsettled = False

    async def take_facts(self, batch: Batch[Heard | Removed]) -> None:
        """Add the facts that are new to their timelines and say what follows from them on the business date.

        While far behind, facts are stored and their persons become due: each is evaluated once, by `settle`, and not
        once for each of its facts. A backfill is netted like the facts of one batch.
        """
        if batch.behind > self._catch_up_from:
            self._behind_since = self._behind_since or time.monotonic()
        else:
            self._behind_since = None
        await self._take_in_turn(batch, at_once=self._behind_since is None)

    async def store_facts(self, batch: Batch[Heard | Removed]) -> None:
        """Add the facts to their timelines and make their persons due, without saying anything of them yet."""
        await self._take_in_turn(batch, at_once=False)

    async def _take_in_turn(self, batch: Batch[Heard | Removed], *, at_once: bool) -> None:
        """The facts first, then what was removed: a record that was removed never comes back under its key."""
        facts = [one for one in batch.events if isinstance(one, Heard)]
        await self._take(Batch(facts, batch.refused, batch.behind), at_once=at_once)
        if removed := [one for one in batch.events if isinstance(one, Removed)]:
            await self._remove(removed)

    async def _remove(self, removed: Sequence[Removed]) -> None:
        """Drop the facts of removed records, and say what differs without them; an erased person's are gone already."""
        async with self._database.transaction() as connection:
            today, schedule = await self.rule_sets.begin(connection, self._clock.today())
            loaded = await load(connection, {one.person for one in removed})
            loaded.unpack_all()
            changed = loaded.drop(removed)
            if not changed:
                return
            rules = schedule.on(today)
            await read_held(connection, loaded, changed)
            said: list[tuple[Statement, Cause]] = []
            for root, cause in changed.items():
                loaded.causes.pop(root, None)
                said += [(statement, cause) for statement in loaded.clusters[root].evaluate_on(today, rules)]
            await referrals.check_again(connection, {one.person for one in removed})
            await self._save(connection, loaded, changed, said)

    async def _take(self, batch: Batch[Heard], *, at_once: bool) -> None:
        async with self._database.transaction() as connection:
            await dead_letters.put(connection, batch.refused, service="pathways")
            if not batch.events:
                return
            today, schedule = await self.rule_sets.begin(connection, self._clock.today())
            loaded, heard, links = await opened(connection, batch.events)
            if not at_once and not links:
                loaded.append_unread(heard, today)
            loaded.unpack_all()
            touched = touched_by(loaded, heard, links)
            overdue = {root for root, cause in touched.items() if cause and loaded.is_due(root, today)}
            at_once_too = [root for root, cause in touched.items() if cause and at_once]
            await read_held(connection, loaded, overdue.union(at_once_too), heard=causes_of(batch.events))
            said: list[tuple[Statement, Cause]] = []
            rules = schedule.on(today)
            for root, cause in touched.items():
                cluster = loaded.clusters[root]
                if root in overdue:
                    said += self._step(loaded, root, today, schedule=schedule)
                _add(cluster, heard)
                if cause and at_once:
                    loaded.causes.pop(root, None)
                    said += [(statement, cause) for statement in cluster.evaluate_on(today, rules)]
                elif cause:
                    loaded.causes[root] = cause.text()
                    cluster.next_due = today
            self._unsettled |= not at_once
            await note_referrals(connection, batch.events, today)
            await note_places(connection, [event.fact for event in batch.events])
            await self._save(connection, loaded, touched, said, evaluated=at_once_too)

    def _step(self, loaded: Loaded, root: str, today: date, *, schedule: Schedule) -> list[tuple[Statement, Cause]]:
        """Step one cluster through its due dates, with the facts as they are; what waited has been evaluated then."""
        waited = loaded.causes.pop(root, None)
        statements = loaded.clusters[root].step_to(today, schedule.on)
        return [(statement, Cause.of(waited, on=statement.on)) for statement in statements]

    async def settle(self) -> int:
        """Evaluate who waits for it; while the topic is still far behind only after a minute. Returns how many."""
        if self._behind_since is not None and time.monotonic() - self._behind_since < _PATIENCE_SECONDS:
            return 0
        evaluated = 0
        while await self._anyone_due() and (count := await self._step_due_in_turns()):
            evaluated += count
            if self._behind_since is not None:
                return evaluated
        self._unsettled = self._behind_since is not None
        return evaluated

    async def move_clock(self, today: date) -> int:
        """Move the business date on (never back) and say what becomes due, each date in turn; returns how many.

        Who waits while the topic is far behind waits on: a person in the middle of a backfill is no use to anybody.
        """
        async with self._database.transaction() as connection:
            await timelines.move_date(connection, today)
        return await self.settle()

    async def _anyone_due(self) -> bool:
        async with self._database.looking() as connection:
            return await timelines.anyone_due(connection, self._clock.today())

    async def _step_due_in_turns(self) -> int:
        """Two transactions at once: one's persons are evaluated while the other's are being written."""
        return sum(await asyncio.gather(self._step_due(), self._step_due()))

    async def business_date(self) -> date:
        """The date up to which everything is evaluated."""
        async with self._database.reading() as connection:
            return await timelines.current_date(connection) or self._clock.today()

    async def _step_due(self) -> int:
        due: list[str] = []
        try:
            async with self._database.transaction() as connection:
                today, schedule = await self.rule_sets.begin(connection, self._clock.today())
                rows = await timelines.due(connection, today, limit=_DUE_AT_ONCE)
                due += [row.person_id for row in rows]
                await self._step_rows(connection, rows, today, schedule=schedule)
        except TEMPORARY:
            raise
        except Exception:
            if not due:
                raise
            log.exception("%d due persons cannot be evaluated together", len(due))
            await self._step_apart(due)
        return len(due)

    async def _step_rows(
        self, connection: asyncpg.Connection, rows: Sequence[timelines.Row], today: date, *, schedule: Schedule
    ) -> None:
        if not rows:
            return
        loaded = await _whole(connection, rows)
        said = [told for root in loaded.clusters for told in self._step(loaded, root, today, schedule=schedule)]
        await self._save(connection, loaded, loaded.clusters, said)

    async def _step_apart(self, due: Sequence[str]) -> None:
        """Halve what failed together until the one is found that fails alone, and set it aside."""
        if len(due) > 1:
            middle = len(due) // 2
            for half in (due[:middle], due[middle:]):
                await self._step_among(half)
            return
        await self._step_among(due)

    async def _step_among(self, due: Sequence[str]) -> None:
        try:
            async with self._database.transaction() as connection:
                today, schedule = await self.rule_sets.begin(connection, self._clock.today())
                rows = await timelines.due_among(connection, today, due)
                await self._step_rows(connection, rows, today, schedule=schedule)
        except TEMPORARY:
            raise
        except Exception as error:
            if len(due) > 1:
                await self._step_apart(due)
                return
            log.error("a person cannot be evaluated and is set aside: %s", type(error).__name__)
            async with self._database.transaction() as connection:
                await timelines.set_aside(connection, due[0], type(error).__name__, self._clock.now())
                metrics.PERSONS_SET_ASIDE.set(await timelines.count_set_aside(connection))

    async def try_set_aside(self) -> int:
        """Make due again whose evaluation failed before: a release may have mended it. Returns how many."""
        async with self._database.transaction() as connection:
            metrics.PERSONS_SET_ASIDE.set(await timelines.count_set_aside(connection))
            return await timelines.take_back(connection)

    async def evaluate_anew(
        self, connection: asyncpg.Connection, rows: Sequence[timelines.Row], today: date, *, cause: Cause
    ) -> tuple[int, int]:
        """Evaluate locked clusters on the business date, whether anything is due or not.

        Returns how much was said, of how many pseudonyms.
        """
        schedule = await self.rule_sets.schedule(connection)
        loaded = await _whole(connection, rows)
        rules = schedule.on(today)
        said: list[tuple[Statement, Cause]] = []
        for root, cluster in loaded.clusters.items():
            if cluster.next_due is not None and cluster.next_due <= today:
                said += self._step(loaded, root, today, schedule=schedule)
            said += [(statement, cause) for statement in cluster.evaluate_on(today, rules)]
        await self._save(connection, loaded, loaded.clusters, said)
        return len(said), len(loaded.rows)

    @property
    def is_behind(self) -> bool:
        """Whether facts come faster than persons are evaluated: what can wait should."""
        return self._behind_since is not None or self._unsettled

    async def _save(
        self,
        connection: asyncpg.Connection,
        loaded: Loaded,
        roots: Iterable[str],
        said: Sequence[tuple[Statement, Cause]],
        *,
        evaluated: Iterable[str] | None = None,
    ) -> None:
        """Write down clusters and what is said of them. What an erasure leaves is forgotten when it was evaluated."""
        now = self._clock.now()
        contents = [saying.data(statement) for statement, _ in said]
        told = [(statement, cause, content) for (statement, cause), content in zip(said, contents, strict=True)]
        history = [saying.history(statement, content, now) for statement, _, content in told]
        writes = saying.writing([statement for statement, _ in said], history)
        writes += outbox.putting([saying.message(s, cause, content, now) for s, cause, content in told])
        clusters = [loaded.clusters[root] for root in (roots if evaluated is None else evaluated)]
        persons = [person for cluster in clusters for person in cluster.facts]
        if any(cluster.erased for cluster in clusters):  # what is said of them comes before it is forgotten
            await _write(connection, writes)
            await erasing.forget(connection, clusters, now)
            writes = []
        new, old = loaded.changed_rows(roots)
        if await _write(connection, writes + timelines.saving(new, old, evaluated=persons)) < len(new):
            raise Overtaken("another process has just met the same persons")
        for kind, times in Counter((one.event, one.said.finding.pattern) for one, _ in said).items():
            metrics.FINDINGS_SAID.labels(*kind).inc(times)


async def _write(connection: asyncpg.Connection, writes: Sequence[Write]) -> int:
    """Make writes; gives how many new pseudonyms were new."""
    try:
        return len(await write(connection, writes))
    except asyncpg.UniqueViolationError:
        raise Overtaken("another process has just met the same persons") from None


async def _whole(connection: asyncpg.Connection, rows: Sequence[timelines.Row]) -> Loaded:
    """The clusters named after these rows, which are locked, with all members and what is held of them."""
    clusters = [row.cluster_id for row in rows if row.linked]
    members = await timelines.of_clusters(connection, clusters) if clusters else []
    loaded = Loaded([*rows, *(row for row in members if row.person_id != row.cluster_id)])
    loaded.unpack_all()
    await read_held(connection, loaded, loaded.clusters)
    return loaded


def _add(cluster: Cluster, heard: dict[str, list[Heard]]) -> None:
    for person in list(cluster.facts):
        cluster.add(event.fact for event in heard.get(person, ()))
