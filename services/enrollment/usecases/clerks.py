"""What the vault's clerks do: decide near matches, take apart, look behind a case number; each look is written down."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.enrollment.domain import vault as rules
from services.enrollment.domain.identity import Traits
from services.enrollment.domain.vault import Decision, DecisionReason, LookReason
from services.enrollment.gateways.vault_keys import KeyFile
from services.enrollment.store import erasures, identities, persons, restrictions, vault
from services.enrollment.store.identities import Pair
from services.enrollment.store.restrictions import Restriction
from services.enrollment.store.vault import Row
from services.enrollment.usecases.registering import in_order, standing_of
from services.enrollment.usecases.speaking import Voice
from services.enrollment.usecases.vault_keys import opened
from shared.auth import Principal, Role, require
from shared.db import Database
from shared.errors import Gone, NotFound, Restricted

_LISTED = 200


@dataclass(frozen=True, slots=True, repr=False)
class Known:
    """One source's record of a person: its own record number, and the traits if it sent any."""

    pseudonym: str
    source: str
    local_id: str
    traits: Traits | None


@dataclass(frozen=True, slots=True)
class Sides:
    """A pair with what is known of both sides, what was decided, and what can be."""

    pair: Pair
    left: Sequence[Known]
    right: Sequence[Known]
    decisions: Sequence[identities.Decision]
    possible: Sequence[Decision]


@dataclass(frozen=True, slots=True)
class Person:
    """What stands behind a case number: the records the reader may see, all case numbers of the person, other pairs."""

    pseudonym: str
    issued_at: datetime
    records: Sequence[Known]
    others: Sequence[str]
    pairs: Sequence[Pair]
    restrictions: Sequence[Restriction]

    @property
    def is_restricted(self) -> bool:
        """Whether the person's data are kept and not used at present."""
        return any(one.in_force for one in self.restrictions)


class Clerks:
    """The clerks' desk. `limit`: a person has at most so many pseudonyms."""

    def __init__(self, database: Database, keys: KeyFile, voice: Voice, *, limit: int) -> None:
        self._database = database
        self._keys = keys
        self._voice = voice
        self._limit = limit

    async def waiting(self, clerk: Principal) -> list[Pair]:
        """Near matches to be decided, the oldest first; no traits."""
        require(clerk, Role.VAULT_CLERK)
        async with self._database.reading() as connection:
            return await identities.waiting(connection, _LISTED)

    async def sides(self, clerk: Principal, one: str, other: str) -> Sides:
        """Both sides of a pair, which is written into the read log; raises NotFound."""
        require(clerk, Role.VAULT_CLERK)
        pair_of = in_order(one, other)
        async with self._database.transaction() as connection:
            pair = await identities.pair(connection, *pair_of)
            if pair is None:
                raise NotFound("there is no such pair")
            rows = await vault.records_of(connection, pair_of)
            decisions = await identities.decisions(connection, *pair_of)
            look = identities.Look(clerk.subject, clerk.role, "match", LookReason.MATCHING)
            await identities.note_look(connection, pair_of, look)
        known = self._opened(rows)
        return Sides(
            pair,
            [record for record in known if record.pseudonym == pair.one],
            [record for record in known if record.pseudonym == pair.other_one],
            decisions,
            rules.possible(pair.state),
        )

    async def decide(
        self, clerk: Principal, pair_of: tuple[str, str], *, decision: Decision, reason: DecisionReason
    ) -> None:
        """Decide a pair and say so on the topic; raises NotFound, or Conflict where it is not possible (any more)."""
        require(clerk, Role.VAULT_CLERK)
        one, other = in_order(*pair_of)
        async with self._database.transaction() as connection:
            await vault.lock_matching(connection)
            pair = await identities.pair(connection, one, other)
            if pair is None:
                raise NotFound("there is no such pair")
            standing = standing_of(await identities.pairs_around(connection, (one, other)))
            rules.check(decision, pair.state, (one, other), standing=standing, limit=self._limit)
            issued = await identities.lock_persons(connection, (one, other))
            await identities.set_state(connection, one, other, rules.STATE_AFTER[decision])
            await identities.keep_decision(connection, one, other, decision=decision, reason=reason, by=clerk.subject)
            kept, gone = sorted((one, other), key=lambda person: (issued[person], person))
            if decision is Decision.MERGE:
                await self._voice.merged(connection, kept, gone)
            elif decision is Decision.SPLIT:
                await self._voice.split(connection, kept, gone)

    async def person(self, reader: Principal, pseudonym: str, reason: LookReason) -> Person:
        """Who a case number stands for, as far as the reader may know it; every try is written into the read log.

        Raises Forbidden for other roles, Gone for an erased person, NotFound if there is nothing for this reader, and
        Restricted where the processing is restricted and the reader is no clerk.
        """
        require(reader, Role.VAULT_CLERK, Role.CASE_MANAGER)
        async with self._database.transaction() as connection:
            look = identities.Look(reader.subject, reader.role, "person", reason)
            await identities.note_look(connection, [pseudonym], look)
        async with self._database.reading() as connection:
            if await erasures.erased(connection, [pseudonym]):
                raise Gone("this person has been erased", reason="person_erased")
            issued_at = await persons.issued_at(connection, pseudonym)
            pairs = await identities.pairs_around(connection, [pseudonym])
            group = standing_of(pairs).group(pseudonym)
            rows = await vault.records_of(connection, group)
            restricted = await restrictions.of_persons(connection, group)
        seen = [row for row in rows if _may_see(reader, row)]
        if issued_at is None or not (seen or reader.role is Role.VAULT_CLERK):
            raise NotFound("there is no such case number, or not for you", reason="number_unknown")
        is_clerk = reader.role is Role.VAULT_CLERK
        if not is_clerk and any(one.in_force for one in restricted):
            raise Restricted(
                "the processing of this person's data is restricted (Art. 18 DSGVO)", reason="person_restricted"
            )
        return Person(
            pseudonym,
            issued_at,
            self._opened(seen),
            sorted(group - {pseudonym}),
            pairs if is_clerk else (),
            restricted if is_clerk else (),
        )

    def _opened(self, rows: Collection[Row]) -> list[Known]:
        ring = self._keys.ring() if any(row.sealed for row in rows) else None
        if ring is not None and any(row.sealed and row.key_id not in ring.ids for row in rows):
            ring = self._keys.ring(anew=True)
        return [
            Known(row.pseudonym, row.source, row.local_id, opened(row, ring) if ring and row.sealed else None)
            for row in rows
        ]


def _may_see(reader: Principal, row: Row) -> bool:
    """Clerks see all records, case managers those of sources that report for one of their areas."""
    return reader.role is Role.VAULT_CLERK or any(reader.covers(area) for area in row.areas)
