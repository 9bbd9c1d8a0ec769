"""Nothing follows: follow-up gap (M05), bridge to nowhere (M10), break at a change of legal regime (M13)."""

from __future__ import annotations

from services.pathways.domain.dates import OPEN
from services.pathways.domain.episodes import Episode
from services.pathways.domain.facts import Fact
from services.pathways.domain.patterns.raw import CRITICAL, INFO, WARNING, Raw, Step
from services.pathways.domain.rules import ExitFlags, Rules
from services.pathways.domain.timeline import Timeline


def follow_up_gap(timeline: Timeline, rules: Rules, found: list[Raw]) -> None:
    """M05 Anschlusslücke: an episode has ended and nothing is open on the next day."""
    rule = rules.patterns.M05
    flags_on: dict[int, int] = {}
    last: dict[int, Episode] = {}
    for episode in timeline.episodes:
        if episode.end != OPEN:
            last[episode.end] = episode
            flags_on[episode.end] = flags_on.get(episode.end, 0) | episode.flags
    for end, episode in last.items():
        flags = flags_on[end]
        if (
            flags & (ExitFlags.POSITIVE | ExitFlags.LEFT)
            or timeline.episode_open(end + 1)
            or timeline.spell_open(end + 1)
        ):
            continue
        steps: list[Step]
        ids = episode.ids
        if flags & ExitFlags.UNAVAILABLE:
            steps = [(end + rule.unavailable_info_days, INFO, ids), (end + rule.unavailable_warning_days, WARNING, ids)]
        else:
            steps = [
                (end + rule.info_days, INFO, ids),
                (end + rule.warning_days, WARNING, ids),
                (end + rule.critical_days, CRITICAL, ids),
            ]
        found.append(Raw("M05", episode.id, steps, timeline.next_start(end)))


def bridge_to_nowhere(timeline: Timeline, rules: Rules, found: list[Raw]) -> None:
    """M10 Brücke ins Nichts: what the episode was to lead to has not begun."""
    rule = rules.patterns.M10
    for episode in timeline.episodes:
        target = episode.bridge_to
        if target is None or episode.end == OPEN:
            continue
        if episode.flags & (ExitFlags.LEFT | ExitFlags.UNAVAILABLE | ExitFlags.POSITIVE):
            continue
        kind = rules.types.get(target)
        if target not in rules.file.categories.countable and not (kind and kind.countable):
            continue
        end = episode.end
        starts = [start for start in _bridge_starts(timeline, rules, episode, target) if start >= episode.start]
        if starts and min(starts) < end + rule.warning_days:
            continue
        until = min([timeline.next_progress(end), *starts])
        steps: list[Step] = [
            (end + rule.warning_days, WARNING, episode.ids),
            (end + rule.critical_days, CRITICAL, episode.ids),
        ]
        found.append(Raw("M10", episode.id, steps, until))


def _bridge_starts(timeline: Timeline, rules: Rules, episode: Episode, target: str) -> list[int]:
    rule = rules.patterns.M10
    starts = [
        other.start
        for other in timeline.episodes
        if other is not episode and target in (other.kind.category, other.kind.code)
    ]
    for spell in timeline.spells:
        if spell.training:
            if target == rule.training_as or rule.training_kind_as.get(spell.kind) == target:
                starts.append(spell.start)
        elif target == rule.employment_as:
            starts.append(spell.start)
    return starts


def regime_break(timeline: Timeline, rules: Rules, found: list[Raw]) -> None:
    """M13 Rechtskreisbruch: a measure ended around a change of benefit, and the new office starts nothing."""
    rule = rules.patterns.M13
    families = rules.file.benefits.families
    changes = timeline.benefits
    unwanted = ExitFlags.POSITIVE | ExitFlags.LEFT | ExitFlags.UNAVAILABLE
    for place, change in enumerate(changes):
        on, _, to_benefit = change.values
        to_family = families.get(to_benefit)
        if to_family is None:
            continue
        first, last = on - rule.ended_before_days, on + rule.ended_after_days
        ended = [episode for episode in timeline.episodes if first <= episode.end <= last]
        broken = [episode for episode in ended if not episode.flags & unwanted]
        if not broken or _from_family(changes, place, rules) in (None, to_family):
            continue
        due = on + rule.warning_days
        until = timeline.next_start(due - 1)
        # A start on t itself counts: "none started in [t, t + 59]".
        if timeline.next_start(on - 1) < due or timeline.episode_open(due) or timeline.spell_open(due):
            continue
        ids = [change.id, *[id for episode in broken for id in episode.ids]]
        raw = Raw("M13", change.id, [(due, WARNING, ids), (on + rule.critical_days, CRITICAL, ids)], until)
        raw.about = [episode.id for episode in ended]
        found.append(raw)


def _from_family(changes: list[Fact], place: int, rules: Rules) -> str | None:
    """The family a change comes from; each office reports its half, so earlier changes may have to tell."""
    families = rules.file.benefits.families
    on, from_benefit, _ = changes[place].values
    own = families.get(from_benefit or "")
    if own is not None:
        return own
    for earlier in reversed(changes[:place]):
        then, from_benefit, to_benefit = earlier.values
        if to_benefit in families:
            return families[to_benefit]
        if on - then > rules.patterns.M13.half_report_days:
            return None
        if from_benefit in families:
            return families[from_benefit]
    return None
