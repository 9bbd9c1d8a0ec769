"""The pages of enrollment: `routes(host, use, trust)` gives enrollment its login, styles and all its pages."""

from __future__ import annotations

from pathlib import Path

from services.enrollment.pages.alliance import router as alliance
from services.enrollment.pages.declaration import router as declaration
from services.enrollment.pages.desk import Desk
from services.enrollment.pages.files import router as files
from services.enrollment.pages.funding import router as funding
from services.enrollment.pages.mappings import router as mappings
from services.enrollment.pages.members import router as members
from services.enrollment.pages.offers import router as offers
from services.enrollment.pages.overview import router as overview
from services.enrollment.pages.receipts import router as receipts
from services.enrollment.pages.sources import router as sources
from services.enrollment.pages.translations import TEXTS
from services.enrollment.pages.vault import Trust
from services.enrollment.pages.vault import router as vault
from services.enrollment.pages.workshops import router as workshops
from services.enrollment.usecases.municipalities import Municipalities
from shared.host import Host
from shared.web import install
from shared.web.operations import operations_pages


def routes(host: Host, use: Municipalities, trust: Trust) -> None:
    """Overview, declarations, members, workshops, alliances, offers, practices, funding, vault; in two languages."""
    web = install(host.app, host.settings, host.clock, room=Path(__file__).parent, texts=TEXTS)
    operations_pages(host, web)
    host.app.state.desk = Desk(web, use)
    host.app.state.trust = trust
    for room in (overview, declaration, members, workshops, alliance, offers, funding):
        host.app.include_router(room)
    for room in (files, mappings, receipts, sources, vault):
        host.app.include_router(room)
