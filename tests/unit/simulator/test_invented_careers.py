"""No invented career is absurd: what happens to somebody can happen to one person, in that order, at that age."""

from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise
from typing import Any

from deploy.simulator import nrw
from deploy.simulator.fitting import SCHOOL_YEAR, TRAINING_YEAR, Situation, entry, fitting, planned_end, workday
from deploy.simulator.programmes import LANGUAGE
from shared.contracts.measures import MEASURE_TYPES

TODAY = date(2026, 3, 31)
PEOPLE = [nrw.person(number, TODAY) for number in range(500)]
LEVELS = ("A0", "A1", "A2", "B1", "B2", "C1")


def happened(one: nrw.Person) -> list[tuple[str, dict[str, Any]]]:
    """What was told of a person, each once, without later corrections."""
    seen = {fact.id: (fact.thing, dict(fact.data)) for fact in nrw.facts(one, TODAY)}
    return [told for told in seen.values() if told[0] not in ("measure.corrected", "fact.retracted")]


TOLD = {one.number: happened(one) for one in PEOPLE}


def levels_of(one: nrw.Person) -> list[tuple[str, int]]:
    """Dates and levels of a person's language tests, in order."""
    told = [data for thing, data in TOLD[one.number] if thing == "language.tested"]
    return sorted((data["tested_on"], LEVELS.index(data["level"])) for data in told)


def measures(one: nrw.Person) -> dict[str, dict[str, Any]]:
    """The measures that took place, by id: all that was told of each."""
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for thing, data in TOLD[one.number]:
        if "measure_id" in data:
            found[data["measure_id"]] |= data | {thing: True}
    return {id: data for id, data in found.items() if "started_on" in data}


def test_nothing_happens_before_somebody_has_come_or_after_they_have_gone() -> None:
    for one in PEOPLE:
        _nothing_happens_before_somebody_has_come_or_after_they_have_gone(one)


def _nothing_happens_before_somebody_has_come_or_after_they_have_gone(one: nrw.Person) -> None:
    came = one.profile.registered_on.isoformat()
    moved = [data["moved_on"] for thing, data in TOLD[one.number] if thing == "person.moved"]
    for thing, data in TOLD[one.number]:
        for name in ("started_on", "ended_on", "referred_on", "tested_on", "obtained_on", "held_on"):
            if name in data:
                assert came <= data[name], (thing, data)
                gone = moved and "spell_id" not in data and thing != "contact.held"
                assert not gone or data[name] <= moved[0], (thing, data)


def test_measures_follow_each_other_but_for_a_rare_second_one() -> None:
    for one in PEOPLE:
        _measures_follow_each_other_but_for_a_rare_second_one(one)


def _measures_follow_each_other_but_for_a_rare_second_one(one: nrw.Person) -> None:
    taken = sorted((data["started_on"], data.get("ended_on") or "9999", id) for id, data in measures(one).items())
    alone = [one for one in taken if not one[2].endswith("-b")]
    for (_, ended, first), (started, _, second) in pairwise(alone):
        told_late = ended == "9999" and (TODAY - date.fromisoformat(started)).days < 75
        assert ended <= started or told_late, (first, second)
    for data in measures(one).values():
        assert data["started_on"] <= data.get("ended_on", "9999")
        extended = data.get("measure.extended")
        assert not extended or data.get("ended_on", "9999") >= data["started_on"]


def test_a_measure_suits_whoever_is_in_it() -> None:
    for one in PEOPLE:
        _a_measure_suits_whoever_is_in_it(one)


def _a_measure_suits_whoever_is_in_it(one: nrw.Person) -> None:
    level, born = 0, one.profile.birth_month
    tests = levels_of(one)
    for data in sorted(measures(one).values(), key=lambda data: data["started_on"]):
        code, started = data["type"], date.fromisoformat(data["started_on"])
        level = max([reached for on, reached in tests if on <= data["started_on"]], default=0)
        age = (started.year * 12 + started.month - int(born[:4]) * 12 - int(born[5:])) // 12
        assert code != "IK_FRAUEN" or one.profile.sex == "FEMALE"
        assert not code.startswith("IK_") or level < 3, "nobody goes into an integration course with B1"
        assert code not in ("FFM", "IFK") or age < 22
        assert code not in TRAINING_YEAR or started.month in (8, 9, 10)
        assert code not in SCHOOL_YEAR or started.month in (8, 9, 10)
        assert started.weekday() < 5
        assert (TODAY - started).days < 1300 or "ended_on" in data


def test_levels_of_language_do_not_fall() -> None:
    for one in PEOPLE:
        tests = sorted(
            (d["tested_on"], LEVELS.index(d["level"])) for t, d in TOLD[one.number] if t == "language.tested"
        )
        assert [level for _, level in tests] == sorted(level for _, level in tests)


def test_some_change_their_law_some_wait_for_a_measure_and_few_ends_are_forgotten() -> None:
    things = Counter(thing for told in TOLD.values() for thing, _ in told)
    assert things["status.changed"] > 5
    ahead = [d for told in TOLD.values() for t, d in told if t == "measure.referred"]
    assert any(data["planned_start_on"] >= TODAY.isoformat() for data in ahead)
    overdue = [
        data
        for one in PEOPLE
        for data in measures(one).values()
        if "ended_on" not in data and data["planned_end_on"] < TODAY.isoformat()
    ]
    assert 0 < len(overdue) < len(PEOPLE) / 15


def test_a_year_begins_in_summer_and_a_weekend_is_no_working_day() -> None:
    assert entry("AUSB_BETR", date(2025, 11, 3)) == date(2026, 8, 3)
    assert entry("HSA9", date(2025, 9, 8)) == date(2025, 9, 8)
    assert planned_end("HSA9", date(2025, 9, 8), 300) == date(2026, 7, 8)
    assert workday(date(2025, 11, 8)) == date(2025, 11, 10)
    assert workday(date(2025, 11, 9), back=True) == date(2025, 11, 7)
    who = Situation(date(2025, 9, 8), 19, "MALE", "NONE", 2)
    assert fitting(("IK_FRAUEN", "BSK_B1", "HSA9", "AUSB_BETR"), who) == ["BSK_B1", "HSA9"]


def test_what_counts_as_language_is_language_or_a_class_for_newcomers() -> None:
    assert {MEASURE_TYPES[code].category for code in LANGUAGE} == {"LANG", "SCHOOL"}
