"""What a person's facts add to the counts, in whatever order they come."""

from __future__ import annotations

import itertools
from datetime import date
from typing import Any

import pytest

from services.reporting.domain.contribution import contribution
from services.reporting.domain.facts import Fact, NotAFact, fact_of
from services.reporting.domain.ledger import added, is_restricted, pack, removed, unpack
from shared.contracts.envelope import Envelope

TODAY = date(2026, 6, 1)
SOURCE = "//koeln.example/jobcenter"
KOELN, BONN = "05315000", "05314000"


def fact(kind: str, number: int, source: str = SOURCE, municipality: str = KOELN, **data: Any) -> Fact:
    envelope = Envelope(
        f"e{number}", source, f"gemeinsam.{kind}.v1", "K7QM-2XW9-4TRD", f"2026-01-01T10:00:{number:02d}Z"
    )
    return fact_of(envelope, kind, {"municipality": municipality, **data})


REGISTERED = fact("person.registered", 1, registered_on="2026-01-01")
STARTED = fact("measure.started", 2, measure_id="m1", type="IK_ALLG", provider="p", started_on="2026-02-01")
ENDED = fact("measure.ended", 3, measure_id="m1", ended_on="2026-05-31", exit="COMPLETED_GOAL")


def running(*facts: Fact, today: date = TODAY) -> int:
    found = {contribution(order, today) for order in itertools.permutations(facts)}
    assert len(found) == 1, "the order of facts plays no part"
    return found.pop().running_measures


def place(*facts: Fact, today: date = TODAY) -> str | None:
    return contribution(facts, today).municipality


def test_a_measure_runs_from_its_start_until_its_end_both_included() -> None:
    assert running(REGISTERED, STARTED) == 1
    assert running(REGISTERED, STARTED, ENDED) == 0
    assert running(REGISTERED, STARTED, ENDED, today=date(2026, 5, 31)) == 1
    assert running(REGISTERED, STARTED, today=date(2026, 1, 31)) == 0


def test_an_end_without_a_start_is_no_running_measure() -> None:
    assert running(REGISTERED, ENDED) == 0


@pytest.mark.parametrize(
    "last",
    [
        fact("measure.cancelled", 4, measure_id="m1"),
        fact("measure.no_show", 4, measure_id="m1", no_show_on="2026-02-01"),
        fact("measure.ended", 4, measure_id="m1", ended_on="2026-02-01", exit="NO_SHOW"),
        fact("measure.corrected", 4, measure_id="m1", started_on="2026-07-01"),
        fact("measure.corrected", 4, measure_id="m1", started_on=None),
        fact("fact.retracted", 4, retracts={"source": SOURCE, "id": "e2"}),
    ],
    ids=["cancelled", "no show", "ended as no show", "start moved to the future", "start removed", "start retracted"],
)
def test_what_never_began_does_not_run(last: Fact) -> None:
    assert running(REGISTERED, STARTED, last) == 0


def test_a_start_after_the_no_show_counts_all_the_same() -> None:
    no_show = fact("measure.no_show", 4, measure_id="m1", no_show_on="2026-01-15")
    assert running(REGISTERED, STARTED, no_show) == 1


def test_a_corrected_end_holds_and_null_removes_it() -> None:
    later = fact("measure.corrected", 4, measure_id="m1", ended_on="2026-06-30")
    gone = fact("measure.corrected", 5, measure_id="m1", ended_on=None)
    assert running(REGISTERED, STARTED, ENDED, later) == 1
    assert running(REGISTERED, STARTED, ENDED, gone) == 1


def test_a_retracted_retraction_takes_nothing_back() -> None:
    back = fact("fact.retracted", 4, retracts={"source": SOURCE, "id": "e3"})
    back_again = fact("fact.retracted", 5, retracts={"source": SOURCE, "id": "e4"})
    assert running(REGISTERED, STARTED, ENDED, back) == 1
    assert running(REGISTERED, STARTED, ENDED, back, back_again) == 0


def test_another_source_cannot_retract() -> None:
    foreign = fact("fact.retracted", 4, source="//other.example", retracts={"source": SOURCE, "id": "e3"})
    assert running(REGISTERED, STARTED, ENDED, foreign) == 0


def test_two_sources_may_speak_of_one_measure() -> None:
    from_provider = fact(
        "measure.ended", 4, source="//p.example", measure_id="m1", ended_on="2026-05-01", exit="HEALTH"
    )
    assert running(REGISTERED, STARTED, from_provider) == 0


def test_a_person_counts_where_the_latest_registration_or_move_says() -> None:
    moved = fact("person.moved", 4, moved_on="2026-03-01", to_municipality=BONN)
    later = fact("person.moved", 5, moved_on="2026-09-01", to_municipality=KOELN)
    assert place(REGISTERED) == KOELN
    assert place(REGISTERED, moved) == BONN
    assert place(REGISTERED, moved, later) == BONN
    assert place(REGISTERED, moved, later, today=date(2026, 9, 1)) == KOELN


@pytest.mark.parametrize("to", [None, "", "03241001"])
def test_who_left_the_land_counts_nowhere(to: str | None) -> None:
    left = fact("person.moved", 4, moved_on="2026-03-01", to_municipality=to)
    assert contribution([REGISTERED, STARTED, left], TODAY).municipality is None
    assert contribution([REGISTERED, STARTED, left], TODAY).running_measures == 0


def test_without_registration_the_earliest_fact_says_where() -> None:
    contact = fact("contact.held", 9, municipality=BONN, held_on="2025-12-01", contact_kind="professional", body="JMD")
    assert place(STARTED, contact) == BONN
    assert place(STARTED) == KOELN
    assert place(STARTED, today=date(2026, 1, 1)) is None


def test_the_next_look_is_never_too_late() -> None:
    planned = fact("measure.started", 4, measure_id="m2", type="AGH", provider="p", started_on="2026-08-01")
    ends = fact("measure.ended", 5, measure_id="m2", ended_on="2026-08-20", exit="COMPLETED_GOAL")
    facts = [REGISTERED, STARTED, planned, ends]
    today, seen = date(2025, 12, 1), []
    while today < date(2026, 12, 31):
        now = contribution(facts, today)
        seen.append((today, now.running_measures))
        due = now.changes_on
        if due is None:
            break
        for day in range(1, (due - today).days):
            between = contribution(facts, date.fromordinal(today.toordinal() + day))
            assert (between.municipality, between.running_measures) == (now.municipality, now.running_measures)
        today = due
    assert (date(2026, 8, 1), 2) in seen
    assert (date(2026, 8, 21), 1) in seen


def test_a_ledger_holds_each_fact_once_and_survives_being_stored() -> None:
    held = added([], [STARTED, ENDED, STARTED])
    assert held is not None
    assert unpack(pack(held)) == held
    assert added(held, [ENDED]) is None


def test_a_removed_record_is_forgotten_by_its_key() -> None:
    key = f"K7QM-2XW9-4TRD/{SOURCE}/e3"
    assert removed([STARTED, ENDED], "K7QM-2XW9-4TRD", {key}) == [STARTED]
    assert removed([STARTED], "K7QM-2XW9-4TRD", {key}) is None


@pytest.mark.parametrize(
    ("kind", "data", "field"),
    [
        ("measure.started", {"measure_id": "m1", "started_on": "2026-02-30"}, "started_on"),
        ("measure.started", {"started_on": "2026-02-01"}, "measure_id"),
        ("measure.ended", {"measure_id": "m1"}, "ended_on"),
        ("person.registered", {"registered_on": 7}, "registered_on"),
        ("fact.retracted", {"retracts": "e1"}, "retracts"),
    ],
)
def test_what_is_no_fact_is_refused_by_its_field(kind: str, data: dict[str, Any], field: str) -> None:
    with pytest.raises(NotAFact) as error:
        fact(kind, 1, **data)
    assert error.value.field == field


def test_a_restricted_person_is_not_counted_until_it_is_released_whatever_comes_first():
    restricted, released = fact("person.restricted", 4, reason="OBJECTION"), fact("person.released", 5)
    assert is_restricted([REGISTERED, restricted])
    for order in itertools.permutations([restricted, released, REGISTERED]):
        assert not is_restricted(unpack(pack(order)))
    assert is_restricted([released, restricted, fact("person.restricted", 6, reason="UNLAWFUL")])
    assert place(REGISTERED, restricted) == KOELN, "the facts themselves are kept"
