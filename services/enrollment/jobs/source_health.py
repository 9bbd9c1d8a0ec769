"""Telling which sources have fallen silent, and which speak again."""

from __future__ import annotations

from services.enrollment.usecases.source_health import SourceWatch

EVERY_SECONDS = 600.0


async def watch_sources(watch: SourceWatch) -> None:
    """Tell of each change once, however often this runs, and reckon the figures anew."""
    await watch.watch()
    await watch.measure()
