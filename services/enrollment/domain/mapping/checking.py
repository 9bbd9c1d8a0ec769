"""Checks a mapping before it is saved: every fact of it could be taken if the cells are sound."""

from __future__ import annotations

from collections.abc import Mapping as Read
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from services.enrollment.domain.mapping.document import EventRule, Mapping, Origin
from shared.contracts.fields import Kind, Mark
from shared.contracts.persons import EVENTS, VAULT_ONLY
from shared.contracts.persons.judging import mark_of

COMMON = ("municipality", "rechtskreis", "legal_basis", "purpose")
IDS = ("measure_id", "spell_id", "test_id", "certificate_id")
_LISTS = (Kind.CODES, Kind.IDENTIFIERS)
_MOST_FLAWS = 50
_MOST_NAME = 80


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a mapping: a dotted path and a code of the receipts' sentences, or what was expected."""

    field: str
    code: str
    detail: str = ""


class MappingRefused(ValueError):
    """The mapping cannot be saved."""

    def __init__(self, flaws: list[Flaw]) -> None:
        super().__init__("the mapping cannot be saved")
        self.flaws = flaws


@dataclass(frozen=True, slots=True)
class Declared:
    """A field of a fact as the published language declares it."""

    kind: Kind
    known: frozenset[str] | None
    is_required: bool


@cache
def declared(type_: str) -> Read[str, Declared]:
    """The fields of a type of fact by name; raises KeyError for an unknown type."""
    fields: dict[str, Declared] = {}
    for name, info in EVENTS[type_].model_fields.items():
        mark: Mark = mark_of(info.annotation, tuple(info.metadata))
        fields[name] = Declared(mark.kind, mark.known, info.is_required())
    return MappingProxyType(fields)


def mapping_from(document: object) -> Mapping:
    """The mapping in the document, as parsed from JSON; raises MappingRefused with every flaw found."""
    try:
        mapping = Mapping.model_validate(document)
    except ValidationError as error:
        raise MappingRefused([_flaw(one) for one in error.errors(include_url=False)[:_MOST_FLAWS]]) from None
    flaws = [flaw for number, rule in enumerate(mapping.events) for flaw in _flaws(f"events.{number}", rule)]
    for place, pattern in enumerate(mapping.date_formats):
        marks = pattern.upper()
        if (marks.count("D"), marks.count("M")) != (2, 2) or marks.count("Y") not in (2, 4):
            flaws.append(Flaw(f"date_formats.{place}", "bad_date_format"))
    if mapping.snapshot and any(rule.type in _NOT_COMPARED for rule in mapping.events):
        flaws.append(Flaw("snapshot", "not_compared"))
    if mapping.person.kind == "pseudonym" and mapping.person.traits.named():
        flaws.append(Flaw("person.traits", "traits_of_a_pseudonym"))
    if flaws:
        raise MappingRefused(flaws[:_MOST_FLAWS])
    return mapping


# What corrects, retracts or speaks of consent is no state that a table of the whole could show.
_NOT_COMPARED = frozenset(
    f"gemeinsam.{name}.v1"
    for name in ("measure.corrected", "fact.retracted", "consent.given", "consent.withdrawn", "measure.extended")
)


def _flaw(error: Any) -> Flaw:
    path = ".".join(str(part)[:_MOST_NAME] for part in error["loc"]) or "mapping"
    codes = {"missing": "missing", "extra_forbidden": "undeclared_field"}
    return Flaw(path, codes.get(error["type"], "bad_value"), error["msg"][:200])


def _flaws(path: str, rule: EventRule) -> list[Flaw]:
    if rule.type not in EVENTS:
        return [Flaw(f"{path}.type", "unknown_type")]
    if rule.type in VAULT_ONLY:
        return [Flaw(f"{path}.type", "vault_only")]
    fields = declared(rule.type)
    flaws = []
    for name, origin in rule.fields.items():
        where = f"{path}.fields.{name[:_MOST_NAME]}"
        if name not in fields:
            flaws.append(Flaw(where, "undeclared_field"))
        elif (code := _origin_flaw(origin, fields[name])) is not None:
            flaws.append(Flaw(where, code))
    flaws += [
        Flaw(f"{path}.fields.{name}", "missing")
        for name, field in fields.items()
        if field.is_required and name not in rule.fields
    ]
    return flaws


def _origin_flaw(origin: Origin, field: Declared) -> str | None:
    if (origin.column is None) == (origin.constant is None):
        return "column_or_constant"
    if field.kind is Kind.REFERENCE:
        return "not_from_a_table"
    if origin.constant is not None:
        is_list, is_number = isinstance(origin.constant, list), isinstance(origin.constant, int | float)
        if is_list != (field.kind in _LISTS) or is_number != (field.kind is Kind.HOURS):
            return "bad_constant"
        return None
    if origin.split is not None and field.kind not in _LISTS:
        return "no_list"
    if origin.codes is None and origin.otherwise is not None:
        return "otherwise_without_codes"
    return None
