"""Issuing pseudonyms: the same for the same record of a source, a fresh random one for a new one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import asyncpg

from services.enrollment.domain.person import RANDOM_BITS, pseudonym_of
from services.enrollment.domain.source import Emitter
from services.enrollment.store import persons
from shared.db import Database
from shared.errors import Unavailable

_TRIES = 5


class Persons:
    """The vault's door for sources. `random_bits` gives a random number of so many bits."""

    def __init__(self, database: Database, random_bits: Callable[[int], int]) -> None:
        self._database = database
        self._random_bits = random_bits

    async def pseudonyms(self, emitter: Emitter, local_ids: Sequence[str]) -> dict[str, str]:
        """The pseudonym of each of the source's record numbers, issued and granted where there was none."""
        wanted = sorted(set(local_ids))  # in one order, so that two requests with the same records do not deadlock
        for _ in range(_TRIES):
            try:
                return await self._issue(emitter.source_number, wanted)
            except (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError):
                continue  # a random number that is taken already; the next draw is another
        raise Unavailable("no pseudonym could be issued; try again in a moment")

    async def _issue(self, source_number: int, local_ids: Sequence[str]) -> dict[str, str]:
        async with self._database.transaction() as connection:
            known = await persons.granted(connection, source_number, local_ids)
            missing = [local_id for local_id in local_ids if local_id not in known]
            if not missing:
                return known
            fresh = [pseudonym_of(self._random_bits(RANDOM_BITS)) for _ in missing]
            await persons.issue(connection, source_number, missing, fresh)
            return known | await persons.granted(connection, source_number, missing)
