"""The matrix of senders and recipients, read from data: what may be shown to whom, with consent only, or never.

Whose a fact is follows from its Rechtskreis, since that decides under which law it was collected (SGB I § 35, SGB X
§§ 67 ff). The file decides every combination of law, recipient and category once; this module checks that it does.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import IntEnum
from itertools import product
from typing import Any, Literal

import msgspec

from services.pathways.domain.facts import Fact
from services.pathways.domain.schemas import BY_TYPE, Kind
from shared.contracts.vocabulary import Body, DataCategory, Rechtskreis

EVERY = "ALL"
_LAWS = tuple(Rechtskreis)
_BODIES = tuple(Body)
_CATEGORIES = tuple(DataCategory)
_NOT_HANDED_OUT = frozenset(
    {
        Kind.MERGED,
        Kind.SPLIT,
        Kind.ERASED,
        Kind.RETRACTED,
        Kind.CONSENT_GIVEN,
        Kind.CONSENT_WITHDRAWN,
        Kind.RESTRICTED,
        Kind.RELEASED,
    }
)
"""Statements about other facts: they are applied and never shown as facts of their own."""


class BadMatrix(Exception):
    """A matrix that cannot be used; `errors` names everything that is wrong with it."""

    def __init__(self, errors: Sequence[str]) -> None:
        super().__init__("; ".join(errors))
        self.errors = tuple(errors)


class Decision(IntEnum):
    """What the matrix says of a combination; the greater is the stricter."""

    ALLOW = 0
    CONSENT = 1
    DENY = 2


class _Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"senders": "from", "recipients": "to"}):
    senders: tuple[str, ...]
    recipients: tuple[str, ...]
    categories: tuple[str, ...]
    decision: Literal["allow", "consent", "deny"]
    basis: str

    def cells(self) -> Iterator[tuple[str, str, str]]:
        categories = _CATEGORIES if self.categories == (EVERY,) else self.categories
        return product(self.senders, self.recipients, categories)


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: str
    purposes: tuple[str, ...]
    consent_bases: tuple[str, ...]
    without_body: str
    owners: dict[str, str]
    categories: dict[str, tuple[str, ...]]
    rules: tuple[_Rule, ...]


class Matrix:
    """A checked matrix. `version` is what read logs and reports may name."""

    def __init__(self, file: _File) -> None:
        self.version = file.version
        self.without_body = file.without_body
        self.purposes = frozenset(file.purposes)
        self._consent_bases = frozenset(file.consent_bases)
        self._owners = file.owners
        self._category = {
            BY_TYPE[f"gemeinsam.{thing}.v1"].kind: category
            for category, things in file.categories.items()
            for thing in things
        }
        self._cells = {cell: Decision[rule.decision.upper()] for rule in file.rules for cell in rule.cells()}

    def category(self, fact: Fact) -> str | None:
        """The category of a fact; None for statements about other facts."""
        return self._category.get(fact.kind)

    def decide(self, law: str | None, body: str, category: str) -> Decision:
        """What holds for a combination; for a law that is not known the strictest of all, a body not known is OTHER."""
        if body not in _BODIES:
            body = Body.OTHER
        found = self._cells.get((law or "", body, category))
        if found is not None:
            return found
        return max(self._cells[(known, body, category)] for known in _LAWS)

    def of_fact(self, fact: Fact, body: str) -> Decision:
        """What holds for a fact: its law's decision, sharpened by the basis and the purpose it was collected on."""
        category = self.category(fact)
        if category is None:
            return Decision.DENY
        decision = self.decide(fact.rechtskreis, body, category)
        foreign_purpose = fact.purpose is not None and fact.purpose not in self.purposes
        on_consent = fact.legal_basis in self._consent_bases and self._owners.get(fact.rechtskreis or "") != body
        return max(decision, Decision.CONSENT) if foreign_purpose or on_consent else decision

    def existence(self, body: str) -> bool:
        """Whether a body may know that the programme has found something, without knowing what."""
        return self.decide(Rechtskreis.LAND, body, DataCategory.FINDINGS) != Decision.DENY


def parse(text: str) -> Matrix:
    """The matrix of a file (TOML). Raises BadMatrix with all errors."""
    try:
        file = msgspec.convert(tomllib.loads(text), _File)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadMatrix([str(error)]) from None
    errors = [*_unknown(file), *_not_placed(file.categories)]
    errors += list(_not_decided_once(file.rules)) if not errors else []
    if errors:
        raise BadMatrix(errors)
    return Matrix(file)


def _unknown(file: _File) -> Iterator[str]:
    known: Mapping[str, Sequence[Any]] = {"law": _LAWS, "body": _BODIES, "category": _CATEGORIES}
    named = [("body", file.without_body), *(("law", law) for law in file.owners)]
    named += [("body", body) for body in file.owners.values()]
    named += [("category", category) for category in file.categories]
    for rule in file.rules:
        named += [("law", law) for law in rule.senders] + [("body", body) for body in rule.recipients]
        named += [("category", one) for one in rule.categories if rule.categories != (EVERY,)]
        if not rule.basis:
            yield f"a rule from {', '.join(rule.senders)} names no basis"
    for what, code in named:
        if code not in known[what]:
            yield f"{code} is no {what}"
    for law in _LAWS:
        if law not in file.owners:
            yield f"{law} has no owner"


def _not_placed(categories: Mapping[str, Sequence[str]]) -> Iterator[str]:
    placed = Counter(f"gemeinsam.{thing}.v1" for things in categories.values() for thing in things)
    handed_out = {type_ for type_, schema in BY_TYPE.items() if schema.kind not in _NOT_HANDED_OUT}
    for type_ in sorted({*placed, *handed_out}):
        if type_ not in handed_out:
            yield f"{type_} is no fact that is handed out"
        elif placed[type_] != 1:
            yield f"{type_} is in {placed[type_]} categories"


def _not_decided_once(rules: Sequence[_Rule]) -> Iterator[str]:
    decided = Counter(cell for rule in rules for cell in rule.cells())
    for cell in product(_LAWS, _BODIES, _CATEGORIES):
        if decided[cell] != 1:
            yield f"{cell[0]} to {cell[1]}, {cell[2]}: decided {decided[cell]} times"
