"""The declaration's state machine: whatever happens in whatever order, its promises hold."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from services.enrollment.domain import joining
from services.enrollment.domain.concurrence import Concurrence, ConcurrenceState, Side
from services.enrollment.domain.declaration import (
    MEMBER,
    TRANSITIONS,
    Declaration,
    Event,
    Missing,
    Status,
    Submission,
    step,
)
from services.enrollment.domain.programme import PAPER
from services.enrollment.domain.reference import Area, AreaKind
from shared.contracts.municipalities import (
    ConcurrenceRequested,
    DeclarationAccepted,
    DeclarationAmended,
    DeclarationCompleted,
    DeclarationReceived,
    MembershipEnded,
    MembershipStarted,
)
from shared.errors import Conflict, GemeinsamError, Invalid

CITY = Area("05315000", "Köln", AreaKind.KREISFREIE_STADT, "05315000", 1_000_000)
TOWN = Area("05570044", "Telgte", AreaKind.KREISANGEHOERIG, "05570000", 20_000)
WHOLE = Submission(
    evidence="a" * 64,
    signed_on=date(2018, 10, 1),
    signatory_name="A. Beispiel",
    signatory_function="Beigeordnete",
    signatory_on_board=True,
    managing_body_kind="KI",
    managing_body_name="Kommunales Integrationszentrum",
    managing_body_contact="ki@stadt.example",
)
IN_TIME, LATE = date(2018, 10, 15), date(2018, 10, 16)


def receive(declaration: Declaration, submission: Submission, on: date, area: Area = CITY) -> joining.Outcome:
    return joining.receive(declaration, joining.Handed(submission, on), area=area, programme=PAPER, new_id="m1")


def stated(state: ConcurrenceState, by: Side = Side.DISTRICT, on: date = date(2018, 10, 5)) -> Concurrence:
    return Concurrence(state, by, on)


def hear(declaration: Declaration, statement: Concurrence) -> joining.Outcome:
    return joining.hear_concurrence(declaration, statement, area=TOWN, new_id="m2")


def kinds(outcome: joining.Outcome) -> list[type]:
    return [type(fact) for fact in outcome.facts]


def city() -> Declaration:
    return Declaration(CITY.ags, needs_concurrence=False)


def town() -> Declaration:
    return Declaration(TOWN.ags, needs_concurrence=True)


def test_a_whole_declaration_in_time_joins_by_itself_on_the_day_of_receipt():
    after, facts = receive(city(), WHOLE, IN_TIME)
    assert after.status is Status.JOINED
    assert [type(f) for f in facts] == [DeclarationReceived, DeclarationAccepted, MembershipStarted]
    assert facts[-1].started_on == IN_TIME


def test_a_late_declaration_waits_for_the_ministry_and_is_never_refused():
    after, _ = receive(city(), WHOLE, LATE)
    assert (after.status, after.late, after.incomplete) == (Status.RECEIVED, True, False)
    accepted, facts = joining.accept(after, date(2018, 10, 20), new_id="m1")
    assert accepted.status is Status.JOINED
    assert facts[-1].started_on == date(2018, 10, 20)


def test_late_incomplete_and_without_einvernehmen_can_all_be_true_at_once():
    after, _ = receive(town(), Submission(), LATE, TOWN)
    assert after.late
    assert after.incomplete
    assert after.concurrence_pending
    assert after.missing == tuple(Missing)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("evidence", "", Missing.EVIDENCE_MISSING),
        ("signed_on", None, Missing.SIGNED_ON_MISSING),
        ("signatory_name", "", Missing.SIGNATORY_MISSING),
        ("signatory_function", "", Missing.SIGNATORY_FUNCTION_MISSING),
        ("signatory_on_board", False, Missing.SIGNATORY_NOT_ON_BOARD),
        ("signatory_on_board", None, Missing.SIGNATORY_NOT_ON_BOARD),
        ("managing_body_kind", "", Missing.MANAGING_BODY_MISSING),
        ("managing_body_name", "", Missing.MANAGING_BODY_NAME_MISSING),
        ("managing_body_contact", "", Missing.MANAGING_BODY_CONTACT_MISSING),
    ],
)
def test_each_thing_missing_has_its_code_and_completing_it_joins(field, value, code):
    after, _ = receive(city(), replace(WHOLE, **{field: value}), IN_TIME)
    assert after.missing == (code,)
    assert after.status is Status.RECEIVED
    completed = receive(after, WHOLE, date(2018, 10, 25))
    assert completed.declaration.status is Status.JOINED
    assert kinds(completed) == [DeclarationCompleted, DeclarationAccepted, MembershipStarted]
    assert completed.facts[-1].started_on == date(2018, 10, 25)
    assert not completed.declaration.late  # the first receipt counts for the deadline


def test_the_same_declaration_again_changes_nothing_and_a_new_document_amends():
    joined, _ = receive(city(), WHOLE, IN_TIME)
    assert receive(joined, WHOLE, LATE) == (joined, ())
    amended = receive(joined, replace(WHOLE, evidence="b" * 64), LATE)
    assert kinds(amended) == [DeclarationAmended]
    assert amended.declaration.status is Status.JOINED


def test_a_kreisangehoerige_town_asks_its_kreis_and_joins_when_it_agrees():
    waiting = receive(town(), WHOLE, date(2018, 10, 1), TOWN)
    assert kinds(waiting) == [DeclarationReceived, ConcurrenceRequested]
    joined, facts = hear(waiting.declaration, stated(ConcurrenceState.GRANTED))
    assert joined.is_member
    assert facts[-1].started_on == date(2018, 10, 5)


def test_the_einvernehmen_may_come_before_the_declaration():
    early, _ = hear(town(), stated(ConcurrenceState.GRANTED))
    assert early.status is Status.NOT_DECLARED
    joined, _ = receive(early, WHOLE, date(2018, 10, 9), TOWN)
    assert joined.is_member


def test_a_revoked_einvernehmen_ends_the_membership_and_a_new_one_resumes_it_where_it_stood():
    early, _ = hear(town(), stated(ConcurrenceState.GRANTED))
    joined, _ = receive(early, WHOLE, date(2018, 10, 9), TOWN)
    active = joining.progress(joined, Event.SUBMIT_APPROACH)
    lost = hear(active, stated(ConcurrenceState.REVOKED, on=date(2018, 11, 1)))
    assert lost.declaration.status is Status.RECEIVED
    assert lost.declaration.concurrence_pending
    assert isinstance(lost.facts[-1], MembershipEnded)
    back = hear(lost.declaration, stated(ConcurrenceState.GRANTED, on=date(2018, 11, 5)))
    assert back.declaration.status is Status.APPROACH_SUBMITTED
    assert back.facts[-1].started_on == date(2018, 11, 5)


def test_what_the_kreis_says_outranks_the_municipality_and_the_contradiction_waits_for_the_ministry():
    waiting, _ = receive(town(), WHOLE, IN_TIME, TOWN)
    refused, _ = hear(waiting, stated(ConcurrenceState.REFUSED))
    claimed, facts = hear(refused, stated(ConcurrenceState.GRANTED, Side.MUNICIPALITY))
    assert claimed.concurrence.state is ConcurrenceState.REFUSED
    assert claimed.concurrence.contradicted
    assert len(facts) == 1
    assert not claimed.is_member
    with pytest.raises(Conflict):
        joining.accept(claimed, LATE, new_id="m")


def test_only_the_kreis_refuses_and_only_what_was_granted_is_revoked():
    waiting, _ = receive(town(), WHOLE, IN_TIME, TOWN)
    with pytest.raises(Conflict):
        hear(waiting, stated(ConcurrenceState.REFUSED, Side.MUNICIPALITY))
    with pytest.raises(Conflict):
        hear(waiting, stated(ConcurrenceState.REVOKED))


def test_a_kreisfreie_stadt_needs_no_einvernehmen():
    with pytest.raises(Invalid):
        joining.hear_concurrence(city(), stated(ConcurrenceState.GRANTED), area=CITY, new_id="m")


def test_a_returned_declaration_comes_back_by_an_amendment():
    received, _ = receive(city(), WHOLE, LATE)
    returned, _ = joining.send_back(received, ("EVIDENCE_UNREADABLE",), LATE)
    assert returned.status is Status.RETURNED
    again, _ = receive(returned, replace(WHOLE, evidence="c" * 64), LATE + timedelta(days=2))
    assert (again.status, again.return_reasons) == (Status.RECEIVED, ())
    with pytest.raises(Invalid):
        joining.send_back(again, (), LATE)


def test_funding_is_not_reached_without_an_approach():
    joined, _ = receive(city(), WHOLE, IN_TIME)
    with pytest.raises(Conflict):
        step(joined, Event.FUND)


def test_every_status_can_be_reached_and_every_target_has_a_row():
    assert set(TRANSITIONS) == set(Status)
    reached, frontier = {Status.NOT_DECLARED}, [Status.NOT_DECLARED]
    while frontier:
        for to in TRANSITIONS[frontier.pop()].values():
            if to not in reached:
                reached.add(to)
                frontier.append(to)
    assert reached == set(Status)


PARTS = st.fixed_dictionaries(
    {},
    optional={
        name: st.sampled_from([getattr(WHOLE, name), getattr(Submission(), name)]) for name in Submission.__slots__
    },
)


class Joining(RuleBasedStateMachine):
    """Anything that may happen to a municipality, in any order, refused or not."""

    @initialize(is_town=st.booleans())
    def begin(self, is_town: bool) -> None:
        self.area = TOWN if is_town else CITY
        self.held = Declaration(self.area.ags, needs_concurrence=self.area.needs_concurrence)
        self.day, self.ids = date(2018, 10, 1), 0
        self.open: str | None = None

    def attempt(self, act) -> None:
        self.ids += 1
        try:
            after, facts = act(f"m{self.ids}")
        except GemeinsamError:
            return
        for fact in facts:
            if isinstance(fact, MembershipStarted):
                assert self.open is None, "a second membership began while one ran"
                self.open = fact.membership_id
            if isinstance(fact, MembershipEnded):
                assert self.open == fact.membership_id, "a membership ended that did not run"
                self.open = None
        self.held = after

    @rule(days=st.integers(0, 9))
    def wait(self, days: int) -> None:
        self.day += timedelta(days=days)

    @rule()
    def interest(self) -> None:
        self.attempt(lambda _: joining.declare_interest(self.held, self.day))

    @rule(parts=PARTS)
    def submit(self, parts: dict) -> None:
        handed = joining.Handed(Submission(**parts), self.day)
        self.attempt(lambda i: joining.receive(self.held, handed, area=self.area, programme=PAPER, new_id=i))

    @rule()
    def submit_all(self) -> None:
        handed = joining.Handed(WHOLE, self.day)
        self.attempt(lambda i: joining.receive(self.held, handed, area=self.area, programme=PAPER, new_id=i))

    @rule(state=st.sampled_from(list(ConcurrenceState)[1:]), side=st.sampled_from(Side))
    def concurrence(self, state: ConcurrenceState, side: Side) -> None:
        statement = Concurrence(state, side, self.day)
        self.attempt(lambda i: joining.hear_concurrence(self.held, statement, area=self.area, new_id=i))

    @rule()
    def ministry_accepts(self) -> None:
        self.attempt(lambda i: joining.accept(self.held, self.day, new_id=i))

    @rule()
    def ministry_returns(self) -> None:
        self.attempt(lambda _: joining.send_back(self.held, ("EVIDENCE_UNSIGNED",), self.day))

    @rule()
    def withdraw(self) -> None:
        self.attempt(lambda _: joining.withdraw(self.held, self.day))

    @rule(event=st.sampled_from([Event.BECOME_ACTIVE, Event.SUBMIT_APPROACH, Event.FUND]))
    def proceed(self, event: Event) -> None:
        self.attempt(lambda _: (joining.progress(self.held, event), ()))

    @invariant()
    def the_status_says_what_the_facts_say(self) -> None:
        if hasattr(self, "held"):
            assert self.held.is_member == (self.open is not None)
            assert self.held.membership_id == self.open
            assert self.held.is_member == (self.held.status in MEMBER)

    @invariant()
    def a_member_has_its_einvernehmen_and_nothing_ready_waits(self) -> None:
        if hasattr(self, "held"):
            assert not (self.held.is_member and self.held.concurrence_pending)
            assert not self.held.acceptable_by_rule

    @invariant()
    def late_means_after_the_deadline(self) -> None:
        if hasattr(self, "held") and self.held.received_on:
            assert self.held.late == (self.held.received_on > PAPER.deadline_on)


TestJoining = Joining.TestCase
TestJoining.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
