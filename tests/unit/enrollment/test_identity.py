"""Who is one person: names folded, what agrees, and where a record belongs."""

from __future__ import annotations

import pytest

from services.enrollment.domain.identity import (
    MOST_NEAR,
    Likeness,
    Record,
    Register,
    Standing,
    Trait,
    Traits,
    folded_name,
    likeness,
    placed,
)

AZR, NAME, BIRTH = Trait.AZR_NUMBER, Trait.NAME, Trait.BIRTH_DATE
BOTH = frozenset({AZR, NAME})
NEAR = frozenset({NAME, BIRTH})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Ayşe", "Öztürk"), ("AYSE", "Oeztuerk")),
        (("Muhammad", "Al-Hussein"), ("Mohammed", "Hossain")),
        (("Youssouf", "Qasim"), ("Jusuf", "Kassim")),
        (("Dschamal", "Groß"), ("Jamal", "GROSS")),
        (("Fatima Zahra", "Haddad"), ("Haddad", "Fatima  Zahra")),
        (("Olha", "Łukasz"), ("olha", "lukasz")),
    ],
)
def test_usual_spellings_of_one_name_are_folded_together(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert folded_name(*one) == folded_name(*other)


@pytest.mark.parametrize(
    ("one", "other"),
    [(("Ali", "Reza"), ("Ali", "Rami")), (("Amina", "Said"), ("Amira", "Said")), (("علي", "رضا"), ("علي", "حسن"))],
)
def test_different_names_stay_different(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert folded_name(*one) != folded_name(*other)


def test_a_name_counts_only_with_both_of_its_parts() -> None:
    assert Traits(family_name="Said", birth_date="2001-01-01").comparable() == {BIRTH: "2001-01-01"}
    assert Traits(azr_number="050 102-123/451").comparable() == {AZR: "050102123451"}


@pytest.mark.parametrize(
    ("agreed", "meaning"),
    [
        ({AZR, NAME}, Likeness.SAME),
        ({AZR, BIRTH}, Likeness.SAME),
        ({AZR, NAME, BIRTH}, Likeness.SAME),
        ({AZR}, Likeness.NEAR),
        ({NAME, BIRTH}, Likeness.NEAR),
        ({NAME}, Likeness.NONE),
        ({BIRTH}, Likeness.NONE),
        (set(), Likeness.NONE),
    ],
)
def test_only_the_azr_number_and_one_other_trait_make_one_person(agreed: set[Trait], meaning: Likeness) -> None:
    assert likeness(agreed) is meaning


def test_records_are_found_under_every_key_and_gathered_by_pseudonym() -> None:
    register = Register([Record("A", "1", b"azr1", None, None), Record("A", "2", None, b"name2", None)])
    register.add(Record("B", "2", None, b"name2", b"birth2"))
    lookups = {"1": {AZR: b"azr1", NAME: b"name1"}, "2": {AZR: b"azr2", NAME: b"name2", BIRTH: b"birth2"}}
    assert register.alike(lookups) == {"A": BOTH, "B": NEAR}


def test_a_new_record_that_is_somebody_gets_that_pseudonym() -> None:
    found = placed({"A": BOTH, "B": NEAR}, Standing([], []), own=None, fresh="Z", limit=6)
    assert (found.pseudonym, found.merges, found.waiting) == ("A", {}, {"B": NEAR})


def test_a_new_record_that_is_two_people_is_neither_and_waits_for_a_human() -> None:
    found = placed({"A": BOTH, "B": BOTH}, Standing([], []), own=None, fresh="Z", limit=6)
    assert (found.pseudonym, found.merges, found.waiting) == ("Z", {}, {"A": BOTH, "B": BOTH})


def test_two_pseudonyms_of_one_person_count_as_one() -> None:
    found = placed({"A": BOTH, "B": BOTH}, Standing([("A", "B")], []), own=None, fresh="Z", limit=6)
    assert (found.pseudonym, found.waiting) == ("A", {})


def test_a_record_that_has_a_pseudonym_is_merged_within_the_limit() -> None:
    merged = placed({"B": BOTH}, Standing([], []), own="A", fresh="Z", limit=2)
    assert (merged.pseudonym, merged.merges) == ("A", {"B": BOTH})
    beyond = placed({"B": BOTH}, Standing([("B", "C")], []), own="A", fresh="Z", limit=2)
    assert (beyond.merges, beyond.waiting) == ({}, {"B": BOTH})


def test_what_was_taken_apart_is_never_put_together_by_rule() -> None:
    standing = Standing([("B", "C")], [("A", "C")])
    found = placed({"B": BOTH, "C": BOTH}, standing, own="A", fresh="Z", limit=6)
    assert (found.merges, found.waiting) == ({}, {})


def test_traits_that_half_the_world_shares_do_not_flood_the_list() -> None:
    alike = {f"P{number}": NEAR for number in range(100)}
    assert len(placed(alike, Standing([], []), own=None, fresh="Z", limit=6).waiting) == MOST_NEAR
