"""The catalogue of measure types: code, category and names. What a type is allowed to last is a rule, not language."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

from shared.contracts.vocabulary import Category


@dataclass(frozen=True, slots=True)
class MeasureType:
    """One type of measure (Maßnahmeart) with the category it counts in."""

    code: str
    category: Category
    name_de: str
    name_en: str


def _read() -> dict[str, MeasureType]:
    text = (files(__package__) / "reference" / "measures.csv").read_text(encoding="utf-8")
    return {
        row["type"]: MeasureType(row["type"], Category(row["category"]), row["name_de"], row["name_en"])
        for row in csv.DictReader(text.splitlines())
    }


MEASURE_TYPES: Mapping[str, MeasureType] = MappingProxyType(_read())
CODES: frozenset[str] = frozenset(MEASURE_TYPES)
CODES_AND_CATEGORIES: frozenset[str] = CODES | frozenset(Category)
