"""The form of a mapping: what its fields are called, how a sent form becomes a mapping, and what is proposed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

from services.enrollment.domain.mapping.checking import Declared, declared
from services.enrollment.domain.mapping.document import DATE_FORMATS as USUAL_FORMATS
from services.enrollment.domain.person import TRAITS
from services.enrollment.usecases.files.samples import LONGEST_WORD, MOST_WORDS, SampleColumn
from shared.contracts.fields import IS_IDENTIFIER, Kind
from shared.contracts.persons import EVENTS, VAULT_ONLY

FIXED = "="
COLUMN = "@"
NOTHING = "-"  # a word that means nothing: the field stays empty
LISTS = (Kind.CODES, Kind.IDENTIFIERS)
TYPES = tuple(type_ for type_ in EVENTS if type_ not in VAULT_ONLY and type_ != "gemeinsam.fact.retracted.v1")
DATE_FORMATS = ("DD.MM.YYYY", "YYYY-MM-DD", "DD.MM.YY", "DD/MM/YYYY", "MM/DD/YYYY")
_NONE: Mapping[str, Any] = {"column": ""}
_MOST_EVENTS, _MOST_CONDITIONS, _MOST_COLUMNS = 20, 10, 200

# What a column may be called, beginning with its most telling words; folded before it is compared.
_HINTS: Mapping[str, tuple[str, ...]] = {
    "municipality": ("ags", "gemeindeschluessel", "gemeinde", "municipality"),
    "measure_id": ("massnahmenr", "massnahmenummer", "nr", "nummer", "measureid"),
    "type": ("massnahmeart", "art", "massnahme", "type"),
    "provider": ("traeger", "anbieter", "provider"),
    "started_on": ("beginn", "eintritt", "von", "start"),
    "planned_end_on": ("geplantesende", "planende"),
    "ended_on": ("ende", "austritt", "bis", "end"),
    "exit": ("austrittsgrund", "grund", "exit"),
    "hours": ("stunden", "hours"),
    "registered_on": ("erfasst", "aufnahme", "registered"),
    "moved_on": ("umzug", "moved"),
    "sex": ("geschlecht", "sex"),
    "tested_on": ("pruefungsdatum", "testdatum"),
    "level": ("niveau", "sprachniveau", "level"),
    "person": ("aktenzeichen", "az", "kundennummer", "id", "fallnummer"),
    "azr_number": ("azr", "azrnummer", "azrnr"),
    "family_name": ("nachname", "familienname", "name"),
    "given_name": ("vorname",),
    "birth_date": ("geburtsdatum", "geboren", "gebdatum"),
}
_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class WordRow:
    """A word of a column and the code it stands for: empty while undecided, `-` where it means nothing."""

    word: str
    code: str


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of a fact on the form."""

    name: str
    field: Declared
    origin: Mapping[str, Any]
    words: tuple[WordRow, ...]

    @property
    def source(self) -> str:
        """The choice in the list of columns."""
        if self.origin.get("column") is not None:
            return COLUMN + str(self.origin["column"])
        return FIXED if self.origin.get("constant") is not None else ""

    def said(self, name: str) -> Any:
        """A further part of where it comes from; empty without."""
        return self.origin.get(name) or ""

    @property
    def constant(self) -> str:
        """The fixed value as text."""
        value = self.origin.get("constant")
        return ", ".join(map(str, value)) if isinstance(value, list) else "" if value is None else str(value)

    @property
    def is_list(self) -> bool:
        """Whether the field takes several values."""
        return self.field.kind in LISTS


def read_columns(form: FormData) -> tuple[SampleColumn, ...]:
    """The sample's columns, as the form carries them along: they are kept nowhere else."""
    found = []
    for name, seen in zip(form.getlist("column")[:_MOST_COLUMNS], form.getlist("seen"), strict=False):
        try:
            words = json.loads(str(seen)[:20_000])
        except (ValueError, RecursionError):
            words = []
        kept = [str(word)[:LONGEST_WORD] for word in words[:MOST_WORDS]] if isinstance(words, list) else []
        found.append(SampleColumn(str(name)[:200], tuple(kept)))
    return tuple(found)


def document_of(form: FormData) -> dict[str, Any]:
    """The mapping in the form, as far as it has been filled in."""
    text = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    person: dict[str, Any] = {"column": text["person"]} if text.get("person") else {}
    if text.get("person_kind") == "pseudonym":
        person["kind"] = "pseudonym"
    if traits := {trait: text[f"trait.{trait}"] for trait in TRAITS if text.get(f"trait.{trait}")}:
        person["traits"] = traits
    document: dict[str, Any] = {"person": person}
    if events := list(_events(text)):
        document["events"] = events
    if file := _file(text):
        document["file"] = file
    if formats := [str(one) for one in form.getlist("date_formats")]:
        document["date_formats"] = formats
    if text.get("snapshot"):
        document["snapshot"] = True
    return document


def filled_up(document: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping with whatever it leaves out at its default, as the page needs it."""
    person = {"column": "", "kind": "local_id", **document.get("person", {})}
    person["traits"] = dict.fromkeys(TRAITS, "") | person.get("traits", {})
    file = {"sheet": "", "header_row": 1, "delimiter": "", "encoding": "", **document.get("file", {})}
    formats = list(document.get("date_formats") or USUAL_FORMATS)
    return {"person": person, "file": file, "date_formats": formats, "snapshot": bool(document.get("snapshot"))}


def conditions_of(event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The conditions of a fact, and an empty one to be filled in."""
    return [{"column": one["column"], "one_of": one.get("one_of") or []} for one in (*event.get("when", ()), _NONE)]


def rows_of(event: Mapping[str, Any], columns: Sequence[SampleColumn]) -> list[FieldRow]:
    """All fields a fact of this type has, with where they come from and the words that need a code."""
    words = {column.name: column.words for column in columns}
    fields = event["fields"]
    return [
        FieldRow(name, field, fields.get(name, {}), tuple(_word_rows(field, fields.get(name, {}), words)))
        for name, field in declared(event["type"]).items()
    ]


def proposed(type_: str, columns: Sequence[SampleColumn]) -> dict[str, Any]:
    """A fact of the type with the columns whose names tell what they hold."""
    fields: dict[str, Any] = {}
    for name, field in declared(type_).items():
        column = guessed(name, columns)
        if name == "purpose":
            fields[name] = {"constant": "CASE_MANAGEMENT"}
        elif column:
            fields[name] = {"column": column, **({"mend_ags": True} if field.kind is Kind.AREA else {})}
    return {"type": type_, "fields": fields}


def guessed(name: str, columns: Sequence[SampleColumn]) -> str:
    """The column that is called like the field; empty if none is."""
    by_name = {_folded(column.name): column.name for column in columns}
    return next((by_name[hint] for hint in _HINTS.get(name, ()) if hint in by_name), "")


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold().translate(_LETTERS))


def _events(text: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for number in range(_MOST_EVENTS):
        type_ = text.get(f"e.{number}.type", "")
        if type_ not in TYPES:
            continue
        event: dict[str, Any] = {"type": type_, "fields": {}}
        if conditions := list(_conditions(text, f"e.{number}.when")):
            event["when"] = conditions
        for name, field in declared(type_).items():
            if (origin := _origin(text, f"e.{number}.f.{name}", field)) is not None:
                event["fields"][name] = origin
        yield event


def _conditions(text: Mapping[str, str], path: str) -> Iterator[dict[str, Any]]:
    for number in range(_MOST_CONDITIONS):
        if column := text.get(f"{path}.{number}.column"):
            words = [word.strip() for word in text.get(f"{path}.{number}.words", "").split(",") if word.strip()]
            yield {"column": column, **({"one_of": words} if words else {})}


def _origin(text: Mapping[str, str], path: str, field: Declared) -> dict[str, Any] | None:
    source = text.get(f"{path}.from", "")
    if source == FIXED:
        return {"constant": _constant(text.get(f"{path}.value", ""), field)}
    if not source.startswith(COLUMN):
        return None
    origin: dict[str, Any] = {"column": source[1:]}
    codes = {
        word: None if code == NOTHING else code
        for number in range(MOST_WORDS)
        if (word := text.get(f"{path}.word.{number}")) and (code := text.get(f"{path}.code.{number}"))
    }
    parts: dict[str, Any] = {
        "codes": codes,
        **{name: text.get(f"{path}.{name}", "") for name in ("otherwise", "prefix", "split")},
    }
    if text.get(f"{path}.mend_ags"):
        parts["mend_ags"] = True
    return origin | {name: value for name, value in parts.items() if value}


def _constant(value: str, field: Declared) -> Any:
    if field.kind in LISTS:
        return [part.strip() for part in value.split(",") if part.strip()]
    if field.kind is Kind.HOURS:
        try:
            return float(value.replace(",", "."))
        except ValueError:
            return value
    return value


def _file(text: Mapping[str, str]) -> dict[str, Any]:
    file: dict[str, Any] = {name: text[name] for name in ("sheet", "encoding") if text.get(name)}
    if text.get("delimiter"):
        file["delimiter"] = "\t" if text["delimiter"] == "tab" else text["delimiter"]
    header = text.get("header_row", "")
    if header.isascii() and header.isdigit() and header != "1":
        file["header_row"] = int(header[:4])
    return file


def _word_rows(field: Declared, origin: Mapping[str, Any], words: Mapping[str, Sequence[str]]) -> Iterator[WordRow]:
    """What the column's words mean so far. Where all of them can be taken as they are, nothing is asked."""
    codes: Mapping[str, str | None] = origin.get("codes") or {}
    seen = words.get(origin.get("column", ""), ())
    if field.known is None and field.kind is not Kind.IDENTIFIER:
        return
    if not codes and all(_stands_for_itself(word, field) for word in seen):
        return
    asked = {**dict.fromkeys(codes), **dict.fromkeys(seen)}
    for word in list(asked)[:MOST_WORDS]:
        if word in codes:
            yield WordRow(word, NOTHING if codes[word] is None else str(codes[word]))
        else:
            yield WordRow(word, word if _stands_for_itself(word, field) else "")


def _stands_for_itself(word: str, field: Declared) -> bool:
    return word in field.known if field.known else IS_IDENTIFIER(word) is not None
