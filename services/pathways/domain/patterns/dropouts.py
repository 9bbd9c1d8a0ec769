"""Ends that are drop-outs, one after the other (M06)."""

from __future__ import annotations

from services.pathways.domain.dates import OPEN
from services.pathways.domain.episodes import Episode
from services.pathways.domain.patterns.raw import CRITICAL, WARNING, Raw, Step
from services.pathways.domain.rule_file import M06
from services.pathways.domain.rules import ExitFlags, Rules
from services.pathways.domain.timeline import Timeline


def drop_out_series(timeline: Timeline, rules: Rules, found: list[Raw]) -> None:
    """M06 Abbruchserie: drop-outs in a row within the window; neutral ends are passed over."""
    rule = rules.patterns.M06
    flags = ExitFlags.DROPOUT
    if sum([1 for episode in timeline.episodes if episode.flags & flags]) < rule.warning_ends:
        return
    ended = [episode for episode in timeline.episodes if episode.end != OPEN and not episode.flags & ExitFlags.NEUTRAL]
    ended.sort(key=lambda episode: (episode.end, episode.id))
    run: list[Episode] = []
    for episode in ended:
        if episode.flags & flags:
            run.append(episode)
        else:
            _series(run, episode.end, rule, found)
            run = []
    _series(run, OPEN, rule, found)


def _series(run: list[Episode], until: int, rule: M06, found: list[Raw]) -> None:
    if len(run) < rule.warning_ends:
        return
    steps: list[Step] = []
    for place, episode in enumerate(run):
        counted = [earlier for earlier in run[: place + 1] if episode.end - earlier.end <= rule.window_days]
        if len(counted) < rule.warning_ends:
            continue
        ids = [id for earlier in counted for id in earlier.ids]
        if not steps:
            steps.append((episode.end, WARNING, ids))
        if len(counted) >= rule.critical_ends:
            steps.append((episode.end, CRITICAL, ids))
            break
    if steps:
        found.append(Raw("M06", run[0].id, steps, until))
