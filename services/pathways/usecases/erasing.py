"""Forgetting erased persons: facts, findings and all that was decided about them, with a proof for the vault."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import asyncpg

from services.pathways.domain.cluster import Cluster
from services.pathways.domain.schemas import Kind
from services.pathways.store import findings, offers, referrals
from services.pathways.usecases import saying, warning
from shared.messaging import dead_letters, erasures, outbox
from shared.messaging.erasures import Confirmation

SERVICE = "pathways"


async def forget(connection: asyncpg.Connection, clusters: Collection[Cluster], now: datetime) -> None:
    """Forget what is held of erased persons of clusters just evaluated, and answer for those asked to be erased."""
    facts = {person: len(held) for cluster in clusters if cluster.erased for person, held in cluster.facts.items()}
    gone = {person for cluster in clusters for person in cluster.forget_erased()}
    if gone:
        identities = await findings.forget(connection, gone)
        await outbox.put(connection, [saying.tombstone(*identity) for identity in identities])
    asked = {
        person: facts[person] - len(held)
        for cluster in clusters
        for person, held in cluster.facts.items()
        if person in cluster.erased and any(fact.kind == Kind.ERASED for fact in held)
    }
    if not asked:
        return
    about = await referrals.forget_persons(connection, asked)
    await outbox.put(connection, [warning.tombstone(*referral) for referral in about])
    await offers.forget_persons(connection, asked)
    await dead_letters.forget_about(connection, sorted(asked))
    left = await findings.remaining(connection, asked)
    await outbox.put(
        connection,
        [
            erasures.message(Confirmation(person, SERVICE, removed, left.get(person, 0), now))
            for person, removed in sorted(asked.items())
        ],
    )
