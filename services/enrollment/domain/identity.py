"""Whether two records are one person: traits made comparable, what agrees between them, and what follows from it.

The rule: one person by itself only if the AZR number and one other trait agree. The AZR number alone, or name and birth
date (many are registered as born on 1 January), are near matches, which a human decides. What a human has taken apart
stays apart.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

MOST_NEAR = 20  # near matches of one record that are kept waiting: more say that the traits are worth nothing

_NOT_A_LETTER = re.compile(r"[^\w]+|[\d_]+")
_DOUBLED = re.compile(r"(.)\1+")
_ARTICLES = frozenset({"al", "el", "ul", "il"})
# Spellings of one sound in the usual transliterations, the longer ones first; both sides are folded alike, so that
# folding too much makes a near match at worst.
_FOLDS = (
    (("dsch", "dzh", "dj", "zh"), "j"),
    (("tsch", "sch", "tch", "sh", "ch"), "s"),
    (("kh", "ck"), "k"),
    (("gh",), "g"),
    (("ph",), "f"),
    (("th",), "t"),
    (("dh",), "d"),
    (("ae",), "a"),
    (("oe", "ou", "oo", "ue"), "u"),
    (("ee",), "i"),
    (("ei", "ey", "ay"), "ai"),
    (("x",), "ks"),
    (("q", "c"), "k"),
    (("w",), "v"),
    (("z",), "s"),
    (("y", "j"), "i"),
    (("o",), "u"),
    (("e",), "a"),
    (("h",), ""),
)
_LETTERS = str.maketrans({"ß": "ss", "ı": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "a", "œ": "o", "þ": "t", "ð": "d"})


class Trait(StrEnum):
    """What is compared."""

    AZR_NUMBER = "azr_number"
    NAME = "name"
    BIRTH_DATE = "birth_date"


class Likeness(StrEnum):
    """What agreement between two records means."""

    SAME = "same"
    NEAR = "near"
    NONE = "none"


@dataclass(frozen=True, slots=True, repr=False)
class Traits:
    """What a source knows of who somebody is, as it was sent. It has no representation: it must stand in no log."""

    azr_number: str | None = None
    family_name: str | None = None
    given_name: str | None = None
    birth_date: str | None = None

    def comparable(self) -> dict[Trait, str]:
        """The traits as they are compared; a name counts only with both of its parts."""
        found: dict[Trait, str] = {}
        if self.azr_number:
            found[Trait.AZR_NUMBER] = azr_digits(self.azr_number)
        if self.family_name and self.given_name and (name := folded_name(self.given_name, self.family_name)):
            found[Trait.NAME] = name
        if self.birth_date:
            found[Trait.BIRTH_DATE] = self.birth_date
        return found


class Record(NamedTuple):
    """A kept record by the keyed hashes of its traits (of the key `key_id`); None where it has no such trait."""

    pseudonym: str
    key_id: str
    azr_number: bytes | None
    name: bytes | None
    birth_date: bytes | None


Lookups = Mapping[str, Mapping[Trait, bytes]]
"""The keyed hashes of one record's traits, by key."""


def azr_digits(text: str) -> str:
    """An AZR number without the blanks, hyphens and slashes people write into it."""
    return re.sub(r"[\s/-]", "", text)


def folded_name(given: str, family: str) -> str:
    """A name as it is compared: case, accents, order of its parts, articles and usual transliterations folded.

    Letters of other scripts than the Latin one are compared as they are.
    """
    plain = unicodedata.normalize("NFKD", f"{given} {family}".casefold().translate(_LETTERS))
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    words = [word for word in _NOT_A_LETTER.split(letters.replace("'", "").replace("’", "")) if word]
    kept = [word for word in words if word not in _ARTICLES] or words
    return " ".join(sorted(_folded(word) for word in kept))


def _folded(word: str) -> str:
    for spellings, sound in _FOLDS:
        for spelling in spellings:
            word = word.replace(spelling, sound)
    return _DOUBLED.sub(r"\1", word)


def likeness(agreed: Collection[Trait]) -> Likeness:
    """What it means that these traits agree."""
    if Trait.AZR_NUMBER in agreed:
        return Likeness.SAME if len(agreed) > 1 else Likeness.NEAR
    return Likeness.NEAR if len(agreed) > 1 else Likeness.NONE


class Register:
    """The kept records that may be alike, found by hash; what agrees is gathered over all records of a pseudonym."""

    def __init__(self, records: Iterable[Record]) -> None:
        self._by_hash: dict[tuple[str, Trait, bytes], set[str]] = {}
        for record in records:
            self.add(record)

    def add(self, record: Record) -> None:
        """Let later records of the same request meet this one too."""
        for trait in Trait:
            if (hashed := getattr(record, trait.value)) is not None:
                self._by_hash.setdefault((record.key_id, trait, hashed), set()).add(record.pseudonym)

    def alike(self, lookups: Lookups) -> dict[str, frozenset[Trait]]:
        """The pseudonyms that are the same or near, each with the traits that agree."""
        found: dict[str, set[Trait]] = {}
        for key_id, hashes in lookups.items():
            for trait, hashed in hashes.items():
                for pseudonym in self._by_hash.get((key_id, trait, hashed), ()):
                    found.setdefault(pseudonym, set()).add(trait)
        return {
            pseudonym: frozenset(agreed)
            for pseudonym, agreed in sorted(found.items())
            if likeness(agreed) is not Likeness.NONE
        }


class Standing:
    """What has been decided about pairs of pseudonyms: which are merged, which were taken apart for good."""

    def __init__(self, merged: Iterable[tuple[str, str]], apart: Iterable[tuple[str, str]]) -> None:
        self._group: dict[str, frozenset[str]] = {}
        self._apart = {frozenset(pair) for pair in apart}
        for one, other in merged:
            self.merge(one, other)

    def group(self, pseudonym: str) -> frozenset[str]:
        """All pseudonyms that are one person with this one, itself among them."""
        return self._group.get(pseudonym, frozenset({pseudonym}))

    def merge(self, one: str, other: str) -> None:
        """Count two as one from now on."""
        group = self.group(one) | self.group(other)
        for member in group:
            self._group[member] = group

    def are_apart(self, one: str, other: str) -> bool:
        """Whether somebody has decided that members of the two groups are different people."""
        return any(frozenset({mine, theirs}) in self._apart for mine in self.group(one) for theirs in self.group(other))


@dataclass(slots=True)
class Placement:
    """Where a record belongs: its pseudonym, whom it is one person with by itself, and who is near."""

    pseudonym: str
    merges: dict[str, frozenset[Trait]] = field(default_factory=dict)
    waiting: dict[str, frozenset[Trait]] = field(default_factory=dict)


def placed(
    alike: Mapping[str, frozenset[Trait]], standing: Standing, *, own: str | None, fresh: str, limit: int
) -> Placement:
    """Where a record belongs. `own`: the pseudonym its source already has for it; `fresh`: one for a new person.

    A record that would be one with several people, or make a person of more than `limit` pseudonyms, waits.
    """
    same = [pseudonym for pseudonym, agreed in alike.items() if likeness(agreed) is Likeness.SAME]
    placement = Placement(own or fresh)
    if own is None and same and len({standing.group(pseudonym) for pseudonym in same}) == 1:
        placement.pseudonym = same[0]
        same = []
    elif own is None:
        same = []
    for other, agreed in alike.items():
        mine = standing.group(placement.pseudonym)
        if other in mine or standing.are_apart(placement.pseudonym, other):
            continue
        if other in same and len(mine | standing.group(other)) <= limit:
            placement.merges[other] = agreed
            standing.merge(placement.pseudonym, other)
        elif len(placement.waiting) < MOST_NEAR:
            placement.waiting[other] = agreed
    return placement
