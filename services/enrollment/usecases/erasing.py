"""Erasing a person: everything enrollment holds goes at once, the others are told, and each answers with a proof."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import asyncpg

from services.enrollment.store import erasures, identities, persons, restrictions, vault
from services.enrollment.store.erasures import Mark, Proof
from services.enrollment.store.files import snapshots
from services.enrollment.usecases.registering import standing_of
from services.enrollment.usecases.speaking import SOURCE, Voice, tombstone
from shared.auth import Principal, Role, require
from shared.contracts.topics import SERVICES
from shared.contracts.vocabulary import ErasureReason
from shared.db import Database
from shared.errors import NotFound
from shared.messaging import dead_letters, outbox
from shared.messaging import erasures as answers
from shared.messaging.erasures import Confirmation, Ended
from shared.messaging.records import Batch

SERVICE = "enrollment"
BY_RETENTION = "retention"
"""Who asks for an erasure where nobody does but the file of periods."""
_LISTED = 100


@dataclass(frozen=True, slots=True)
class Erased:
    """An erased pseudonym, and what each service has answered so far."""

    mark: Mark
    proofs: Sequence[Proof]

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The services whose proof is still to come."""
        return tuple(name for name in SERVICES if name not in {proof.service for proof in self.proofs})


class Erasing:
    """Erasure, final: the pseudonym stands for nobody any more and is never given again."""

    def __init__(self, database: Database, voice: Voice) -> None:
        self._database = database
        self._voice = voice

    async def erase(self, clerk: Principal, pseudonym: str, reason: ErasureReason) -> list[str]:
        """Erase the person, under all its pseudonyms; gives these. Once erased, the same again changes nothing.

        Raises NotFound for a pseudonym that was never given.
        """
        require(clerk, Role.VAULT_CLERK)
        return await self._erase(pseudonym, reason, by=clerk.subject)

    async def _erase(self, pseudonym: str, reason: ErasureReason, *, by: str) -> list[str]:
        async with self._database.transaction() as connection:
            await vault.lock_matching(connection)
            if await erasures.erased(connection, [pseudonym]):
                return [pseudonym]
            if await persons.issued_at(connection, pseudonym) is None:
                raise NotFound("there is no such case number", reason="number_unknown")
            pairs = await identities.pairs_around(connection, [pseudonym])
            group = sorted(standing_of(pairs).group(pseudonym))
            await identities.lock_persons(connection, group)
            messages = [self._voice.erased(person, reason) for person in group]
            messages += [tombstone(*key) for key in await erasures.published(connection, group)]
            messages += [tombstone(who, SOURCE, said) for who, said in await erasures.take_said(connection, group)]
            removed = await _remove(connection, group)
            await erasures.mark(connection, group, reason=reason, by=by)
            left = await erasures.remaining(connection, group)
            now = self._voice.clock.now()
            confirmed = [Confirmation(person, SERVICE, removed, left, now) for person in group]
            messages += [answers.message(one) for one in confirmed]
            await outbox.put(connection, messages)
        return group

    async def keep_answers(self, batch: Batch[Confirmation | Ended]) -> None:
        """Keep what services have answered, and erase whose time is over."""
        async with self._database.transaction() as connection:
            await dead_letters.put(connection, batch.refused, service=SERVICE)
            proofs = [
                Proof(one.person_id, one.service, one.removed, one.remaining, one.confirmed_at)
                for one in batch.events
                if isinstance(one, Confirmation)
            ]
            await erasures.keep_proofs(connection, proofs)
        for person in sorted({one.person_id for one in batch.events if isinstance(one, Ended)}):
            await self._retire(person)

    async def _retire(self, pseudonym: str) -> None:
        """Erase whose time is over; whoever is restricted waits for the end of that, and is asked about again."""
        async with self._database.reading() as connection:
            pairs = await identities.pairs_around(connection, [pseudonym])
            group = standing_of(pairs).group(pseudonym)
            if any(one.in_force for one in await restrictions.of_persons(connection, group)):
                return
        with suppress(NotFound):  # a pseudonym of facts that no vault of ours has given
            await self._erase(pseudonym, ErasureReason.RETENTION_ENDED, by=BY_RETENTION)

    async def erased(self, clerk: Principal, pseudonym: str) -> Erased:
        """One erasure with its proofs; raises NotFound."""
        require(clerk, Role.VAULT_CLERK)
        async with self._database.reading() as connection:
            mark = await erasures.marked(connection, pseudonym)
            if mark is None:
                raise NotFound("nobody has been erased under this case number")
            return Erased(mark, await erasures.proofs(connection, [pseudonym]))

    async def newest(self, clerk: Principal) -> list[Erased]:
        """The newest erasures with their proofs."""
        require(clerk, Role.VAULT_CLERK)
        async with self._database.reading() as connection:
            marks = await erasures.newest(connection, _LISTED)
            proofs = await erasures.proofs(connection, [mark.pseudonym for mark in marks])
        return [Erased(mark, [one for one in proofs if one.pseudonym == mark.pseudonym]) for mark in marks]


async def _remove(connection: asyncpg.Connection, group: Sequence[str]) -> int:
    removed = await erasures.remove_set_aside(connection, group)
    removed += await erasures.remove_facts(connection, group)
    removed += await snapshots.forget_persons(connection, group)
    removed += await erasures.remove_grants(connection, group)
    removed += await erasures.remove_persons(connection, group)
    return removed + await dead_letters.forget_about(connection, group)
