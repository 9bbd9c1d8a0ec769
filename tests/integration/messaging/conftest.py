"""A service of nothing but plumbing, run in the test's own process on real servers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from pydantic import SecretStr

from shared.db import Database
from shared.host import Host
from shared.messaging.records import Batch, Record, Unreadable
from shared.migrate import migrate
from shared.settings import ServiceSettings


class Ledger:
    """What a consumer of the tests has taken; fails as it is told to."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.taken: list[str] = []
        self.fail: Callable[[list[str]], BaseException | None] = lambda values: None

    async def take(self, batch: Batch[Record]) -> None:
        from shared.messaging import dead_letters

        values = [(record.value or b"").decode() for record in batch.events]
        error = self.fail(values)
        if error:
            raise error
        async with self.database.transaction() as connection:
            await dead_letters.put(connection, batch.refused, service="pathways")
            await connection.executemany(
                "INSERT INTO taken (value) VALUES ($1) ON CONFLICT DO NOTHING", [(value,) for value in values]
            )
        self.taken += values


def readable(record: Record) -> Record:
    """Everything is an event but what begins with `bad`."""
    if (record.value or b"").startswith(b"bad"):
        raise Unreadable("not_json", "data")
    return record


def settings(database_url: str, kafka: str, **more: object) -> ServiceSettings:
    return ServiceSettings(
        database_url=database_url,
        kafka=kafka,
        http_port=0,
        public_url="http://127.0.0.1",
        issuer_url="http://127.0.0.1:1",
        session_secret=SecretStr("test"),
        **more,  # type: ignore[arg-type]
    )


Starter = Callable[..., Awaitable[tuple[Host, Ledger]]]


@pytest.fixture
async def start(database_url: str, fresh_topics: str) -> AsyncIterator[Starter]:
    """Start a service that reads `enrollment.persons`; several may be started; all are drained at the end."""
    await migrate(database_url)
    first = await Database.at(database_url, connections=1)
    async with first.transaction() as connection:
        await connection.execute("CREATE TABLE taken (value text PRIMARY KEY)")
    await first.close()
    async with AsyncExitStack() as stack:

        async def starting(service: str = "pathways", **more: object) -> tuple[Host, Ledger]:
            host = Host(settings(database_url, fresh_topics, **more), service=service, title="test")
            ledger = Ledger(host.db)
            host.consumer.subscribe(["enrollment.persons"], decode=readable, take=ledger.take)
            await stack.enter_async_context(_running(host))
            return host, ledger

        yield starting


@asynccontextmanager
async def _running(host: Host) -> AsyncIterator[None]:
    async with host.app.router.lifespan_context(host.app):
        await asyncio.wait_for(host.ready.wait(), 30)
        yield


@pytest.fixture
def until() -> Callable[..., Awaitable[None]]:
    """Wait for an outcome: `await until(lambda: condition)`, at most `seconds`."""

    async def waiting(condition: Callable[[], object], seconds: float = 90) -> None:
        async with asyncio.timeout(seconds):
            while True:
                result = condition()
                if asyncio.iscoroutine(result):
                    result = await result
                if result:
                    return
                await asyncio.sleep(0.02)

    return waiting
