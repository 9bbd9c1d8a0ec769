"""How a source does: when it was last heard, and how much of what it sends is taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.enrollment.domain.quality import Quality
from shared.contracts.vocabulary import Body

LOOKED_BACK_DAYS = 30


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """A source and the facts of its last thirty days. `heard_on`: its last word, or the day it was registered."""

    source_number: int
    source: str
    body: Body
    areas: tuple[str, ...]
    rhythm_days: int
    heard_at: datetime | None
    heard_on: date
    accepted: int
    duplicate: int
    rejected: int
    warned: int
    told_silent_since: date | None
    registered_on: date
    quality: Quality | None = None

    @property
    def rejected_share(self) -> float | None:
        """The share of rejected rows among those sent; None if nothing was sent."""
        sent = self.accepted + self.duplicate + self.rejected
        return self.rejected / sent if sent else None

    def periods(self, today: date) -> int:
        """How many of its rhythm's periods lie wholly in the time looked back on, since it was registered."""
        return min(LOOKED_BACK_DAYS, (today - self.registered_on).days) // self.rhythm_days

    def silent_since(self, today: date) -> date | None:
        """The first day it was overdue, if it is: it reports at least every `rhythm_days` days."""
        overdue = self.heard_on + timedelta(days=self.rhythm_days + 1)
        return overdue if today >= overdue else None
