"""Who is reminded of what, and from which day on."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.enrollment.domain.concurrence import Concurrence, ConcurrenceState, Side
from services.enrollment.domain.declaration import Declaration, Status, Submission
from services.enrollment.domain.programme import PAPER
from services.enrollment.domain.reminding import COMPLETION, CONCURRENCE, DEADLINE, due

WHOLE = Submission("a" * 64, date(2018, 9, 28), "A", "B", True, "KI", "KI", "ki@stadt.example")
DECLARED = Declaration(
    "05570044", True, Status.RECEIVED, WHOLE, received_on=date(2018, 9, 20), changed_on=date(2018, 9, 20)
)
WAITED = date(2018, 9, 20) + timedelta(days=PAPER.reminder_days)


@pytest.mark.parametrize("status", [Status.NOT_DECLARED, Status.INTERESTED])
def test_whoever_is_called_upon_and_has_not_declared_is_told_of_the_deadline_in_the_last_days(status: Status):
    silent = Declaration("05315000", False, status)
    first = PAPER.deadline_on - timedelta(days=PAPER.reminder_days)
    reminded = {first - timedelta(days=1): 0, first: 1, PAPER.deadline_on: 1, PAPER.deadline_on + timedelta(days=1): 0}
    assert {day: len(due(silent, PAPER, day)) for day in reminded} == reminded
    assert due(silent, PAPER, first) == [(DEADLINE, PAPER.deadline_on)]


@pytest.mark.parametrize("status", [Status.WITHDRAWN, Status.CLOSED, Status.JOINED, Status.FUNDED])
def test_who_withdrew_or_has_joined_is_left_alone(status: Status):
    assert due(replace(DECLARED, status=status), PAPER, PAPER.deadline_on) == []


def test_what_is_missing_and_the_einvernehmen_are_asked_for_after_a_while_without_a_move():
    pending = replace(DECLARED, submission=replace(WHOLE, evidence=""))
    assert due(pending, PAPER, WAITED - timedelta(days=1)) == []
    assert [about for about, _ in due(pending, PAPER, WAITED)] == [COMPLETION, CONCURRENCE]
    granted = Concurrence(ConcurrenceState.GRANTED, Side.DISTRICT, date(2018, 9, 21))
    assert due(replace(DECLARED, concurrence=granted), PAPER, WAITED) == []
    returned = replace(pending, status=Status.RETURNED, concurrence=granted)
    assert [about for about, _ in due(returned, PAPER, WAITED)] == [COMPLETION]
