"""Wiring of pathways: settings → host → use cases → doors."""

from __future__ import annotations

from pathlib import Path

from services.pathways import api, jobs, matrix, pages, rules, subscribers
from services.pathways.settings import Settings
from services.pathways.usecases import UseCases, leaving
from services.pathways.usecases.activations import Activations
from services.pathways.usecases.holding import Holding
from services.pathways.usecases.offers import Offers
from services.pathways.usecases.precheck import Prechecks
from services.pathways.usecases.referrals import Referrals
from services.pathways.usecases.releases import Releases
from services.pathways.usecases.timeline import Timelines
from services.pathways.usecases.trials import Trials
from services.pathways.usecases.worklist import Worklist
from shared import holding
from shared.clock import Clock
from shared.db import Database
from shared.host import Host
from shared.retention import EVERY_SECONDS, Retention, periods

PERIODS = Path(__file__).parent / "retention.csv"


def build(settings: Settings) -> Host:
    """The service, ready to run."""
    host = Host(settings, service="pathways", title="Pathways: timelines and findings")
    in_force = rules.load(settings.rules)
    shows = matrix.load(settings.matrix)
    usecases = UseCases(host.db, host.clock, in_force, catch_up_from=settings.catch_up_from)
    subscribers.subscribe(host.consumer, usecases, records=settings.batch_records)
    subscribers.subscribe_offers(host.consumer, Offers(host.db))
    host.every(3600.0, jobs.try_set_aside(usecases), name="try_set_aside")
    host.every(0.2, jobs.settle(usecases), name="settle")
    pace = settings.new_rules_persons_per_second
    activations = Activations(host.db, host.clock, usecases, first=rules.read(settings.rules), pace=pace)
    host.every(1.0, jobs.evaluate_anew(activations), name="evaluate_anew")
    trials = Trials(host.db, host.clock, in_force)
    host.every(2.0, jobs.try_rules(trials), name="try_rules")
    host.every(settings.clock_seconds, jobs.move_clock(usecases, host.clock), name="move_clock")
    referrals = Referrals(host.db, host.clock, in_force, shows)
    host.every(5.0, jobs.check_referrals(referrals, usecases), name="check_referrals")
    rooms = pages.Rooms(
        Worklist(host.db, host.clock, shows),
        Timelines(host.db, host.clock, in_force, shows),
        Prechecks(host.db, host.clock, in_force, shows),
        referrals,
        activations,
        trials,
    )
    api.routes(host.app, rooms.worklist, rooms.timelines, rooms.prechecks, referrals=referrals)
    api.inside_routes(host.app, host.clock, Releases(host.db, host.clock, shows))
    pages.routes(host, rooms)
    holding.routes(host.app, host.clock, Holding(host.db).tell)
    host.every(EVERY_SECONDS, retention(settings, host.db, host.clock).run, name="retention")
    return host


def retention(settings: Settings, database: Database, clock: Clock) -> Retention:
    """What pathways deletes, and whom it has erased, when their time is over."""
    kept = periods(settings.retention or PERIODS)
    return leaving.retention(database, clock, kept, rules.load(settings.rules))
