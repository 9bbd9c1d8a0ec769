"""The wiring of reporting: settings → host → use cases → doors."""

from __future__ import annotations

from services.reporting import jobs, pages, subscribers
from services.reporting.settings import Settings
from services.reporting.usecases import UseCases
from shared.host import Host


def build(settings: Settings) -> Host:
    """The host of reporting, ready to run."""
    host = Host(settings, service="reporting", title="Reporting")
    usecases = UseCases(host.db, host.clock, complementary=settings.complementary_suppression)
    pages.routes(host, usecases)
    subscribers.subscribe(host.consumer, usecases, records=settings.batch_records)
    host.every(settings.count_seconds, lambda: jobs.publish(usecases), name="publish")
    host.every(60.0, lambda: jobs.look_again(usecases), name="look_again")
    return host
