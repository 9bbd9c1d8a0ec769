"""The host: opens and closes what a service stands on, in order, and says honestly how it is.

Up: telemetry, HTTP, then database, Kafka, relay, consumers, recurring jobs; while something is away the host waits for
it with a message, `live` and not `ready`. Down (SIGTERM): no new batches, the one in hand is committed, the outbox is
sent, connections are closed.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any

import uvicorn
from aiokafka.errors import KafkaError
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from faststream.kafka import KafkaBroker
from opentelemetry.sdk.trace import TracerProvider

from shared import metrics, operations, telemetry
from shared.clock import Clock
from shared.connection import Bounds, bounded
from shared.db import TEMPORARY, Database
from shared.http import create_app
from shared.messaging.consumer import Consumer
from shared.messaging.holds import Holds
from shared.messaging.limit import Limit
from shared.messaging.relay import Relay
from shared.messaging.watch import Watch, wait_for_kafka
from shared.settings import ServiceSettings

log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Duty:
    """A recurring duty: at once when the service is up, then again so many seconds after it has ended."""

    name: str
    seconds: float
    job: Job


class _Server(uvicorn.Server):
    """Tells the host of the signal before waiting for open requests, which streams are too."""

    def __init__(self, config: uvicorn.Config, host: Host) -> None:
        super().__init__(config)
        self._host = host

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._host.stopping = True
        super().handle_exit(sig, frame)


class Host:
    """One service's process. `app.py` makes one, hands its parts to the use cases and hangs the doors on it."""

    def __init__(self, settings: ServiceSettings, *, service: str, title: str) -> None:
        self.settings = settings
        self.service = service
        self.clock = Clock(settings.today)
        self.db = Database(settings.database_url, connections=settings.database_connections)
        cluster = settings.cluster
        self.broker = KafkaBroker(
            cluster.servers.split(","),
            security=cluster.security(),
            client_id=service,
            apply_types=False,
            allow_auto_create_topics=False,
            metadata_max_age_ms=30_000,  # a topic made for a new source is read soon
            graceful_timeout=settings.drain_seconds,
            logger=None,
        )
        self.holds = Holds(self.db, hold_seconds=settings.dead_letters_hold_seconds)
        self.consumer = Consumer(self.broker, self.holds, service=service, limit=self._limit)
        self.relay = Relay(self.db, settings.database_url, cluster, service=service)
        self.watch = Watch(self.consumer, service=service)
        self.app: FastAPI = create_app(settings, service=service, title=title, lifespan=self._lifespan)
        self.app.add_api_route("/health/live", self._live, include_in_schema=False)
        self.app.add_api_route("/health/ready", self._ready, include_in_schema=False)
        self.ready = asyncio.Event()  # everything has been opened once
        self.stopping = False  # said at once by the signal: streams that would never end look at it
        self._server: uvicorn.Server | None = None
        self._failed = False
        self._duties: list[Duty] = []
        self._further: list[Database] = []
        self._tasks: list[asyncio.Task[Any]] = []
        operations.routes(self.app, self.db, self.holds, service=service)
        self.every(1.0, self._take_again)

    def second_database(self, url: str | None) -> Database:
        """A further database, or another role of the same one, opened and closed with the first; no url: the first."""
        if url is None:
            return self.db
        self._further.append(Database(url, connections=self.settings.database_connections))
        return self._further[-1]

    def every(self, seconds: float, job: Job, *, name: str | None = None) -> None:
        """Run a duty again and again; a failure is logged and counted, the duty goes on."""
        self._duties.append(Duty(name or getattr(job, "__name__", "duty").strip("_"), seconds, job))

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then drain."""
        config = uvicorn.Config(
            self.app,
            host=self.settings.http_host,
            port=self.settings.http_port,
            root_path=self.settings.root_path.rstrip("/"),
            loop="uvloop",
            http=bounded(
                Bounds(
                    self.settings.http_header_seconds, self.settings.http_header_bytes, self.settings.http_connections
                )
            ),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_keep_alive=30,
            timeout_graceful_shutdown=int(self.settings.drain_seconds),
        )
        self._server = _Server(config, self)
        self._server.run()
        if self._failed or not self._server.started:
            raise SystemExit(3)

    def _limit(self) -> Limit:
        return Limit(a_minute=self.settings.dead_letters_per_minute, share=self.settings.dead_letters_share)

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        provider = telemetry.start(self.service, self.settings.otlp_url, ratio=self.settings.trace_ratio)
        opening = asyncio.create_task(self._open())
        try:
            yield
        finally:
            await self._close(opening, provider)

    async def _open(self) -> None:
        try:
            for database in (self.db, *self._further):
                await database.open()
            self._start(self.relay.run(), "relay")
            await wait_for_kafka(self.settings.cluster)
            if self.consumer.subscriptions:
                await self._start_readers()
                self._start(self.watch.run(), "watch")
            for duty in self._duties:
                self._start(self._perform(duty), duty.name)
            # What stands now stays: the collector need not look at it again, nor after every few hundred facts.
            gc.freeze()
            gc.set_threshold(50_000, 20, 50)
            self.ready.set()
            log.info("%s is up", self.service)
        except Exception:
            log.exception("%s could not be opened", self.service)
            self._failed = True
            if self._server is not None:
                self._server.should_exit = True
            raise

    async def _start_readers(self) -> None:
        while True:
            try:
                await self.broker.start()
                return
            except KafkaError as error:
                log.warning("the readers do not start yet: %s", type(error).__name__)
                with suppress(KafkaError):
                    await self.broker.stop()
                await asyncio.sleep(1.0)

    def _start(self, work: Any, name: str) -> None:
        self._tasks.append(asyncio.create_task(work, name=name))

    async def _perform(self, duty: Duty) -> None:
        while True:
            try:
                await duty.job()
            except TEMPORARY as error:
                log.warning("%s is tried again: %s", duty.name, type(error).__name__)
            except Exception:
                metrics.JOB_FAILURES.labels(self.service, duty.name).inc()
                log.exception("%s failed", duty.name)
            await asyncio.sleep(duty.seconds)

    async def _close(self, opening: asyncio.Task[None], provider: TracerProvider) -> None:
        log.info("%s drains", self.service)
        opening.cancel()
        self.consumer.stopping.set()
        if self.consumer.subscriptions:
            with suppress(Exception):
                await asyncio.wait_for(self.consumer.commit(), 2)
            with suppress(Exception):
                await asyncio.wait_for(self.broker.stop(), self.settings.drain_seconds + 2)
        await self.relay.drain(self.settings.drain_seconds / 2)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(opening, *self._tasks, return_exceptions=True)
        for database in (*self._further, self.db):
            await database.close()
        await asyncio.to_thread(provider.shutdown)

    async def _take_again(self) -> None:
        await operations.take_requested(self.db, self.consumer)

    async def _live(self) -> dict[str, Any]:
        return {"service": self.service, "live": True}

    async def state(self) -> dict[str, Any]:
        """How the service is: `ready` and the checks that say why."""
        checks: dict[str, Any] = {"opened": "ok" if self.ready.is_set() else "opening"}
        checks["database"] = await self._database_state()
        if self.consumer.subscriptions:
            checks["consumer"] = self.watch.state()
        checks["relay"] = self._relay_state()
        ready = all(check == "ok" or (isinstance(check, dict) and check.get("ok")) for check in checks.values())
        document = {"service": self.service, "ready": ready, "checks": checks}
        return document | ({"today": self.clock.fixed.isoformat()} if self.clock.fixed else {})

    async def _ready(self) -> JSONResponse:
        document = await self.state()
        return JSONResponse(document, status_code=200 if document["ready"] else 503)

    async def _database_state(self) -> str:
        try:
            async with asyncio.timeout(2), self.db.reading() as connection:
                await connection.fetchval("SELECT 1")
        except (*TEMPORARY, Exception) as error:
            return f"away: {type(error).__name__}"
        return "ok"

    def _relay_state(self) -> dict[str, Any]:
        return {
            "ok": self.relay.oldest_seconds < 30 and self.relay.last_error is None,
            "active": self.relay.active,
            "oldest_seconds": round(self.relay.oldest_seconds, 3),
            "last_error": self.relay.last_error,
        }
