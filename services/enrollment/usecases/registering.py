"""Registering people with traits: who is known already keeps the pseudonym, who is near waits for a human."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import asyncpg

from services.enrollment.domain.identity import Lookups, Placement, Record, Register, Standing, Trait, Traits, placed
from services.enrollment.domain.source import Emitter
from services.enrollment.gateways.vault_keys import KeyFile, KeyMissing, KeyRing
from services.enrollment.store import identities, persons, vault
from services.enrollment.store.identities import Pair
from services.enrollment.store.vault import Sealed
from services.enrollment.usecases.speaking import Voice
from services.enrollment.usecases.vault_keys import StaleKeys, lock_with, sealed_row
from shared.db import Database
from shared.errors import Unavailable

BY_RULE = "vault"
_TRIES = 5
_MEETINGS = (asyncpg.UniqueViolationError, asyncpg.DeadlockDetectedError)


@dataclass(frozen=True, slots=True, repr=False)
class _Prepared:
    """A row ready for the transaction: hashed under all keys, sealed with the current one."""

    lookups: Lookups
    sealed: Sealed


class Registering:
    """The vault's door for records with traits. `limit`: a person has at most so many pseudonyms by rule."""

    def __init__(self, database: Database, keys: KeyFile, voice: Voice, *, limit: int) -> None:
        self._database = database
        self._keys = keys
        self._voice = voice
        self._limit = limit

    def is_open(self) -> bool:
        """Whether there is a key to encrypt traits with."""
        try:
            self._keys.ring()
        except KeyMissing:
            return False
        return True

    async def pseudonyms(self, emitter: Emitter, traits: Mapping[str, Traits]) -> dict[str, str]:
        """The pseudonym of each of the source's record numbers, issued and granted where there was none.

        Raises KeyMissing without the key the vault is sealed with.
        """
        stale = False
        for _ in range(_TRIES):
            ring = self._keys.ring(anew=stale)
            prepared = await asyncio.to_thread(_prepared, emitter.source_number, traits, ring)
            try:
                return await self._register(emitter.source_number, prepared, ring)
            except StaleKeys:
                stale = True
            except _MEETINGS:
                continue
        if stale:
            raise KeyMissing("the file of the vault's keys lacks the current key")
        raise Unavailable("no pseudonym could be issued; try again in a moment")

    async def _register(self, number: int, rows: Sequence[_Prepared], ring: KeyRing) -> dict[str, str]:
        async with self._database.transaction() as connection:
            await lock_with(connection, ring)
            known = await persons.granted(connection, number, [row.sealed.local_id for row in rows])
            register = Register(await vault.alike(connection, *_asked(rows)))
            concerned = {*known.values(), *(one for row in rows for one in register.alike(row.lookups))}
            standing = standing_of(await identities.pairs_around(connection, concerned))
            placements = self._placed(rows, known, register, standing)
            made = [one.pseudonym for one in placements.values() if one.pseudonym not in concerned]
            await persons.make(connection, sorted(set(made)))
            granted = {local_id: one.pseudonym for local_id, one in placements.items() if local_id not in known}
            await persons.grant(connection, number, list(granted), list(granted.values()))
            sealed = [row.sealed._replace(pseudonym=placements[row.sealed.local_id].pseudonym) for row in rows]
            await vault.keep(connection, number, sealed)
            await self._decide(connection, placements.values())
        return {local_id: one.pseudonym for local_id, one in placements.items()}

    def _placed(
        self, rows: Sequence[_Prepared], known: Mapping[str, str], register: Register, standing: Standing
    ) -> dict[str, Placement]:
        placements: dict[str, Placement] = {}
        for row in rows:
            local_id = row.sealed.local_id
            placements[local_id] = placement = placed(
                register.alike(row.lookups),
                standing,
                own=known.get(local_id),
                fresh=self._voice.fresh_pseudonym(),
                limit=self._limit,
            )
            hashes = (row.sealed.azr_number, row.sealed.name, row.sealed.birth_date)
            register.add(Record(placement.pseudonym, row.sealed.key_id, *hashes))
        return placements

    async def _decide(self, connection: asyncpg.Connection, placements: Collection[Placement]) -> None:
        waiting = [
            (*in_order(one.pseudonym, other), sorted(agreed), "waiting")
            for one in placements
            for other, agreed in one.waiting.items()
        ]
        merges = [(one.pseudonym, other, agreed) for one in placements for other, agreed in one.merges.items()]
        await identities.keep_pairs(connection, waiting)
        if not merges:
            return
        issued = await identities.lock_persons(
            connection, {person for one, other, _ in merges for person in (one, other)}
        )
        for one, other, agreed in merges:
            pair = in_order(one, other)
            await identities.keep_pairs(connection, [(*pair, sorted(agreed), "merged")])
            await identities.keep_decision(connection, *pair, decision="merge", reason="SAME_TRAITS", by=BY_RULE)
            kept, gone = sorted(pair, key=lambda person: (issued[person], person))
            await self._voice.merged(connection, kept, gone)


def in_order(one: str, other: str) -> tuple[str, str]:
    """A pair of pseudonyms, the lesser first."""
    return (one, other) if one < other else (other, one)


def standing_of(pairs: Sequence[Pair]) -> Standing:
    """What these decided pairs say of who is one person."""
    return Standing(
        [(pair.one, pair.other_one) for pair in pairs if pair.state == "merged"],
        [(pair.one, pair.other_one) for pair in pairs if pair.state == "apart"],
    )


def _prepared(number: int, traits: Mapping[str, Traits], ring: KeyRing) -> list[_Prepared]:
    return [
        _Prepared(ring.lookups(one.comparable()), sealed_row(one, ring, of=(number, local_id), pseudonym=""))
        for local_id, one in sorted(traits.items())
    ]


def _asked(rows: Sequence[_Prepared]) -> tuple[set[bytes], set[tuple[bytes, bytes]]]:
    hashes = [by_trait for row in rows for by_trait in row.lookups.values()]
    return (
        {by_trait[Trait.AZR_NUMBER] for by_trait in hashes if Trait.AZR_NUMBER in by_trait},
        {
            (by_trait[Trait.NAME], by_trait[Trait.BIRTH_DATE])
            for by_trait in hashes
            if Trait.NAME in by_trait and Trait.BIRTH_DATE in by_trait
        },
    )
