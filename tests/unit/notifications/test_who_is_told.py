"""Who is told of which finding."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.notifications.domain.finding import Finding, worth_telling
from services.notifications.domain.recipient import Recipient, areas_of, told

GAP = Finding(
    event_id="e1",
    type="gemeinsam.finding.detected.v1",
    person_id="K7QM-2XW9-4TRD",
    pattern="M05",
    anchor="m1",
    severity="warning",
    since=date(2026, 3, 1),
    step_on=date(2026, 5, 1),
    until=None,
    municipality="05570044",
    historical=False,
    noticed={"de": "Seit 92 Tagen kein Anschlussangebot.", "en": "No follow-up offer for 92 days."},
    ends={},
)


def box(number: int, area: str, least: str = "warning") -> Recipient:
    return Recipient(number, area, "case_manager", f"{number}@{area}.example", "de", least, "KI")


@pytest.mark.parametrize("kind", ["detected", "escalated"])
def test_a_new_or_worse_open_finding_is_worth_telling(kind: str) -> None:
    assert worth_telling(replace(GAP, type=f"gemeinsam.finding.{kind}.v1"))


@pytest.mark.parametrize("kind", ["revised", "resolved", "retracted", "acknowledged"])
def test_other_changes_are_not_worth_telling(kind: str) -> None:
    assert not worth_telling(replace(GAP, type=f"gemeinsam.finding.{kind}.v1"))


def test_what_is_closed_or_of_long_ago_is_not_worth_telling() -> None:
    assert not worth_telling(replace(GAP, until=date(2026, 5, 2)))
    assert not worth_telling(replace(GAP, historical=True))
    assert not worth_telling(replace(GAP, by_new_rules=True))


def test_a_severity_newer_than_this_release_is_not_told() -> None:
    assert not worth_telling(replace(GAP, severity="catastrophic"))


def test_a_kreis_covers_its_gemeinden_and_the_most_specific_comes_first() -> None:
    assert areas_of("05570044") == ("05570044", "05570000")
    assert areas_of("05315000") == ("05315000",)


def test_the_kreis_is_told_only_for_a_gemeinde_without_recipients() -> None:
    own, district = box(1, "05570044"), box(2, "05570000")
    assert told(GAP, {"05570044": [own], "05570000": [district]}) == [own]
    assert told(GAP, {"05570000": [district]}) == [district]
    assert told(GAP, {}) == []


def test_a_recipient_chooses_the_least_severity() -> None:
    every, worst = box(1, "05570044", "info"), box(2, "05570044", "critical")
    by_area = {"05570044": [every, worst]}
    assert told(replace(GAP, severity="info"), by_area) == [every]
    assert told(GAP, by_area) == [every]
    assert told(replace(GAP, severity="critical"), by_area) == [every, worst]


def test_a_gemeinde_that_wants_only_the_worst_is_not_overruled_by_its_kreis() -> None:
    by_area = {"05570044": [box(1, "05570044", "critical")], "05570000": [box(2, "05570000", "info")]}
    assert told(GAP, by_area) == []
