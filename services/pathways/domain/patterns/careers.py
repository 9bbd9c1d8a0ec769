"""Going round without progress: career (M02), repetition (M03), holding loop (M08)."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from services.pathways.domain.dates import OPEN
from services.pathways.domain.episodes import Episode
from services.pathways.domain.patterns.raw import CRITICAL, WARNING, Raw, Step
from services.pathways.domain.rule_file import M02, M08
from services.pathways.domain.rules import ExitFlags, Rules
from services.pathways.domain.timeline import Timeline


def _stretches(timeline: Timeline, episodes: list[Episode]) -> Iterator[tuple[list[Episode], int]]:
    """The episodes between two days of progress, with the day that ends the stretch (OPEN: none)."""
    begin = 0
    progress = timeline.progress
    while begin < len(episodes):
        place = bisect_right(progress, episodes[begin].start)
        end_on = progress[place] if place < len(progress) else OPEN
        end = begin + 1
        while end < len(episodes) and episodes[end].start < end_on:
            end += 1
        yield episodes[begin:end], end_on
        begin = end


def career(timeline: Timeline, rules: Rules, found: list[Raw]) -> None:
    """M02 Maßnahmekarriere: several starts within the window without progress; anew after a long pause."""
    rule = rules.patterns.M02
    if len(timeline.episodes) < rule.warning_starts:
        return
    for stretch, progress_on in _stretches(timeline, timeline.episodes):
        begin = 0
        for place in range(1, len(stretch) + 1):
            if place < len(stretch) and stretch[place].start - stretch[place - 1].start <= rule.window_days + 1:
                continue
            forgotten_on = stretch[place - 1].start + rule.window_days + 1
            if place - begin >= rule.warning_starts:
                _career(stretch[begin:place], min(progress_on, forgotten_on), rule, found)
            begin = place


def _career(episodes: list[Episode], until: int, rule: M02, found: list[Raw]) -> None:
    starts = [episode.start for episode in episodes]
    steps: list[Step] = []
    anchor = ""
    for on in sorted(set(starts)):
        first, last = bisect_right(starts, on - rule.window_days), bisect_right(starts, on)
        count = last - first
        if count < rule.warning_starts:
            continue
        ids = [id for episode in episodes[first:last] for id in episode.ids]
        if not steps:
            anchor = episodes[first].id
            steps.append((on, WARNING, ids))
        if count >= rule.critical_starts:
            steps.append((on, CRITICAL, ids))
            break
    if steps:
        found.append(Raw("M02", anchor, steps, until))


def repetition(timeline: Timeline, rules: Rules, found: list[Raw]) -> None:
    """M03 Typwiederholung: the same group again, more often than its allowance, after ends without success."""
    window = rules.patterns.M03.window_days
    failed: dict[str, list[Episode]] = {}
    for episode in timeline.episodes:
        kind, start = episode.kind, episode.start
        before = failed.get(kind.group)
        if before is not None:
            same = [earlier for earlier in before if 0 <= start - earlier.end <= window]
            if len(same) > kind.allowance:
                until = timeline.next_progress(start)
                if episode.flags & ExitFlags.SUCCESS:
                    until = min(until, episode.end)
                ids = episode.ids + [id for earlier in same for id in earlier.ids]
                found.append(Raw("M03", episode.id, [(start, WARNING, ids)], until))
        if episode.end != OPEN and not episode.flags & (ExitFlags.SUCCESS | ExitFlags.NEUTRAL):
            failed.setdefault(kind.group, []).append(episode)


def holding_loop(timeline: Timeline, rules: Rules, found: list[Raw]) -> None:
    """M08 Warteschleife: many days in activation, preparation or work opportunities without progress."""
    rule = rules.patterns.M08
    episodes = [episode for episode in timeline.episodes if episode.kind.category in rule.categories]
    if not episodes:
        return
    for stretch, progress_on in _stretches(timeline, episodes):
        spans = _spans(stretch, rule)
        if sum([end - start + 1 for start, end in spans]) < rule.warning_days:
            continue
        steps: list[Step] = []
        for severity, days in ((WARNING, rule.warning_days), (CRITICAL, rule.critical_days)):
            on = _first_day(spans, days, rule.window_days)
            if on is not None:
                first = on - rule.window_days
                ids = [id for episode in stretch if episode.start <= on and episode.end > first for id in episode.ids]
                steps.append((on, severity, ids))
        if steps and steps[0][0] < progress_on:
            found.append(Raw("M08", stretch[0].id, steps, progress_on))


def _spans(stretch: list[Episode], rule: M08) -> list[tuple[int, int]]:
    """The days inside the episodes as disjoint [first, last]; an open one as long as the rule can look."""
    spans: list[tuple[int, int]] = []
    for episode in stretch:
        end = episode.end if episode.end != OPEN else episode.start + rule.window_days + rule.critical_days
        if spans and episode.start <= spans[-1][1] + 1:
            if end > spans[-1][1]:
                spans[-1] = (spans[-1][0], end)
        else:
            spans.append((episode.start, end))
    return spans


def _first_day(spans: list[tuple[int, int]], days: int, window: int) -> int | None:
    """The first day inside the spans on which the last `window` days hold at least `days` days of the spans."""
    before: list[int] = []
    total = 0
    for start, end in spans:
        before.append(total)
        total += end - start + 1
    firsts = [start for start, _ in spans]

    def until(on: int) -> int:
        place = bisect_right(firsts, on) - 1
        if place < 0:
            return 0
        start, end = spans[place]
        return before[place] + min(on, end) - start + 1

    def enough(on: int) -> bool:
        return until(on) - until(on - window) >= days

    for (start, end), counted in zip(spans, before, strict=True):
        on = start + max(days - counted - 1, 0)
        if on <= end and on - window < firsts[0]:
            return on  # nothing has dropped out of the window yet
        if enough(end):
            # Inside a span each day adds one and drops at most one: the count never falls.
            return start + bisect_left(range(start, end + 1), True, key=enough)
    return None
