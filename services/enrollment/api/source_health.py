"""`GET /v1/source-health`: when sources were last heard, and how much of what they send is taken."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Annotated

from fastapi import FastAPI, Path, Request
from pydantic import BaseModel, Field

from services.enrollment.domain.source_health import SourceHealth
from services.enrollment.usecases.source_health import SourceWatch
from shared.errors import Unauthenticated
from shared.http import Bearer
from shared.inside import HEADER, is_signed

SourceId = Annotated[str, Path(pattern=r"^source-[0-9]{1,9}$")]


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
    corrected_share: float | None = Field(description="of the facts taken, those that correct or take back others")
    delay_days: float | None = Field(description="median from the day of effect to the day of receipt")
    filled_share: float | None = Field(description="of the declared fields, those that were filled")
    areas_heard: int | None = Field(description="registered areas of which there were facts")
    periods_heard: int | None = Field(description="periods of the rhythm in which there were facts")
    periods: int = Field(description="periods of the rhythm in the last thirty days, since it was registered")


def routes(app: FastAPI, watch: SourceWatch) -> None:
    """Hang the health of sources on the application, and for our own services alone where a source is reached."""
    app.add_api_route("/v1/source-contacts/{source_id}/address", partial(_address, watch), include_in_schema=False)

    @app.get("/v1/source-health", tags=["sources"])
    async def list_source_health(principal: Bearer) -> list[SourceHealthEntry]:
        """The sources of the caller's areas; the operator sees all."""
        return [_entry(one, watch.clock.today()) for one in await watch.listed(principal)]


async def _address(watch: SourceWatch, source_id: SourceId, request: Request) -> dict[str, str]:
    secret = request.app.state.settings.session_secret.get_secret_value()
    path = f"/v1/source-contacts/{source_id}/address"
    if not is_signed(secret, path, request.headers.get(HEADER, ""), watch.clock.now()):
        raise Unauthenticated("this is for the programme's own services")
    return {"address": await watch.contact(int(source_id.removeprefix("source-")))}


def _entry(one: SourceHealth, today: date) -> SourceHealthEntry:
    quality, periods = one.quality, one.periods(today)
    return SourceHealthEntry(
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
        corrected_share=quality.corrected_share if quality else None,
        delay_days=quality.delay_days if quality else None,
        filled_share=quality.filled_share if quality else None,
        areas_heard=quality.areas_heard(one.areas) if quality else None,
        periods_heard=min(quality.periods_seen, periods) if quality else None,
        periods=periods,
    )
