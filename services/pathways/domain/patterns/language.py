"""Courses without a rise in language (M12)."""

from __future__ import annotations

from bisect import bisect_right
from itertools import pairwise

from services.pathways.domain.dates import LONG_AGO, OPEN
from services.pathways.domain.episodes import Episode
from services.pathways.domain.patterns.raw import WARNING, Raw
from services.pathways.domain.rule_file import M12
from services.pathways.domain.rules import Rules
from services.pathways.domain.timeline import Timeline


def language_plateau(timeline: Timeline, rules: Rules, found: list[Raw]) -> None:
    """M12 Sprachplateau: much language teaching since the last rise, and the level is below the target."""
    rule = rules.patterns.M12
    courses = [episode for episode in timeline.episodes if episode.kind.category == rules.file.categories.language]
    if not courses:
        return
    bounds = [LONG_AGO, *timeline.rises, OPEN]
    starts = [course.start for course in courses]
    for last_rise, next_rise in pairwise(bounds):
        since = courses[bisect_right(starts, last_rise - 1) : bisect_right(starts, next_rise - 1)]
        if not since:
            continue
        on = _below_target(timeline, rules, _reached(since, rule), next_rise)
        if on >= next_rise:
            continue
        place = bisect_right(timeline.spell_progress, on)
        spell_on = timeline.spell_progress[place] if place < len(timeline.spell_progress) else OPEN
        raw = Raw("M12", since[0].id, [(on, WARNING, ())], min(next_rise, spell_on))
        raw.run = since
        found.append(raw)


def _reached(courses: list[Episode], rule: M12) -> int:
    """The first day of: enough courses ended, enough hours in ended ones, long enough since the first began."""
    day = courses[0].start + rule.days
    ended = sorted([(course.end, course.hours) for course in courses if course.end != OPEN])
    if len(ended) >= rule.ended_episodes:
        day = min(day, ended[rule.ended_episodes - 1][0])
    hours: float = 0
    for end, more in ended:
        hours += more
        if hours >= rule.hours:
            return min(day, end)
    return day


def _below_target(timeline: Timeline, rules: Rules, day: int, next_rise: int) -> int:
    """The first day from `day` on, before the next rise, with a level below the target then in force, else OPEN."""
    rule = rules.patterns.M12
    goals = [(fact.values[0], fact.values[1]) for fact in timeline.goals if fact.values[1] in rules.file.goals.known]
    changes = {on for on, _ in goals} | {on for on, _ in timeline.levels}
    for on in [day, *sorted([change for change in changes if change > day])]:
        if on >= next_rise:
            break
        level = max([rank for tested_on, rank in timeline.levels if tested_on <= on], default=-1)
        goal = next((goal for set_on, goal in reversed(goals) if set_on <= on), "")
        if level < rules.levels[rule.goal_target.get(goal, rule.target)]:
            return on
    return OPEN
