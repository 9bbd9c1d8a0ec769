"""Runs of episodes: chain (M01), step-up (P01) and downward move (M11)."""

from __future__ import annotations

from bisect import bisect_right

from services.pathways.domain.dates import OPEN
from services.pathways.domain.episodes import Episode
from services.pathways.domain.patterns.raw import INFO, WARNING, Raw
from services.pathways.domain.rules import ExitFlags, Rules
from services.pathways.domain.timeline import Timeline


def chain(timeline: Timeline, rules: Rules, found: list[Raw]) -> None:
    """M01 Maßnahmekette: consecutive episodes with short gaps."""
    rule = rules.patterns.M01
    episodes = timeline.episodes
    longest = rule.max_gap_days
    begin, latest = 0, episodes[0].end
    for place in range(1, len(episodes) + 1):
        if place < len(episodes):
            episode = episodes[place]
            linked = episode.start - latest <= longest
            if episode.end > latest:
                latest = episode.end
            if linked:
                continue
        if place - begin >= rule.min_episodes:
            run = episodes[begin:place]
            last = max([episode.end for episode in run])
            until = OPEN if last == OPEN else last + rule.closes_after_days
            raw = Raw("M01", run[0].id, [(run[rule.min_episodes - 1].start, INFO, ())], until)
            raw.run = run
            found.append(raw)
        begin = place


def step_up(timeline: Timeline, rules: Rules, found: list[Raw]) -> None:
    """P01 Stufenaufstieg: consecutive episodes with rising level and short gaps."""
    rule = rules.patterns.P01
    episodes = timeline.episodes
    begin, latest = 0, episodes[0].end
    for place in range(1, len(episodes) + 1):
        if place < len(episodes):
            episode = episodes[place]
            linked = episode.start - latest <= rule.max_gap_days
            if episode.end > latest:
                latest = episode.end
            if linked and episode.kind.level > episodes[place - 1].kind.level:
                continue
        if place - begin >= rule.min_episodes:
            run = episodes[begin:place]
            raw = Raw("P01", run[0].id, [(run[rule.min_episodes - 1].start, INFO, ())], OPEN)
            raw.run = run
            found.append(raw)
        begin = place


def downward_move(timeline: Timeline, rules: Rules, found: list[Raw]) -> None:
    """M11 Abstieg: after a completed episode the next is of a lower level; twice in a row is a warning."""
    window = rules.patterns.M11.window_days
    episodes = timeline.episodes
    starts = [episode.start for episode in episodes]
    higher: dict[int, list[Episode]] = {}
    for episode in episodes:
        if not episode.flags & ExitFlags.COMPLETED:
            continue
        place = bisect_right(starts, episode.end)
        if place == len(starts):
            continue
        lower = episodes[place]
        if lower.start - episode.end <= window and lower.kind.level < episode.kind.level:
            higher.setdefault(place, []).append(episode)
    for place, above in higher.items():
        lower = episodes[place]
        ids = list(lower.ids)
        severity = INFO
        for episode in above:
            ids += episode.ids
            for before in higher.get(episode.index, ()):
                severity = WARNING
                ids += before.ids
        found.append(Raw("M11", lower.id, [(lower.start, severity, ids)], OPEN))
