"""The matrix of senders and recipients: every combination is decided once, and what the file says is what holds."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from services.pathways import matrix
from services.pathways.domain.example import facts_of
from services.pathways.domain.matrix import BadMatrix, Decision, parse
from shared.contracts.vocabulary import Body, DataCategory, Rechtskreis

TEXT = Path("services/pathways/matrix/1.toml").read_text(encoding="utf-8")
MATRIX = matrix.load()


def test_every_combination_of_law_recipient_and_category_is_decided():
    for law in Rechtskreis:
        for body in Body:
            for category in DataCategory:
                assert MATRIX.decide(law, body, category) in Decision


def test_the_foreigners_office_gets_nothing_but_its_own_whoever_consents():
    for law in Rechtskreis:
        for category in DataCategory:
            found = MATRIX.decide(law, "AUSLAENDERBEHOERDE", category)
            assert found == (Decision.ALLOW if law == "AUFENTHG" else Decision.DENY)
    assert not MATRIX.existence("AUSLAENDERBEHOERDE")
    assert MATRIX.existence("KI")


def test_what_was_entrusted_to_the_youth_office_needs_consent_and_the_rest_does_not():
    assert MATRIX.decide("SGB8", "JOBCENTER", "MEASURES") == Decision.ALLOW
    assert MATRIX.decide("SGB8", "JOBCENTER", "COUNSELLING") == Decision.CONSENT
    assert MATRIX.decide("SGB8", "JUGENDAMT", "COUNSELLING") == Decision.ALLOW


def test_a_law_that_is_not_known_is_treated_as_the_strictest_and_an_unknown_body_as_any_other():
    assert MATRIX.decide("SGB14", "JOBCENTER", "MEASURES") == Decision.CONSENT
    assert MATRIX.decide(None, "AUSLAENDERBEHOERDE", "MEASURES") == Decision.DENY
    assert MATRIX.decide("SGB2", "CLUB", "MEASURES") == MATRIX.decide("SGB2", "OTHER", "MEASURES")


def test_basis_and_purpose_of_a_fact_sharpen_what_the_matrix_says():
    fact = msgspec.structs.replace(facts_of(["started m1 MAT 2024-01-08"])[0], rechtskreis="SGB2")
    assert MATRIX.of_fact(fact, "AGENTUR") == Decision.ALLOW
    on_consent = msgspec.structs.replace(fact, legal_basis="CONSENT")
    assert MATRIX.of_fact(on_consent, "AGENTUR") == Decision.CONSENT
    assert MATRIX.of_fact(on_consent, "JOBCENTER") == Decision.ALLOW
    assert MATRIX.of_fact(on_consent, "AUSLAENDERBEHOERDE") == Decision.DENY
    for_science = msgspec.structs.replace(fact, purpose="SCIENCE")
    assert MATRIX.of_fact(for_science, "JOBCENTER") == Decision.CONSENT


def broken(old: str, new: str) -> str:
    changed = re.sub(old, new, TEXT, count=1)
    assert changed != TEXT
    return changed


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (r'from = \["AUFENTHG"\]\nto = \["AUSLAENDERBEHOERDE"\]', 'from = ["LAND"]\nto = ["KI"]', "decided 0 times"),
        (r'to = \["SOZIALAMT", "SCHOOL"', 'to = ["JOBCENTER", "SOZIALAMT", "SCHOOL"', "SGB2 to JOBCENTER, STATUS"),
        (r'"JUGENDAMT"\]\ncategories', '"JUGENDAMMT"]\ncategories', "JUGENDAMMT is no body"),
        (r'SGB3 = "AGENTUR"\n', "", "SGB3 has no owner"),
        (r'"benefit.changed"', "", "gemeinsam.benefit.changed.v1 is in 0 categories"),
        (r'"benefit.changed"', '"benefit.changed", "consent.given"', "consent.given.v1 is no fact that is handed out"),
        (r'decision = "allow"', 'decision = "perhaps"', "perhaps"),
        (r'basis = "[^"]+"', 'basis = ""', "names no basis"),
        (r'version = "1"', "", "version"),
        (r"purposes", "purpose", "purpose"),
        (r"\[owners\]", "[owners", ""),
    ],
)
def test_a_matrix_with_a_hole_an_overlap_or_a_typing_error_is_refused(old: str, new: str, error: str):
    with pytest.raises(BadMatrix) as refused:
        parse(broken(old, new))
    assert any(error in one for one in refused.value.errors)


def test_another_file_can_be_named(tmp_path: Path):
    other = tmp_path / "2.toml"
    other.write_text(broken('version = "1"', 'version = "2"'), encoding="utf-8")
    assert matrix.load(str(other)).version == "2"
    with pytest.raises(BadMatrix):
        matrix.load(str(tmp_path / "none.toml"))
