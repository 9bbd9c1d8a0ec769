"""What-if for the ministry: a rule set is tried in the background, and only what may be shown of it is kept."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

from services.pathways.domain.protection import Line, protect
from services.pathways.domain.rules import BadRules, Rules, parse
from services.pathways.rules import Source
from services.pathways.store import trials
from services.pathways.store.trials import Trial
from services.pathways.usecases.whatif import WhatIf
from shared.auth import Principal, Role, require
from shared.clock import Clock
from shared.db import TEMPORARY, Database
from shared.errors import Invalid, NotFound, RateLimited
from shared.reference import municipalities

log = logging.getLogger(__name__)

MAY_TRY = (Role.MINISTRY, Role.SCIENCE)
_SILENT = timedelta(seconds=60)
_KEPT = timedelta(days=90)
_MOST_WAITING = 5
_MOST_LISTED = 30


class Trials:
    """Tries rule sets on the stored timelines, one after the other, on half of the cores: live facts come first."""

    def __init__(self, database: Database, clock: Clock, first: Rules) -> None:
        self._database = database
        self._clock = clock
        self._whatif = WhatIf(database, clock, first)

    async def ask(self, reader: Principal, source: Source) -> int:
        """Have a rule set tried; returns the trial's number. Raises `Invalid` with every error of the set."""
        require(reader, *MAY_TRY)
        try:
            version = parse(*source).version
        except BadRules as error:
            raise Invalid("; ".join(error.errors), field="rules") from None
        now = self._clock.now()
        async with self._database.transaction() as connection:
            if await trials.unfinished(connection) >= _MOST_WAITING:
                raise RateLimited("other trials are waiting: try again when they are done", retry_after_seconds=60)
            await trials.forget_old(connection, now - _KEPT)
            return await trials.ask(connection, version, source, now=now, by=reader.subject)

    async def listed(self, reader: Principal) -> Sequence[Trial]:
        """The newest trials."""
        require(reader, *MAY_TRY)
        async with self._database.reading() as connection:
            return await trials.newest(connection, limit=_MOST_LISTED)

    async def one(self, reader: Principal, number: int) -> tuple[Trial, list[Line]]:
        """One trial, with the rows of its outcome once it is done. Raises `NotFound`."""
        require(reader, *MAY_TRY)
        async with self._database.reading() as connection:
            found = await trials.one(connection, number)
        if found is None:
            raise NotFound("there is no such trial")
        return found, [Line(*line) for line in found.lines or ()]

    async def try_next(self) -> bool:
        """Try what waits the longest, or was left by a process that is gone; False if there is nothing."""
        async with self._database.transaction() as connection:
            taken = await trials.take(connection, self._clock.now(), _SILENT)
        if taken is None:
            return False
        number, *texts = taken
        told = [0, 0]
        telling = asyncio.create_task(self._tell(number, told))
        try:
            await self._try(number, parse(*texts), told)
        except TEMPORARY:
            raise  # it is taken again after its silence
        except Exception:
            async with self._database.transaction() as connection:
                await trials.fail(connection, number, self._clock.now())
            raise
        finally:
            telling.cancel()
            with suppress(asyncio.CancelledError):
                await telling
        return True

    async def _try(self, number: int, rules: Rules, told: list[int]) -> None:
        def tell(done: int, total: int) -> None:
            told[:] = done, total

        cores = max(1, (os.cpu_count() or 1) // 2)
        difference = await self._whatif.compare(rules, processes=cores, tell=tell)
        lines = await asyncio.to_thread(protect, difference.counts, district_of)
        async with self._database.transaction() as connection:
            await trials.finish(
                connection,
                number,
                self._clock.now(),
                evaluated_on=difference.today,
                held_version=difference.held,
                lines=[tuple(line) for line in lines],
            )
        log.info("trial %d of rule set %s is done", number, difference.tried)

    async def _tell(self, number: int, told: list[int]) -> None:
        """Say now and then that the trial goes on, and how far it is."""
        while True:
            with suppress(*TEMPORARY):
                async with self._database.transaction() as connection:
                    await trials.is_alive(connection, number, self._clock.now(), *told)
            await asyncio.sleep(1.0)


def district_of(area: str) -> str:
    """The Kreis of a Gemeinde, itself for a kreisfreie Stadt."""
    found = municipalities().get(area)
    return found.district if found else f"{area[:5]}000"
