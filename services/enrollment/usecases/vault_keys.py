"""The vault's keys in use: checked in every transaction, and changed while the service runs."""

from __future__ import annotations

import asyncpg

from services.enrollment.domain.identity import Trait, Traits
from services.enrollment.gateways.vault_keys import KeyFile, KeyRing
from services.enrollment.store import vault
from services.enrollment.store.vault import Row, Sealed
from shared.db import Database

_BATCH = 500


class StaleKeys(Exception):
    """The database knows a key that our copy of the file does not, or another current one: it is being rotated."""


async def lock_with(connection: asyncpg.Connection, ring: KeyRing) -> None:
    """Have the vault to ourselves until the transaction ends, with keys that open and find every row.

    Raises StaleKeys if the file must be read again. The vault's first key becomes current here.
    """
    await vault.lock_matching(connection)
    used = await vault.keys(connection)
    if not used:
        await vault.make_current(connection, ring.current)
    elif not used.keys() <= ring.ids or not used.get(ring.current, False):
        raise StaleKeys


def record_name(source_number: int, local_id: str) -> str:
    """What sealed traits are bound to."""
    return f"{source_number}/{local_id}"


def opened(row: Row, ring: KeyRing) -> Traits:
    """The traits of a kept row."""
    return ring.open(row.sealed, record_name(row.source_number, row.local_id), row.key_id)


def sealed_row(traits: Traits, ring: KeyRing, *, of: tuple[int, str], pseudonym: str) -> Sealed:
    """The row of a record (source number, record number) under the current key."""
    hashes = ring.hashes(traits.comparable(), ring.current)
    return Sealed(
        of[1],
        pseudonym,
        ring.current,
        ring.seal(traits, record_name(*of)),
        hashes.get(Trait.AZR_NUMBER),
        hashes.get(Trait.NAME),
        hashes.get(Trait.BIRTH_DATE),
    )


class Rotation:
    """Seals every row anew with a new key, a batch a transaction, while services go on registering."""

    def __init__(self, database: Database, keys: KeyFile) -> None:
        self._database = database
        self._keys = keys

    async def rotate(self) -> int:
        """Make a new key current and seal all rows with it; gives how many. One broken off is gone on with."""
        ring = await self._next()
        async with self._database.transaction() as connection:
            await vault.lock_matching(connection)
            await vault.no_longer_current(connection)
            await vault.make_current(connection, ring.current)
        count = 0
        while done := await self._seal_batch(ring):
            count += done
        async with self._database.transaction() as connection:
            await vault.lock_matching(connection)
            await vault.forget_old_keys(connection)
        return count

    async def _next(self) -> KeyRing:
        async with self._database.reading() as connection:
            used = await vault.keys(connection)
        if used and not self._keys.exists():
            self._keys.ring(anew=True)  # says what is wrong: a new key alone would open nothing
        ring = self._keys.ring(anew=True) if self._keys.exists() else None
        if ring is not None and ring.current not in used:
            return ring  # added to the file by somebody, or by a rotation that was broken off
        if len(used) > 1 and ring is not None and used.get(ring.current):
            return ring
        return self._keys.add()

    async def _seal_batch(self, ring: KeyRing) -> int:
        async with self._database.transaction() as connection:
            await vault.lock_matching(connection)
            rows = await vault.sealed_with_others(connection, ring.current, _BATCH)
            by_source: dict[int, list[Sealed]] = {}
            for row in rows:
                of = (row.source_number, row.local_id)
                anew = sealed_row(opened(row, ring), ring, of=of, pseudonym=row.pseudonym)
                by_source.setdefault(row.source_number, []).append(anew)
            for number, sealed in by_source.items():
                await vault.keep(connection, number, sealed)
        return len(rows)
