"""What one person adds to the counts on a date: one person in one municipality, and so many running measures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.reporting.domain.facts import MOVED, REGISTERED, Fact
from services.reporting.domain.ledger import holding

NO_SHOW = "NO_SHOW"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Contribution:
    """`municipality` is the responsible one, None for who counts nowhere; `changes_on` the next date to look again.

    That date is never later than the first one on which the contribution differs with no new fact.
    """

    municipality: str | None
    running_measures: int
    changes_on: date | None


NOTHING = Contribution(None, 0, None)


@dataclass(slots=True)
class _Measure:
    """What is known of one measure; dates are ISO text as kept."""

    started_on: str | None = None
    ended_on: str | None = None
    exit: str | None = None
    cancelled: bool = False
    no_shows: list[str] = field(default_factory=list)


def contribution(facts: Iterable[Fact], today: date) -> Contribution:
    """What the facts of one merge group add up to on `today`, however they came."""
    held = holding(list(facts))
    if not held:
        return NOTHING
    measures = _measures(held)
    municipality = responsible(held, today)
    running = sum(_runs(measure, today) for measure in measures.values()) if municipality else 0
    return Contribution(municipality, running, _next_look(held, measures, today))


def responsible(held: list[Fact], today: date) -> str | None:
    """The responsible municipality: of the latest registration or move by `today`, else of the earliest fact.

    None for a person who moved out of the Land, or of whom nothing is known to have happened yet.
    """
    seen = [fact for fact in held if fact.on is not None and fact.on <= today]
    places = [fact for fact in seen if fact.kind in (REGISTERED, MOVED)]
    if places:
        latest = max(places, key=lambda fact: (fact.on, fact.order))
        if latest.kind == REGISTERED:
            return latest.municipality
        to = latest.kept.get("to_municipality") or ""
        return to if to.startswith("05") else None
    with_place = [fact for fact in seen if fact.municipality]
    return min(with_place, key=lambda fact: (fact.on, fact.order)).municipality if with_place else None


def _measures(held: list[Fact]) -> dict[str, _Measure]:
    """The measures by id; `held` is in order, so what is said later about a field replaces what was said before."""
    measures: dict[str, _Measure] = {}
    for fact in held:
        if not fact.kind.startswith("measure.") or "measure_id" not in fact.kept:
            continue
        measure = measures.setdefault(fact.kept["measure_id"], _Measure())
        if fact.kind == "measure.cancelled":
            measure.cancelled = True
        elif fact.kind == "measure.no_show":
            measure.no_shows.append(fact.kept["no_show_on"])
        elif fact.kind == "measure.corrected":
            _correct(measure, fact)
        else:
            measure.started_on = fact.kept.get("started_on") or measure.started_on
            measure.ended_on = fact.kept.get("ended_on") or measure.ended_on
            measure.exit = fact.kept.get("exit") or measure.exit
    return measures


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


def _runs(measure: _Measure, today: date) -> bool:
    """Whether the measure is under way on `today`: begun, not cancelled, no no-show after its start, not over."""
    now = today.isoformat()
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


def _next_look(held: list[Fact], measures: dict[str, _Measure], today: date) -> date | None:
    days = {fact.on for fact in held if fact.on is not None}
    for measure in measures.values():
        if measure.started_on:
            days.add(date.fromisoformat(measure.started_on))
            days.add(date.fromisoformat(measure.started_on) + _DAY)
        if measure.ended_on and measure.ended_on < "9999":
            days.add(date.fromisoformat(measure.ended_on))
            days.add(date.fromisoformat(measure.ended_on) + _DAY)
    return min((day for day in days if day > today), default=None)
