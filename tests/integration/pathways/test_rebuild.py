"""Timelines and findings can be made anew from the topics, and nothing is said that was said already."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import date

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from services.pathways.domain import facts
from tests.integration.pathways.conftest import expected, folded, lines_of, people, quiet, send
from tests.integration.pathways.test_service_and_function import stored

TODAY = "2020-03-01"


async def records_on(kafka: str, topic: str) -> int:
    reader = AIOKafkaConsumer(bootstrap_servers=kafka)
    await reader.start()
    try:
        ends = await reader.end_offsets([TopicPartition(topic, number) for number in range(12)])
        return sum(ends.values())
    finally:
        await reader.stop()


async def rebuild(database_url: str, kafka: str, *, status: int = 0) -> str:
    environment = os.environ | {
        "PATHWAYS_DATABASE_URL": database_url,
        "PATHWAYS_KAFKA": kafka,
        "PATHWAYS_HTTP_PORT": "0",
        "PATHWAYS_PUBLIC_URL": "http://127.0.0.1",
        "PATHWAYS_ISSUER_URL": "http://127.0.0.1:1",
        "PATHWAYS_SESSION_SECRET": "test",
        "PATHWAYS_TODAY": TODAY,
    }
    command = [sys.executable, "-m", "services.pathways", "rebuild"]
    # Beside the loop, on which the host's duties may be in the midst of a transaction.
    done = await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == status, done.stderr[-2000:]
    return done.stderr


async def test_a_lost_database_is_rebuilt_and_says_nothing_new(pathways, fresh_topics, database_url):
    events = people(11, 80, today=TODAY)
    host = await pathways(TODAY)
    await send(fresh_topics, events)
    await quiet(host, stored(events))
    before = await records_on(fresh_topics, "pathways.findings")
    host.consumer.stopping.set()
    await host.broker.stop()
    connection = await asyncpg.connect(database_url)
    await connection.execute("DELETE FROM finding_history")

    said = await rebuild(database_url, fresh_topics)
    await quiet(host, stored(events))
    assert "findings are held" in said
    assert await records_on(fresh_topics, "pathways.findings") == before
    shown = "SELECT count(*) FROM findings JOIN finding_history USING (person_id, pattern, anchor, revision)"
    assert await connection.fetchval(shown) == await connection.fetchval("SELECT count(*) FROM findings")
    await connection.close()
    assert lines_of(await folded(fresh_topics)) == expected(events, TODAY)


async def test_what_was_missed_is_said_by_a_rebuild(pathways, fresh_topics, database_url):
    events = people(12, 40, today=TODAY)
    host = await pathways(TODAY)
    await send(fresh_topics, events[:-40])
    await quiet(host, stored(events[:-40]))
    host.consumer.stopping.set()
    await host.broker.stop()
    await send(fresh_topics, events[-40:])

    await rebuild(database_url, fresh_topics)
    await quiet(host, stored(events))
    assert lines_of(await folded(fresh_topics)) == expected(events, TODAY)
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("SELECT today FROM business_date") == date.fromisoformat(TODAY)
    await connection.close()


async def test_a_rebuild_does_not_bring_an_erased_person_back(pathways, fresh_topics, database_url):
    events = people(13, 12, today=TODAY)
    person = events[0]["subject"]
    host = await pathways(TODAY)
    await send(fresh_topics, events)
    await quiet(host, stored(events))
    erased = {
        "specversion": "1.0",
        "id": f"erased:{person}",
        "source": "//gemeinsam/vault",
        "type": "gemeinsam.person.erased.v1",
        "subject": person,
        "time": "2026-03-01T10:00:00Z",
        "data": {"reason": "REQUESTED"},
    }
    await send(fresh_topics, [erased])
    await until_forgotten(host, person)
    host.consumer.stopping.set()
    await host.broker.stop()

    await rebuild(database_url, fresh_topics)
    connection = await asyncpg.connect(database_url)
    packed = await connection.fetchval("SELECT facts FROM timelines WHERE person_id = $1", person)
    assert {fact.type for fact in facts.unpack(packed)} <= {
        f"gemeinsam.person.{what}.v1" for what in ("erased", "merged", "split")
    }
    for table in ("findings", "finding_history", "referrals"):
        assert not await connection.fetchval(f"SELECT count(*) FROM {table} WHERE person_id = $1", person), table
    await connection.close()
    assert not [key for key in await folded(fresh_topics) if key.startswith(f"{person}/")]


async def until_forgotten(host, person):
    async with asyncio.timeout(120):
        while True:
            async with host.db.reading() as connection:
                left = await connection.fetchval("SELECT count(*) FROM findings WHERE person_id = $1", person)
                said = await connection.fetchval("SELECT count(*) FROM outbox")
                packed = await connection.fetchval("SELECT facts FROM timelines WHERE person_id = $1", person)
            if not left and not said and any(fact.type.endswith("erased.v1") for fact in facts.unpack(packed)):
                return
            await asyncio.sleep(0.1)


async def test_a_running_service_is_not_rebuilt_under_its_feet(pathways, fresh_topics, database_url):
    await pathways(TODAY)
    assert "stop all its processes first" in await rebuild(database_url, fresh_topics, status=1)
