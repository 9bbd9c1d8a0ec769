"""`GET /v1/source-health`: when sources were last heard, and how much of what they send is taken."""

from __future__ import annotations

from datetime import date, datetime

from fastapi import FastAPI
from pydantic import BaseModel, Field

from services.enrollment.usecases.source_health import SourceWatch
from shared.http import Bearer


class SourceHealthEntry(BaseModel):
    """How a source does; the counts are of the last thirty days."""

    source: str
    body: str
    areas: list[str]
    rhythm_days: int
    heard_at: datetime | None
    silent_since: date | None = Field(description="the first day it was overdue, if it is")
    accepted: int
    duplicate: int
    rejected: int
    warned: int
    rejected_share: float | None


def routes(app: FastAPI, watch: SourceWatch) -> None:
    """Hang the health of sources on the application."""

    @app.get("/v1/source-health", tags=["sources"])
    async def list_source_health(principal: Bearer) -> list[SourceHealthEntry]:
        """The sources of the caller's areas; the operator sees all."""
        today = watch.clock.today()
        return [
            SourceHealthEntry(
                source=one.source,
                body=str(one.body),
                areas=list(one.areas),
                rhythm_days=one.rhythm_days,
                heard_at=one.heard_at,
                silent_since=one.silent_since(today),
                accepted=one.accepted,
                duplicate=one.duplicate,
                rejected=one.rejected,
                warned=one.warned,
                rejected_share=one.rejected_share,
            )
            for one in await watch.listed(principal)
        ]
