"""The programme's phases, deadline and windows: data that the ministry keeps, with the paper's dates as default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from shared.errors import Invalid

BERLIN = ZoneInfo("Europe/Berlin")


class Phase(StrEnum):
    """Phases of the programme (BR-11)."""

    BEFORE = "BEFORE"
    PLANNING = "PLANNING"
    IMPLEMENTATION = "IMPLEMENTATION"
    CLOSED = "CLOSED"


@dataclass(frozen=True, slots=True)
class Programme:
    """Dates of the programme, each the last day included unless it says `from`.

    `deadline_on`: declarations received until the end of this day, Europe/Berlin, are in time (BR-2).
    """

    begins_on: date
    deadline_on: date
    planning_until: date
    ends_on: date
    development_from: date
    development_until: date
    funding_from: date
    reminder_days: int = 14
    at_risk_days: int = 30
    contact: str = ""
    reply_to: str = ""

    def __post_init__(self) -> None:
        ordered = (self.begins_on, self.deadline_on, self.planning_until, self.ends_on)
        if list(ordered) != sorted(ordered):
            raise Invalid(
                "begin, deadline, end of planning and end follow each other",
                field="deadline_on",
                reason="dates_out_of_order",
            )
        if self.development_from > self.development_until:
            raise Invalid(
                "the window of the development workshops ends before it begins",
                field="development_until",
                reason="window_reversed",
            )
        if self.reminder_days < 0 or self.at_risk_days < 0:
            raise Invalid("numbers of days are not negative", field="reminder_days", reason="days_negative")

    def phase(self, today: date) -> Phase:
        """The phase a day lies in."""
        if today < self.begins_on:
            return Phase.BEFORE
        if today <= self.planning_until:
            return Phase.PLANNING
        return Phase.IMPLEMENTATION if today <= self.ends_on else Phase.CLOSED

    def is_late(self, received_on: date) -> bool:
        """Whether a declaration received that day (Europe/Berlin) came after the deadline (BR-2)."""
        return received_on > self.deadline_on

    @property
    def at_risk_from(self) -> date:
        """The day from which a member without activity is told so (BR-8)."""
        return self.planning_until - timedelta(days=self.at_risk_days)


PAPER = Programme(
    begins_on=date(2018, 9, 1),
    deadline_on=date(2018, 10, 15),
    planning_until=date(2018, 12, 31),
    ends_on=date(2021, 8, 31),
    development_from=date(2018, 11, 1),
    development_until=date(2018, 11, 30),
    funding_from=date(2019, 1, 1),
    contact="MKFFI, Referat 423, Haroldstr. 4, 40213 Düsseldorf",
)

_DATES = (
    "begins_on",
    "deadline_on",
    "planning_until",
    "ends_on",
    "development_from",
    "development_until",
    "funding_from",
)


def programme_from(document: Mapping[str, Any]) -> Programme:
    """A programme from its stored document; dates are ISO texts, what is absent is as in the paper."""
    values = {**to_document(PAPER), **document}
    dates = {name: date.fromisoformat(str(values[name])) for name in _DATES}
    return Programme(
        **dates,
        reminder_days=int(values["reminder_days"]),
        at_risk_days=int(values["at_risk_days"]),
        contact=str(values["contact"]),
        reply_to=str(values["reply_to"]),
    )


def to_document(programme: Programme) -> dict[str, Any]:
    """The programme as a document to store and show."""
    document: dict[str, Any] = {name: getattr(programme, name).isoformat() for name in _DATES}
    return document | {
        "reminder_days": programme.reminder_days,
        "at_risk_days": programme.at_risk_days,
        "contact": programme.contact,
        "reply_to": programme.reply_to,
    }


def received_on(instant: datetime) -> date:
    """The calendar day in Europe/Berlin on which something was received."""
    return instant.astimezone(BERLIN).date()
