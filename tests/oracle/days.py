"""Calendar dates as whole numbers, so that no sum of days runs out of the calendar."""

import re
from datetime import UTC, date, datetime
from fractions import Fraction
from zoneinfo import ZoneInfo

DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)
INSTANT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:([Zz])|([+-])(\d{2}):(\d{2}))", re.ASCII
)
DAYS_IN_400_YEARS = 146097
EPOCH = date(1970, 1, 1).toordinal()


def day(text):
    """Day number of `YYYY-MM-DD`; ValueError if there is no such date."""
    match = DATE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"no date: {text!r}")
    return date(*(int(part) for part in match.groups())).toordinal()


def iso(number):
    """`YYYY-MM-DD` of a day number; None stays None."""
    return None if number is None else date.fromordinal(number).isoformat()


def birthday(birth_month, years):
    """Day number of the birthday; the day of birth is taken as the first of the month."""
    match = MONTH.fullmatch(birth_month) if isinstance(birth_month, str) else None
    if match is None:
        raise ValueError(f"no month: {birth_month!r}")
    year, month = int(match[1]), int(match[2])
    date(year, month, 1)
    cycles, rest = divmod(year + years - 1, 400)
    return date(rest + 1, month, 1).toordinal() + cycles * DAYS_IN_400_YEARS


def length(first, last):
    """len(a, b) = b - a + 1."""
    return last - first + 1


def instant(text):
    """Seconds since 1970 in UTC with all digits of the fraction; ValueError if not RFC 3339 with offset."""
    match = INSTANT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"no instant: {text!r}")
    day_text, hour, minute, second, fraction, _, sign, offset_hours, offset_minutes = match.groups()
    if int(hour) > 23 or int(minute) > 59 or int(second) > 60 or int(offset_hours or 0) > 23:
        raise ValueError(f"no instant: {text!r}")
    if int(offset_minutes or 0) > 59:
        raise ValueError(f"no instant: {text!r}")
    seconds = (day(day_text) - EPOCH) * 86400 + int(hour) * 3600 + int(minute) * 60 + int(second)
    offset = (int(offset_hours or 0) * 3600 + int(offset_minutes or 0) * 60) * (-1 if sign == "-" else 1)
    return Fraction(seconds - offset) + (Fraction(int(fraction), 10 ** len(fraction)) if fraction else 0)


def berlin_day(text):
    """Day number, in Europe/Berlin, of an instant."""
    moment = datetime.fromtimestamp(int(instant(text) // 1), UTC)
    return moment.astimezone(ZoneInfo("Europe/Berlin")).date().toordinal()
