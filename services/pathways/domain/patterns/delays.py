"""Waiting and staying too long: overstay (M07), access delay (M09), never reached (M15)."""

from __future__ import annotations

from services.pathways.domain.dates import OPEN
from services.pathways.domain.episodes import Seen
from services.pathways.domain.patterns.raw import CRITICAL, WARNING, Raw, Step
from services.pathways.domain.rules import Rules
from services.pathways.domain.timeline import Timeline


def overstay(timeline: Timeline, rules: Rules, found: list[Raw]) -> None:
    """M07 Überverweildauer: still running after the planned end or the longest duration of its type."""
    rule = rules.patterns.M07
    for episode in timeline.episodes:
        due = OPEN
        if episode.planned_end is not None:
            due = episode.planned_end + rule.after_planned_end_days
        if episode.kind.max_days is not None:
            due = min(due, episode.start + episode.kind.max_days)
        if due < episode.end:
            ids = episode.ids
            until = OPEN if episode.end == OPEN else episode.end + 1
            found.append(
                Raw("M07", episode.id, [(due, WARNING, ids), (due + rule.critical_after_days, CRITICAL, ids)], until)
            )


def access_delay(timeline: Timeline, rules: Rules, found: list[Raw]) -> None:
    """M09 Zugangslücke: referred and not begun; measures as reported, of every category."""
    rule = rules.patterns.M09
    referred = [seen for seen in timeline.measures if seen.referred is not None]
    for seen in referred:
        kind = rules.types.get(seen.measure.type or "")
        on = seen.referred
        if kind is None or on is None:
            continue
        warning_on = on + rule.group_warning_days.get(kind.group, rule.warning_days)
        until = _answered(timeline, seen, on)
        if until > warning_on:
            ids = (seen.measure.id,)
            steps: list[Step] = sorted([(warning_on, WARNING, ids), (on + rule.critical_days, CRITICAL, ids)])
            found.append(Raw("M09", seen.measure.id, steps, until))


def _answered(timeline: Timeline, seen: Seen, on: int) -> int:
    """The day that ended the wait: a start, one of another of the type, refusal, no-show or cancellation."""
    measure = seen.measure
    answers = list(seen.no_shows)
    if measure.refused_on is not None and measure.refused_on <= timeline.today:
        answers.append(measure.refused_on)
    if measure.cancelled_on is not None:
        answers.append(measure.cancelled_on)
    for other in timeline.measures:
        if other.took_place and other.start is not None:
            same_type = other.measure.type == measure.type and other.start >= on
            if other is seen or same_type:
                answers.append(other.start)
    return min(answers, default=OPEN)


def never_reached(timeline: Timeline, rules: Rules, found: list[Raw]) -> None:
    """M15 Unerreicht: registered, and since then no contact, referral, start or spell."""
    rule = rules.patterns.M15
    if not timeline.registrations:
        return
    took_place = [(seen.start, seen.end) for seen in timeline.measures if seen.took_place and seen.start is not None]
    took_place += [(spell.start, spell.end) for spell in timeline.spells]
    reached = [start for start, _ in took_place] + timeline.contacts
    reached += [seen.referred for seen in timeline.measures if seen.referred is not None]
    for fact in timeline.registrations:
        on = fact.values[0]
        if any(start <= on <= end for start, end in took_place):
            continue
        until = min([day for day in reached if day >= on], default=OPEN)
        warning_on = on + rule.warning_days
        if until > warning_on:
            ids = (fact.id,)
            found.append(
                Raw("M15", fact.id, [(warning_on, WARNING, ids), (on + rule.critical_days, CRITICAL, ids)], until)
            )
