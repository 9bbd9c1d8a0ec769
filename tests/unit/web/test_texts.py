"""The shared texts, dates and numbers of the pages, and addresses that may be gone to."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from shared.auth import Role
from shared.web.navigation import ENTRIES
from shared.web.session import safe_path
from shared.web.texts import Tongue
from shared.web.translations import TEXTS


def test_both_languages_have_the_same_shared_texts() -> None:
    assert TEXTS["de"].keys() == TEXTS["en"].keys()


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_role_and_section_has_a_name(language: str) -> None:
    for key in (*(f"role.{role}" for role in Role), *(key for _, key in ENTRIES)):
        assert TEXTS[language][key]


def test_numbers_and_dates_are_written_as_in_the_language() -> None:
    german, english = Tongue("de", {}), Tongue("en", {})
    assert (german.number(1234567), english.number(1234567)) == ("1.234.567", "1,234,567")
    assert (german.date(date(1999, 6, 30)), english.date(date(1999, 6, 30))) == ("30.06.1999", "30 Jun 1999")
    assert german.time(datetime(2026, 1, 1, 11, 0, tzinfo=UTC)).endswith("12:00:00")


def test_only_paths_on_this_origin_are_gone_to() -> None:
    for good in ("/", "/reporting/?search=a%20b", "/pathways/persons/K7QM-2XW9-4TRD"):
        assert safe_path(good, "/home") == good
    for bad in (None, "", "reporting", "//x", "/\\x", "http://x", "/a b", "/a\nb", "/" + "a" * 2000):
        assert safe_path(bad, "/home") == "/home"
