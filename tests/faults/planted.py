"""Pathways with a fault planted in it, run as a process of its own: `python -m tests.faults.planted FAULT [BATCHES]`.

With BATCHES it kills itself, as by `kill -9`, when it has taken so many and holds the next: read, and not yet stored.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import Any

from services.pathways.__main__ import main
from shared.messaging import consumer, outbox
from shared.writes import Write


def offsets_first() -> None:
    """Commit the offsets before the transaction."""
    take = consumer.Consumer.take_records

    async def careless(self: Any, subscription: Any, records: Sequence[Any], *, behind: int = 0) -> None:
        if subscription.reader.consumer is not None and subscription.reader.consumer.assignment():
            await subscription.reader.consumer.commit()
        await take(self, subscription, records, behind=behind)

    consumer.Consumer.take_records = careless  # type: ignore[method-assign]


def outbox_rows_dropped() -> None:
    """Lose every twentieth message that was decided."""
    putting = outbox.putting

    def forgetful(messages: Sequence[outbox.Message]) -> list[Write]:
        return putting([message for number, message in enumerate(messages) if number % 20])

    outbox.putting = forgetful


def nothing() -> None:
    """No fault: what the others are compared with."""


def dies_after(batches: int) -> None:
    """Be killed between reading a batch and its transaction; planted first, so that a fault comes before it."""
    take, left = consumer.Consumer.take_records, batches

    async def mortal(self: Any, subscription: Any, records: Sequence[Any], *, behind: int = 0) -> None:
        nonlocal left
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1
        await take(self, subscription, records, behind=behind)

    consumer.Consumer.take_records = mortal  # type: ignore[method-assign]


if __name__ == "__main__":
    if len(sys.argv) > 2:
        dies_after(int(sys.argv[2]))
    {"offsets_first": offsets_first, "outbox_rows_dropped": outbox_rows_dropped, "nothing": nothing}[sys.argv[1]]()
    raise SystemExit(main([]))
