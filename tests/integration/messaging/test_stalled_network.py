"""A network that stalls without a word, to Kafka or to PostgreSQL: health says why, nothing spins, nothing is lost."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy import topics
from deploy.devstack.kafka import HOST, Kafka
from deploy.devstack.ports import free_port
from shared.db import Database
from shared.host import Host
from shared.messaging import outbox
from shared.messaging.cluster import Cluster
from shared.migrate import migrate
from tests.integration.messaging.conftest import Ledger, readable, settings
from tests.integration.messaging.stalling import Line, line
from tests.integration.messaging.test_outbox_to_consumer import message

AT_LEAST_SECONDS = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FarKafka(Kafka):
    """A broker that tells its clients to come by another port."""

    by_port: int

    def _write_properties(self) -> Path:
        path = super(FarKafka, self)._write_properties()
        path.write_text(
            path.read_text(encoding="utf-8") + f"\nadvertised.listeners=PLAINTEXT://{HOST}:{self.by_port}\n",
            encoding="utf-8",
        )
        return path


@pytest.fixture(scope="module")
def far_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FarKafka]:
    home = tmp_path_factory.mktemp("far-kafka")
    broker = FarKafka(
        data=home / "data",
        log=home / "kafka.log",
        port=free_port(),
        controller_port=free_port(),
        by_port=free_port(),
    )
    child = broker.spawn()
    try:
        broker.wait_ready(child)
        yield broker
    finally:
        child.stop()


@dataclass
class Setup:
    """A service that reaches its servers by lines that can be stalled, and a way past them."""

    host: Host
    ledger: Ledger
    near: Database
    lines: dict[str, Line]

    async def decide(self, count: int, name: str) -> None:
        """Commit messages by the near way, as another process would."""
        async with self.near.transaction() as connection:
            await outbox.put(connection, [message(f"P{n % 7}", f"{name}{n}") for n in range(count)])

    async def taken(self, name: str) -> int:
        """How many of these have had their effect; another test's may be read again by the group."""
        async with self.near.reading() as connection:
            return await connection.fetchval("SELECT count(*) FROM taken WHERE value LIKE $1 || '%'", name)


@pytest.fixture
async def setup(database_url: str, far_kafka: FarKafka) -> AsyncIterator[Setup]:
    await migrate(database_url)
    near = await Database.at(database_url, connections=2)
    async with near.transaction() as connection:
        await connection.execute("CREATE TABLE taken (value text PRIMARY KEY)")
    port = int(database_url.rpartition(":")[2].partition("/")[0])
    far_port = free_port()
    async with line(far_port, to=port) as postgres, line(far_kafka.by_port, to=far_kafka.port) as kafka:
        bootstrap = f"{HOST}:{far_kafka.by_port}"
        await topics.ensure(Cluster(bootstrap))
        host = Host(
            settings(database_url.replace(f":{port}/", f":{far_port}/"), bootstrap), service="pathways", title="t"
        )
        ledger = Ledger(host.db)
        host.consumer.subscribe(["enrollment.persons"], decode=readable, take=ledger.take)
        async with running(host):
            yield Setup(host, ledger, near, {"postgres": postgres, "kafka": kafka})
    await near.close()


@asynccontextmanager
async def running(host: Host) -> AsyncIterator[None]:
    async with host.app.router.lifespan_context(host.app):
        await asyncio.wait_for(host.ready.wait(), 120)
        yield


@pytest.mark.parametrize("part", ["postgres", "kafka"])
async def test_a_stalled_network_is_told_by_health_and_loses_nothing(
    setup: Setup, until: Callable[..., Awaitable[None]], part: str
):
    name = f"{part}-"
    host = setup.host

    async def ready() -> bool:
        return bool((await host.state())["ready"])

    async def away() -> bool:
        return not await ready()

    async def all_taken() -> bool:
        return await setup.taken(name) == 1000

    await setup.decide(500, f"{name}before-")
    await until(lambda: len(setup.ledger.taken) >= 500, seconds=120)
    setup.lines[part].stall()
    began, worked = time.monotonic(), time.process_time()
    await setup.decide(500, f"{name}during-")
    await until(away, seconds=120)
    checks = (await host.state())["checks"]
    if part == "postgres":
        assert str(checks["database"]).startswith("away")
    else:
        assert checks["database"] == "ok"
        assert checks["consumer"]["silent_seconds"] > 10 or checks["relay"]["last_error"]
    await asyncio.sleep(max(0.0, AT_LEAST_SECONDS - (time.monotonic() - began)))  # the stall itself
    worked, lasted = time.process_time() - worked, time.monotonic() - began
    assert worked < lasted / 2, f"{worked:.1f} s of work in {lasted:.1f} s of waiting"
    assert await setup.taken(name) <= 500

    setup.lines[part].resume()
    await until(all_taken, seconds=180)
    await until(ready, seconds=120)
    async with setup.near.reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM dead_letters") == 0
        assert await connection.fetchval("SELECT count(*) FROM outbox") == 0
