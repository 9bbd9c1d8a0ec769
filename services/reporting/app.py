"""The wiring of reporting: settings → host → use cases → doors."""

from __future__ import annotations

from pathlib import Path

from services.reporting import jobs, pages, subscribers
from services.reporting.settings import Settings
from services.reporting.usecases import UseCases
from shared import holding
from shared.clock import Clock
from shared.db import Database
from shared.host import Host
from shared.retention import EVERY_SECONDS, Retention, periods

PERIODS = Path(__file__).parent / "retention.csv"


def build(settings: Settings) -> Host:
    """The host of reporting, ready to run."""
    host = Host(settings, service="reporting", title="Reporting")
    usecases = UseCases(host.db, host.clock, complementary=settings.complementary_suppression)
    pages.routes(host, usecases)
    holding.routes(host.app, host.clock, usecases.tell)
    subscribers.subscribe(host.consumer, usecases, records=settings.batch_records)
    host.every(settings.count_seconds, lambda: jobs.publish(usecases), name="publish")
    host.every(60.0, lambda: jobs.look_again(usecases), name="look_again")
    host.every(EVERY_SECONDS, retention(settings, host.db, host.clock).run, name="retention")
    return host


def retention(settings: Settings, database: Database, clock: Clock) -> Retention:
    """What reporting deletes when its time is over."""
    return Retention(database, clock, periods(settings.retention or PERIODS), {})
