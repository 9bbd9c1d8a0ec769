"""The pages of notifications: what was sent in the reader's areas, how it went, and who is written to."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from services.notifications.domain.notice import LAND
from services.notifications.pages.boxes import READERS, box_pages
from services.notifications.pages.translations import TEXTS
from services.notifications.usecases import Rows, UseCases
from services.notifications.usecases.boxes import Boxes
from services.notifications.usecases.notices import Notices
from shared.auth import Principal, Role, require
from shared.host import Host
from shared.reference import name_of
from shared.web import Visitor, install
from shared.web.operations import operations_pages

_MOST = 100
_WRITTEN_TO = (Role.MANAGING_BODY, Role.DISTRICT, Role.JMD, Role.MINISTRY)
_LOCAL = (Role.CASE_MANAGER, Role.MANAGING_BODY, Role.DISTRICT)
# Case numbers are for those who look after the case; the others see how many went out.
_READERS = (*_LOCAL, Role.LAKI, Role.JMD, Role.MINISTRY, Role.OPERATOR)


@dataclass(frozen=True, slots=True)
class Cases:
    """The use cases behind the pages: findings told, mails about the programme, the lists of boxes."""

    findings: UseCases
    notices: Notices
    boxes: Boxes


def routes(host: Host, cases: Cases) -> None:
    """`/`: the newest mails, about findings and about the programme; `/boxes`: who is written to."""
    web = install(host.app, host.settings, host.clock, room=Path(__file__).parent, texts=TEXTS)
    operations_pages(host, web)
    box_pages(host, web, cases.boxes)

    @host.app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def deliveries(request: Request, visitor: Visitor) -> Response:
        require(visitor, *_READERS)
        local = visitor.role in _LOCAL
        rows = await cases.findings.newest(_areas(visitor), _MOST, visitor.body) if local else Rows([])
        return web.render(
            request,
            "deliveries.html",
            counts=await cases.findings.counts(),
            programme_counts=await cases.notices.counts(),
            rows=rows.rows,
            asked=rows.asked,
            notices=await cases.notices.newest(_written_to(visitor), _MOST) if visitor.role in _WRITTEN_TO else None,
            local=local,
            keeps=visitor.role in READERS,
            name_of=name_of,
        )


def _written_to(visitor: Principal) -> list[str]:
    return [LAND] if visitor.role is Role.MINISTRY else _areas(visitor)


def _areas(visitor: Principal) -> list[str]:
    return sorted(visitor.areas)
