"""The clock's door: what notifications does again and again."""

from __future__ import annotations

from services.notifications.usecases import UseCases
from services.notifications.usecases.notices import Notices


async def deliver(usecases: UseCases) -> None:
    """Send what is due until nothing is, one bounded run after the other."""
    while await usecases.deliver():
        pass


async def deliver_notices(notices: Notices) -> None:
    """Send what is due to municipalities and Kreise, one bounded run after the other."""
    while await notices.deliver():
        pass
