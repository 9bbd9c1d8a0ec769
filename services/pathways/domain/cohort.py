"""When a person left the cohort: too old, or gone from the Land (docs/patterns.md, "When a person is observed")."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from services.pathways.domain.dates import OPEN, berlin_day
from services.pathways.domain.facts import Fact
from services.pathways.domain.measures import fold
from services.pathways.domain.rules import Rules
from services.pathways.domain.timeline import Timeline


def left_on(facts: Sequence[Fact], today: date, rules: Rules) -> date | None:
    """The day from which a person is no longer observed, None while it is; `facts` are those that hold of a group.

    Whoever was too old already left when the first fact was recorded. A person whose birth month is not known is taken
    to have been as young as one can be.
    """
    if not facts:
        return None
    first = min(berlin_day(fact.at) for fact in facts)
    periods = Timeline(fold(list(facts)), today.toordinal(), rules).periods
    end = max(periods[-1].end, first) if periods else first
    if end == OPEN:
        years = rules.file.observation.until_age - rules.file.observation.from_age
        end = first + round(years * 365.25)
    return date.fromordinal(end) if end <= today.toordinal() else None
