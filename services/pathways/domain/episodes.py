"""Episodes: measures that took place, joined where one goes on in the next (docs/patterns.md, "Episodes")."""

from __future__ import annotations

from services.pathways.domain.catalogue import MeasureType
from services.pathways.domain.dates import OPEN
from services.pathways.domain.measures import Measure
from services.pathways.domain.rules import Rules


class Seen:
    """A measure as seen on a day: what lies after the day has not happened.

    `start` and `referred` are None if not known; `end` is OPEN without an end; `no_shows` in order; `took_place`: it
    has a start and was neither cancelled nor a no-show.
    """

    __slots__ = ("end", "measure", "no_shows", "referred", "start", "took_place")

    def __init__(self, measure: Measure) -> None:
        self.measure = measure
        self.start: int | None = None
        self.end = OPEN
        self.referred: int | None = None
        self.no_shows: tuple[int, ...] = ()
        self.took_place = False


def see(measure: Measure, today: int, no_show_exit: str) -> tuple[Seen, int, bool]:
    """The measure as seen on `today`, its earliest date after it (else OPEN), whether it ended before its start."""
    seen = Seen(measure)
    next_on = OPEN
    started, ended = measure.started_on, measure.ended_on
    if started is not None:
        if started <= today:
            seen.start = started
        else:
            next_on = started
    if ended is not None:
        if ended > today:
            next_on = min(next_on, ended)
        elif measure.exit == no_show_exit:
            seen.no_shows = (ended,)
        else:
            seen.end = ended
    if measure.referred_on is not None:
        if measure.referred_on <= today:
            seen.referred = measure.referred_on
        else:
            next_on = min(next_on, measure.referred_on)
    if measure.no_show_on is not None:
        if measure.no_show_on <= today:
            seen.no_shows += (measure.no_show_on,)
        else:
            next_on = min(next_on, measure.no_show_on)
    if measure.refused_on is not None and measure.refused_on > today:
        next_on = min(next_on, measure.refused_on)
    start = seen.start
    if start is None:
        return seen, next_on, False
    reversed_ = seen.end < start
    if reversed_:
        seen.end = start
    seen.took_place = measure.cancelled_on is None and (not seen.no_shows or start > max(seen.no_shows))
    return seen, next_on, reversed_


class Episode:
    """One episode: a measure that took place, or several joined.

    `end` is OPEN without one; `flags` are the ExitFlags of its end, 0 while open; `planned_end` None: not known;
    `ids` are all its measure ids; `index` its place among the countable episodes of the person.
    """

    __slots__ = (
        "bridge_to",
        "end",
        "exit",
        "flags",
        "hours",
        "id",
        "ids",
        "index",
        "kind",
        "planned_end",
        "rechtskreis",
        "start",
    )

    def __init__(self, seen: Seen, kind: MeasureType, rules: Rules) -> None:
        measure = seen.measure
        start = seen.start
        assert start is not None
        self.id = measure.id
        self.kind = kind
        self.start: int = start
        self.end = seen.end
        self.exit = None
        self.flags = 0
        if seen.end != OPEN:
            self.exit = measure.exit
            self.flags = rules.flags(measure.exit, measure.destination)
        planned = measure.planned_end_on
        self.planned_end = planned if planned is not None and planned >= start else None
        self.hours = measure.hours or 0
        self.bridge_to = measure.bridge_to
        self.rechtskreis = measure.rechtskreis
        self.ids: list[str] = [measure.id]
        self.index = 0

    def absorb(self, part: Episode) -> None:
        """Take in the next part: the end of the part that ends last, the latest planned end, the sum of hours."""
        if part.end >= self.end:
            self.end, self.exit, self.flags = part.end, part.exit, part.flags
        if part.planned_end is not None and (self.planned_end is None or part.planned_end > self.planned_end):
            self.planned_end = part.planned_end
        self.hours += part.hours
        self.ids += part.ids


def _in_order(episode: Episode) -> tuple[int, str]:
    return (episode.start, episode.id)


def join(episodes: list[tuple[str | None, Episode]], max_gap_days: int) -> list[Episode]:
    """The (provider, episode) pairs joined per type and known provider, in the order of (start, id)."""
    joined: list[Episode] = []
    latest: dict[tuple[str, str], Episode] = {}
    episodes.sort(key=lambda pair: _in_order(pair[1]))
    for provider, episode in episodes:
        if provider is None:
            joined.append(episode)
            continue
        key = (episode.kind.code, provider)
        before = latest.get(key)
        if before is not None and episode.start - before.end <= max_gap_days:
            before.absorb(episode)
        else:
            latest[key] = episode
            joined.append(episode)
    return joined
