"""What another rule set would say of the same facts: findings gained, lost and moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from services.pathways.domain.evaluate import Result, evaluate
from services.pathways.domain.facts import Fact
from services.pathways.domain.finding import Finding
from services.pathways.domain.rules import Rules

NOWHERE = ""
"""The municipality of persons who have left the Land."""


class Cell(NamedTuple):
    """What is counted: `what` is before, after (open findings), gained, lost or moved (of all findings)."""

    what: str
    pattern: str
    municipality: str


def compare(facts: Sequence[Fact], today: date, held: Rules, tried: Rules) -> Counter[Cell]:
    """The differences for the facts of one cluster on a day. Moved: other severity, begin or end."""
    before, after = evaluate(facts, today, held), evaluate(facts, today, tried)
    counts: Counter[Cell] = Counter()
    old = {finding.identity: finding for finding in before.findings}
    new = {finding.identity: finding for finding in after.findings}

    def count(what: str, finding: Finding, result: Result) -> None:
        counts[Cell(what, finding.pattern, result.municipality(finding.person_id) or NOWHERE)] += 1

    for identity, finding in old.items():
        if finding.until is None:
            count("before", finding, before)
        if identity not in new:
            count("lost", finding, before)
    for identity, finding in new.items():
        if finding.until is None:
            count("after", finding, after)
        stood = old.get(identity)
        if stood is None:
            count("gained", finding, after)
        elif (stood.severity, stood.since, stood.until) != (finding.severity, finding.since, finding.until):
            count("moved", finding, after)
    return counts
