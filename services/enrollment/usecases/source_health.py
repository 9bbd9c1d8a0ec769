"""Watching over sources: how they do, and telling who has fallen silent and who speaks again."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.enrollment.domain.source_health import LOOKED_BACK_DAYS, SourceHealth
from services.enrollment.store import source_health
from services.enrollment.usecases.telling import SOURCE, Hand, tell
from shared.auth import Principal, Role, require
from shared.clock import Clock
from shared.contracts.municipalities import MunicipalityFact, SourceResumed, SourceSilenced
from shared.db import Database


class SourceWatch:
    """How sources do, for those who look after them."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self.clock = clock

    async def listed(self, principal: Principal) -> list[SourceHealth]:
        """The sources of the principal's areas by name; the operator sees all."""
        require(principal, Role.OPERATOR, Role.MANAGING_BODY, Role.DISTRICT)
        async with self._database.reading() as connection:
            found = await source_health.standings(connection, self._since())
        if principal.role is Role.OPERATOR:
            return found
        return [one for one in found if any(principal.covers(area) for area in one.areas)]

    async def watch(self) -> None:
        """Tell of each source that has fallen silent, or speaks again, once."""
        today, now = self.clock.today(), self.clock.now()
        async with self._database.transaction() as connection:
            await source_health.lock_silences(connection)
            facts: list[MunicipalityFact] = []
            for one in await source_health.standings(connection, self._since()):
                since = one.silent_since(today)
                if since is not None and one.told_silent_since is None:
                    await source_health.keep_silence(connection, one.source_number, since)
                    facts += [SourceSilenced(municipality=a, source=one.source, silent_since=since) for a in one.areas]
                elif since is None and one.told_silent_since is not None:
                    await source_health.drop_silence(connection, one.source_number)
                    facts += [SourceResumed(municipality=a, source=one.source, resumed_on=today) for a in one.areas]
            await tell(connection, facts, Hand(SOURCE, now))

    def _since(self) -> datetime:
        return self.clock.now() - timedelta(days=LOOKED_BACK_DAYS)
