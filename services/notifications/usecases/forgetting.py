"""Forgetting erased persons: every delivery about them goes, and the vault gets a proof."""

from __future__ import annotations

from services.notifications.store import erased
from shared.clock import Clock
from shared.db import Database
from shared.messaging import dead_letters, erasures, outbox
from shared.messaging.erasures import Confirmation
from shared.messaging.records import Batch

SERVICE = "notifications"


class Forgetting:
    """What the vault asks of notifications."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def forget(self, batch: Batch[Confirmation]) -> None:
        """Forget the persons the vault has erased, whatever of them is still to be heard, and answer with a proof."""
        persons = sorted({one.person_id for one in batch.events if one.asks})
        async with self._db.transaction() as connection:
            await dead_letters.put(connection, batch.refused, service=SERVICE)
            if not persons:
                return
            now = self._clock.now()
            await erased.mark(connection, persons, now)
            before = await erased.held(connection, persons)
            await erased.forget(connection, persons)
            await dead_letters.forget_about(connection, persons)
            left = await erased.held(connection, persons)
            answers = [
                Confirmation(person, SERVICE, before.get(person, 0), left.get(person, 0), now) for person in persons
            ]
            await outbox.put(connection, [erasures.message(one) for one in answers])
