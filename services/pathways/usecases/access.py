"""Who may see what of persons: the areas of a reader, and the record of every look."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache

import asyncpg

from services.pathways.store import read_log
from services.pathways.store.read_log import Look
from shared.auth import Principal, Role
from shared.clock import Clock
from shared.reference import municipalities

READERS_OF_LISTS = (Role.CASE_MANAGER, Role.MANAGING_BODY, Role.DISTRICT)
READERS_OF_PERSONS = (Role.CASE_MANAGER,)

REASONS = ("CASE_WORK", "FINDING", "PLANNING", "HANDOVER", "DATA_QUALITY", "DATA_SUBJECT_REQUEST")
"""Why somebody looks at a person: the codes a reader chooses from. `WORKLIST` and `PRECHECK` are set by the routes."""


def areas_of(principal: Principal) -> Collection[str]:
    """All keys of areas a reader covers: each of its own, and the Gemeinden of a Kreis."""
    return _covered(principal.areas)


@lru_cache(maxsize=1024)
def _covered(areas: tuple[str, ...]) -> tuple[str, ...]:
    inside = {key for key, area in municipalities().items() if area.district in areas}
    return tuple(sorted(inside.union(areas)))


async def note_look(
    connection: asyncpg.Connection, clock: Clock, reader: Principal, persons: Iterable[str], *, what: str, reason: str
) -> None:
    """Write down that a reader sees these persons, in the transaction that reads them."""
    seen = sorted(set(persons))
    if seen:
        look = Look(clock.now(), reader.subject, reader.role, reader.body, seen, what, reason)
        await read_log.note(connection, look)
