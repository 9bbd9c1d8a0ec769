"""What one person adds to the counts on a date: one person in one municipality, and so many running measures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.reporting.domain.facts import MOVED, REGISTERED, Fact
from services.reporting.domain.ledger import holding

NO_SHOW = "NO_SHOW"
_DAY = timedelta(days=1)
_LAST = "9999-12-31"  # has no day after it
_LAND = "05"
_PLACES = frozenset({REGISTERED, MOVED})


@dataclass(frozen=True, slots=True)
class Contribution:
    """`municipality` is the responsible one, None for who counts nowhere; `changes_on` the next date to look again.

    That date is never later than the first one on which the contribution differs with no new fact.
    """

    municipality: str | None
    running_measures: int
    changes_on: date | None


@dataclass(slots=True)
class _Measure:
    """What is known of one measure; dates are ISO text as kept."""

    started_on: str | None = None
    ended_on: str | None = None
    exit: str | None = None
    cancelled: bool = False
    no_shows: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reading:
    """What one pass over the facts that hold, in their order, finds out about a person."""

    place: Fact | None = None  # the latest registration or move by today
    first: Fact | None = None  # the earliest fact by today that says where
    next_on: date | None = None  # the first date after today on which anything happens
    measures: dict[str, _Measure] = field(default_factory=dict)

    def take(self, fact: Fact, on: date, today: date) -> None:
        """Read a fact with an effective date; on one date the later in the order goes before."""
        if on > today:
            if self.next_on is None or on < self.next_on:
                self.next_on = on
        elif fact.kind in _PLACES:
            if self.place is None or on >= self.place.on:  # type: ignore[operator]
                self.place = fact
        elif fact.municipality and (self.first is None or on < self.first.on):  # type: ignore[operator]
            self.first = fact

    def responsible(self) -> str | None:
        """The responsible municipality: of the latest registration or move by today, else of the earliest fact.

        None for a person who moved out of the Land, or of whom nothing is known to have happened yet.
        """
        if self.place is None:
            return self.first.municipality if self.first else None
        if self.place.kind == REGISTERED:
            return self.place.municipality
        to = self.place.kept.get("to_municipality") or ""
        return to if to.startswith(_LAND) else None


def contribution(facts: Iterable[Fact], today: date) -> Contribution:
    """What the facts of one merge group add up to on `today`, however they came."""
    read = _Reading()
    for fact in holding(list(facts)):
        if fact.on is not None:
            read.take(fact, fact.on, today)
        if measure_id := fact.kept.get("measure_id"):
            _say(read.measures.setdefault(measure_id, _Measure()), fact)
    now = today.isoformat()
    municipality = read.responsible()
    running = sum([_runs(measure, now) for measure in read.measures.values()]) if municipality else 0
    return Contribution(municipality, running, _next_look(read, now))


def _say(measure: _Measure, fact: Fact) -> None:
    """Take over what a fact says of a measure; facts come in order, so what is said later replaces the earlier."""
    said = fact.kept
    if fact.kind == "measure.cancelled":
        measure.cancelled = True
    elif fact.kind == "measure.no_show":
        measure.no_shows.append(said["no_show_on"])
    elif fact.kind == "measure.corrected":
        _correct(measure, fact)
    else:
        measure.started_on = said.get("started_on") or measure.started_on
        measure.ended_on = said.get("ended_on") or measure.ended_on
        measure.exit = said.get("exit") or measure.exit


def _correct(measure: _Measure, fact: Fact) -> None:
    """A correction replaces what it names; null removes the value, and with an end its exit."""
    said = fact.kept
    if "started_on" in said:
        measure.started_on = said["started_on"]
    if "ended_on" in said:
        measure.ended_on = said["ended_on"]
        if said["ended_on"] is None:
            measure.exit = None
    if "exit" in said:
        measure.exit = said["exit"]


def _runs(measure: _Measure, now: str) -> bool:
    """Whether the measure is under way: begun, not cancelled, no no-show on or after its start, not over."""
    if measure.cancelled or measure.started_on is None or measure.started_on > now:
        return False
    ended_on, no_shows = measure.ended_on, [day for day in measure.no_shows if day <= now]
    if measure.exit == NO_SHOW and ended_on is not None:
        if ended_on <= now:
            no_shows.append(ended_on)
        ended_on = None
    if no_shows and measure.started_on <= max(no_shows):
        return False
    # An end before the start is taken as an end on the start.
    return ended_on is None or max(ended_on, measure.started_on) >= now


def _next_look(read: _Reading, now: str) -> date | None:
    """The next date something happens: that of a fact, or the day of a start or an end, or the day after it."""
    days = {day for measure in read.measures.values() for day in (measure.started_on, measure.ended_on) if day}
    ahead = [date.fromisoformat(day) for day in days if now <= day < _LAST]
    ahead += [day + _DAY for day in ahead]
    today = date.fromisoformat(now)
    if read.next_on:
        ahead.append(read.next_on)
    return min((day for day in ahead if day > today), default=None)
