"""Wiring of enrollment: settings, host, use cases, doors."""

from __future__ import annotations

import secrets
import time
from functools import partial
from pathlib import Path

from services.enrollment import pages, subscribers
from services.enrollment.api import (
    events,
    files,
    language,
    municipalities,
    persons,
    receipts,
    rights,
    source_health,
    sources,
    vault,
)
from services.enrollment.api.body import Bounds
from services.enrollment.api.files import Doors
from services.enrollment.api.limits import SourceLimits
from services.enrollment.domain.documents import Quota
from services.enrollment.domain.table import Bounds as TableBounds
from services.enrollment.gateways.holdings import Holdings
from services.enrollment.gateways.memory import Memory
from services.enrollment.gateways.vault_keys import KeyFile
from services.enrollment.jobs import files as file_duties
from services.enrollment.jobs import intake as intake_duties
from services.enrollment.jobs import municipalities as municipal_duties
from services.enrollment.jobs import source_health as source_duties
from services.enrollment.pages.vault import Trust
from services.enrollment.settings import Settings
from services.enrollment.store.retention import FORGET
from services.enrollment.usecases.answering import Answering
from services.enrollment.usecases.clerks import Clerks
from services.enrollment.usecases.erasing import Erasing
from services.enrollment.usecases.files import FileCases, FileWork, Ground, Mappings, Pace, Parts, Subjects, Uploads
from services.enrollment.usecases.intake import Intake
from services.enrollment.usecases.kafka_intake import KafkaIntake
from services.enrollment.usecases.municipalities import Municipalities
from services.enrollment.usecases.persons import Persons
from services.enrollment.usecases.receipts import Receipts
from services.enrollment.usecases.registering import Registering
from services.enrollment.usecases.restricting import Restricting
from services.enrollment.usecases.separating import Separating
from services.enrollment.usecases.set_aside import SetAside
from services.enrollment.usecases.source_health import SourceWatch
from services.enrollment.usecases.sources import Sources
from services.enrollment.usecases.speaking import Voice
from shared.clock import Clock
from shared.db import Database
from shared.host import Host
from shared.retention import EVERY_SECONDS, Retention, periods

PERIODS = Path(__file__).parent / "retention.csv"

_FORM_AROUND_A_FILE = 65_536


def build(settings: Settings) -> Host:
    """The service, ready to run."""
    host = Host(settings, service="enrollment", title="Gemeinsam: enrollment")
    trust, registering = _persons_side(host, settings)
    _files(host, settings, registering)
    _watch_sources(host)
    _municipalities_side(host, settings, trust)
    return host


def _persons_side(host: Host, settings: Settings) -> tuple[Trust, Registering]:
    register = Sources(host.db)
    sources.routes(host.app, register)
    voice = Voice(host.clock, secrets.randbits)
    keys = KeyFile(settings.vault_keys)
    behind = host.second_database(settings.vault_database_url)
    registering = Registering(behind, keys, voice, limit=settings.vault_merge_limit)
    doors = (Persons(host.db, secrets.randbits), registering)
    persons.routes(host.app, doors, register, most_rows=settings.persons_rows)
    erasing = Erasing(behind, voice)
    clerks = Clerks(behind, keys, voice, limit=settings.vault_merge_limit)
    memory = Memory(settings.cluster)
    answering = Answering(behind, clerks, memory, _others(settings, host.clock))
    vault.routes(host.app, clerks, erasing, answering)
    restricting = Restricting(behind, voice)
    separating = Separating(behind, voice, memory)
    rights.routes(host.app, restricting, separating)
    intake = Intake(host.db)
    subscribers.subscribe(host.consumer, erasing, KafkaIntake(host.db, intake, host.clock))
    events.routes(host.app, intake, register, bounds=_bounds(settings), limits=_limits(settings))
    host.app.state.receipts = kept = Receipts(host.db)  # for the pages too
    receipts.routes(host.app, kept, register)
    language.routes(host.app)

    async def judge_set_aside() -> None:
        await intake_duties.judge_set_aside(SetAside(host.db))

    host.every(intake_duties.EVERY_SECONDS, judge_set_aside)
    host.every(EVERY_SECONDS, retention(settings, host.db, host.clock).run, name="retention")
    return Trust(clerks, erasing, answering, restricting, separating), registering


def retention(settings: Settings, database: Database, clock: Clock) -> Retention:
    """What enrollment deletes when its time is over."""
    return Retention(database, clock, periods(settings.retention or PERIODS), FORGET)


def _others(settings: Settings, clock: Clock) -> Holdings:
    """The other services, where they are reached from here."""
    here = settings.public_url.rstrip("/")
    urls = {
        "pathways": settings.pathways_url or f"{here}/pathways",
        "notifications": settings.notifications_url or f"{here}/notifications",
        "reporting": settings.reporting_url or f"{here}/reporting",
    }
    return Holdings(urls, settings.session_secret.get_secret_value(), clock)


def _watch_sources(host: Host) -> None:
    watch = SourceWatch(host.db, host.clock)
    source_health.routes(host.app, watch)
    host.app.state.source_watch = watch  # for the pages
    host.every(source_duties.EVERY_SECONDS, partial(source_duties.watch_sources, watch), name="watch_sources")


def _files(host: Host, settings: Settings, registering: Registering) -> None:
    mappings = Mappings(host.db, host.clock)
    parts = Parts(KeyFile(settings.vault_keys))
    uploads = Uploads(host.db, host.clock, mappings, parts, most_bytes=settings.files_bytes)
    doors = Doors(host.app, Sources(host.db), mappings, uploads, _bounds(settings))
    files.routes(doors)
    host.app.state.files = FileCases(doors.sources, mappings, uploads)  # for the pages
    host.app.state.body_bytes["/files"] = settings.files_bytes + _FORM_AROUND_A_FILE
    pace = Pace(settings.files_chunk_rows, settings.files_lease_seconds, TableBounds(rows=settings.files_rows))
    subjects = Subjects(host.db, Persons(host.db, secrets.randbits), registering)
    for number in range(1, file_duties.WORKERS + 1):
        work = FileWork(host.db, host.clock, Intake(host.db), Ground(subjects, parts), pace)
        host.every(file_duties.EVERY_SECONDS, partial(file_duties.work_on_files, work), name=f"files_{number}")
    forget = partial(file_duties.forget_unfinished_files, uploads)
    host.every(file_duties.FORGET_EVERY_SECONDS, forget, name="forget_unfinished_files")


def _bounds(settings: Settings) -> Bounds:
    return Bounds(
        rows=settings.intake_chunk_rows,
        bytes=settings.intake_chunk_bytes,
        seconds=settings.intake_chunk_seconds,
        whole_bytes=settings.intake_batch_bytes,
        least_bytes_per_second=settings.intake_least_bytes_per_second,
        patience_seconds=settings.intake_patience_seconds,
    )


def _limits(settings: Settings) -> SourceLimits:
    return SourceLimits(
        time.monotonic,
        per_second=settings.intake_requests_per_second,
        burst=settings.intake_requests_burst,
        at_once=settings.intake_requests_at_once,
    )


def _municipalities_side(host: Host, settings: Settings, trust: Trust) -> None:
    use = Municipalities.on(host.db, host.clock, Quota(settings.evidence_documents, settings.evidence_bytes))
    municipalities.routes(host.app, use)
    pages.routes(host, use, trust)
    forget = partial(municipal_duties.forget_attendees, use, days=settings.attendees_days)
    host.every(municipal_duties.FORGET_EVERY_SECONDS, forget, name="forget_attendees")

    async def duties() -> None:
        await municipal_duties.perform_duties(use)

    host.every(municipal_duties.EVERY_SECONDS, duties, name="municipal_duties")
