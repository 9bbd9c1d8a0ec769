"""Recurring duties of intake."""

from __future__ import annotations

from services.enrollment.usecases.set_aside import SetAside

EVERY_SECONDS = 3600.0


async def judge_set_aside(set_aside: SetAside) -> None:
    """Judge again what an earlier release did not know; after a deployment this finds something, else nothing."""
    await set_aside.judge_again()
