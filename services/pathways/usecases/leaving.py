"""Asks the vault to erase persons who left the cohort so long ago that their time is over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime

import asyncpg

from services.pathways.domain.cohort import left_on
from services.pathways.domain.facts import Fact, unpack
from services.pathways.domain.record import arrange
from services.pathways.domain.rules import Rules
from services.pathways.store import people, timelines
from services.pathways.store.retention import FORGET
from services.pathways.usecases.erasing import SERVICE
from services.pathways.usecases.rule_sets import RuleSets
from shared.clock import Clock
from shared.db import Database
from shared.messaging import erasures, outbox
from shared.messaging.erasures import Ended
from shared.retention import Forget, Period, Retention

MOST_AT_ONCE = 500
"""A wrong date or a wrong file of periods must not empty the system within an hour."""
_BREATHE_EVERY = 20


def retention(database: Database, clock: Clock, kept: dict[str, Period], rules: Rules) -> Retention:
    """What pathways deletes, and whom it has erased, when their time is over; `rules` is the set of the start."""
    return Retention(database, clock, kept, {"persons": asking(clock, rules), **FORGET})


def asking(clock: Clock, rules: Rules) -> Forget:
    """Asks the vault to erase whoever left the cohort before an instant; asked again until it is done."""
    rule_sets = RuleSets(rules)

    async def ask(connection: asyncpg.Connection, before: datetime, limit: int) -> int:
        today = await timelines.current_date(connection) or clock.today()
        in_force = await rule_sets.on(connection, today)
        asked = []
        async for person, facts in _persons(connection):
            left = left_on(facts, today, in_force)
            if left is not None and left < before.date():
                asked.append(Ended(person, SERVICE, left, clock.now()))
                if len(asked) == min(limit - 1, MOST_AT_ONCE):
                    break
        await outbox.put(connection, [erasures.request(one) for one in asked])
        return len(asked)

    return ask


async def _persons(connection: asyncpg.Connection) -> AsyncIterator[tuple[str, list[Fact]]]:
    """Every person that is neither erased nor restricted, with the facts that hold."""
    name, seen = "", 0
    cluster: list[Fact] = []
    async for stored in people.by_cluster(connection):
        if stored.cluster_id != name and cluster:
            for found in _of_cluster(cluster):
                yield found
            cluster, seen = [], seen + 1
            if seen % _BREATHE_EVERY == 0:
                await asyncio.sleep(0)
        name = stored.cluster_id
        cluster += unpack(stored.facts)
    for found in _of_cluster(cluster):
        yield found


def _of_cluster(facts: list[Fact]) -> list[tuple[str, list[Fact]]]:
    groups = arrange(facts)[0] if facts else []
    return [(one.leader, one.facts) for one in groups if one.facts and not one.erased and not one.restricted]
