"""`/members`: the number of members, its shares, its course and the map."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from fastapi import Request
from fastapi.responses import Response

from services.enrollment.domain.membership import end_of_day
from services.enrollment.pages import drawing
from services.enrollment.pages.desk import Pages, page_router
from shared.reference import CREDITS, districts
from shared.web import Visitor

router = page_router()

_POINTS = 120


@router.get("/members")
async def members(request: Request, visitor: Visitor, pages: Pages, as_of: str = "", known_on: str = "") -> Response:
    """Members as of a day, as known on a day (its end); both are today unless asked for."""
    today = pages.use.today()
    day = _day(as_of) or today
    known = _day(known_on)
    instant: datetime | None = end_of_day(known) if known else None
    programme, _ = await pages.use.programme.current()
    since = min(programme.begins_on, day - timedelta(days=30))
    since = max(since, day - timedelta(days=3650))
    step = max(1, (day - since).days // _POINTS)
    points = await pages.use.memberships.history(since, day, step_days=step, known_at=instant)
    found = await pages.use.memberships.members(day, instant)
    shapes, dots = drawing.land_map({area.ags for area in found})
    regions = {ags: district.government_region for ags, district in districts().items()}
    return pages.render(
        request,
        "members.html",
        count=await pages.use.memberships.count(day, instant),
        members=found,
        as_of=day,
        known_on=known,
        line=drawing.step_line(points),
        points=points,
        shapes=shapes,
        dots=dots,
        regions=drawing.by_region(shapes, regions),
        size=(drawing.WIDTH, drawing.HEIGHT),
        credits=CREDITS,
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year < 2100 else None
