"""What falls due on the municipalities' side by the calendar: reminders, members at risk, the programme's end."""

from __future__ import annotations

from services.enrollment.usecases.municipalities import Municipalities

EVERY_SECONDS = 600.0
FORGET_EVERY_SECONDS = 3600.0


async def perform_duties(use: Municipalities) -> None:
    """Tell what is due today; each is told once, however often this runs."""
    await use.programme.remind()
    await use.programme.warn_of_risk()
    await use.programme.close()


async def forget_attendees(use: Municipalities, *, days: int) -> None:
    """Forget names and addresses of who came to workshops that are over for so many days."""
    await use.bookings.forget(days)
