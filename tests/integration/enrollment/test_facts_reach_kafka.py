"""Facts posted over HTTP stand on the topic: declared fields only, in order, on the partition of the person."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from aiokafka import AIOKafkaConsumer, ConsumerRecord

from deploy.devstack.postgres import Postgres
from shared.contracts.envelope import from_headers
from shared.contracts.topics import PERSONS
from tests.integration.enrollment.running import Issuer, running


async def records(kafka: str, count: int) -> list[ConsumerRecord]:
    consumer = AIOKafkaConsumer(PERSONS.name, bootstrap_servers=kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        async with asyncio.timeout(60):
            return [await consumer.getone() for _ in range(count)]
    finally:
        await consumer.stop()


async def test_a_posted_fact_stands_on_the_topic(
    postgres: Postgres, issuer: Issuer, fresh_topics: str, tmp_path: Path
) -> None:
    url = postgres.create_database("enrollment_kafka")
    with running(url, issuer, tmp_path / "log", kafka=fresh_topics) as service:
        emitter = service.emitter()
        people = emitter.pseudonyms([str(number) for number in range(20)])
        events = [emitter.event(people[n % 20], f"e{n}", data={"name": "Amina"}) for n in range(200)]
        assert emitter.report(*events, *events[:5])["duplicate"] == 5
        found = await records(fresh_topics, 200)
    postgres.drop_database("enrollment_kafka")
    assert {record.key.decode() for record in found} == {
        f"{event['subject']}/{emitter.source}/{event['id']}" for event in events
    }
    for record in found:
        envelope = from_headers({name: value.decode() for name, value in record.headers})
        assert record.partition == PERSONS.partition_of(envelope.subject)
        assert json.loads(record.value).keys() == events[0]["data"].keys() - {"name"}
    for person in people:
        ids = [record.key.decode().rsplit("/", 1)[1] for record in found if record.key.decode().startswith(person)]
        assert ids == [event["id"] for event in events if event["subject"] == person]
