"""Wiring of enrollment: settings, host, use cases, doors."""

from __future__ import annotations

import secrets

from services.enrollment import pages
from services.enrollment.api import events, language, municipalities, persons, receipts, sources
from services.enrollment.jobs import municipalities as municipal_duties
from services.enrollment.settings import Settings
from services.enrollment.usecases.intake import Intake
from services.enrollment.usecases.municipalities import Municipalities
from services.enrollment.usecases.persons import Persons
from services.enrollment.usecases.receipts import Receipts
from services.enrollment.usecases.set_aside import SetAside
from services.enrollment.usecases.sources import Sources
from shared.host import Host


def build(settings: Settings) -> Host:
    """The service, ready to run."""
    host = Host(settings, service="enrollment", title="Gemeinsam: enrollment")
    _persons_side(host, settings)
    _municipalities_side(host)
    return host


def _persons_side(host: Host, settings: Settings) -> None:
    register = Sources(host.db)
    sources.routes(host.app, register)
    persons.routes(host.app, Persons(host.db, secrets.randbits), register, most_rows=settings.persons_rows)
    events.routes(host.app, settings, Intake(host.db), register)
    receipts.routes(host.app, Receipts(host.db), register)
    language.routes(host.app)
    host.every(3600, SetAside(host.db).judge_again, name="judge_set_aside")


def _municipalities_side(host: Host) -> None:
    use = Municipalities.on(host.db, host.clock)
    municipalities.routes(host.app, use)
    pages.routes(host, use)

    async def duties() -> None:
        await municipal_duties.perform_duties(use)

    host.every(municipal_duties.EVERY_SECONDS, duties, name="municipal_duties")
