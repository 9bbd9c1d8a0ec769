"""Who may see what of persons: the areas of a reader, and the record of every look."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from functools import lru_cache

import asyncpg

from services.pathways.domain.disclosure import Disclosure
from services.pathways.domain.facts import Fact, unpack
from services.pathways.domain.matrix import Matrix
from services.pathways.domain.record import Group, arrange
from services.pathways.store import people, read_log
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


async def disclosures(
    connection: asyncpg.Connection, reader: Principal, persons: Collection[str], today: date, *, matrix: Matrix
) -> dict[str, Disclosure]:
    """What the reader may see of each person, by every pseudonym it has; the restricted are not among them."""
    groups = await unrestricted(connection, persons)
    seen = {
        group: Disclosure(group.facts, reader.body, today.toordinal(), matrix=matrix) for group in set(groups.values())
    }
    return {person: seen[group] for person, group in groups.items()}


async def unrestricted(connection: asyncpg.Connection, persons: Collection[str]) -> dict[str, Group]:
    """Whom these pseudonyms belong to, by every pseudonym of theirs; neither the restricted nor the unknown."""
    rows = await people.with_clusters(connection, persons)
    facts: dict[str, list[Fact]] = {}
    for row in rows:
        facts.setdefault(row.cluster_id, []).extend(unpack(row.facts))
    found: dict[str, Group] = {}
    for cluster in facts.values():
        for group in arrange(cluster)[0]:
            if not group.restricted:
                found.update(dict.fromkeys(group.members, group))
    return found
