"""Evaluates the facts of a cluster on a day: findings, due dates, responsible municipality."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import NamedTuple

from services.pathways.domain.clip import clip
from services.pathways.domain.dates import OPEN, day
from services.pathways.domain.explain import explain
from services.pathways.domain.facts import Fact
from services.pathways.domain.finding import SEVERITIES, Finding, Text
from services.pathways.domain.measures import fold
from services.pathways.domain.patterns import (
    ageing,
    careers,
    chains,
    delays,
    dropouts,
    gaps,
    language,
    overlap,
    work,
)
from services.pathways.domain.patterns.raw import Raw
from services.pathways.domain.record import Group, arrange
from services.pathways.domain.rules import Rules
from services.pathways.domain.schemas import Kind
from services.pathways.domain.subsume import subsume
from services.pathways.domain.timeline import Timeline

Pattern = Callable[[Timeline, Rules, list[Raw]], None]

_ON_EPISODES: tuple[Pattern, ...] = (
    gaps.follow_up_gap,
    delays.overstay,
    careers.holding_loop,
    gaps.bridge_to_nowhere,
    language.language_plateau,
    gaps.regime_break,
)
_ON_SEVERAL_EPISODES: tuple[Pattern, ...] = (
    chains.chain,
    careers.career,
    careers.repetition,
    dropouts.drop_out_series,
    chains.downward_move,
    overlap.uncoordinated_overlap,
    chains.step_up,
)
_ON_SPELLS: tuple[Pattern, ...] = (work.revolving_door, work.lasting_transition)


class Implausible(NamedTuple):
    """A measure or spell reported to have ended before it started."""

    person_id: str
    id: str
    reason: str


class Result:
    """What holds for a cluster on a day.

    `findings` sorted by (person_id, pattern, anchor); `next_due`: for every pseudonym that has a fact a date after
    the day on which the findings may differ with no new fact, None if there is none.
    """

    __slots__ = ("_areas", "_groups", "_rules", "_timelines", "_today", "findings", "implausible", "next_due")

    def __init__(self, groups: list[Group], today: int, rules: Rules) -> None:
        self._groups = {member: group for group in groups for member in group.members}
        self._timelines: dict[str, Timeline] = {}
        self._today = today
        self._rules = rules
        self._areas: dict[str, str | None] = {}
        self.findings: list[Finding] = []
        self.next_due: dict[str, date | None] = {}
        self.implausible: list[Implausible] = []

    def leader(self, pseudonym: str) -> str:
        """The pseudonym under which a pseudonym's merge group is evaluated."""
        return self._groups[pseudonym].leader

    def members(self, pseudonym: str) -> frozenset[str]:
        """All pseudonyms of a pseudonym's merge group."""
        return self._groups[pseudonym].members

    def erased(self, pseudonym: str) -> bool:
        """Whether one of a pseudonym's merge group is erased."""
        return self._groups[pseudonym].erased

    def restricted(self, pseudonym: str) -> bool:
        """Whether the processing of one of a pseudonym's merge group is restricted: nothing is found of it then."""
        return self._groups[pseudonym].restricted

    def timeline(self, pseudonym: str) -> Timeline | None:
        """The timeline of a pseudonym's merge group, None if it is erased or restricted."""
        return self._timelines.get(self.leader(pseudonym))

    def municipality(self, pseudonym: str) -> str | None:
        """The responsible municipality on the day (docs/contracts.md, "Who is who"); None outside the Land.

        None also for a pseudonym of whom no fact is left.
        """
        group = self._groups.get(pseudonym)
        if group is None or group.erased:
            return None
        if group.leader not in self._areas:
            self._areas[group.leader] = responsible(group.facts, self._today)
        return self._areas[group.leader]

    def explain(self, finding: Finding) -> Text:
        """The texts of a finding of this result."""
        return explain(finding, self._timelines[finding.person_id], self._rules)


def evaluate(facts: Iterable[Fact], today: date, rules: Rules) -> Result:
    """What holds on `today` for the facts of one cluster, in any order, with repeats."""
    groups, subjects = arrange(facts)
    ordinal = today.toordinal()
    result = Result(groups, ordinal, rules)
    for group in groups:
        if not group.erased and not group.restricted:
            due = _evaluate_group(group, ordinal, rules, result)
            if group.leader in subjects:
                result.next_due[group.leader] = day(due)
    for subject in subjects:
        result.next_due.setdefault(subject, None)
    if len(groups) > 1:
        result.findings.sort(key=lambda finding: finding.identity)
    return result


def _evaluate_group(group: Group, today: int, rules: Rules, result: Result) -> int:
    """Adds the findings of a group to the result; the next day on which they may differ, else OPEN."""
    timeline = Timeline(fold(group.facts), today, rules)
    result._timelines[group.leader] = timeline
    for id in timeline.implausible:
        result.implausible.append(Implausible(group.leader, id, "ended before it started: taken as ended on its start"))
    made = clip(_raw(timeline, rules), timeline.periods)
    due = timeline.next_on
    if not made:
        return due
    made = subsume(_distinct(made))
    made += ageing.age_limit(timeline, rules, made)
    findings = []
    for raw in made:
        due = min(due, _next_change(raw, today))
        if raw.steps[0][0] <= today:
            findings.append(_finding(raw, group.leader, today, rules.version))
    findings.sort(key=_place)
    result.findings += findings
    return due


def _raw(timeline: Timeline, rules: Rules) -> list[Raw]:
    found: list[Raw] = []
    if timeline.episodes:
        for pattern in _ON_EPISODES:
            pattern(timeline, rules, found)
        if len(timeline.episodes) > 1:
            for pattern in _ON_SEVERAL_EPISODES:
                pattern(timeline, rules, found)
    if timeline.spells:
        for pattern in _ON_SPELLS:
            pattern(timeline, rules, found)
    if timeline.measures:
        delays.access_delay(timeline, rules, found)
    delays.never_reached(timeline, rules, found)
    return found


def _distinct(made: list[Raw]) -> list[Raw]:
    """Two sources may give two events one id: the finding that begins earlier stands."""
    first: dict[tuple[str, str], Raw] = {}
    for raw in made:
        key = (raw.pattern, raw.anchor)
        held = first.get(key)
        if held is None or (raw.steps[0][0], raw.raw_since) < (held.steps[0][0], held.raw_since):
            first[key] = raw
    return list(first.values()) if len(first) < len(made) else made


def _next_change(raw: Raw, today: int) -> int:
    for on, _, _ in raw.steps:
        if on > today:
            return on
    return raw.until if raw.until > today else OPEN


def _finding(raw: Raw, person_id: str, today: int, version: str) -> Finding:
    steps = tuple([(SEVERITIES[severity], date.fromordinal(on)) for on, severity, _ in raw.steps if on <= today])
    closed = raw.until <= today
    return Finding(
        person_id,
        raw.pattern,
        raw.anchor,
        steps[-1][0],
        steps[0][1],
        date.fromordinal(raw.until) if closed else None,
        steps,
        tuple(raw.evidence(today)),
        version,
        raw.reason if closed else None,
    )


def _place(finding: Finding) -> tuple[str, str]:
    return (finding.pattern, finding.anchor)


def responsible(facts: list[Fact], today: int) -> str | None:
    """The responsible municipality on a day, from the facts that hold, in the order of `facts.ORDER`."""
    latest: Fact | None = None
    for fact in facts:
        says = fact.kind in (Kind.REGISTERED, Kind.MOVED) and fact.values[0] <= today
        if says and (latest is None or fact.values[0] >= latest.values[0]):
            latest = fact
    if latest is None:
        return facts[0].municipality if facts else None
    return (latest.municipality if latest.kind == Kind.REGISTERED else latest.values[1]) or None
