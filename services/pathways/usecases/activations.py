"""Puts rule sets in force from a business date on, and evaluates everybody by the one whose date has come.

Which set is in force is decided by the business date alone: whatever is evaluated on or after the date follows the new
set at once. Those for whom nothing happens are gone through in the order of their names, a bounded batch at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import asyncpg

from services.pathways.domain.rules import BadRules, Rules, parse
from services.pathways.domain.schedule import InForceFrom
from services.pathways.rules import Source
from services.pathways.store import referrals, rule_sets, timelines
from services.pathways.store.rule_sets import Activation
from services.pathways.usecases.facts import UseCases
from services.pathways.usecases.loading import Cause
from shared import metrics
from shared.clock import Clock
from shared.contracts.findings import NEW_RULES
from shared.db import TEMPORARY, Database
from shared.errors import Conflict, Invalid, NotFound
from shared.messaging import outbox

log = logging.getLogger(__name__)

_AT_ONCE = 100
_OUTBOX_FULL = 5_000
_FULL_SECONDS = 0.5
_A_LITTLE_SECONDS = 0.01  # so that the next batch is surely due then
_LOGGED = 1_000  # persons
_FARTHEST = timedelta(days=3660)
_CHANGES = {"stop": ("running", "stopped"), "resume": ("stopped", "running"), "withdraw": ("planned", "withdrawn")}
ACTIONS = tuple(_CHANGES)


@dataclass(frozen=True, slots=True)
class Standing:
    """The rule set in force on the business date, the next one, and all decisions, the latest first."""

    today: date
    rules: Rules
    next: InForceFrom | None
    activations: Sequence[Activation]
    versions: Sequence[str]


class Activations:
    """Rule sets and from when they are in force.

    `first` is the set in force before any was activated, as written; `pace` is how many persons are evaluated anew a
    second at most, by all processes together.
    """

    def __init__(self, database: Database, clock: Clock, usecases: UseCases, *, first: Source, pace: float) -> None:
        self._database = database
        self._clock = clock
        self._usecases = usecases
        self._rule_sets = usecases.rule_sets
        self._first = first
        self._pace = pace

    async def standing(self) -> Standing:
        """What is in force, what comes next, and how far it is."""
        async with self._database.reading() as connection:
            today = await timelines.current_date(connection) or self._clock.today()
            schedule = await self._rule_sets.schedule(connection)
            known = await rule_sets.versions(connection)
            decided = await rule_sets.activations(connection)
        first = self._rule_sets.first.version
        versions = known if first in known else [*known, first]
        return Standing(today, schedule.on(today), schedule.after(today), decided, versions)

    async def source_of(self, version: str) -> Source:
        """The texts of a rule set that is kept, or of the first. Raises `NotFound`."""
        async with self._database.reading() as connection:
            found = await rule_sets.texts(connection, [version])
        if version not in found and version == self._rule_sets.first.version:
            return self._first
        if version not in found:
            raise NotFound("there is no such rule set")
        return Source(*found[version])

    async def activate(self, source: Source, effective_on: date, *, by: str) -> Activation:
        """Keep a rule set and put it in force from a date on, today at the earliest; nobody evaluates meanwhile.

        Raises `Invalid` for a set that cannot be used or a date that cannot be, `Conflict` for a version that is used
        with other rules.
        """
        try:
            rules = parse(*source)
        except BadRules as error:
            raise Invalid("; ".join(error.errors), field="rules") from None
        now = self._clock.now()
        async with self._database.transaction() as connection:
            today = await timelines.keep_date(connection, self._clock.today())
            if not today <= effective_on <= today + _FARTHEST:
                raise Invalid(f"the date must be {today} (the business date) or later, at most ten years", field="on")
            await self._refuse_other_rules(connection, rules, source)
            await rule_sets.keep(connection, rules.version, source.rules, source.catalogue, now)
            number = await rule_sets.plan(connection, rules.version, effective_on, now, by)
            found = await rule_sets.activations(connection)
        log.info("rule set %s is in force from %s on", rules.version, effective_on)
        return next(one for one in found if one.activation_id == number)

    async def _refuse_other_rules(self, connection: asyncpg.Connection, rules: Rules, source: Source) -> None:
        kept = (await rule_sets.texts(connection, [rules.version])).get(rules.version)
        first = self._rule_sets.first
        differs = kept is not None and not rules.says_the_same_as(parse(*kept))
        if differs or (kept is None and rules.version == first.version and not rules.says_the_same_as(first)):
            raise Conflict(f"version {rules.version} is used already with other rules: give this set a new version")

    async def change(self, activation_id: int, action: str, *, by: str) -> None:
        """Stop, resume or withdraw (before its date) one. Raises `Conflict` where that cannot be done any more."""
        before, after = _CHANGES[action]
        async with self._database.transaction() as connection:
            await timelines.keep_date(connection, self._clock.today())
            if not await rule_sets.change_state(connection, activation_id, before, after):
                raise Conflict(f"only what is {before} can be {after}")
        log.info("activation %d is %s, by %s", activation_id, after, by)

    async def go_on(self) -> float | None:
        """Evaluate the next batch by the rule set whose date has come; the seconds to rest, None if there is none.

        It stands back while facts come faster than they are evaluated, and while the outbox is full.
        """
        if self._usecases.is_behind:
            return None
        async with self._database.transaction() as connection:
            if await outbox.holds_more_than(connection, _OUTBOX_FULL):
                return _FULL_SECONDS
            today = await timelines.begin_on(connection, self._clock.today())
            now = self._clock.now()
            await rule_sets.begin(connection, today, now)
            turn = await rule_sets.take_turn(connection, now)
            if turn is None:
                await self._measure(connection)
                return None
            return await self._batch(connection, turn, today)

    async def _measure(self, connection: asyncpg.Connection) -> None:
        """How many are left, in every process alike, whichever has done the last batch."""
        for one in reversed(await rule_sets.activations(connection)):
            left = max(0, one.persons_total - one.persons_done) if one.state in ("running", "stopped") else 0
            metrics.RULES_PERSONS_LEFT.labels(one.version).set(left)

    async def _evaluate(
        self, connection: asyncpg.Connection, rows: Sequence[timelines.Row], today: date, *, cause: Cause
    ) -> tuple[int, int]:
        """Evaluate these clusters; who cannot be evaluated becomes due, to be set aside like anybody who fails then."""
        try:
            async with connection.transaction():
                return await self._usecases.evaluate_anew(connection, rows, today, cause=cause)
        except TEMPORARY:
            raise
        except Exception as error:
            if len(rows) == 1:
                log.error("a person cannot be evaluated anew: %s", type(error).__name__)
                await timelines.make_due(connection, rows[0].person_id, today, cause.text())
                return 0, 1
            middle = len(rows) // 2
            first = await self._evaluate(connection, rows[:middle], today, cause=cause)
            second = await self._evaluate(connection, rows[middle:], today, cause=cause)
            return first[0] + second[0], first[1] + second[1]

    async def _batch(self, connection: asyncpg.Connection, turn: Activation, today: date) -> float | None:
        now = self._clock.now()
        rows = await timelines.clusters_after(connection, turn.reached, limit=_AT_ONCE)
        if not rows:
            await rule_sets.finish(connection, turn.activation_id, now)
            await self._measure(connection)
            log.info("rule set %s: %d persons evaluated, %d events", turn.version, turn.persons_done, turn.said)
            return None
        cause = Cause(f"{NEW_RULES}{turn.version}:{turn.activation_id}")
        said, persons = await self._evaluate(connection, rows, today, cause=cause)
        await referrals.check_again(connection, [row.person_id for row in rows])
        rest = persons / self._pace
        await rule_sets.move_on(
            connection,
            turn.activation_id,
            reached=rows[-1].person_id,
            persons=persons,
            said=said,
            next_at=now + timedelta(seconds=rest),
        )
        left = max(0, turn.persons_total - turn.persons_done - persons)
        metrics.RULES_PERSONS_LEFT.labels(turn.version).set(left)
        done = turn.persons_done + persons
        if done // _LOGGED > turn.persons_done // _LOGGED:
            log.info("rule set %s: %d of %d persons evaluated anew", turn.version, done, turn.persons_total)
        return max(0.0, rest - (self._clock.now() - now).total_seconds()) + _A_LITTLE_SECONDS
