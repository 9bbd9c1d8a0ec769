"""One person's timeline as a reader may see it: now, or as it was known on a day."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import asyncpg

from services.pathways.domain.dates import berlin_day
from services.pathways.domain.disclosure import Disclosure, Sight
from services.pathways.domain.evaluate import Result, evaluate
from services.pathways.domain.facts import Fact, unpack
from services.pathways.domain.finding import Finding, Text
from services.pathways.domain.matrix import Matrix
from services.pathways.domain.record import Group, arrange
from services.pathways.domain.rules import Rules
from services.pathways.domain.schedule import Schedule
from services.pathways.domain.story import Story, tell
from services.pathways.store import findings, people, read_log, timelines, worklist
from services.pathways.store.findings import Said
from services.pathways.store.read_log import Look
from services.pathways.store.worklist import Step
from services.pathways.usecases.access import READERS_OF_PERSONS, REASONS, areas_of, note_look
from services.pathways.usecases.rule_sets import RuleSets
from shared.auth import Principal, require
from shared.clock import Clock
from shared.db import Database
from shared.errors import Gone, Invalid, NotFound, Restricted

_LOOKS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding as the reader may see it: all of it, or (finding and text None) only that there is one."""

    severity: str
    open: bool
    finding: Finding | None
    text: Text | None


@dataclass(frozen=True, slots=True)
class Told:
    """One line of what was said of the findings, when; `data` as published."""

    said: Said
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Person:
    """What a reader sees of one person.

    `today` is the date it is evaluated on; `business_date` the real one; `known_on` the day whose knowledge is shown,
    None for all that is known; `recorded_from` the day the first fact was recorded; `rules` were in force on `today`.
    """

    person_id: str
    members: tuple[str, ...]
    municipality: str
    today: date
    business_date: date
    known_on: date | None
    recorded_from: date
    story: Story
    findings: Sequence[Shown]
    history: Sequence[Told]
    steps: Sequence[Step]
    looks: Sequence[Look]
    rules: Rules


class Timelines:
    """Shows persons to those who look after them, and writes every look down."""

    def __init__(self, database: Database, clock: Clock, rules: Rules, matrix: Matrix) -> None:
        self._database = database
        self._clock = clock
        self._matrix = matrix
        self._rule_sets = RuleSets(rules)

    async def look(
        self,
        reader: Principal,
        pseudonym: str,
        *,
        reason: str,
        what: str = "timeline",
        known_on: date | timedelta | None = None,
    ) -> Person:
        """One person, as all is known or as it was known at the end of a day; raises `NotFound`, `Gone`, `Invalid`.

        The day may be given as time since the first fact was recorded. A look back is written down as `history`.
        """
        require(reader, *READERS_OF_PERSONS)
        if reason not in REASONS:
            raise Invalid(f"reason must be one of {', '.join(REASONS)}", field="reason")
        async with self._database.transaction() as connection:
            business_date = await timelines.current_date(connection) or self._clock.today()
            schedule = await self._rule_sets.schedule(connection)
            opened = await open_person(connection, reader, pseudonym, business_date, schedule)
            if isinstance(known_on, timedelta):
                known_on = opened.recorded_from + known_on
            person = await self._person(connection, reader, opened, business_date, known_on)
            seen = "history" if person.known_on and what == "timeline" else what
            await note_look(connection, self._clock, reader, person.members, what=seen, reason=reason)
        return person

    async def _person(
        self, connection: asyncpg.Connection, reader: Principal, opened: Opened, business_date: date, on: date | None
    ) -> Person:
        facts, result, today = opened.facts, opened.result, business_date
        if on is not None and on < business_date:
            facts, today = [fact for fact in facts if berlin_day(fact.at) <= on.toordinal()], on
            result = evaluate(facts, today, opened.schedule.on(today))
        group = _group_of(facts, opened.person_id)
        disclosure = Disclosure(opened.group.facts, reader.body, business_date.toordinal(), matrix=self._matrix)
        timeline = result.timeline(opened.person_id) if group else None
        said = [one for one in await findings.history(connection, opened.person_id) if one.business_date <= today]
        history = _told(said, disclosure)
        rules = opened.schedule.on(today)
        story = tell(timeline, group.facts, rules, disclosure) if group and timeline else Story([], False)
        return Person(
            opened.person_id,
            tuple(sorted(opened.group.members)),
            opened.municipality,
            today,
            business_date,
            None if today == business_date else today,
            opened.recorded_from,
            story,
            shown_findings(result, opened.person_id, disclosure),
            history,
            _about(await worklist.steps_of(connection, [opened.person_id]), history),
            await read_log.of_person(connection, opened.group.members, limit=_LOOKS_SHOWN),
            rules,
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """A person a reader may look at: all facts of the cluster, what holds on the business date, by which rules."""

    person_id: str
    municipality: str
    group: Group
    facts: list[Fact]
    result: Result
    schedule: Schedule

    @property
    def recorded_from(self) -> date:
        """The day the first fact was recorded."""
        return date.fromordinal(min(berlin_day(fact.at) for fact in self.facts))


async def open_person(
    connection: asyncpg.Connection, reader: Principal, pseudonym: str, business_date: date, schedule: Schedule
) -> Opened:
    """The person behind a pseudonym if the reader covers the responsible municipality.

    Raises `NotFound` alike for the unknown and for those of others, so that nobody learns who exists; `Gone` for the
    erased, `Restricted` for those whose facts are kept and not used at present.
    """
    rows = await people.with_clusters(connection, [pseudonym])
    facts = [fact for row in rows for fact in unpack(row.facts)]
    # A pseudonym of whom no event of a known type is stored is nobody.
    if not any(fact.kind and fact.subject == pseudonym for fact in facts):
        raise NotFound("there is no such person in your areas")
    result = evaluate(facts, business_date, schedule.on(business_date))
    if result.erased(pseudonym):
        raise Gone("this person's data were erased")
    municipality = result.municipality(pseudonym)
    if municipality is None or municipality not in areas_of(reader):
        raise NotFound("there is no such person in your areas")
    if result.restricted(pseudonym):
        raise Restricted("the processing of this person's data is restricted (Art. 18 DSGVO)")
    leader = result.leader(pseudonym)
    group = _group_of(facts, leader)
    assert group is not None
    return Opened(leader, municipality, group, facts, result, schedule)


def shown_findings(result: Result, person_id: str, disclosure: Disclosure) -> list[Shown]:
    """A person's findings of an evaluation as the reader may see them, open ones first, the gravest first."""
    shown = []
    for finding in result.findings:
        sight = disclosure.evidence(finding.evidence) if finding.person_id == person_id else Sight.NOTHING
        if sight == Sight.FULL:
            shown.append(Shown(finding.severity, finding.until is None, finding, result.explain(finding)))
        elif sight == Sight.EXISTENCE:
            shown.append(Shown(finding.severity, finding.until is None, None, None))
    rank = {"critical": 0, "warning": 1, "info": 2}
    shown.sort(key=lambda one: (not one.open, rank[one.severity], one.finding.since if one.finding else date.max))
    return shown


def _group_of(facts: list[Fact], member: str) -> Group | None:
    groups = arrange(facts)[0] if facts else []
    return next((group for group in groups if member in group.members), None)


def _told(said: Sequence[Said], disclosure: Disclosure) -> list[Told]:
    told = [Told(one, json.loads(one.data)) for one in said]
    return [one for one in told if disclosure.evidence(one.data["evidence"]) == Sight.FULL]


def _about(steps: Sequence[Step], history: Sequence[Told]) -> list[Step]:
    """The decisions about findings the reader may know of."""
    known = {(told.said.pattern, told.said.anchor) for told in history}
    return [step for step in steps if (step.pattern, step.anchor) in known]
