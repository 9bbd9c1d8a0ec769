"""Taking apart what one pseudonym was given for by mistake: some sources' records and facts get one of their own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import asyncpg
import msgspec

from services.enrollment.domain import separation
from services.enrollment.domain.vault import Decision, DecisionReason
from services.enrollment.gateways.memory import Memory, Remembered
from services.enrollment.store import erasures, identities, persons, restrictions, separations, vault
from services.enrollment.store.separations import FactKey
from services.enrollment.usecases.registering import in_order
from services.enrollment.usecases.speaking import Voice, tombstone
from shared.auth import Principal, Role, require
from shared.contracts.envelope import content_hash, to_headers
from shared.contracts.topics import PERSONS
from shared.db import Database
from shared.errors import Conflict, Gone, NotFound
from shared.messaging import outbox

_Known = Mapping[tuple[str, str], Remembered]


class Separating:
    """Two people under one pseudonym: the rule errs where an AZR number is wrong and another trait agrees."""

    def __init__(self, database: Database, voice: Voice, memory: Memory) -> None:
        self._database = database
        self._voice = voice
        self._memory = memory

    async def separate(self, clerk: Principal, pseudonym: str, sources: Collection[str], reason: DecisionReason) -> str:
        """Give these sources' records of a person a new pseudonym, which is returned, and tell their facts under it.

        What they told before is removed from the old pseudonym's records. The two are remembered as different people.
        Raises NotFound, Gone, Invalid, Conflict (restricted, or facts are still on their way), Unavailable.
        """
        require(clerk, Role.VAULT_CLERK)
        known = {
            (one.head.source, one.head.id): one
            for one in await self._memory.of([pseudonym])
            if one.head.subject == pseudonym
        }
        async with self._database.transaction() as connection:
            await vault.lock_matching(connection)
            await _check(connection, pseudonym)
            await identities.lock_persons(connection, [pseudonym])
            records = await vault.records_of(connection, [pseudonym])
            leaving = separation.leaving([record.source for record in records], sources)
            fresh = self._voice.fresh_pseudonym()
            await persons.make(connection, [fresh])
            await separations.move_grants(connection, pseudonym, fresh, leaving)
            await separations.move_traits(connection, pseudonym, fresh, leaving)
            await separations.move_snapshots(connection, pseudonym, fresh, leaving)
            keys = await separations.facts_of(connection, pseudonym, leaving)
            await self._move_facts(connection, (pseudonym, fresh), keys, known)
            pair = in_order(pseudonym, fresh)
            await identities.keep_pairs(connection, [(*pair, [], "apart")])
            await identities.keep_decision(connection, *pair, decision=Decision.SPLIT, reason=reason, by=clerk.subject)
        return fresh

    async def _move_facts(
        self, connection: asyncpg.Connection, pair: tuple[str, str], keys: Sequence[FactKey], known: _Known
    ) -> None:
        pseudonym, fresh = pair
        contents: list[bytes | None] = []
        messages: list[outbox.Message] = []
        for key in keys:
            if key.is_set_aside:
                contents.append(None)
                continue
            found = known.get((key.source, key.fact_id))
            if found is None:
                raise Conflict("facts about this person are still on their way", reason="facts_on_their_way")
            head = replace(found.head, subject=fresh)
            contents.append(content_hash(head.type, fresh, found.data))
            record_key = PERSONS.record_key(fresh, head.source, head.id)
            value = msgspec.json.encode(found.data)
            messages.append(outbox.Message(PERSONS.name, record_key, fresh, value, to_headers(head)))
            messages.append(tombstone(pseudonym, head.source, head.id))
        await separations.move_facts(connection, fresh, keys, contents)
        await separations.move_set_aside(connection, fresh, [key for key in keys if key.is_set_aside])
        await outbox.put(connection, messages)


async def _check(connection: asyncpg.Connection, pseudonym: str) -> None:
    if await erasures.erased(connection, [pseudonym]):
        raise Gone("this person has been erased", reason="person_erased")
    if await persons.issued_at(connection, pseudonym) is None:
        raise NotFound("there is no such case number", reason="number_unknown")
    if any(one.in_force for one in await restrictions.of_persons(connection, [pseudonym])):
        raise Conflict("this person is restricted", reason="person_restricted")
