"""The pre-check: what a planned measure would do to a person's findings, before it begins."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.pathways.domain.disclosure import Disclosure, Sight
from services.pathways.domain.finding import Finding, Text
from services.pathways.domain.matrix import Matrix
from services.pathways.domain.offers import WAIT, Near, Offer, Wanted, fitting
from services.pathways.domain.precheck import PLANNED_ID, Alternative, Effects, Outcome, Plan, check
from services.pathways.domain.rules import Rules
from services.pathways.store import offers, timelines
from services.pathways.usecases.access import note_look
from services.pathways.usecases.rule_sets import RuleSets
from services.pathways.usecases.timeline import Opened, open_person
from shared.auth import Principal, Role, require
from shared.clock import Clock
from shared.db import Database
from shared.errors import Invalid
from shared.reference import district_of, neighbours

_FARTHEST = timedelta(days=731)


@dataclass(frozen=True, slots=True)
class Effect:
    """One finding the plan would make, end or worsen; finding and text None where the reader may not know which."""

    severity: str
    finding: Finding | None
    text: Text | None


@dataclass(frozen=True, slots=True)
class Checked:
    """What a plan would do to a person's findings on `on`, which kinds of measure would not, and offers near by."""

    person_id: str
    plan: Plan
    on: date
    makes: Sequence[Effect]
    ends: Sequence[Effect]
    worsens: Sequence[Effect]
    alternatives: Sequence[Alternative]
    offers: Sequence[Near]

    @property
    def clear(self) -> bool:
        """Whether nothing of at least a warning would be made or worsened."""
        return all(effect.severity == "info" for effect in (*self.makes, *self.worsens))


class Prechecks:
    """Tries a plan on a person's stored facts; nothing is stored but who asked."""

    def __init__(self, database: Database, clock: Clock, rules: Rules, matrix: Matrix) -> None:
        self._database = database
        self._clock = clock
        self._matrix = matrix
        self._rule_sets = RuleSets(rules)

    async def check(self, reader: Principal, pseudonym: str, plan: Plan) -> Checked:
        """What the plan would do. Raises `Invalid` for a plan that cannot be, `NotFound` for persons of others."""
        require(reader, Role.CASE_MANAGER, Role.EMITTER)
        async with self._database.transaction() as connection:
            today = await timelines.current_date(connection) or self._clock.today()
            schedule = await self._rule_sets.schedule(connection)
            rules = schedule.on(max(today, plan.starts_on))
            _possible(plan, today, schedule.on(today).types.keys() & rules.types)
            opened = await open_person(connection, reader, pseudonym, today, schedule)
            await note_look(connection, self._clock, reader, opened.group.members, what="precheck", reason="PRECHECK")
            near = {district_of(opened.municipality), *neighbours(district_of(opened.municipality))}
            known = await offers.open_in(
                connection, {key[:5] for key in near}, first=today, last=max(plan.starts_on, today) + WAIT
            )
        outcome = check(opened.facts, pseudonym, plan, today=today, rules=rules)
        disclosure = Disclosure(opened.group.facts, reader.body, today.toordinal(), matrix=self._matrix)

        def shown(findings: Sequence[Finding], *, ended: bool = False) -> list[Effect]:
            result = outcome.before if ended else outcome.result
            effects = []
            for finding in findings:
                sight = disclosure.evidence(id for id in finding.evidence if id != PLANNED_ID)
                if sight == Sight.FULL:
                    effects.append(Effect(finding.severity, finding, result.explain(finding)))
                elif sight == Sight.EXISTENCE:
                    effects.append(Effect(finding.severity, None, None))
            return effects

        effects = outcome.effects
        return Checked(
            opened.person_id,
            plan,
            outcome.on,
            shown(effects.makes),
            shown(effects.ends, ended=True),
            shown(effects.worsens),
            [one._replace(effects=_as_known(one.effects, disclosure)) for one in outcome.alternatives],
            _suiting(known, opened, outcome, plan, disclosure=disclosure, rules=rules),
        )


def _suiting(
    known: Sequence[Offer], opened: Opened, outcome: Outcome, plan: Plan, *, disclosure: Disclosure, rules: Rules
) -> list[Near]:
    """The offers that suit; the language level counts only if the reader may see every test."""
    timeline = outcome.before.timeline(opened.person_id)
    level = None
    if timeline is not None and disclosure.ids(timeline.known.tests):
        level = timeline.levels[-1][1] if timeline.levels else min(rules.levels.values())
    wanted = Wanted(opened.municipality, neighbours(district_of(opened.municipality)), level, plan.starts_on)

    def tried(code: str) -> Effects | None:
        return outcome.trial.of_type(code, plan) if code in rules.types else None

    found = fitting(known, wanted, ranks=rules.levels, tried=tried)
    return [one._replace(effects=_as_known(one.effects, disclosure)) for one in found]


def _as_known(effects: Effects, disclosure: Disclosure) -> Effects:
    """What a kind of measure would end, only as far as the reader may know what that is."""
    return effects._replace(ends=[one for one in effects.ends if disclosure.evidence(one.evidence) == Sight.FULL])


def _possible(plan: Plan, today: date, types: Collection[str]) -> None:
    if plan.type not in types:
        raise Invalid("there is no such type of measure in the catalogue", field="type")
    if plan.starts_on > today + _FARTHEST:
        raise Invalid("starts_on may lie two years ahead at most", field="starts_on")
    if plan.planned_end_on is not None and plan.planned_end_on < plan.starts_on:
        raise Invalid("planned_end_on must not lie before starts_on", field="planned_end_on")
