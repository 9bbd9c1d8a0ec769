"""The duty of members to take part in the planning phase, and whom to tell before it ends (BR-8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.enrollment.domain.programme import Programme


class Activity(StrEnum):
    """What counts as taking part."""

    WORKSHOP_ATTENDED = "WORKSHOP_ATTENDED"
    NEEDS_ANALYSIS_SUBMITTED = "NEEDS_ANALYSIS_SUBMITTED"
    APPROACH_SUBMITTED = "APPROACH_SUBMITTED"


class Standing(StrEnum):
    """How a member stands to its duty."""

    ACTIVE = "ACTIVE"
    OPEN = "OPEN"
    AT_RISK = "AT_RISK"
    MISSED = "MISSED"


@dataclass(frozen=True, slots=True)
class Commitment:
    """A member's duty: due at the end of the planning phase, met by any activity on or before that day."""

    ags: str
    due_on: date
    activities: tuple[tuple[Activity, date], ...] = ()

    def standing(self, programme: Programme, today: date) -> Standing:
        """The standing on a day: without activity at risk from 30 days (a setting) before the end."""
        if any(on <= self.due_on for _, on in self.activities):
            return Standing.ACTIVE
        if today > self.due_on:
            return Standing.MISSED
        return Standing.AT_RISK if today >= programme.at_risk_from else Standing.OPEN
