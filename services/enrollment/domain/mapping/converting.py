"""Makes of a cell what a field wants: dates, months, keys of areas, numbers, codes, with Excel's habits in mind."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache

from services.enrollment.domain.mapping.document import Origin
from services.enrollment.domain.table import UNRECKONED, Cell
from shared.contracts.fields import Kind

EXCEL_ERRORS = frozenset(
    ("#N/A", "#NV", "#REF!", "#BEZUG!", "#VALUE!", "#WERT!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!")
)

_FIRST_SERIAL, _LAST_SERIAL = 10_000, 80_000  # 1927 … 2119: a number outside is no day anybody meant
_NUMBER = re.compile(r"[+-]?\d{1,15}(?:[.,]\d{1,10})?", re.ASCII)
_MONTH = re.compile(r"(?:(\d{1,2})[./-](\d{4})|(\d{4})-(\d{1,2}))", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)


class NotConverted(ValueError):
    """A cell that cannot become what its field wants; `code` is a slug of the receipts' sentences."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(slots=True)
class Habits:
    """What is to know of the file while cells are converted, and what was mended on the way."""

    date_formats: tuple[str, ...]
    epoch_1904: bool = False
    mended: list[str] = field(default_factory=list)


def require_value(cell: Cell) -> None:
    """Raise NotConverted for what stands in place of a value."""
    if cell == UNRECKONED:
        raise NotConverted("formula_without_value")
    if isinstance(cell, str) and cell in EXCEL_ERRORS:
        raise NotConverted("formula_error")


def convert(cell: Cell, kind: Kind, origin: Origin, habits: Habits) -> object:
    """The cell as JSON has it, None for an empty one; raises NotConverted."""
    if cell is None:
        return None
    require_value(cell)
    if origin.codes is not None:
        return translated(cell, origin)
    if kind is Kind.DATE:
        return as_day(cell, habits).isoformat()
    if kind is Kind.MONTH:
        return as_month(cell, habits)
    if kind is Kind.HOURS:
        return as_number(cell)
    if kind in (Kind.AREA, Kind.AREA_OR_NONE):
        return as_area(cell, origin, habits)
    if kind in (Kind.CODES, Kind.IDENTIFIERS):
        text = as_text(cell)
        return [part.strip() for part in text.split(origin.split)] if origin.split else [text]
    return origin.prefix + as_text(cell)


def as_text(cell: Cell) -> str:
    """The cell as the text a person sees: 17.0 is 17, a day is written YYYY-MM-DD."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        if not math.isfinite(cell):
            raise NotConverted("bad_number")
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def translated(cell: Cell, origin: Origin) -> str | None:
    """The code for the cell's word; None where the mapping says that the word means nothing."""
    words = {_word(word): code for word, code in (origin.codes or {}).items()}
    word = _word(as_text(cell))
    if word in words:
        return words[word]
    if origin.otherwise is not None:
        return origin.otherwise
    raise NotConverted("unknown_word")


def as_day(cell: Cell, habits: Habits) -> date:
    """The day in a date, in one of the written forms, or in Excel's number of days."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, bool):
        raise NotConverted("bad_cell_date")
    if isinstance(cell, int | float):
        return _serial(float(cell), habits)
    text = str(cell)
    for written in habits.date_formats:
        found = _pattern(written.upper()).fullmatch(text)
        if found is not None:
            return _calendar_day(found["Y"], found["M"], found["D"])
    if _NUMBER.fullmatch(text):
        return _serial(float(text.replace(",", ".")), habits)
    raise NotConverted("bad_cell_date")


def as_month(cell: Cell, habits: Habits) -> str:
    """`YYYY-MM` of a month written 3/1999, 03.1999 or 1999-03, or of a day."""
    if isinstance(cell, str) and (found := _MONTH.fullmatch(cell)) is not None:
        month, year = (found[1], found[2]) if found[1] else (found[4], found[3])
        return _calendar_day(year, month, "1").isoformat()[:7]
    return as_day(cell, habits).isoformat()[:7]


def as_number(cell: Cell) -> float:
    """A number, with decimal comma or point."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if not math.isfinite(cell):
            raise NotConverted("bad_number")
        return int(cell) if float(cell).is_integer() else cell
    if isinstance(cell, str) and _NUMBER.fullmatch(cell):
        number = float(cell.replace(",", "."))
        return int(number) if number.is_integer() else number
    raise NotConverted("bad_number")


def as_area(cell: Cell, origin: Origin, habits: Habits) -> str:
    """A municipality key of eight digits; one that lost its zero is refused, or mended where the mapping says so."""
    text = as_text(cell)
    if isinstance(cell, str) and re.fullmatch(r"\d{7}[.,]0+", text):
        text = text[:7]
    text = text.replace(" ", "")
    if _DIGITS.fullmatch(text) and len(text) == 7 and text.startswith("5"):
        if not origin.mend_ags:
            raise NotConverted("lost_zero")
        habits.mended.append("zero_mended")
        return "0" + text
    return text


def _word(text: str) -> str:
    return " ".join(text.split()).casefold()


def _serial(number: float, habits: Habits) -> date:
    day = math.floor(number) if math.isfinite(number) else 0
    if habits.epoch_1904:
        day += 1462
    if not _FIRST_SERIAL <= day <= _LAST_SERIAL:
        raise NotConverted("bad_cell_date")
    return date(1899, 12, 30) + timedelta(days=day)


@lru_cache(maxsize=64)
def _pattern(written: str) -> re.Pattern[str]:
    parts = re.findall(r"D+|M+|Y+|[^DMY]+", written)
    sizes = {"YYYY": r"(?P<Y>\d{4})", "YY": r"(?P<Y>\d{2})"}
    shape = "".join(
        sizes.get(part) or (rf"(?P<{part[0]}>\d{{1,2}})" if part[0] in "DM" else re.escape(part)) for part in parts
    )
    return re.compile(shape + r"(?:[ T]00:00(?::00(?:\.0+)?)?)?", re.ASCII)


def _calendar_day(year: str, month: str, day: str) -> date:
    full = int(year) if len(year) == 4 else 2000 + int(year) if int(year) < 70 else 1900 + int(year)
    try:
        return date(full, int(month), int(day))
    except ValueError:
        raise NotConverted("bad_cell_date") from None
