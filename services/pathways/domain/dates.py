"""Calendar days as proleptic ordinals, months as counts, instants as (seconds, digits of the fraction)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

OPEN = 10_000_000
"""Later than every calendar day: the end of what has not ended."""

LONG_AGO = -10_000_000
"""Earlier than every calendar day."""

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})\Z")
_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})\Z")
_CLOCK = re.compile(r"[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(?:([Zz])|([+-])([0-9]{2}):([0-9]{2}))\Z")
_BERLIN = ZoneInfo("Europe/Berlin")
_EPOCH = date(1970, 1, 1).toordinal()
_LAST = date.max.toordinal()
_KEPT = 50_000

_ordinals: dict[str, int] = {}
_clocks: dict[str, tuple[int, str]] = {}


def ordinal(text: str) -> int | None:
    """The day of `YYYY-MM-DD`, None if there is no such day."""
    found = _ordinals.get(text)
    if found is None:
        match = _DATE.match(text)
        if not match:
            return None
        try:
            found = date(int(match[1]), int(match[2]), int(match[3])).toordinal()
        except ValueError:
            return None
        if len(_ordinals) < _KEPT:
            _ordinals[text] = found
    return found


def month(text: str) -> int | None:
    """The month of `YYYY-MM`, counted from the year 0, None if there is no such month."""
    match = _MONTH.match(text)
    if not match or not 1 <= int(match[2]) <= 12 or int(match[1]) < 1:
        return None
    return int(match[1]) * 12 + int(match[2]) - 1


def birthday(born: int, years: int) -> int:
    """The day on which somebody born on the first of the month `born` completes `years` years."""
    year, index = divmod(born, 12)
    if year + years > date.max.year:
        return OPEN
    return date(year + years, index + 1, 1).toordinal()


def month_text(born: int) -> str:
    """`YYYY-MM` again."""
    return f"{born // 12:04d}-{born % 12 + 1:02d}"


def instant(text: str) -> tuple[int, str] | None:
    """An RFC 3339 time with offset as UTC seconds since 1970 and its fraction without closing zeros, else None.

    Pairs compare as the instants do, with all digits of the fraction. A leap second is the first of the next minute.
    """
    day = ordinal(text[:10])
    if day is None:
        return None
    clock = _clocks.get(text[10:])
    if clock is None:
        clock = _clock(text[10:])
        if clock is None:
            return None
        if len(_clocks) < _KEPT:
            _clocks[text[10:]] = clock
    return (day - _EPOCH) * 86400 + clock[0], clock[1]


def _clock(text: str) -> tuple[int, str] | None:
    match = _CLOCK.match(text)
    if not match:
        return None
    hours, minutes, seconds = int(match[1]), int(match[2]), int(match[3])
    away, spare = int(match[7] or 0), int(match[8] or 0)
    if hours > 23 or minutes > 59 or seconds > 60 or away > 23 or spare > 59:
        return None
    offset = (away * 60 + spare) * 60
    if match[6] == "-":
        offset = -offset
    return hours * 3600 + minutes * 60 + seconds - offset, (match[4] or "").rstrip("0")


def berlin_day(seconds: int) -> int:
    """The day in Europe/Berlin of an instant in UTC seconds."""
    try:
        return datetime.fromtimestamp(seconds, UTC).astimezone(_BERLIN).toordinal()
    except (OverflowError, ValueError, OSError):
        return _EPOCH + seconds // 86400


def day(number: int) -> date | None:
    """The date of an ordinal, None for what lies outside the calendar."""
    return date.fromordinal(number) if 1 <= number <= _LAST else None


def iso(number: int) -> str:
    """`YYYY-MM-DD` of an ordinal."""
    return date.fromordinal(number).isoformat()
