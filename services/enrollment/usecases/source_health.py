"""Watching over sources: how they do, and telling who has fallen silent and who speaks again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.enrollment.domain.quality import CORRECTING, Quality, fields_declared
from services.enrollment.domain.source import is_mail_box
from services.enrollment.domain.source_health import LOOKED_BACK_DAYS, SourceHealth
from services.enrollment.store import source_health
from services.enrollment.usecases.telling import SOURCE, Hand, tell
from shared.auth import Principal, Role, require
from shared.clock import Clock
from shared.contracts.municipalities import MunicipalityFact, SourceResumed, SourceSilenced
from shared.db import Database
from shared.errors import NotFound


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

    async def measure(self) -> None:
        """Reckon the figures of the last thirty days anew."""
        now, since = self.clock.now(), self._since()
        async with self._database.transaction() as connection:
            await source_health.lock_silences(connection)
            heard = await source_health.timeliness(connection, since, now)
            rows = await source_health.by_type(connection, since)
            found = {number: _quality(number, rows, heard[number], now) for number in heard}
            await source_health.keep_quality(connection, found)

    async def contact(self, source_number: int) -> str:
        """Where a source's own people are reached; raises NotFound unless that is a mail box."""
        async with self._database.reading() as connection:
            found = await source_health.contact(connection, source_number)
        if found is None or not is_mail_box(found):
            raise NotFound("this source has no mail box")
        return found

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
                    facts += [
                        SourceSilenced(municipality=area, source=one.source, silent_since=since, **_once(one, area))
                        for area in one.areas
                    ]
                elif since is None and one.told_silent_since is not None:
                    await source_health.drop_silence(connection, one.source_number)
                    facts += [
                        SourceResumed(municipality=area, source=one.source, resumed_on=today, **_once(one, area))
                        for area in one.areas
                    ]
            await tell(connection, facts, Hand(SOURCE, now))

    def _since(self) -> datetime:
        return self.clock.now() - timedelta(days=LOOKED_BACK_DAYS)


def _once(one: SourceHealth, area: str) -> dict[str, str]:
    """What only one of the facts about a source's areas carries, so that those who look after all are told once."""
    return {"source_id": f"source-{one.source_number}"} if area == one.areas[0] else {}


def _quality(
    number: int, rows: Sequence[tuple[int, str, int, int]], heard: tuple[float | None, list[str], int], now: datetime
) -> Quality:
    own = [row for row in rows if row[0] == number]
    return Quality(
        now,
        taken=sum(taken for _, _, taken, _ in own),
        corrected=sum(taken for _, type_, taken, _ in own if type_ in CORRECTING),
        delay_days=heard[0],
        fields_given=sum(given for _, _, _, given in own),
        fields_declared=sum(taken * fields_declared(type_) for _, type_, taken, _ in own),
        areas_seen=tuple(heard[1]),
        periods_seen=heard[2],
    )
