"""The catalogue of measures: category, level, group, longest duration and allowance of each type."""

from __future__ import annotations

import csv
from collections.abc import Iterable

_COLUMNS = ("type", "category", "level", "equivalence_group", "max_days", "allowance")


class MeasureType:
    """One type of measure. `max_days` None: no longest duration; `countable`: the rules speak of it."""

    __slots__ = ("allowance", "category", "code", "countable", "group", "level", "max_days")

    def __init__(self, row: dict[str, str], countable: bool) -> None:
        self.code = row["type"]
        self.category = row["category"]
        self.countable = countable
        self.level = int(row["level"] or 0)
        self.group = row["equivalence_group"]
        self.max_days = int(row["max_days"]) if row["max_days"] else None
        self.allowance = int(row["allowance"] or 0)


def parse(text: str, countable: Iterable[str], others: Iterable[str]) -> tuple[dict[str, MeasureType], list[str]]:
    """The types by code, and what is wrong with the text (CSV with a heading)."""
    reader = csv.DictReader(text.splitlines())
    if tuple(reader.fieldnames or ()) != _COLUMNS:
        return {}, [f"catalogue: the columns must be {', '.join(_COLUMNS)}"]
    types: dict[str, MeasureType] = {}
    errors: list[str] = []
    countable, others = set(countable), set(others)
    for number, row in enumerate(reader, start=2):
        wrong = _wrong(row, countable, others)
        if row["type"] in types:
            wrong.append("type: named twice")
        if wrong:
            errors += [f"catalogue line {number}: {text}" for text in wrong]
        else:
            types[row["type"]] = MeasureType(row, row["category"] in countable)
    return types, errors + _uneven(types)


def _wrong(row: dict[str, str], countable: set[str], others: set[str]) -> list[str]:
    wrong = [f"{name}: missing" for name in ("type", "category", "equivalence_group") if not row[name]]
    wrong += [
        f"{name}: not a whole number"
        for name in ("level", "max_days", "allowance")
        if row[name] and not (row[name].isascii() and row[name].isdigit())
    ]
    if row["category"] and row["category"] not in countable | others:
        wrong.append("category: neither countable nor among the others")
    if row["category"] in countable and not row["level"]:
        wrong.append("level: missing")
    return wrong


def _uneven(types: dict[str, MeasureType]) -> list[str]:
    allowances: dict[str, set[int]] = {}
    for entry in types.values():
        allowances.setdefault(entry.group, set()).add(entry.allowance)
    return [
        f"catalogue: group {group} has more than one allowance" for group, seen in allowances.items() if len(seen) > 1
    ]
