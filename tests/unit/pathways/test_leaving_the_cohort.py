"""From when a person's time runs: the 27th birthday, leaving the Land for good, or never having belonged."""

from __future__ import annotations

from datetime import date

from services.pathways import rules
from services.pathways.domain.cohort import left_on
from services.pathways.domain.example import PERSON, facts_of
from services.pathways.domain.facts import Fact, decode

RULES = rules.load()
TODAY = date(2030, 6, 3)


def moved(on: str, to: str) -> Fact:
    data = f'{{"moved_on":"{on}","to_municipality":"{to}"}}'.encode()
    return decode("//a", f"moved-{on}", "gemeinsam.person.moved.v1", PERSON, f"{on}T12:00:00Z", data)


def left(*facts: Fact, today: date = TODAY) -> date | None:
    return left_on(sorted(facts, key=lambda fact: fact.at), today, RULES)


def test_who_turned_27_left_then_and_who_did_not_is_still_there():
    known = facts_of(["registered r1 2001-04 2021-09-06"])
    assert left(*known) == date(2028, 4, 1)
    assert left(*known, today=date(2028, 3, 31)) is None


def test_who_left_the_land_and_did_not_come_back_left_then():
    known = facts_of(["registered r1 2001-04 2021-09-06"])
    assert left(*known, moved("2023-02-01", "")) == date(2023, 2, 1)
    assert left(*known, moved("2023-02-01", ""), moved("2024-02-01", "05315000")) == date(2028, 4, 1)
    assert left(*known, moved("2023-02-01", "05314000")) == date(2028, 4, 1)


def test_who_was_too_old_from_the_beginning_left_when_first_heard_of():
    assert left(*facts_of(["registered r1 1985-04 2021-09-06"])) == date(2021, 9, 6)


def test_of_whom_no_birth_month_is_known_the_longest_possible_time_is_assumed():
    known = facts_of(["contact k1 2020-01-15"])
    assert left(*known, today=date(2028, 6, 3)) is None
    assert left(*known) == date(2029, 1, 14)


def test_nothing_known_is_nobody():
    assert left() is None
    assert RULES.file.observation.until_age == 27
