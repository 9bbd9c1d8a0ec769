"""Whom to remind, of what, and until when it is to be done."""

from __future__ import annotations

from datetime import date, timedelta

from services.enrollment.domain.declaration import Declaration, Status
from services.enrollment.domain.programme import Programme

DEADLINE, COMPLETION, CONCURRENCE = "DEADLINE", "COMPLETION", "CONCURRENCE"


def due(declaration: Declaration, dates: Programme, today: date) -> list[tuple[str, date]]:
    """What a municipality is to be reminded of on a day, with the day it is due.

    Of the deadline everybody who is called upon to declare and has not: whoever showed interest, and whoever has not
    come forward at all; not who withdrew. Of what is missing, and of the Einvernehmen, who has declared and not moved
    for `reminder_days`.
    """
    if declaration.status in (Status.NOT_DECLARED, Status.INTERESTED):
        soon = dates.deadline_on - timedelta(days=dates.reminder_days) <= today <= dates.deadline_on
        return [(DEADLINE, dates.deadline_on)] if soon else []
    if declaration.status not in (Status.RECEIVED, Status.RETURNED) or declaration.changed_on is None:
        return []
    waited = declaration.changed_on + timedelta(days=dates.reminder_days)
    if today < waited:
        return []
    due_on = waited + timedelta(days=dates.reminder_days)
    about = [(COMPLETION, declaration.incomplete), (CONCURRENCE, declaration.concurrence_pending)]
    return [(name, due_on) for name, applies in about if applies]
