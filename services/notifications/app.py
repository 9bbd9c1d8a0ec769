"""The wiring of notifications: settings → host → use cases → doors."""

from __future__ import annotations

from pathlib import Path

from services.notifications import api, jobs, pages, subscribers
from services.notifications.domain.notice import LAND
from services.notifications.gateways.attendees import Attendees
from services.notifications.gateways.email import Server
from services.notifications.gateways.releases import Releases
from services.notifications.settings import Settings
from services.notifications.store.retention import FORGET
from services.notifications.usecases import UseCases
from services.notifications.usecases.boxes import Boxes
from services.notifications.usecases.forgetting import Forgetting
from services.notifications.usecases.holding import Holding
from services.notifications.usecases.notices import Enrollment, Notices
from services.notifications.usecases.posting import Post, Postman
from shared import holding
from shared.clock import Clock
from shared.db import Database
from shared.host import Host
from shared.reference import districts, municipalities
from shared.retention import EVERY_SECONDS, Retention, periods

PERIODS = Path(__file__).parent / "retention.csv"


def build(settings: Settings) -> Host:
    """The host of notifications, ready to run."""
    host = Host(settings, service="notifications", title="Notifications")
    postman = Postman(host.db, host.clock, post_of(settings))
    usecases = UseCases(host.db, host.clock, postman, releases_of(settings, host.clock))
    subscribers.subscribe(host.consumer, usecases, records=settings.batch_records)
    subscribers.subscribe_referrals(host.consumer, usecases, records=settings.batch_records)
    subscribers.subscribe_erasures(host.consumer, Forgetting(host.db, host.clock))
    host.every(1.0, lambda: jobs.deliver(usecases), name="deliver")
    notices = Notices(host.db, host.clock, postman, enrollment=enrollment_of(settings))
    boxes = Boxes(host.db, host.clock)
    api.routes(host.app, boxes)
    holding.routes(host.app, host.clock, Holding(host.db).tell)
    pages.routes(host, pages.Cases(usecases, notices, boxes))
    subscribers.subscribe_notices(host.consumer, notices, records=settings.batch_records)
    host.every(1.0, lambda: jobs.deliver_notices(notices), name="deliver_notices")
    host.every(EVERY_SECONDS, retention(settings, host.db, host.clock).run, name="retention")
    return host


def retention(settings: Settings, database: Database, clock: Clock) -> Retention:
    """What notifications deletes when its time is over."""
    return Retention(database, clock, periods(settings.retention or PERIODS), FORGET)


def post_of(settings: Settings) -> Post:
    """How messages go out, from the settings."""
    password = settings.smtp_password.get_secret_value() if settings.smtp_password else None
    return Post(
        server=Server(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_user,
            password,
            settings.smtp_security,
            settings.smtp_timeout_seconds,
        ),
        sender=settings.mail_from,
        case_url=settings.public_url.rstrip("/") + settings.case_path,
        at_once=settings.mails_at_once,
        a_run=settings.mails_a_run,
        first_pause_seconds=settings.first_pause_seconds,
        reply_to=settings.reply_to,
    )


def enrollment_of(settings: Settings) -> Enrollment:
    """Where the pages of municipalities and workshops begin, and who tells the addresses of attendees."""
    pages = settings.public_url.rstrip("/") + settings.municipal_path
    return Enrollment(pages, Attendees(settings.enrollment_url or pages, settings.session_secret.get_secret_value()))


def releases_of(settings: Settings, clock: Clock) -> Releases:
    """Who tells what bodies may be told."""
    url = settings.pathways_url or settings.public_url.rstrip("/") + "/pathways"
    return Releases(url, settings.session_secret.get_secret_value(), clock)


async def add_development_recipients(settings: Settings) -> None:
    """Where the settings ask for it: mail boxes of case management, managing body and Kreis in every area of NRW."""
    if not settings.development_recipients:
        return
    database = await Database.at(settings.database_url, connections=1)
    try:
        keys = sorted({*districts(), *municipalities()})
        rows = [(ags, "case_manager", f"fallmanagement@{ags}.example", "JOBCENTER") for ags in keys]
        clock = Clock(settings.today)
        postman = Postman(database, clock, post_of(settings))
        await UseCases(database, clock, postman, releases_of(settings, clock)).add_recipients(rows)
        boxes = [(ags, "managing_body", f"geschaeftsstelle@{ags}.example") for ags in keys]
        boxes += [(ags, "district", f"kreis@{ags}.example") for ags in districts()]
        boxes += [(ags, "jmd", f"jmd@{ags}.example") for ags in districts()]
        boxes.append((LAND, "ministry", "ministerium@programm.example"))
        boxes.append((LAND, "operator", "betrieb@programm.example"))
        await Notices(database, clock, postman, enrollment=enrollment_of(settings)).add_contacts(boxes)
    finally:
        await database.close()
