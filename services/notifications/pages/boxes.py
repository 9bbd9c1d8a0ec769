"""`/boxes`: who is written to, about the programme and about findings; kept by the bodies of the area."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.notifications.domain.box import LANGUAGES, ROLES, SEVERITIES, Box, Kind
from services.notifications.domain.notice import LAND
from services.notifications.usecases.boxes import Boxes, body_of, keeps
from shared.auth import Principal, Role, require
from shared.errors import GemeinsamError, Invalid, NotFound
from shared.host import Host
from shared.reference import name_of
from shared.web import CsrfChecked, Visitor, Web
from shared.web.texts import language_of

READERS = (Role.CASE_MANAGER, Role.MANAGING_BODY, Role.DISTRICT, Role.JMD, Role.MINISTRY)
_SAID = ("entered", "removed")
_NUMBER = 2**31 - 1


def box_pages(host: Host, web: Web, use: Boxes) -> None:
    """The page and its two forms."""
    page = _Page(web, use)

    @host.app.get("/boxes", response_class=HTMLResponse, include_in_schema=False)
    async def boxes(request: Request, visitor: Visitor) -> Response:
        return await page.show(request, visitor)

    @host.app.post("/boxes/{kind}", dependencies=[CsrfChecked], include_in_schema=False)
    async def enter(request: Request, visitor: Visitor, kind: str) -> Response:
        sent = {name: str(value).strip() for name, value in (await request.form()).items() if isinstance(value, str)}
        box = Box(
            area=sent.get("area", ""),
            role=sent.get("role", ""),
            address=sent.get("address", ""),
            language=sent.get("language", LANGUAGES[0]),
            min_severity=sent.get("min_severity", "warning"),
            body=sent.get("body", ""),
        )
        try:
            await use.put(visitor, _kind(kind), box)
        except Invalid as problem:
            return await page.show(request, visitor, problem=problem, sent=sent | {"kind": kind})
        return page.back("entered")

    @host.app.post("/boxes/{kind}/{box_id}/removal", dependencies=[CsrfChecked], include_in_schema=False)
    async def remove(visitor: Visitor, kind: str, box_id: int) -> Response:
        if not 0 < box_id <= _NUMBER:
            raise NotFound("there is no such box")
        await use.remove(visitor, _kind(kind), box_id)
        return page.back("removed")


class _Page:
    """The page for one visitor."""

    def __init__(self, web: Web, use: Boxes) -> None:
        self._web = web
        self._use = use

    def back(self, said: str) -> Response:
        """Go on to the page, which says what was done."""
        return RedirectResponse(f"{self._web.root_path}/boxes?said={said}", status_code=303)

    async def show(
        self,
        request: Request,
        visitor: Principal,
        *,
        problem: GemeinsamError | None = None,
        sent: dict[str, str] | None = None,
    ) -> Response:
        """The lists the visitor keeps, with a form for each."""
        require(visitor, *READERS)
        tongue = self._web.tongue(language_of(request))
        said, area = request.query_params.get("said", ""), request.query_params.get("area", "")
        ministry = visitor.role is Role.MINISTRY
        areas = [LAND] if ministry else sorted(visitor.areas)
        reason = f"refused.{problem.details.get('reason', '')}" if problem else ""
        return self._web.render(
            request,
            "boxes.html",
            status=problem.status if problem else 200,
            lists=[(str(kind), await self._listed(visitor, kind, area)) for kind in Kind if keeps(visitor, kind)],
            roles=ROLES,
            languages=LANGUAGES,
            severities=SEVERITIES,
            own_body=body_of(visitor),
            areas=areas,
            area=area,
            is_ministry=ministry,
            name_of=lambda ags: tongue("land") if ags == LAND else name_of(ags),
            said=said if said in _SAID else "",
            why=tongue(reason) if problem and tongue.knows(reason) else problem.detail if problem else "",
            sent=sent or {},
            own_role=_own_role(visitor),
        )

    async def _listed(self, visitor: Principal, kind: Kind, area: str) -> list[Box]:
        if visitor.role is not Role.MINISTRY:
            return await self._use.listed(visitor, kind)
        return await self._use.listed(visitor, kind, area or LAND)


def _own_role(visitor: Principal) -> str:
    return str(visitor.role)


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        raise NotFound("there is no such list") from None
