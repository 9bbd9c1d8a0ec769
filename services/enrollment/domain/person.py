"""Pseudonyms of persons: how a random number becomes a case number, and what a source may ask one for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.enrollment.domain.identity import Traits, azr_digits

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
RANDOM_BITS = 55
TRAITS = ("azr_number", "family_name", "given_name", "birth_date")
LONGEST_LOCAL_ID = 80
LONGEST_TRAIT = 200

_SHAPE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", re.ASCII)
_VALUE = {character: value for value, character in enumerate(ALPHABET)}
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_BIRTH_DATE = re.compile(r"(?:19|20)\d{2}-\d{2}-\d{2}", re.ASCII)
_AZR_NUMBER = re.compile(r"\d{12}", re.ASCII)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One row of a request for pseudonyms, as it holds: the source's own record number, and the traits if any came."""

    local_id: str
    traits: Traits | None


@dataclass(frozen=True, slots=True)
class RowRefused(Exception):
    """A row of the request that cannot be used: the field and a code."""

    field: str
    code: str


def pseudonym_of(number: int) -> str:
    """The pseudonym of a random number of 55 bits: eleven characters, a check character, in groups of four.

    Raises ValueError outside 0 … 2^55 − 1.
    """
    if not 0 <= number < 1 << RANDOM_BITS:
        raise ValueError("a pseudonym is made of 55 random bits")
    body = "".join(ALPHABET[number >> shift & 31] for shift in range(RANDOM_BITS - 5, -1, -5))
    text = body + check_character(body)
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


def is_pseudonym(text: str) -> bool:
    """Whether the text is written like a pseudonym and its check character is right."""
    if _SHAPE.fullmatch(text) is None:
        return False
    plain = text.replace("-", "")
    return check_character(plain[:-1]) == plain[-1]


def check_character(body: str) -> str:
    """The check character of eleven characters.

    Characters are elements of GF(2^5) (polynomial x^5 + x^2 + 1); the check is Σ xⁱ·cᵢ with i counting from 1. All
    weights differ and none is 0 or 1, so one wrong character and any two characters exchanged, the check character
    among them, are always found.
    """
    total = 0
    for character in reversed(body):
        total = _times_x(total ^ _VALUE[character])
    return ALPHABET[total]


def _times_x(value: int) -> int:
    doubled = value << 1
    return doubled ^ 0b100101 if doubled & 32 else doubled


def person_row(row: object) -> PersonRow:
    """The row `{local_id, traits?}` if it may be used; raises RowRefused, which names the field and never its value."""
    if not isinstance(row, Mapping):
        raise RowRefused("row", "not_an_object")
    local_id = _text(row.get("local_id"), "local_id", LONGEST_LOCAL_ID)
    for name in row:
        if name not in ("local_id", "traits"):
            raise RowRefused("row", "undeclared_field")
    traits = row.get("traits")
    return PersonRow(local_id, None if traits is None else _traits(traits))


def _traits(traits: Any) -> Traits | None:
    if not isinstance(traits, Mapping):
        raise RowRefused("traits", "not_an_object")
    found = Traits()
    for name, value in traits.items():
        if name not in TRAITS:
            raise RowRefused("traits", "undeclared_field")
        text = _text(value, f"traits.{name}", LONGEST_TRAIT)
        if name == "birth_date" and not _is_birth_date(text):
            raise RowRefused("traits.birth_date", "bad_date")
        if name == "azr_number" and _AZR_NUMBER.fullmatch(azr_digits(text)) is None:
            raise RowRefused("traits.azr_number", "bad_azr_number")
        found = replace(found, **{name: text})
    return found if traits else None


def _is_birth_date(text: str) -> bool:
    if _BIRTH_DATE.fullmatch(text) is None:
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _text(value: object, field: str, longest: int) -> str:
    if value is None or value == "":
        raise RowRefused(field, "missing")
    if not isinstance(value, str):
        raise RowRefused(field, "not_text")
    if len(value) > longest:
        raise RowRefused(field, "too_long")
    if _CONTROL.search(value):
        raise RowRefused(field, "bad_text")
    return value
