"""Two measures at once that do not belong together (M14)."""

from __future__ import annotations

from services.pathways.domain.dates import OPEN
from services.pathways.domain.episodes import Episode
from services.pathways.domain.patterns.raw import INFO, Raw
from services.pathways.domain.rule_file import M14
from services.pathways.domain.rules import Rules
from services.pathways.domain.timeline import Timeline


def uncoordinated_overlap(timeline: Timeline, rules: Rules, found: list[Raw]) -> None:
    """M14 Parallelförderung: an episode runs beside an earlier one for long enough, and the pair is not allowed."""
    rule = rules.patterns.M14
    today = timeline.today
    episodes = timeline.episodes
    for place in range(1, len(episodes)):
        later = episodes[place]
        due = later.start + rule.common_days - 1
        if later.end < due:
            continue
        best: Episode | None = None
        common = 0
        for earlier in episodes[:place]:
            # Before the day is reached today it is the earliest that would reach it.
            if earlier.end >= due and not _allowed(earlier, later, rule):
                days = min(earlier.end, later.end, max(today, due)) - later.start + 1
                if days > common:
                    best, common = earlier, days
        if best is not None:
            first_end = min(best.end, later.end)
            until = OPEN if first_end == OPEN else first_end + 1
            found.append(Raw("M14", later.id, [(due, INFO, later.ids + best.ids)], until))
            if today < until < timeline.next_on:
                # From then on another pair may have more days, even if the finding was cut off long before.
                timeline.next_on = until


def _allowed(earlier: Episode, later: Episode, rule: M14) -> bool:
    one, other = earlier.kind, later.kind
    if one.category in rule.allowed_with_anything or other.category in rule.allowed_with_anything:
        return True
    return one.category == other.category and one.category in rule.allowed_with_other_type and one.code != other.code
