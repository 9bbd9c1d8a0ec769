"""The pages of pathways: worklist, one person's pathway with the pre-check, what the patterns mean, the rule sets."""

from __future__ import annotations

from pathlib import Path

from services.pathways.pages import meaning_pages, person_pages, rules_pages, worklist_pages
from services.pathways.pages.rooms import Rooms
from services.pathways.pages.translations import TEXTS
from shared.host import Host
from shared.web import install
from shared.web.operations import operations_pages


def routes(host: Host, rooms: Rooms) -> None:
    """All pages; `rooms` are the use cases they ask."""
    web = install(host.app, host.settings, host.clock, room=Path(__file__).parent, texts=TEXTS)
    operations_pages(host, web)
    worklist_pages.routes(host.app, web, rooms)
    person_pages.routes(host.app, web, rooms)
    meaning_pages.routes(host.app, web, rooms)
    rules_pages.routes(host.app, web, rooms)


__all__ = ["Rooms", "routes"]
