"""The survey as facts: runs of months become measures and spells, exits follow from what comes next."""

import calendar
from collections import Counter
from datetime import date

import pytest

from deploy.simulator import mvad
from shared.contracts import persons

TRAINING, WORK, JOBLESS, SCHOOL, FE, HE = "training", "employment", "joblessness", "school", "FE", "HE"


def months(*spans: tuple[str, int]) -> list[str]:
    return [state for state, length in spans for _ in range(length)]


ONE = months((SCHOOL, 24), (FE, 12), (JOBLESS, 2), (TRAINING, 10), (WORK, 14), (HE, 10))


def by_thing(states: list[str], shift: int = 0) -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for fact in mvad.facts("7", states, shift):
        found.setdefault(fact.thing, []).append(dict(fact.data))
    return found


def test_there_are_72_months_from_july_1993_to_june_1999() -> None:
    assert mvad.MONTHS == 72
    assert len(ONE) == 72
    first, *_, last = mvad.runs(ONE)
    assert (first.first, last.last) == (1993 * 12 + 6, 1999 * 12 + 5)


def test_a_run_is_one_measure_or_spell_from_its_first_to_its_last_day() -> None:
    facts = by_thing(ONE)
    assert [(one["type"], one["started_on"]) for one in facts["measure.started"]] == [
        ("FOR", "1993-07-01"),
        ("AV", "1995-07-01"),
        ("BVB", "1996-09-01"),
    ]
    assert [one["ended_on"] for one in facts["measure.ended"]] == ["1995-06-30", "1996-06-30", "1997-06-30"]
    assert facts["employment.started"][0]["started_on"] == "1997-07-01"
    assert facts["employment.ended"][0]["ended_on"] == "1998-08-31"
    assert facts["training.started"][0] | {"kind": "STUDY"} == facts["training.started"][0]


def test_a_run_that_reaches_june_1999_is_open() -> None:
    assert "training.ended" not in by_thing(ONE)
    assert by_thing(months((FE, 72))).keys() == {"person.registered", "measure.started"}


@pytest.mark.parametrize(
    ("follows", "why", "destination"),
    [
        (WORK, "COMPLETED_GOAL", "EMP_UNSUB"),
        (HE, "COMPLETED_GOAL", "STUDY"),
        (SCHOOL, "TRANSFER", "OTHER_MEASURE"),
        (JOBLESS, "COMPLETED_NO_RESULT", "JOBSEEKING"),
    ],
)
def test_the_exit_follows_from_the_next_run(follows: str, why: str, destination: str) -> None:
    ended = by_thing(months((TRAINING, 12), (follows, 60)))["measure.ended"][0]
    assert (ended["exit"], ended["destination"]) == (why, destination)


def test_joblessness_says_nothing() -> None:
    assert by_thing(months((JOBLESS, 72))).keys() == {"person.registered"}


def test_ids_and_times_are_those_of_the_mapping() -> None:
    facts = {fact.id: fact for fact in mvad.facts("7", ONE)}
    ended = facts["mvad-7-1995-07-gemeinsam.measure.ended.v1"]
    assert ended.time == "1996-06-30T12:00:00Z"
    assert ended.data["measure_id"] == "mvad-7-1995-07"
    registered = facts["mvad-7-1993-07-gemeinsam.person.registered.v1"]
    assert registered.data["birth_month"] == "1975-07"
    assert len(facts) == len(list(mvad.facts("7", ONE)))


@pytest.mark.parametrize("today", [date(2026, 11, 22), date(2024, 3, 1), date(2025, 1, 31)])
def test_moved_the_survey_ends_with_last_month_and_keeps_the_ages(today: date) -> None:
    shift = mvad.shift_to(today)
    facts = by_thing(months((TRAINING, 71), (WORK, 1)), shift)
    last_month = date(today.year - (today.month == 1), today.month - 1 or 12, 1)
    assert facts["employment.started"][0]["started_on"] == last_month.isoformat()
    registered = facts["person.registered"][0]
    assert int(registered["registered_on"][:4]) - int(registered["birth_month"][:4]) == 18
    ended = date.fromisoformat(facts["measure.ended"][0]["ended_on"])
    assert ended.day == calendar.monthrange(ended.year, ended.month)[1]


def test_every_fact_is_sound() -> None:
    for fact in mvad.facts("7", ONE, 300):
        checked = persons.check(fact.type, fact.data)
        assert (checked.dropped, checked.warnings) == ((), ())


def test_a_file_that_is_not_the_survey_is_refused() -> None:
    head = ",".join(["x"] * 86)
    row = ",".join(["1"] * 14 + ["employment"] * 72)
    assert Counter(mvad.read(f"{head}\n{row}")["1"]) == {"employment": 72}
    with pytest.raises(ValueError):
        mvad.read(f"{head}\n{row.replace('employment', 'holiday')}")
