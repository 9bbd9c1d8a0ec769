"""What a planned measure would do: the findings it would make, end or worsen, and which kinds of measure would not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

import msgspec

from services.pathways.domain import facts
from services.pathways.domain.catalogue import MeasureType
from services.pathways.domain.evaluate import Result, evaluate
from services.pathways.domain.facts import Fact
from services.pathways.domain.finding import SEVERITIES, Finding
from services.pathways.domain.rules import Rules

PLANNED_ID = "planned"
_LATEST = "9999-12-31T23:59:59Z"
"""A plan is the last word on its measure."""


class Plan(NamedTuple):
    """A measure that might begin."""

    type: str
    starts_on: date
    planned_end_on: date | None = None
    provider: str | None = None


class Effects(NamedTuple):
    """What differs with the plan on its first day, open findings only; `ends` are as they stood without it."""

    makes: list[Finding]
    ends: list[Finding]
    worsens: list[Finding]

    @property
    def concerns(self) -> list[Finding]:
        """What speaks against it: findings made or worsened that are at least a warning."""
        return [finding for finding in self.makes + self.worsens if finding.severity != SEVERITIES[0]]


class Alternative(NamedTuple):
    """A kind of measure that would make no finding of at least a warning: its effects on the same day."""

    kind: MeasureType
    effects: Effects


class Outcome(NamedTuple):
    """What a plan would do, evaluated on `on`; `result` is the evaluation with it, which explains what it makes."""

    on: date
    effects: Effects
    alternatives: list[Alternative]
    result: Result
    before: Result
    trial: Trial


class Trial:
    """The facts of a cluster on a day, to try one plan on, and others like it of other types."""

    def __init__(self, known: Sequence[Fact], person: str, *, on: date, rules: Rules) -> None:
        self._known = known
        self._person = person
        self._on = on
        self._rules = rules
        self.before = evaluate(known, on, rules)
        self._leader = self.before.leader(person)
        self._held = [finding for finding in self.before.findings if finding.person_id == self._leader]
        self._history = _history(self.before, person, rules)
        self._tried: dict[tuple[str, ...], Effects] = {}

    def with_plan(self, plan: Plan) -> tuple[Result, Effects]:
        """The evaluation with the plan, and what differs."""
        result = evaluate([*self._known, _started(self._person, plan)], self._on, self._rules)
        return result, _effects(self._held, [f for f in result.findings if f.person_id == self._leader])

    def of_type(self, code: str, plan: Plan) -> Effects:
        """What the plan would do if it were of this type, by whatever provider."""
        likeness = _likeness(self._rules.types[code], self._history)
        if likeness not in self._tried:
            self._tried[likeness] = self.with_plan(plan._replace(type=code, provider=None))[1]
        return self._tried[likeness]

    def harmless(self, plan: Plan) -> list[Alternative]:
        """The kinds of measure that would make no finding of at least a warning, those that end most first."""
        alternatives = []
        for kind in _one_a_group(self._rules, self._history):
            effects = self.of_type(kind.code, plan)
            if not effects.concerns and kind.group != self._rules.types[plan.type].group:
                alternatives.append(Alternative(kind, effects))
        alternatives.sort(key=lambda one: (-len(one.effects.ends), -one.kind.level, one.kind.code))
        return alternatives


def first_day(plan: Plan, today: date) -> date:
    """The day a plan is tried on: its first, but not before today."""
    return max(plan.starts_on, today)


def check(known: Sequence[Fact], person: str, plan: Plan, *, today: date, rules: Rules) -> Outcome:
    """Compare the facts of a cluster with and without the plan, on the plan's first day (at least `today`)."""
    on = first_day(plan, today)
    trial = Trial(known, person, on=on, rules=rules)
    result, effects = trial.with_plan(plan)
    return Outcome(on, effects, trial.harmless(plan), result, trial.before, trial)


def _started(person: str, plan: Plan) -> Fact:
    data = {
        "measure_id": PLANNED_ID,
        "type": plan.type,
        "provider": plan.provider or PLANNED_ID,
        "started_on": plan.starts_on,
        "planned_end_on": plan.planned_end_on,
    }
    content = msgspec.json.encode(data)
    return facts.decode("//planned", PLANNED_ID, "gemeinsam.measure.started.v1", person, _LATEST, content)


def _effects(before: Iterable[Finding], after: Iterable[Finding]) -> Effects:
    held = {finding.identity: finding for finding in before if finding.until is None}
    now = {finding.identity: finding for finding in after}
    makes, worsens, ends = [], [], []
    for finding in now.values():
        stood = held.get(finding.identity)
        if finding.until is not None:
            continue
        if stood is None:
            makes.append(finding)
        elif SEVERITIES.index(finding.severity) > SEVERITIES.index(stood.severity):
            worsens.append(finding)
    for identity, stood in held.items():
        after_all = now.get(identity)
        # What only goes on in a larger finding has not come to its end.
        if after_all is None or (after_all.until is not None and after_all.reason != "subsumed"):
            ends.append(stood)
    return Effects(makes, ends, worsens)


class _History(NamedTuple):
    groups: frozenset[str]
    codes: frozenset[str]


def _history(result: Result, person: str, rules: Rules) -> _History:
    """The groups and codes that matter for this person: had before, referred to, or bridged to."""
    timeline = result.timeline(person)
    if timeline is None:
        return _History(frozenset(), frozenset())
    measures = timeline.known.measures.values()
    codes = {code for measure in measures for code in (measure.type, measure.bridge_to) if code}
    return _History(frozenset(rules.types[code].group for code in codes if code in rules.types), frozenset(codes))


def _one_a_group(rules: Rules, history: _History) -> list[MeasureType]:
    """One countable type for each group of the catalogue, the one the person knows if there is one."""
    chosen: dict[str, MeasureType] = {}
    for kind in rules.types.values():
        if kind.countable and (kind.group not in chosen or kind.code in history.codes):
            chosen[kind.group] = kind
    return list(chosen.values())


def _likeness(kind: MeasureType, history: _History) -> tuple[str, ...]:
    """Types that no rule can tell apart for this person are tried once."""
    group = kind.group if kind.group in history.groups else ""
    code = kind.code if kind.code in history.codes else ""
    return (kind.category, str(kind.level), group, code)
