"""Pseudonyms are random numbers written so that a slip of the pen is noticed."""

from __future__ import annotations

import random
from itertools import combinations

import pytest

from services.enrollment.domain.identity import Traits
from services.enrollment.domain.person import (
    ALPHABET,
    RANDOM_BITS,
    PersonRow,
    RowRefused,
    is_pseudonym,
    person_row,
    pseudonym_of,
)

CHOSEN = random.Random(1)
SOME = [pseudonym_of(CHOSEN.getrandbits(RANDOM_BITS)) for _ in range(40)]


def written(characters: list[str]) -> str:
    return "-".join("".join(characters[start : start + 4]) for start in (0, 4, 8))


def test_a_pseudonym_is_twelve_characters_in_groups_of_four() -> None:
    assert pseudonym_of(0) == "0000-0000-0000"
    assert all(is_pseudonym(pseudonym) for pseudonym in SOME)
    assert len({pseudonym_of(number) for number in range(5000)}) == 5000


@pytest.mark.parametrize("number", [-1, 1 << RANDOM_BITS])
def test_other_numbers_are_none(number: int) -> None:
    with pytest.raises(ValueError):
        pseudonym_of(number)


def test_one_wrong_character_is_always_found() -> None:
    for pseudonym in SOME[:10]:
        characters = list(pseudonym.replace("-", ""))
        for position, right in enumerate(characters):
            for wrong in set(ALPHABET) - {right}:
                changed = [*characters[:position], wrong, *characters[position + 1 :]]
                assert not is_pseudonym(written(changed))


def test_two_characters_exchanged_are_always_found() -> None:
    for pseudonym in SOME:
        characters = list(pseudonym.replace("-", ""))
        for one, other in combinations(range(12), 2):
            if characters[one] != characters[other]:
                changed = characters.copy()
                changed[one], changed[other] = changed[other], changed[one]
                assert not is_pseudonym(written(changed))


@pytest.mark.parametrize(
    "text", ["", "0000-0000-000", "000000000000", "0000-0000-000I", "0000-0000-0000\n", "0000-0000-000o"]
)
def test_what_is_not_written_like_one_is_none(text: str) -> None:
    assert not is_pseudonym(text)


def test_a_row_keeps_the_traits_as_they_were_sent_and_shows_them_nowhere() -> None:
    row = person_row({"local_id": "7", "traits": {"family_name": "Öztürk", "azr_number": "050 102-123451"}})
    assert row == PersonRow("7", Traits(family_name="Öztürk", azr_number="050 102-123451"))
    assert "Öztürk" not in repr(row)
    assert person_row({"local_id": "7", "traits": {}}).traits is None


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("azr_number", "12345678901", "bad_azr_number"),
        ("azr_number", "12345678901x", "bad_azr_number"),
        ("birth_date", "2001-02-29", "bad_date"),
        ("birth_date", "1.1.2001", "bad_date"),
        ("birth_date", "1001-01-01", "bad_date"),
    ],
)
def test_a_trait_that_cannot_be_right_is_refused_by_its_name(name: str, value: str, code: str) -> None:
    with pytest.raises(RowRefused) as refused:
        person_row({"local_id": "7", "traits": {name: value}})
    assert (refused.value.field, refused.value.code) == (f"traits.{name}", code)
    assert value not in str(refused.value)
