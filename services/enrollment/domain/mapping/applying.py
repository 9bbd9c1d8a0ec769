"""Applies a mapping to a row: the facts it makes, and what stands in the way, by column."""

from __future__ import annotations

from collections.abc import Mapping as Read
from dataclasses import dataclass
from typing import Any

from services.enrollment.domain.mapping.checking import declared
from services.enrollment.domain.mapping.converting import Habits, NotConverted, as_day, as_text, convert, require_value
from services.enrollment.domain.mapping.document import EventRule, Mapping, Origin
from services.enrollment.domain.person import LONGEST_LOCAL_ID, PersonRow, RowRefused, person_row
from services.enrollment.domain.table import Cell, Column, Table, TableRow, Unreadable


@dataclass(frozen=True, slots=True)
class Draft:
    """A fact as a row says it: whom it is about in the file's terms, its type and its data."""

    row: int
    person: str
    type: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something to say of a row in the file's own terms; `column` is None where no one column is meant."""

    row: int
    column: Column | None
    field: str
    code: str
    is_warning: bool = False


@dataclass(frozen=True, slots=True)
class Mapped:
    """What became of one row; `record` is whom it registers, if its mapping knows of traits."""

    drafts: tuple[Draft, ...]
    faults: tuple[Fault, ...]
    record: PersonRow | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A mapping laid on the columns of one table."""

    mapping: Mapping
    columns: Read[str, Column]
    epoch_1904: bool


def bound_to(mapping: Mapping, table: Table) -> Sheet:
    """The mapping laid on a table's columns; raises Unreadable if one is missing or there twice."""
    found: dict[str, Column] = {}
    wanted = {_key(name) for name in mapping.columns()}
    for column in table.columns:
        key = _key(column.name)
        if key in wanted and key in found:
            raise Unreadable("column_twice")
        found.setdefault(key, column)
    if not wanted <= found.keys():
        raise Unreadable("column_missing")
    return Sheet(mapping, {name: found[_key(name)] for name in mapping.columns()}, table.epoch_1904)


def apply(sheet: Sheet, row: TableRow) -> Mapped:
    """The facts the row makes. A fact with a fault is not made; the row's other facts are."""
    person, fault = _person(sheet, row)
    if fault is not None or person is None:
        return Mapped((), (fault,) if fault else ())
    record, fault = _record(sheet, row, person)
    if fault is not None:
        return Mapped((), (fault,))
    drafts: list[Draft] = []
    faults: list[Fault] = []
    for rule in sheet.mapping.events:
        if _applies(sheet, rule, row):
            data, found = _data(sheet, rule, row)
            faults += found
            if all(one.is_warning for one in found):
                drafts.append(Draft(row.number, person, rule.type, data))
    if not drafts and not faults:
        faults.append(Fault(row.number, None, "row", "nothing_made", is_warning=True))
    return Mapped(tuple(drafts), tuple(dict.fromkeys(faults)), record)  # one cell may serve several facts


def _key(name: str) -> str:
    return " ".join(name.split()).casefold()


def _person(sheet: Sheet, row: TableRow) -> tuple[str | None, Fault | None]:
    column = sheet.columns[sheet.mapping.person.column]
    cell = row.at(column)
    if cell is None:
        return None, Fault(row.number, column, "person", "missing")
    try:
        require_value(cell)
        text = as_text(cell)
    except NotConverted as wrong:
        return None, Fault(row.number, column, "person", wrong.code)
    if len(text) > LONGEST_LOCAL_ID:
        return None, Fault(row.number, column, "person", "too_long")
    if not text.isprintable():
        return None, Fault(row.number, column, "person", "bad_text")
    return text, None


def _record(sheet: Sheet, row: TableRow, person: str) -> tuple[PersonRow | None, Fault | None]:
    """The person with the traits in the row, judged as over HTTP; none where the mapping knows of no traits."""
    named = sheet.mapping.person.traits.named()
    traits: dict[str, str] = {}
    for trait, name in named.items():
        cell = row.at(sheet.columns[name])
        try:
            if cell is not None:
                traits[trait] = _trait(trait, cell, sheet)
        except NotConverted as wrong:
            return None, Fault(row.number, sheet.columns[name], f"traits.{trait}", wrong.code)
    if not traits:
        return None, None
    try:
        return person_row({"local_id": person, "traits": traits}), None
    except RowRefused as refused:
        column = sheet.columns[named.get(refused.field.removeprefix("traits."), sheet.mapping.person.column)]
        return None, Fault(row.number, column, refused.field, refused.code)


def _trait(trait: str, cell: Cell, sheet: Sheet) -> str:
    require_value(cell)
    if trait == "birth_date":
        return as_day(cell, Habits(tuple(sheet.mapping.date_formats), sheet.epoch_1904)).isoformat()
    return as_text(cell)


def _applies(sheet: Sheet, rule: EventRule, row: TableRow) -> bool:
    for condition in rule.when:
        cell = row.at(sheet.columns[condition.column])
        if cell is None:
            return False
        if condition.one_of is not None:
            try:
                word = _key(as_text(cell))
            except NotConverted:
                return False
            if word not in {_key(one) for one in condition.one_of}:
                return False
    return True


def _data(sheet: Sheet, rule: EventRule, row: TableRow) -> tuple[dict[str, Any], list[Fault]]:
    data: dict[str, Any] = {}
    faults: list[Fault] = []
    fields = declared(rule.type)
    for name, origin in rule.fields.items():
        column = sheet.columns[origin.column] if origin.column is not None else None
        habits = Habits(tuple(sheet.mapping.date_formats), sheet.epoch_1904)
        try:
            value = _value(origin, row, column, fields[name].kind, habits)
        except NotConverted as wrong:
            faults.append(Fault(row.number, column, f"data.{name}", wrong.code))
            continue
        faults += [Fault(row.number, column, f"data.{name}", code, is_warning=True) for code in habits.mended]
        if value is not None:
            data[name] = value
        elif fields[name].is_required:
            faults.append(Fault(row.number, column, f"data.{name}", "missing"))
    return data, faults


def _value(origin: Origin, row: TableRow, column: Column | None, kind: Any, habits: Habits) -> object:
    if column is None:
        return origin.constant
    return convert(row.at(column), kind, origin, habits)
