"""Employment and training: revolving door (M04) and lasting transition (P02)."""

from __future__ import annotations

from services.pathways.domain.dates import OPEN
from services.pathways.domain.patterns.raw import CRITICAL, INFO, WARNING, Raw, Step
from services.pathways.domain.rules import Rules
from services.pathways.domain.timeline import Timeline


def revolving_door(timeline: Timeline, rules: Rules, found: list[Raw]) -> None:
    """M04 Drehtür: back in a measure or in benefit soon after a spell."""
    rule = rules.patterns.M04
    if all(spell.end == OPEN for spell in timeline.spells):
        return
    returns = [(e.start, e.ids) for e in timeline.episodes if e.kind.category in rule.categories]
    returns += [(fact.values[0], [fact.id]) for fact in timeline.benefits if fact.values[2] in rule.benefits]
    for spell in timeline.spells:
        end = spell.end
        back_on = min([on for on, _ in returns if on > end], default=OPEN)
        lasted = back_on - spell.start
        if end == OPEN or not rule.more_than_days < lasted <= rule.info_days:
            continue
        others = [other for other in timeline.spells if other is not spell]
        if any(other.start <= end + 1 <= other.end or end < other.start <= back_on for other in others):
            continue
        severity = CRITICAL if lasted <= rule.critical_days else WARNING if lasted <= rule.warning_days else INFO
        ids = [spell.id, *[id for on, ids in returns if on == back_on for id in ids]]
        found.append(Raw("M04", spell.id, [(back_on, severity, ids)], timeline.next_progress(back_on)))


def lasting_transition(timeline: Timeline, rules: Rules, found: list[Raw]) -> None:
    """P02 nachhaltige Einmündung: a spell that lasts."""
    for spell in timeline.spells:
        days = [spell.start + days - 1 for days in rules.patterns.P02.info_days]
        steps: list[Step] = [(on, INFO, (spell.id,)) for on in days if spell.end >= on]
        if steps:
            found.append(Raw("P02", spell.id, steps, OPEN))
