"""The kinds of field that events are made of: how each is written in JSON, and how the models read it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import lru_cache
from math import isfinite
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, core_schema

from shared.contracts.envelope import parse_time, time_text

IDENTIFIER = r"^[A-Za-z0-9._:/-]{1,80}$"
AREA = r"^[0-9]{8}$"
AREA_OR_NONE = r"^([0-9]{8})?$"
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
MONTH = r"^([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-(0[1-9]|1[0-2])$"
PROSE = r"^[^\x00]+$"
PSEUDONYM = r"^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$"


class Kind(StrEnum):
    """How a field is written and judged."""

    AREA = "area"
    AREA_OR_NONE = "area_or_none"
    DATE = "date"
    MONTH = "month"
    IDENTIFIER = "identifier"
    CODE = "code"
    HOURS = "hours"
    CODES = "codes"
    IDENTIFIERS = "identifiers"
    REFERENCE = "reference"


@dataclass(frozen=True)
class Mark:
    """What a field is, for the fast judge and the generated documents; `known` are the codes of an open list."""

    kind: Kind
    known: frozenset[str] | None = None


class Code(Mark):
    """A code of an open list: one not among `codes` is taken with a warning."""

    def __init__(self, codes: Iterable[str], kind: Kind = Kind.CODE) -> None:
        super().__init__(kind, frozenset(map(str, codes)))

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.str_schema(pattern=IDENTIFIER, max_length=80, strict=True)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {**handler(schema), "x-open-codes": sorted(self.known or ())}


class Codes(Code):
    """A list of codes of an open list, at most a hundred."""

    def __init__(self, codes: Iterable[str]) -> None:
        super().__init__(codes, Kind.CODES)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return _texts(IDENTIFIER)


class Data(BaseModel):
    """What all data of events have in common: frozen, and a reader ignores fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    def to_data(self) -> dict[str, Any]:
        """The data as it goes into JSON: what was not given stays away, a `null` that was given stays."""
        return self.model_dump(mode="json", exclude_unset=True, by_alias=True)


class EventData(Data):
    """The data of one type of event; `TYPE` is the CloudEvents type, empty for what several types share."""

    TYPE: ClassVar[str] = ""


_Event = TypeVar("_Event", bound=EventData)


def types_of(model: type[_Event]) -> Mapping[str, type[_Event]]:
    """The events that are this model or made from it, by type, in the order they are written in."""
    found = {model.TYPE: model} if model.TYPE else {}
    for below in model.__subclasses__():
        found |= types_of(below)
    return MappingProxyType(found)


@lru_cache(maxsize=65_536)
def day(text: str) -> date:
    """The calendar day written exactly `YYYY-MM-DD`, years 0001 to 9999; raises ValueError."""
    if len(text) != 10 or text[4] != "-" or text[7] != "-" or not text.isascii():
        raise ValueError("not a date written YYYY-MM-DD")
    return date.fromisoformat(text)


def _to_day(value: object) -> date:
    if isinstance(value, str):
        return day(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise ValueError("not a date written YYYY-MM-DD")


def _to_instant(value: object) -> datetime:
    if isinstance(value, str):
        return parse_time(value).at()
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    raise ValueError("not an instant with offset")


def _written(value: datetime) -> str:
    return time_text(value)


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a number")
    try:
        finite = isfinite(value)
    except OverflowError:
        finite = False
    if not finite:
        raise ValueError("not a finite number")
    return value


def _hours(value: object) -> float:
    if (hours := _number(value)) < 0:
        raise ValueError("not a number from 0 up")
    return hours


def _text(pattern: str, longest: int) -> StringConstraints:
    return StringConstraints(strict=True, pattern=pattern, max_length=longest)


def _texts(pattern: str) -> CoreSchema:
    one = core_schema.str_schema(pattern=pattern, max_length=80, strict=True)
    return core_schema.tuple_variable_schema(one, max_length=100)


Area = Annotated[str, _text(AREA, 8), Mark(Kind.AREA)]
"""AGS: eight digits as text; a Kreis is its five digits and `000`."""

AreaOrNone = Annotated[str, _text(AREA_OR_NONE, 8), Mark(Kind.AREA_OR_NONE)]
"""AGS, or empty for a place outside NRW."""

Day = Annotated[
    date,
    BeforeValidator(_to_day),
    WithJsonSchema({"type": "string", "format": "date", "pattern": DAY, "maxLength": 10}),
    Mark(Kind.DATE),
]
"""An effective date in Europe/Berlin, `YYYY-MM-DD`."""

Month = Annotated[str, _text(MONTH, 7), Mark(Kind.MONTH)]
"""`YYYY-MM`."""

Identifier = Annotated[str, _text(IDENTIFIER, 80), Mark(Kind.IDENTIFIER)]
"""An id: letters, digits, `. _ : / -`, at most 80."""

Identifiers = Annotated[
    tuple[Annotated[str, _text(IDENTIFIER, 80)], ...], Mark(Kind.IDENTIFIERS), Field(max_length=100)
]
"""A list of ids, at most a hundred."""

Hours = Annotated[float, PlainValidator(_hours), WithJsonSchema({"type": "number", "minimum": 0}), Mark(Kind.HOURS)]
"""Hours of teaching or work, finite and not negative."""

Instant = Annotated[
    datetime,
    BeforeValidator(_to_instant),
    PlainSerializer(_written, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""An instant, RFC 3339 with offset; read as UTC."""

Number = Annotated[float, PlainValidator(_number), WithJsonSchema({"type": "number"})]
"""A finite number."""

Ordinal = Annotated[int, Field(strict=True, ge=0)]
"""A whole number from 0 up."""

Prose = Annotated[str, _text(PROSE, 2000)]
"""Text that a service of ours wrote for people; never what a source sent."""


class Texts(Data):
    """The same sentence in German and English."""

    de: Prose
    en: Prose


IS_IDENTIFIER = re.compile(IDENTIFIER[1:-1], re.ASCII).fullmatch
IS_AREA = re.compile(AREA[1:-1], re.ASCII).fullmatch
IS_MONTH = re.compile(MONTH[1:-1], re.ASCII).fullmatch
