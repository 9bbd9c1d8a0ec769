"""The page of notifications: what was sent in the reader's areas, and how it went."""

from __future__ import annotations

from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from services.notifications.pages.translations import TEXTS
from services.notifications.usecases import UseCases
from shared.auth import Principal, Role, require
from shared.host import Host
from shared.reference import name_of
from shared.web import Visitor, install
from shared.web.operations import operations_pages

_MOST = 100
_LOCAL = (Role.CASE_MANAGER, Role.MANAGING_BODY, Role.DISTRICT)
# Case numbers are for those who look after the case; the others see how many went out.
_READERS = (*_LOCAL, Role.LAKI, Role.MINISTRY, Role.OPERATOR)


def routes(host: Host, usecases: UseCases) -> None:
    """`/`: the newest deliveries."""
    web = install(host.app, host.settings, host.clock, room=Path(__file__).parent, texts=TEXTS)
    operations_pages(host, web)

    @host.app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def deliveries(request: Request, visitor: Visitor) -> Response:
        require(visitor, *_READERS)
        counts = await usecases.counts()
        rows = await usecases.newest(_areas(visitor), _MOST) if visitor.role in _LOCAL else []
        return web.render(
            request, "deliveries.html", counts=counts, rows=rows, local=visitor.role in _LOCAL, name_of=name_of
        )


def _areas(visitor: Principal) -> list[str]:
    return sorted(visitor.areas)
