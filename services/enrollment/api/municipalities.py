"""Hangs the municipalities' side on the application: `routes(host.app, Municipalities.on(host.db, host.clock))`."""

from __future__ import annotations

from fastapi import FastAPI

from services.enrollment.api import alliances, attendees, declarations, funding, memberships, offers, workshops
from services.enrollment.usecases.municipalities import Municipalities


def routes(app: FastAPI, use: Municipalities) -> None:
    """The routes under `/v1` of declarations, memberships, workshops, alliances, funding and offers."""
    app.state.municipalities = use
    for room in (declarations, memberships, workshops, attendees, alliances, funding, offers):
        app.include_router(room.router)
