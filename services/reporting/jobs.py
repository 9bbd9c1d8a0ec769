"""The clock's door: what reporting does again and again."""

from __future__ import annotations

from services.reporting.usecases import UseCases


async def look_again(usecases: UseCases) -> None:
    """Count anew whom a date has come for, until there is nobody left."""
    while await usecases.look_again():
        pass


async def publish(usecases: UseCases) -> None:
    """Count and publish what changed since the last time."""
    await usecases.publish()
