"""`/`: where one stands, what is to be done, and for the ministry the list of declarations."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from services.enrollment.domain.commitment import Standing as Duty
from services.enrollment.domain.declaration import Status
from services.enrollment.domain.reference import Area
from services.enrollment.pages.desk import Pages, page_router, sees_all
from services.enrollment.usecases.declarations import Standing
from shared.auth import Principal, Role
from shared.web import Visitor

router = page_router()

FILTERS = ("waiting", "members", "at_risk", "interested", "withdrawn", "all")


_STATUSES = {"interested": Status.INTERESTED, "withdrawn": Status.WITHDRAWN}


@router.get("/")
async def overview(request: Request, visitor: Visitor, pages: Pages, show: str = "waiting") -> Response:
    """The start page of the section, by role."""
    show = show if show in FILTERS else "waiting"
    programme, phase = await pages.use.programme.current()
    may_list = sees_all(visitor) or visitor.role in (Role.MANAGING_BODY, Role.DISTRICT)
    standings = await pages.use.declarations.listed(visitor) if may_list else []
    mine = pages.own(visitor)
    sees_duties = visitor.role in (Role.MINISTRY, Role.LAKI)
    duties = {duty.ags: state for duty, state in await pages.use.programme.commitments(visitor)} if sees_duties else {}
    own = [await pages.use.declarations.standing(visitor, ags) for ags in mine]
    return pages.render(
        request,
        "overview.html",
        programme=programme,
        phase=phase,
        count=await pages.use.memberships.count(),
        own=own,
        asked=[one for one in standings if one.declaration.ags not in mine and one.area.needs_concurrence],
        others=_not_yet_heard_of(pages, visitor, standings),
        rows=_rows(standings, duties, show) if sees_all(visitor) else None,
        spans=await pages.use.memberships.spans(),
        duties=duties,
        show=show,
        filters=FILTERS,
        is_district=visitor.role is Role.DISTRICT,
        is_ministry=visitor.role is Role.MINISTRY,
    )


def _not_yet_heard_of(pages: Pages, visitor: Principal, standings: list[Standing]) -> list[Area]:
    """The Gemeinden of a Kreis that have not come forward: it may grant its Einvernehmen before they declare."""
    if visitor.role is not Role.DISTRICT:
        return []
    known = {one.declaration.ags for one in standings}
    today = pages.use.today()
    inside = [area for ags in visitor.areas for area in pages.use.areas.within(ags, today)]
    return [area for area in inside if area.needs_concurrence and area.ags not in known]


def _rows(standings: list[Standing], duties: dict[str, Duty], show: str) -> list[Standing]:
    if show == "at_risk":
        return [one for one in standings if duties.get(one.declaration.ags) in (Duty.AT_RISK, Duty.MISSED)]
    return [one for one in standings if _shown(one, show)]


def _shown(standing: Standing, show: str) -> bool:
    held = standing.declaration
    if show == "members":
        return held.is_member
    if show in _STATUSES:
        return held.status is _STATUSES[show]
    return show == "all" or held.status in (Status.RECEIVED, Status.RETURNED)
