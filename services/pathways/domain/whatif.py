"""What another rule set would say of the same facts: findings gained, lost and moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from services.pathways.domain.evaluate import Result, evaluate
from services.pathways.domain.facts import Fact
from services.pathways.domain.finding import Finding
from services.pathways.domain.rules import Rules

NOWHERE = ""
"""The municipality of persons who have left the Land."""
ALL = ""
"""All patterns together, where persons are counted: one may have findings of several."""


class Cell(NamedTuple):
    """What is counted: `what` is before, gained, lost, moved or after, of all findings; open_before, open_after."""

    what: str
    pattern: str
    municipality: str


class Counts:
    """How many findings are in each cell, and of how many persons; before + gained - lost = after."""

    def __init__(self, findings: Counter[Cell] | None = None, persons: Counter[Cell] | None = None) -> None:
        self.findings = findings or Counter()
        self.persons = persons or Counter()

    def add(self, other: Counts) -> None:
        """Add what was counted elsewhere, of other persons."""
        self.findings.update(other.findings)
        self.persons.update(other.persons)


def compare(facts: Sequence[Fact], today: date, held: Rules, tried: Rules) -> Counts:
    """The differences for the facts of one cluster on a day."""
    before, after = evaluate(facts, today, held), evaluate(facts, today, tried)
    counts = Counts()
    seen: set[tuple[str, Cell]] = set()
    for what, finding, result in _differences(before, after):
        place = result.municipality(finding.person_id) or NOWHERE
        cell = Cell(what, finding.pattern, place)
        counts.findings[cell] += 1
        for counted in (cell, Cell(what, ALL, place)):
            if (finding.person_id, counted) not in seen:
                seen.add((finding.person_id, counted))
                counts.persons[counted] += 1
    return counts


def _differences(before: Result, after: Result) -> Iterator[tuple[str, Finding, Result]]:
    """Each finding with what it counts as; moved: of other severity, begin or end."""
    old = {finding.identity: finding for finding in before.findings}
    new = {finding.identity: finding for finding in after.findings}
    for identity, finding in old.items():
        yield "before", finding, before
        if finding.until is None:
            yield "open_before", finding, before
        if identity not in new:
            yield "lost", finding, before
    for identity, finding in new.items():
        yield "after", finding, after
        if finding.until is None:
            yield "open_after", finding, after
        stood = old.get(identity)
        if stood is None:
            yield "gained", finding, after
        elif (stood.severity, stood.since, stood.until) != (finding.severity, finding.since, finding.until):
            yield "moved", finding, after
