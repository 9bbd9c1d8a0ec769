"""712 real young people, their main activity in each of 72 months from July 1993 to June 1999, as facts.

McVicar and Anyadike-Danes, Journal of the Royal Statistical Society A 165 (2), 2002, 317-334 (Northern Ireland).
"""

import calendar
import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from deploy.simulator.facts import Fact, written

SOURCE = "//mvad.example/survey"
MUNICIPALITY = "05315000"
COMMON = {
    "municipality": MUNICIPALITY,
    "rechtskreis": "SGB3",
    "legal_basis": "SGB3_81",
    "purpose": "CASE_MANAGEMENT",
}
FIRST_MONTH = 1993 * 12 + 6
LAST_MONTH = 1999 * 12 + 5
BIRTH_MONTH = 1975 * 12 + 6
FIRST_COLUMN = 14
MONTHS = LAST_MONTH - FIRST_MONTH + 1
MEASURES = {"training": "BVB", "FE": "AV", "school": "FOR"}
SPELLS = {"employment": ("employment", "REGULAR"), "HE": ("training", "STUDY")}
STATES = frozenset({*MEASURES, *SPELLS, "joblessness"})


@dataclass(frozen=True, slots=True)
class Run:
    """Equal states from month `first` to month `last`; months count from year 0, `follows` is the next run's state."""

    state: str
    first: int
    last: int
    follows: str | None


def month_of(day: date) -> int:
    """The month a date lies in, counted from year 0."""
    return day.year * 12 + day.month - 1


def shift_to(today: date) -> int:
    """The whole months by which the survey is moved so that its June 1999 is the month before `today`'s."""
    return month_of(today) - 1 - LAST_MONTH


def read(text: str) -> dict[str, list[str]]:
    """The 72 states of each young person by number; raises ValueError if the file is not as published."""
    rows = list(csv.reader(text.splitlines()))[1:]
    people = {row[0]: row[FIRST_COLUMN : FIRST_COLUMN + MONTHS] for row in rows}
    if any(len(states) != MONTHS or not STATES.issuperset(states) for states in people.values()):
        raise ValueError("a row has other states than the survey")
    return people


def runs(states: Sequence[str]) -> list[Run]:
    """The maximal runs of equal states."""
    spans: list[tuple[str, int, int]] = []
    month = FIRST_MONTH
    for state, group in groupby(states):
        length = len(list(group))
        spans.append((state, month, month + length - 1))
        month += length
    after = [span[0] for span in spans[1:]] + [None]
    return [Run(*span, follows) for span, follows in zip(spans, after, strict=True)]


def facts(number: str, states: Sequence[str], shift: int = 0) -> Iterator[Fact]:
    """All facts about one young person, moved on by `shift` months."""
    registered = _first_day(FIRST_MONTH + shift)
    yield _fact(
        number,
        FIRST_MONTH + shift,
        "person.registered",
        registered,
        {"registered_on": written(registered), "birth_month": _written_month(BIRTH_MONTH + shift)},
    )
    for run in runs(states):
        if run.state in MEASURES:
            yield from _measure(number, run, shift)
        elif run.state in SPELLS:
            yield from _spell(number, run, shift)


def _measure(number: str, run: Run, shift: int) -> Iterator[Fact]:
    first = run.first + shift
    start, end = _first_day(first), _last_day(run.last + shift)
    named = {"measure_id": f"mvad-{number}-{_written_month(first)}"}
    started = {**named, "type": MEASURES[run.state], "provider": run.state, "started_on": written(start)}
    yield _fact(number, first, "measure.started", start, started)
    if run.follows is not None:
        why, destination = _outcome(run.follows)
        ended = {**named, "ended_on": written(end), "exit": why, "destination": destination}
        yield _fact(number, first, "measure.ended", end, ended)


def _outcome(follows: str) -> tuple[str, str]:
    if follows == "employment":
        return "COMPLETED_GOAL", "EMP_UNSUB"
    if follows == "HE":
        return "COMPLETED_GOAL", "STUDY"
    return ("TRANSFER", "OTHER_MEASURE") if follows in MEASURES else ("COMPLETED_NO_RESULT", "JOBSEEKING")


def _spell(number: str, run: Run, shift: int) -> Iterator[Fact]:
    thing, kind = SPELLS[run.state]
    first = run.first + shift
    start, end = _first_day(first), _last_day(run.last + shift)
    named = {"spell_id": f"mvad-{number}-{_written_month(first)}"}
    yield _fact(number, first, f"{thing}.started", start, {**named, "started_on": written(start), "kind": kind})
    if run.follows is not None:
        yield _fact(number, first, f"{thing}.ended", end, {**named, "ended_on": written(end), "kind": kind})


def _fact(number: str, first: int, thing: str, day: date, data: dict[str, Any]) -> Fact:
    name = f"mvad-{number}"
    event_id = f"{name}-{_written_month(first)}-gemeinsam.{thing}.v1"
    return Fact(name, event_id, thing, f"{written(day)}T12:00:00Z", {**COMMON, **data})


def _first_day(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _last_day(month: int) -> date:
    year, index = divmod(month, 12)
    return date(year, index + 1, calendar.monthrange(year, index + 1)[1])


def _written_month(month: int) -> str:
    return f"{month // 12:04d}-{month % 12 + 1:02d}"
