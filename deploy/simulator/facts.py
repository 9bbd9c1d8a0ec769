"""A fact as a municipal system holds it, before it knows the pseudonym; and as it is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from shared.contracts.envelope import CONTENT_TYPE, SPECVERSION

CASE_MANAGEMENT = "CASE_MANAGEMENT"


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact about the person `local_id`. `thing` is the type without prefix and version; `time` is RFC 3339 text."""

    local_id: str
    id: str
    thing: str
    time: str
    data: Mapping[str, Any]

    @property
    def type(self) -> str:
        """The CloudEvents type."""
        return f"gemeinsam.{self.thing}.v1"

    def event(self, source: str, subject: str) -> dict[str, Any]:
        """The structured event about the pseudonym `subject`."""
        return {
            "specversion": SPECVERSION,
            "id": self.id,
            "source": source,
            "type": self.type,
            "subject": subject,
            "time": self.time,
            "datacontenttype": CONTENT_TYPE,
            "data": self.data,
        }


def written(day: date) -> str:
    """A date as the contract has it."""
    return day.isoformat()


def recorded(at: datetime) -> str:
    """A time of recording as the contract has it; `at` is aware."""
    return at.isoformat(timespec="seconds")
