"""Recurring duties of intake."""

from __future__ import annotations

from services.enrollment.usecases.receipts import Receipts
from services.enrollment.usecases.set_aside import SetAside
from shared.clock import Clock

EVERY_SECONDS = 3600.0


async def judge_set_aside(set_aside: SetAside) -> None:
    """Judge again what an earlier release did not know; after a deployment this finds something, else nothing."""
    await set_aside.judge_again()


async def forget_receipts(receipts: Receipts, clock: Clock, *, days: int) -> None:
    """Delete receipts older than so many days."""
    await receipts.forget_old(clock.now(), days=days)
