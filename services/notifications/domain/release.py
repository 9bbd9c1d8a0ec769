"""How much of a finding a body may be told, and the question that is asked about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from services.notifications.domain.finding import REFERRAL


class Release(StrEnum):
    """All of it; that there is something, without what; not even that."""

    FULL = "full"
    EXISTENCE = "existence"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Question:
    """May the body be told of the finding as the event said it? Of a referral `anchor` is the measure."""

    body: str | None
    person_id: str
    pattern: str
    anchor: str
    event_id: str

    def asked(self) -> dict[str, str | None]:
        """As pathways is asked: a referral is no pattern of its."""
        is_referral = self.pattern == REFERRAL
        return {
            "body": self.body,
            "person_id": self.person_id,
            "pattern": None if is_referral else self.pattern,
            "anchor": self.anchor,
            "event_id": None if is_referral else self.event_id,
        }
