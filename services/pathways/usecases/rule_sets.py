"""Which rule set holds when, as activated: read in the transaction that evaluates by it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import asyncpg

from services.pathways.domain.rules import Rules, parse
from services.pathways.domain.schedule import InForceFrom, Schedule
from services.pathways.store import rule_sets, timelines


class RuleSets:
    """The rule set the service was started with, and those activated since; each is read once."""

    def __init__(self, first: Rules) -> None:
        self.first = first
        self._known: dict[str, Rules] = {}

    async def schedule(self, connection: asyncpg.Connection) -> Schedule:
        """What is in force from when. Whoever evaluates by it holds the business date in the same transaction."""
        return await self._of(connection, await rule_sets.in_turn(connection))

    async def begin(self, connection: asyncpg.Connection, today: date) -> tuple[date, Schedule]:
        """The business date (`today` where there is none), kept from moving until the commit, and what is in force."""
        found, in_turn = await rule_sets.hold_date(connection)
        on = found or await timelines.begin_on(connection, today)
        return on, await self._of(connection, in_turn)

    async def _of(self, connection: asyncpg.Connection, in_turn: Sequence[tuple[date, str]]) -> Schedule:
        missing = {version for _, version in in_turn} - self._known.keys()
        if missing:
            for version, texts in (await rule_sets.texts(connection, missing)).items():
                self._known[version] = parse(*texts)
        return Schedule(self.first, [InForceFrom(on, self._known[version]) for on, version in in_turn])

    async def on(self, connection: asyncpg.Connection, day: date) -> Rules:
        """The rule set in force on a day."""
        return (await self.schedule(connection)).on(day)
