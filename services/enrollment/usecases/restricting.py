"""Restricting the processing of a person's data, and lifting that again (Art. 18 DSGVO)."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from services.enrollment.store import erasures, identities, persons, restrictions, vault
from services.enrollment.store.restrictions import Restriction
from services.enrollment.usecases.registering import standing_of
from services.enrollment.usecases.speaking import Voice
from shared.auth import Principal, Role, require
from shared.contracts.vocabulary import RestrictionReason
from shared.db import Database
from shared.errors import Conflict, Gone, NotFound

_LISTED = 100


class Restricting:
    """What is known of a restricted person is kept, and nobody is told of it or anything found in it until it ends."""

    def __init__(self, database: Database, voice: Voice) -> None:
        self._database = database
        self._voice = voice

    async def restrict(self, clerk: Principal, pseudonym: str, reason: RestrictionReason) -> None:
        """Restrict a person, under all its case numbers; raises NotFound, Gone, or Conflict if it is so already."""
        require(clerk, Role.VAULT_CLERK)
        async with self._database.transaction() as connection:
            group = await _locked(connection, pseudonym)
            if any(one.in_force for one in await restrictions.of_persons(connection, group)):
                raise Conflict("this person is restricted already", reason="person_restricted_already")
            now = self._voice.clock.now()
            await restrictions.begin(connection, pseudonym, reason=reason, by=clerk.subject, at=now)
            await self._voice.restricted(connection, pseudonym, reason)

    async def release(self, clerk: Principal, pseudonym: str) -> None:
        """Lift the restriction of a person; raises NotFound, Gone, or Conflict if there is none."""
        require(clerk, Role.VAULT_CLERK)
        async with self._database.transaction() as connection:
            group = await _locked(connection, pseudonym)
            now = self._voice.clock.now()
            released = await restrictions.end(connection, group, by=clerk.subject, at=now)
            if not released:
                raise Conflict("this person is not restricted", reason="person_not_restricted")
            for one in released:
                await self._voice.released(connection, one)

    async def history(self, clerk: Principal, pseudonym: str) -> Sequence[Restriction]:
        """All restrictions of a person, past ones too; raises NotFound or Gone."""
        require(clerk, Role.VAULT_CLERK)
        async with self._database.reading() as connection:
            return await restrictions.of_persons(connection, await _group(connection, pseudonym))

    async def in_force(self, clerk: Principal) -> Sequence[Restriction]:
        """The restrictions in force, the newest first."""
        require(clerk, Role.VAULT_CLERK)
        async with self._database.reading() as connection:
            return await restrictions.in_force(connection, _LISTED)


async def _locked(connection: asyncpg.Connection, pseudonym: str) -> list[str]:
    await vault.lock_matching(connection)
    group = await _group(connection, pseudonym)
    await identities.lock_persons(connection, group)
    return group


async def _group(connection: asyncpg.Connection, pseudonym: str) -> list[str]:
    if await erasures.erased(connection, [pseudonym]):
        raise Gone("this person has been erased", reason="person_erased")
    if await persons.issued_at(connection, pseudonym) is None:
        raise NotFound("there is no such case number", reason="number_unknown")
    pairs = await identities.pairs_around(connection, [pseudonym])
    return sorted(standing_of(pairs).group(pseudonym))
