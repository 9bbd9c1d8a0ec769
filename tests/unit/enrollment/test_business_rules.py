"""The business rules of the programme, BR-1 to BR-11, one test each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from services.enrollment.domain import funding, joining, registry, seats
from services.enrollment.domain.commitment import Activity, Commitment, Standing
from services.enrollment.domain.concurrence import Concurrence, ConcurrenceState, Side
from services.enrollment.domain.declaration import MANAGING_BODY_KINDS, Declaration, Missing, Status, Submission
from services.enrollment.domain.programme import PAPER, Phase, received_on
from services.enrollment.domain.reference import Area, AreaTable, area_table
from services.enrollment.domain.registry import Entry
from services.enrollment.domain.workshop import Kind, Slot, check_admission, check_slot
from shared import reference
from shared.contracts import municipalities as facts
from shared.errors import Conflict, Forbidden, Invalid

TABLE: AreaTable = area_table(reference.districts().values(), reference.municipalities().values())
DAY = date(2018, 10, 1)
KOELN, KREIS, TELGTE, AACHEN = (TABLE.declarant(ags, DAY) for ags in ("05315000", "05570000", "05570044", "05334002"))
WHOLE = Submission(
    "a" * 64, date(2018, 9, 28), "A. Beispiel", "Beigeordnete", True, "KI", "Integrationszentrum", "k@k.de"
)


def receive(
    area: Area, submission: Submission = WHOLE, on: date = DAY, held: Declaration | None = None
) -> joining.Outcome:
    before = held or Declaration(area.ags, area.needs_concurrence)
    return joining.receive(before, joining.Handed(submission, on), area=area, programme=PAPER, new_id="m-1")


def concur(held: Declaration, state: ConcurrenceState, on: date = DAY) -> joining.Outcome:
    return joining.hear_concurrence(held, Concurrence(state, Side.DISTRICT, on), area=TELGTE, new_id="m-2")


def kinds(outcome: joining.Outcome) -> list[str]:
    return [fact.TYPE.removeprefix("gemeinsam.").removesuffix(".v1") for fact in outcome.facts]


def br_1_kreise_staedteregion_cities_and_their_towns_declare_and_both_kreis_and_town_may() -> None:
    assert [receive(area).declaration.status for area in (KOELN, KREIS, AACHEN)] == [Status.JOINED] * 3
    assert concur(receive(TELGTE).declaration, ConcurrenceState.GRANTED).declaration.is_member
    assert TABLE.declarant("05334000", DAY).name  # the Städteregion Aachen
    for ags in ("11000000", "05999000", "05315", "05000000"):
        with pytest.raises(Invalid):
            TABLE.declarant(ags, DAY)


def br_2_the_day_of_receipt_in_berlin_counts_and_late_is_a_flag_the_ministry_decides_on() -> None:
    just_in_time = datetime(2018, 10, 15, 21, 59, tzinfo=UTC)  # 23:59 in Berlin
    assert not receive(KOELN, on=received_on(just_in_time)).declaration.late
    late = receive(KOELN, on=received_on(just_in_time.replace(hour=22, minute=1)))
    assert (late.declaration.late, late.declaration.status) == (True, Status.RECEIVED)
    accepted = joining.accept(late.declaration, date(2018, 10, 20), new_id="m-1")
    assert (accepted.declaration.status, kinds(accepted)[0]) == (Status.JOINED, "declaration.accepted")


def br_3_what_is_missing_is_named_by_code_and_never_dropped() -> None:
    empty = receive(KOELN, Submission())
    assert empty.declaration.missing == tuple(Missing)
    assert (empty.declaration.status, empty.declaration.incomplete) == (Status.RECEIVED, True)
    not_on_board = receive(KOELN, replace(WHOLE, signatory_on_board=False))
    assert not_on_board.declaration.missing == (Missing.SIGNATORY_NOT_ON_BOARD,)
    completed = receive(KOELN, WHOLE, held=empty.declaration)
    assert "declaration.completed" in kinds(completed)
    assert completed.declaration.is_member


def br_4_one_managing_body_of_an_open_list_at_a_time_and_a_change_is_an_event() -> None:
    for kind in (*MANAGING_BODY_KINDS, "STABSSTELLE_INTEGRATION"):
        assert receive(KOELN, replace(WHOLE, managing_body_kind=kind)).declaration.is_member
    held = receive(KOELN).declaration
    changed = joining.change_managing_body(held, replace(WHOLE, managing_body_kind="JUGENDAMT"), DAY)
    assert kinds(changed) == ["managing_body.changed"]
    assert changed.declaration.submission.managing_body_kind == "JUGENDAMT"
    assert joining.change_managing_body(changed.declaration, changed.declaration.submission, DAY).facts == ()


def br_5_a_town_counts_with_the_einvernehmen_of_its_kreis_before_or_after_and_loses_it_with_it() -> None:
    pending = receive(TELGTE).declaration
    assert (pending.concurrence_pending, pending.is_member) == (True, False)
    member = concur(pending, ConcurrenceState.GRANTED).declaration
    before = concur(Declaration(TELGTE.ags, needs_concurrence=True), ConcurrenceState.GRANTED).declaration
    assert member.is_member
    assert receive(TELGTE, held=before).declaration.is_member
    revoked = concur(member, ConcurrenceState.REVOKED)
    assert kinds(revoked) == ["concurrence.revoked", "membership.ended"]
    assert kinds(concur(pending, ConcurrenceState.REFUSED)) == ["concurrence.refused"]
    with pytest.raises(Invalid):
        joining.hear_concurrence(
            receive(KOELN).declaration, Concurrence(ConcurrenceState.GRANTED), area=KOELN, new_id="m-3"
        )


def br_6_the_table_and_not_the_digits_says_who_belongs_to_a_kreis() -> None:
    on_table = list(TABLE.valid_on(DAY))
    per_kind = {kind: sum(area.kind is kind for area in on_table) for kind in {area.kind for area in on_table}}
    assert sorted(per_kind.values()) == [1, 22, 30, 374]
    assert (TELGTE.district, TELGTE.needs_concurrence) == ("05570000", True)
    assert (AACHEN.district, AACHEN.needs_concurrence) == ("05334000", False)
    assert not KOELN.needs_concurrence


def br_7_one_membership_a_key_the_same_again_is_nothing_new_and_withdrawal_is_possible() -> None:
    member = receive(KOELN).declaration
    assert receive(KOELN, held=member).facts == ()
    amended = receive(KOELN, replace(WHOLE, evidence="b" * 64), held=member)
    assert kinds(amended) == ["declaration.amended"]
    gone = joining.withdraw(member, date(2018, 11, 1))
    assert kinds(gone) == ["declaration.withdrawn", "membership.ended"]
    assert joining.withdraw(gone.declaration, date(2018, 11, 2)).facts == ()


def br_8_a_member_owes_a_contribution_to_the_planning_phase_and_is_told_thirty_days_before() -> None:
    duty = Commitment(KOELN.ags, PAPER.planning_until)
    days = {
        date(2018, 11, 30): Standing.OPEN,
        date(2018, 12, 1): Standing.AT_RISK,
        date(2018, 12, 31): Standing.AT_RISK,
    }
    days[date(2019, 1, 1)] = Standing.MISSED
    assert {day: duty.standing(PAPER, day) for day in days} == days
    for activity in Activity:
        active = replace(duty, activities=((activity, date(2018, 12, 31)),))
        assert active.standing(PAPER, date(2018, 12, 31)) is Standing.ACTIVE
        too_late = replace(duty, activities=((activity, date(2019, 1, 2)),))
        assert too_late.standing(PAPER, date(2019, 1, 3)) is Standing.MISSED


def br_9_who_may_come_to_which_workshop_and_when_it_is() -> None:
    check_admission(Kind.DEVELOPMENT, interested=True, member=False)
    check_admission(Kind.STARTER, interested=False, member=True)
    with pytest.raises(Forbidden):
        check_admission(Kind.STARTER, interested=True, member=False)
    with pytest.raises(Forbidden):
        check_admission(Kind.DEVELOPMENT, interested=False, member=False)
    slot = Slot(
        "W", datetime(2018, 11, 8, 9, tzinfo=UTC), datetime(2018, 11, 8, 15, tzinfo=UTC), KOELN.ags, "Rathaus", 1
    )
    check_slot(slot, Kind.DEVELOPMENT, PAPER)
    december = replace(slot, starts_at=slot.starts_at.replace(month=12), ends_at=slot.ends_at.replace(month=12))
    with pytest.raises(Invalid):
        check_slot(december, Kind.DEVELOPMENT, PAPER)
    check_slot(december, Kind.STARTER, PAPER)
    first = seats.Booking("b1", KOELN.ags, "a@k.de", "A", 0, seats.Place.BOOKED)
    booked = seats.book((), first, 1)
    assert seats.book(booked.bookings, replace(first, booking_id="b2"), 1).booking.booking_id == "b1"


def br_10_funding_needs_membership_an_approach_and_the_first_of_january_and_follows_the_number_of_members() -> None:
    new_year = date(2019, 1, 1)
    funding.check_decision(PAPER, joined=True, approach=True, decided_on=new_year)
    for joined, approach, on in ((False, True, new_year), (True, False, new_year), (True, True, date(2018, 12, 31))):
        with pytest.raises(Conflict):
            funding.check_decision(PAPER, joined=joined, approach=approach, decided_on=on)
    scenario = funding.Scenario("S", (funding.Step(1, Decimal(10)), funding.Step(3, Decimal(20))))
    by_kind = {KOELN.kind: 2, KREIS.kind: 0}
    assert funding.evaluate(scenario, by_kind).total == 20
    assert funding.evaluate(scenario, by_kind | {KREIS.kind: 1}).total == 60


def br_11_three_phases_in_three_years_and_a_registry_that_grows_while_it_runs() -> None:
    days = (date(2018, 8, 31), date(2018, 9, 1), date(2018, 12, 31), date(2019, 1, 1), date(2021, 9, 1))
    assert [PAPER.phase(day) for day in days] == [
        Phase.BEFORE,
        Phase.PLANNING,
        Phase.PLANNING,
        Phase.IMPLEMENTATION,
        Phase.CLOSED,
    ]
    assert (PAPER.ends_on.year - PAPER.begins_on.year) == 3
    housing = Entry("B6", "Wohnen", "Housing", date(2019, 1, 1), date(2020, 1, 1), scope=KOELN.ags)
    registry.check(housing)
    registry.check_known(["B6"], [housing], date(2019, 12, 31), field="bausteine")
    with pytest.raises(Invalid):
        registry.check_known(["B6"], [housing], date(2020, 1, 1), field="bausteine")
    assert "gemeinsam.baustein.added.v1" in facts.EVENTS


RULES: dict[str, Callable[[], None]] = {
    "BR-1": br_1_kreise_staedteregion_cities_and_their_towns_declare_and_both_kreis_and_town_may,
    "BR-2": br_2_the_day_of_receipt_in_berlin_counts_and_late_is_a_flag_the_ministry_decides_on,
    "BR-3": br_3_what_is_missing_is_named_by_code_and_never_dropped,
    "BR-4": br_4_one_managing_body_of_an_open_list_at_a_time_and_a_change_is_an_event,
    "BR-5": br_5_a_town_counts_with_the_einvernehmen_of_its_kreis_before_or_after_and_loses_it_with_it,
    "BR-6": br_6_the_table_and_not_the_digits_says_who_belongs_to_a_kreis,
    "BR-7": br_7_one_membership_a_key_the_same_again_is_nothing_new_and_withdrawal_is_possible,
    "BR-8": br_8_a_member_owes_a_contribution_to_the_planning_phase_and_is_told_thirty_days_before,
    "BR-9": br_9_who_may_come_to_which_workshop_and_when_it_is,
    "BR-10": br_10_funding_needs_membership_an_approach_and_the_first_of_january_and_follows_the_number_of_members,
    "BR-11": br_11_three_phases_in_three_years_and_a_registry_that_grows_while_it_runs,
}


@pytest.mark.parametrize("rule", RULES)
def test_the_programme_keeps_its_business_rules(rule: str) -> None:
    RULES[rule]()
