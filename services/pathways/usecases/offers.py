"""Offers as enrollment tells of them, who takes their seats, and which of them are near."""

from __future__ import annotations

from collections.abc import Iterable

import asyncpg

from services.pathways.domain.facts import Fact
from services.pathways.domain.schemas import Kind
from services.pathways.store import offers
from services.pathways.store.offers import Place, Told
from shared.db import Database
from shared.messaging import dead_letters
from shared.messaging.records import Batch

_OVER = (Kind.REFUSED, Kind.NO_SHOW, Kind.ENDED, Kind.CANCELLED)
_OFFER_OF: dict[int, int] = {Kind.REFERRED: 4, Kind.STARTED: 6}
"""Where the fields of these facts have the offer."""


class Offers:
    """Holds the last word on each offer."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def take(self, batch: Batch[Told]) -> None:
        """Hold what was told of offers; the later word wins, whatever order they come in."""
        async with self._database.transaction() as connection:
            await dead_letters.put(connection, batch.refused, service="pathways")
            # One order of locks for all processes.
            await offers.put(connection, sorted(batch.events, key=lambda told: (told.offer_id, told.told_at)))


async def note_places(connection: asyncpg.Connection, facts: Iterable[Fact]) -> None:
    """Write down, in the transaction that takes facts, whose seats at offers are taken and whose are free again."""
    taken: dict[tuple[str, str], Place] = {}
    over: set[tuple[str, str]] = set()
    for fact in facts:
        at = _OFFER_OF.get(fact.kind)
        if at is not None and isinstance(offer_id := fact.values[at], str) and offer_id:
            taken[fact.subject, fact.values[0]] = Place(fact.subject, fact.values[0], offer_id)
        elif fact.kind in _OVER:
            over.add((fact.subject, fact.values[0]))
    if taken:
        await offers.take_places(connection, [taken[key] for key in sorted(taken)])
    if over:
        await offers.leave_places(connection, sorted(over))
