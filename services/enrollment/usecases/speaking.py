"""What the vault itself says on the topic of persons: merged, split, restricted, released, erased."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import asyncpg
import msgspec

from services.enrollment.domain.person import RANDOM_BITS, pseudonym_of
from services.enrollment.store import identities
from shared.clock import Clock
from shared.contracts.envelope import Envelope, time_text, to_headers
from shared.contracts.persons import PersonErased, PersonMerged, PersonReleased, PersonRestricted, PersonSplit
from shared.contracts.topics import PERSONS
from shared.messaging import outbox

SOURCE = "//gemeinsam/vault"
Said = PersonMerged | PersonSplit | PersonRestricted | PersonReleased | PersonErased


@dataclass(frozen=True, slots=True)
class Voice:
    """Says things in the caller's transaction. `random_bits` gives a random number of so many bits."""

    clock: Clock
    random_bits: Callable[[int], int]

    def fresh_pseudonym(self) -> str:
        """A pseudonym of a new person."""
        return pseudonym_of(self.random_bits(RANDOM_BITS))

    async def merged(self, connection: asyncpg.Connection, kept: str, other: str) -> None:
        """Two pseudonyms are one person; both must be locked."""
        await self._say(
            connection, kept, PersonMerged(other=other, effective_on=self.clock.today().isoformat()), other=other
        )

    async def split(self, connection: asyncpg.Connection, kept: str, other: str) -> None:
        """Two pseudonyms are two people after all; both must be locked."""
        await self._say(
            connection, kept, PersonSplit(other=other, effective_on=self.clock.today().isoformat()), other=other
        )

    async def restricted(self, connection: asyncpg.Connection, pseudonym: str, reason: str) -> None:
        """The data of a person are kept and used for nothing; it must be locked."""
        await self._say(connection, pseudonym, PersonRestricted(reason=reason), other=pseudonym)

    async def released(self, connection: asyncpg.Connection, pseudonym: str) -> None:
        """The restriction of a person is lifted; it must be locked."""
        await self._say(connection, pseudonym, PersonReleased(), other=pseudonym)

    async def _say(self, connection: asyncpg.Connection, kept: str, said: Said, *, other: str) -> None:
        event_id = f"{self.random_bits(96):024x}"
        await identities.keep_said(connection, kept, other, event_id)
        await outbox.put(connection, [self._message(kept, event_id, said)])

    def erased(self, pseudonym: str, reason: str) -> outbox.Message:
        """All about a person is to be forgotten; there is one such record a pseudonym, and it stays."""
        return self._message(pseudonym, f"erased:{pseudonym}", PersonErased(reason=reason))

    def _message(self, pseudonym: str, event_id: str, said: Said) -> outbox.Message:
        head = Envelope(event_id, SOURCE, said.TYPE, pseudonym, time_text(self.clock.now()))
        key = PERSONS.record_key(pseudonym, SOURCE, event_id)
        return outbox.Message(PERSONS.name, key, pseudonym, msgspec.json.encode(said.to_data()), to_headers(head))


def tombstone(pseudonym: str, source: str, event_id: str) -> outbox.Message:
    """The removal of one record of a person from the topic."""
    return outbox.Message(PERSONS.name, PERSONS.record_key(pseudonym, source, event_id), pseudonym, None)
