"""`/v1/memberships` and `/v1/programme`: members as of a day, as known at an instant, and the dates."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from services.enrollment.api.parts import PROBLEMS, Day, Line, Moment, Sent, Use
from services.enrollment.domain.membership import Share
from services.enrollment.domain.programme import Programme
from shared.http import Bearer

router = APIRouter(prefix="/v1", tags=["memberships"], responses=PROBLEMS)

AsOf = Annotated[Day | None, Query(description="the day asked for; today if left out")]
KnownAt = Annotated[Moment | None, Query(description="as known at this instant; now if left out")]


class Member(BaseModel):
    """A member on the day."""

    municipality: str
    name: str
    kind: str


class ShareShown(BaseModel):
    """A part of a whole."""

    part: int
    whole: int
    percent: float


class CountShown(BaseModel):
    """The number of members. Nobody is counted twice: a Gemeinde whose Kreis has joined is covered once."""

    as_of: date
    known_at: datetime
    total: int
    by_kind: dict[str, int]
    share_of_areas: ShareShown
    share_of_municipalities: ShareShown
    share_of_population: ShareShown


class Point(BaseModel):
    """The number of members on a day."""

    day: date
    members: int


class ProgrammeSent(Sent):
    """The programme's dates, each the last day included unless it says `from`."""

    begins_on: Day
    deadline_on: Day
    planning_until: Day
    ends_on: Day
    development_from: Day
    development_until: Day
    funding_from: Day
    reminder_days: Annotated[int, Field(ge=0, le=366)] = 14
    at_risk_days: Annotated[int, Field(ge=0, le=366)] = 30
    contact: Line | None = None
    reply_to: Line | None = None


class ProgrammeShown(ProgrammeSent):
    """The programme's dates and the phase today lies in."""

    phase: str


@router.get("/memberships")
async def list_members(use: Use, principal: Bearer, as_of: AsOf = None, known_at: KnownAt = None) -> list[Member]:
    """The members on a day, as known at an instant."""
    found = await use.memberships.members(as_of, known_at)
    return [Member(municipality=area.ags, name=area.name, kind=str(area.kind)) for area in found]


@router.get("/memberships/count")
async def count_members(use: Use, principal: Bearer, as_of: AsOf = None, known_at: KnownAt = None) -> CountShown:
    """The figure that form and amount of funding depend on, by kind and as shares."""
    figures = await use.memberships.count(as_of, known_at)
    return CountShown(
        as_of=figures.as_of,
        known_at=figures.known_at,
        total=figures.total,
        by_kind={str(kind): number for kind, number in figures.by_kind.items()},
        share_of_areas=_share(figures.share_of_areas),
        share_of_municipalities=_share(figures.share_of_municipalities),
        share_of_population=_share(figures.share_of_population),
    )


@router.get("/memberships/history")
async def member_history(
    use: Use,
    principal: Bearer,
    since: Day,
    until: Day,
    step_days: Annotated[int, Query(ge=1, le=366)] = 1,
    known_at: KnownAt = None,
) -> list[Point]:
    """The number of members over time."""
    points = await use.memberships.history(since, until, step_days=step_days, known_at=known_at)
    return [Point(day=day, members=members) for day, members in points]


@router.get("/programme")
async def show_programme(use: Use, principal: Bearer) -> ProgrammeShown:
    """The programme's dates and its phase today."""
    programme, phase = await use.programme.current()
    return _shown(programme, str(phase))


@router.put("/programme")
async def set_programme(sent: ProgrammeSent, use: Use, principal: Bearer) -> ProgrammeShown:
    """Set the programme's dates; the ministry's alone."""
    values = sent.model_dump() | {"contact": sent.contact or "", "reply_to": sent.reply_to or ""}
    await use.programme.set(principal, Programme(**values))
    programme, phase = await use.programme.current()
    return _shown(programme, str(phase))


def _shown(programme: Programme, phase: str) -> ProgrammeShown:
    values = {name: getattr(programme, name) for name in ProgrammeSent.model_fields}
    values |= {"contact": programme.contact or None, "reply_to": programme.reply_to or None}
    return ProgrammeShown(**values, phase=phase)


def _share(share: Share) -> ShareShown:
    return ShareShown(part=share.part, whole=share.whole, percent=share.percent)
