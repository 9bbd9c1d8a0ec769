"""The figures funding depends on: members on a day, as known at an instant, their shares and their history."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from services.enrollment.domain import membership as rules
from services.enrollment.domain.membership import MemberCount, Membership
from services.enrollment.domain.reference import Area, AreaTable
from services.enrollment.store import memberships
from shared.clock import Clock
from shared.db import Database
from shared.errors import Invalid

LONGEST_DAYS = 3660


class Memberships:
    """Reads memberships in two times."""

    def __init__(self, database: Database, clock: Clock, areas: AreaTable) -> None:
        self._database = database
        self._clock = clock
        self.areas = areas

    async def count(self, as_of: date | None = None, known_at: datetime | None = None) -> MemberCount:
        """The figures as of a day (today), as known at an instant in UTC (now)."""
        day, instant = as_of or self._clock.today(), known_at or self._clock.now()
        return rules.count(self.areas, rules.members(await self._versions(), day, instant), as_of=day, known_at=instant)

    async def members(self, as_of: date | None = None, known_at: datetime | None = None) -> list[Area]:
        """The members themselves, by key."""
        day, instant = as_of or self._clock.today(), known_at or self._clock.now()
        joined = rules.members(await self._versions(), day, instant)
        return [area for ags in sorted(joined) if (area := self.areas.find(ags, day))]

    async def history(
        self, since: date, until: date, *, step_days: int = 1, known_at: datetime | None = None
    ) -> list[tuple[date, int]]:
        """The number of members on each so-many-th day of a span, the last day included; by default as known now."""
        if until < since or (until - since).days > LONGEST_DAYS:
            raise Invalid(f"a span has at most {LONGEST_DAYS} days and does not end before it begins", field="until")
        days = [since + timedelta(days=number) for number in range(0, (until - since).days + 1, max(1, step_days))]
        if days[-1] != until:
            days.append(until)
        return rules.history(await self._versions(), days, known_at or self._clock.now())

    async def spans(self) -> dict[str, Membership]:
        """The last membership of each municipality, as known now, by AGS."""
        known = [version for version in await self._versions() if version.known_until is None]
        return {version.ags: version for version in sorted(known, key=lambda one: one.started_on)}

    async def _versions(self) -> list[Membership]:
        async with self._database.reading() as connection:
            return await memberships.versions(connection)
