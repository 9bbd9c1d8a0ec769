"""The words of an e-mail, its identity, and the pauses between tries."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.notifications.domain.delivery import (
    LONGEST_PAUSE_SECONDS,
    MOST_ATTEMPTS,
    Delivery,
    pause_seconds,
)
from services.notifications.domain.outcome import message_id
from services.notifications.domain.patterns import ENDS, NAMES
from services.notifications.domain.recipient import Recipient
from services.notifications.domain.wording import words_for
from services.notifications.pages.translations import TEXTS

DELIVERY = Delivery(
    delivery_id="abc",
    person_id="K7QM-2XW9-4TRD",
    pattern="M05",
    anchor="m1",
    severity="warning",
    since=date(2026, 3, 1),
    step_on=date(2026, 5, 1),
    municipality="05570044",
    noticed={"de": "Seit 92 Tagen kein Anschlussangebot.", "en": "No follow-up offer for 92 days."},
    ends={},
    event_id="e1",
    traceparent=None,
    recipient=Recipient(1, "05570044", "case_manager", "fallmanagement@05570044.example", "de", "warning", "JOBCENTER"),
    released=True,
)
LINK = "http://127.0.0.1:8400/pathways/persons/K7QM-2XW9-4TRD"


def test_the_german_mail_says_what_the_system_noticed_and_what_it_is_not() -> None:
    words = words_for(DELIVERY, LINK)
    assert words.language == "de"
    assert words.subject == "Warnung: Anschlusslücke – Fall K7QM-2XW9-4TRD"
    for part in (
        "das System „Gemeinsam“ hat",
        "Seit 92 Tagen kein Anschlussangebot.",
        "Warnung, erreicht am 01.05.2026",
        "der Beginn einer Maßnahme, einer Ausbildung oder einer Arbeit",
        "kein Grund für eine Sanktion",
        LINK,
    ):
        assert part in words.body


def test_english_is_written_to_those_who_want_it() -> None:
    words = words_for(replace(DELIVERY, recipient=replace(DELIVERY.recipient, language="en")), LINK)
    assert words.subject == "Warning: Follow-up gap – case K7QM-2XW9-4TRD"
    assert "No follow-up offer for 92 days." in words.body
    assert "no ground for a sanction" in words.body


def test_what_pathways_says_would_end_it_goes_before_our_own_words() -> None:
    words = words_for(replace(DELIVERY, ends={"de": "ein Sprachkurs", "en": "a language course"}), LINK)
    assert "Wie es endet:     ein Sprachkurs" in words.body


def test_a_pattern_newer_than_this_release_is_told_by_its_code() -> None:
    words = words_for(replace(DELIVERY, pattern="M99", noticed={}), LINK)
    assert "Muster:           M99 (M99)" in words.body


@pytest.mark.parametrize(
    ("language", "subject", "told"),
    [
        ("de", "Ein Hinweis liegt vor – Fall K7QM-2XW9-4TRD", "liegt vor, Einzelheiten nicht freigegeben"),
        ("en", "There is a notice – case K7QM-2XW9-4TRD", "there is one, details not released"),
    ],
)
@pytest.mark.parametrize("pattern", ["M05", "REFERRAL"])
def test_what_is_not_released_is_told_without_pattern_date_or_detail(
    language: str, subject: str, told: str, pattern: str
) -> None:
    recipient = replace(DELIVERY.recipient, language=language)
    words = words_for(replace(DELIVERY, pattern=pattern, recipient=recipient, released=False), LINK)
    assert words.subject == subject
    assert told in words.body
    assert LINK in words.body
    said = (words.subject + words.body).replace("K7QM-2XW9-4TRD", "")
    for hidden in ("M05", "Anschluss", "ollow-up", "Warn", "warn", "2026", "92", "Maßnahme", "measure"):
        assert hidden not in said


def test_a_mail_names_nobody_and_no_address() -> None:
    words = words_for(DELIVERY, LINK)
    assert "@" not in words.body + words.subject


def test_the_message_id_is_that_of_the_delivery() -> None:
    sender = "Gemeinsam <gemeinsam@programm.example>"
    assert message_id(DELIVERY, sender) == "<abc@programm.example>" == message_id(replace(DELIVERY, attempts=7), sender)


def test_pauses_double_and_are_scattered_and_end() -> None:
    assert pause_seconds(1, 10, 0.5) == 10
    assert pause_seconds(2, 10, 0.5) == 20
    assert pause_seconds(3, 10, 0.0) == 20
    assert pause_seconds(11, 10, 0.5) == LONGEST_PAUSE_SECONDS
    assert pause_seconds(MOST_ATTEMPTS, 10, 0.5) is None


@pytest.mark.parametrize("texts", [TEXTS, NAMES, ENDS])
def test_both_languages_have_the_same_texts(texts: dict[str, dict[str, str]]) -> None:
    assert texts["de"].keys() == texts["en"].keys()
