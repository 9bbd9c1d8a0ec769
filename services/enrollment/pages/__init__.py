"""The pages of the municipalities' side: `routes(host, use)` gives enrollment its login, styles and all its pages."""

from __future__ import annotations

from pathlib import Path

from services.enrollment.pages.alliance import router as alliance
from services.enrollment.pages.declaration import router as declaration
from services.enrollment.pages.desk import Desk
from services.enrollment.pages.funding import router as funding
from services.enrollment.pages.members import router as members
from services.enrollment.pages.offers import router as offers
from services.enrollment.pages.overview import router as overview
from services.enrollment.pages.translations import TEXTS
from services.enrollment.pages.workshops import router as workshops
from services.enrollment.usecases.municipalities import Municipalities
from shared.host import Host
from shared.web import install
from shared.web.operations import operations_pages


def routes(host: Host, use: Municipalities) -> None:
    """Overview, declarations, members, workshops, alliances, offers, practices and funding, in German and English."""
    web = install(host.app, host.settings, host.clock, room=Path(__file__).parent, texts=TEXTS)
    operations_pages(host, web)
    host.app.state.desk = Desk(web, use)
    for room in (overview, declaration, members, workshops, alliance, offers, funding):
        host.app.include_router(room)
