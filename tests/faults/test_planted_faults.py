"""The checks see a fault: each is planted in a real process, which is killed in the middle of its work."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import asyncpg
import pytest

from services.pathways.domain import facts
from shared.migrate import migrate
from tests.integration.pathways.conftest import Event, expected, folded, lines_of, people, send

TODAY = "2020-03-01"
BATCHES = 4


def spawn(database_url: str, kafka: str, log: Path, *arguments: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {
        "PATHWAYS_DATABASE_URL": database_url,
        "PATHWAYS_KAFKA": kafka,
        "PATHWAYS_HTTP_PORT": "0",
        "PATHWAYS_PUBLIC_URL": "http://127.0.0.1",
        "PATHWAYS_ISSUER_URL": "http://127.0.0.1:1",
        "PATHWAYS_SESSION_SECRET": "test",
        "PATHWAYS_TODAY": TODAY,
        "PATHWAYS_BATCH_RECORDS": "20",
        "PATHWAYS_READERS": "1",
    }
    command = [sys.executable, "-m", "tests.faults.planted", *arguments]
    return subprocess.Popen(command, env=environment, stdout=log.open("ab"), stderr=subprocess.STDOUT)


async def stored(database_url: str) -> tuple[int, int]:
    """Facts in timelines, messages in the outbox."""
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch("SELECT facts FROM timelines")
        waiting = await connection.fetchval("SELECT count(*) FROM outbox")
        return sum(len(facts.unpack(row["facts"])) for row in rows), waiting
    finally:
        await connection.close()


async def settled(database_url: str, count: int, *, seconds: float = 90) -> int:
    """Wait until all facts are stored, or nothing changes longer than a group waits for a dead member (6 seconds)."""
    deadline, last, since = time.monotonic() + seconds, (-1, -1), time.monotonic()
    while time.monotonic() - since < 15:
        now = await stored(database_url)
        if now == (count, 0):
            break
        if now != last or now[1] or not now[0]:
            last, since = now, time.monotonic()
        assert time.monotonic() < deadline, f"still changing: {now}"
        await asyncio.sleep(0.2)
    return last[0]


async def killed_in_the_middle(fault: str, database_url: str, kafka: str, log: Path, events: list[Event]) -> bool:
    """Feed, die with a batch in hand, start again, wait; answers whether topic and function agree."""
    await migrate(database_url, "services/pathways/migrations")
    await send(kafka, events)
    process = spawn(database_url, kafka, log, fault, str(BATCHES))
    try:
        assert await asyncio.to_thread(process.wait, 90) == -signal.SIGKILL, f"it did not get so far; see {log}"
        assert 0 < (await stored(database_url))[0] < len(events), "it was to die in the middle"
        process = spawn(database_url, kafka, log, fault)
        await settled(database_url, len(events))
        return lines_of(await folded(kafka)) == expected(events, TODAY)
    finally:
        process.kill()
        process.wait(10)


@pytest.mark.parametrize(
    ("fault", "agree"), [("nothing", True), ("offsets_first", False), ("outbox_rows_dropped", False)]
)
async def test_the_check_sees_a_planted_fault_and_nothing_else(
    fault: str, agree: bool, database_url: str, fresh_topics: str, tmp_path: Path
):
    events = [event for event in people(31, 60, today=TODAY) if event["type"] != "gemeinsam.person.erased.v1"]
    assert await killed_in_the_middle(fault, database_url, fresh_topics, tmp_path / "log", events) is agree
