"""The one reader of the wall clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")


class Clock:
    """Tells the instant in UTC and the calendar date in Europe/Berlin; a `fixed` date stands in for today."""

    def __init__(self, fixed: date | None = None) -> None:
        self.fixed = fixed

    def now(self) -> datetime:
        """The present instant in UTC; never fixed, since recording times are real."""
        return datetime.now(UTC)

    def today(self) -> date:
        """The fixed date if there is one, else today's date in Europe/Berlin."""
        return self.fixed or datetime.now(BERLIN).date()
