"""Judges facts fast, field by field: what is declared and sound is kept, the rest is dropped, warned of or refused.

The tables are made from the models, and tests hold the two to one opinion.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, get_args

from shared.contracts.fields import IS_AREA, IS_IDENTIFIER, IS_MONTH, Kind, Mark, day
from shared.contracts.persons.facts import EVENTS, VAULT_ONLY, Fact, MeasureCorrected

SENTENCES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "missing": {"de": "Das Feld fehlt oder ist leer.", "en": "The field is missing or empty."},
        "not_text": {"de": "Erwartet wird Text.", "en": "Text is expected."},
        "bad_date": {
            "de": "Kein Kalendertag in der Form JJJJ-MM-TT.",
            "en": "Not a calendar day written YYYY-MM-DD.",
        },
        "bad_month": {"de": "Kein Monat in der Form JJJJ-MM.", "en": "Not a month written YYYY-MM."},
        "bad_area": {
            "de": "Kein Amtlicher Gemeindeschlüssel: erwartet werden acht Ziffern als Text.",
            "en": "Not a municipality key (AGS): eight digits as text are expected.",
        },
        "bad_identifier": {
            "de": "Erlaubt sind Buchstaben ohne Umlaute, Ziffern und . _ : / - und höchstens 80 Zeichen.",
            "en": "Only letters A to Z, digits and . _ : / - are allowed, 80 characters at most.",
        },
        "bad_code": {
            "de": "Ein Code besteht aus Buchstaben, Ziffern und . _ : / - und hat höchstens 80 Zeichen.",
            "en": "A code has letters, digits and . _ : / - only, 80 characters at most.",
        },
        "bad_number": {
            "de": "Erwartet wird eine endliche Zahl, nicht kleiner als 0.",
            "en": "A finite number not below 0 is expected.",
        },
        "bad_list": {
            "de": "Erwartet wird eine Liste mit einem bis hundert Einträgen.",
            "en": "A list of one to a hundred entries is expected.",
        },
        "bad_reference": {
            "de": "Erwartet wird {source, id} des Ereignisses.",
            "en": "{source, id} of the event is expected.",
        },
        "vault_only": {
            "de": "Dieses Ereignis meldet nur die Pseudonymisierungsstelle.",
            "en": "Only the vault of pseudonyms reports this event.",
        },
    }
)


class Refused(ValueError):
    """A fact cannot be taken: `field` and `code` say where and why, `sentence` says it to a person."""

    def __init__(self, field: str, code: str) -> None:
        super().__init__(f"{field}: {code}")
        self.field = field
        self.code = code

    @property
    def sentence(self) -> str:
        """The reason in English."""
        return SENTENCES[self.code]["en"]

    def sentence_in(self, language: str) -> str:
        """The reason in `de` or `en`."""
        return SENTENCES[self.code][language]


class UnknownType(LookupError):
    """No such type is known to this release: the event is to be set aside, not refused."""


@dataclass(frozen=True, slots=True)
class Warned:
    """Taken all the same, but worth a look: `code` is `unknown_code` or `end_before_start`."""

    code: str
    field: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A sound fact: its declared fields in their declared order, the names of those dropped, and the warnings.

    A `null` is dropped in silence, as it says nothing, except in `measure.corrected`, where it is kept.
    """

    data: dict[str, Any]
    dropped: tuple[str, ...]
    warnings: tuple[Warned, ...]


def check(type_: str, data: Mapping[str, Any], *, by_vault: bool = False) -> Checked:
    """Judges the data of a fact of this type on its own; no grant, area, mandate or other fact is looked at.

    Raises Refused at the first field that cannot be taken, UnknownType for a type this release does not know. The
    facts of the vault are refused unless the vault itself asks.
    """
    spec = _SPECS.get(type_)
    if spec is None:
        raise UnknownType(type_)
    if spec.vault_only and not by_vault:
        raise Refused("type", "vault_only")
    clean: dict[str, Any] = {}
    warnings: list[Warned] = []
    for name, judge, known, required in spec.fields:
        value = data.get(name)
        if value is None:
            if required:
                raise Refused(name, "missing")
            if spec.keeps_null and name in data:
                clean[name] = None
        elif known is not None and type(value) is str and value in known:
            clean[name] = value
        else:
            clean[name] = judge(name, value)
            if known is not None:
                warnings += _unknown(name, clean[name], known)
    for start, end in spec.orders:
        if (begun := clean.get(start)) and (over := clean.get(end)) and over < begun:
            warnings.append(Warned("end_before_start", end))
    dropped = tuple(sorted(map(str, data.keys() - spec.names))) if len(data) > len(clean) else ()
    return Checked(clean, dropped + _dropped_below(data), tuple(warnings))


def _unknown(name: str, value: str | list[str], known: frozenset[str]) -> list[Warned]:
    sent = [value] if isinstance(value, str) else value
    return [Warned("unknown_code", name)] if any(one not in known for one in sent) else []


def _dropped_below(data: Mapping[str, Any]) -> tuple[str, ...]:
    reference = data.get("retracts")
    if not isinstance(reference, dict):
        return ()
    return tuple(sorted(f"retracts.{name}" for name in reference.keys() - {"source", "id"}))


def _date(name: str, value: object) -> str:
    if type(value) is not str:
        raise Refused(name, "not_text")
    try:
        day(value)
    except ValueError:
        raise Refused(name, "bad_date") from None
    return value


def _matching(matches: Callable[[str], object], refusal: str) -> Callable[[str, Any], Any]:
    def judge(name: str, value: object) -> str:
        if type(value) is not str:
            raise Refused(name, "not_text")
        if not matches(value):
            raise Refused(name, refusal)
        return value

    return judge


def _hours(name: str, value: object) -> float:
    if type(value) is not int and type(value) is not float:
        raise Refused(name, "bad_number")
    try:
        finite = value >= 0 and float(value) < float("inf")
    except OverflowError:
        finite = False
    if not finite:
        raise Refused(name, "bad_number")
    return value


def _list_of(refusal: str) -> Callable[[str, Any], Any]:
    one = _matching(IS_IDENTIFIER, refusal)

    def judge(name: str, value: object) -> list[str]:
        if type(value) is not list or not 1 <= len(value) <= 100:
            raise Refused(name, "bad_list")
        return [one(name, item) for item in value]

    return judge


def _reference(name: str, value: object) -> dict[str, str]:
    if type(value) is not dict:
        raise Refused(name, "bad_reference")
    for part in ("source", "id"):
        text = value.get(part)
        if type(text) is not str or not IS_IDENTIFIER(text):
            raise Refused(f"{name}.{part}", "missing" if text is None else "bad_identifier")
    return {"source": value["source"], "id": value["id"]}


_JUDGES: Mapping[Kind, Callable[[str, Any], Any]] = {
    Kind.AREA: _matching(IS_AREA, "bad_area"),
    Kind.AREA_OR_NONE: _matching(lambda text: text == "" or IS_AREA(text), "bad_area"),
    Kind.DATE: _date,
    Kind.MONTH: _matching(IS_MONTH, "bad_month"),
    Kind.IDENTIFIER: _matching(IS_IDENTIFIER, "bad_identifier"),
    Kind.CODE: _matching(IS_IDENTIFIER, "bad_code"),
    Kind.HOURS: _hours,
    Kind.CODES: _list_of("bad_code"),
    Kind.IDENTIFIERS: _list_of("bad_identifier"),
    Kind.REFERENCE: _reference,
}

_Field = tuple[str, Callable[[str, Any], Any], frozenset[str] | None, bool]


@dataclass(frozen=True, slots=True)
class _Spec:
    fields: tuple[_Field, ...]
    names: frozenset[str]
    orders: tuple[tuple[str, str], ...]
    keeps_null: bool
    vault_only: bool


def mark_of(annotation: object, metadata: tuple[object, ...] = ()) -> Mark:
    """The mark of a model's field, however it is wrapped; a nested model is a reference."""
    for item in metadata:
        if isinstance(item, Mark):
            return item
    for inner in get_args(annotation):
        if isinstance(inner, Mark):
            return inner
        if inner is not type(None) and not isinstance(inner, type) and (get_args(inner)):
            return mark_of(inner)
    return Mark(Kind.REFERENCE)


def _spec(model: type[Fact]) -> _Spec:
    fields: list[_Field] = []
    for name, info in model.model_fields.items():
        mark = mark_of(info.annotation, tuple(info.metadata))
        fields.append((name, _JUDGES[mark.kind], mark.known, info.is_required()))
    names = frozenset(model.model_fields)
    pairs = (("started_on", "ended_on"), ("started_on", "planned_end_on"), ("valid_from", "valid_to"))
    orders = tuple(pair for pair in pairs if names.issuperset(pair))
    return _Spec(tuple(fields), names, orders, model is MeasureCorrected, model.TYPE in VAULT_ONLY)


_SPECS: Mapping[str, _Spec] = {type_: _spec(model) for type_, model in EVENTS.items()}
