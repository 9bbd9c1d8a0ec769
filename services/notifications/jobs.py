"""The clock's door: what notifications does again and again."""

from __future__ import annotations

from services.notifications.usecases import UseCases


async def deliver(usecases: UseCases) -> None:
    """Send what is due until nothing is, one bounded run after the other."""
    while await usecases.deliver():
        pass
