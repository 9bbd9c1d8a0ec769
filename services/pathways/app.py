"""Wiring of pathways: settings → host → use cases → doors."""

from __future__ import annotations

from services.pathways import jobs, rules, subscribers
from services.pathways.settings import Settings
from services.pathways.usecases import UseCases
from shared.host import Host


def build(settings: Settings) -> Host:
    """The service, ready to run."""
    host = Host(settings, service="pathways", title="Pathways: timelines and findings")
    usecases = UseCases(host.db, host.clock, rules.load(settings.rules), catch_up_from=settings.catch_up_from)
    subscribers.subscribe(host.consumer, usecases, records=settings.batch_records, readers=settings.readers)
    host.every(0.2, jobs.settle(usecases), name="settle")
    host.every(settings.clock_seconds, jobs.move_clock(usecases, host.clock), name="move_clock")
    return host
