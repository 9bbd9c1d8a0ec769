"""Pathways as a process would run it, and random people's facts to put on its topic."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from pydantic import SecretStr

from services.pathways import app, rules
from services.pathways.domain import facts
from services.pathways.domain.cluster import Cluster
from services.pathways.domain.evaluate import evaluate
from services.pathways.domain.record import cluster_of
from services.pathways.domain.rules import Rules
from services.pathways.settings import Settings
from shared.contracts.envelope import from_structured, to_headers
from shared.contracts.topics import FINDINGS, PERSONS, Topic
from shared.host import Host
from shared.migrate import migrate
from tests.oracle.timelines import timeline

MIGRATIONS = Path("services/pathways/migrations")
Event = dict[str, Any]


def people(seed: int, count: int, *, today: str, most: int = 12) -> list[Event]:
    """Facts of random people, each under its own pseudonyms, in random order; as intake lets them through."""
    rng = random.Random(seed)
    events: list[Event] = []
    for number in range(count):
        names: dict[str, str] = {}
        seen = set()
        for event in timeline(seed * 1000 + number, today=today, most=most):
            text = json.dumps(event)
            key = (event["source"], event["id"])
            if key in seen or not text.isascii():
                continue  # intake takes the first of two with one id, and no odd characters in ids
            seen.add(key)
            event["subject"] = names.setdefault(event["subject"], f"{seed}-{number}-{event['subject']}")
            data = event["data"]
            if "other" in data:
                data["other"] = names.setdefault(data["other"], f"{seed}-{number}-{data['other']}")
            event["id"] = f"{number}:{event['id']}"
            if "retracts" in data:
                data["retracts"]["id"] = f"{number}:{data['retracts']['id']}"
            events.append(event)
    rng.shuffle(events)
    return events


def stored(events: Sequence[Event]) -> int:
    """How many facts the timelines hold at the end: those of erased pseudonyms are gone, but erasure and links."""
    erased = {event["subject"] for event in events if event["type"] == "gemeinsam.person.erased.v1"}
    kept = ("gemeinsam.person.erased.v1", "gemeinsam.person.merged.v1", "gemeinsam.person.split.v1")
    return sum(event["subject"] not in erased or event["type"] in kept for event in events)


def expected(events: Sequence[Event], today: str, by: Rules | None = None) -> list[dict[str, Any]]:
    """What the function says of all these facts, by the first rule set or another."""
    in_force = by or rules.load()
    known = [facts.decode_line(json.dumps(event).encode()) for event in events]
    lines = []
    for cluster in cluster_of(known):
        lines += [finding.line() for finding in evaluate(cluster, date.fromisoformat(today), in_force).findings]
    return sorted(lines, key=lambda line: (line["person_id"], line["pattern"], line["anchor"]))


async def send(kafka: str, events: Sequence[Event]) -> None:
    """Put facts on the topic as the relay of enrollment does."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, linger_ms=5)
    await producer.start()
    for event in events:
        envelope, data = from_structured(event)
        await producer.send(
            PERSONS.name,
            json.dumps(data).encode(),
            key=f"{envelope.subject}/{envelope.source}/{envelope.id}".encode(),
            partition=PERSONS.partition_of(envelope.subject),
            headers=[(name, value.encode()) for name, value in to_headers(envelope).items()],
        )
    await producer.stop()


async def folded(kafka: str, topic: Topic = FINDINGS) -> dict[str, dict[str, Any]]:
    """The topic of findings (or another), folded per key: the last record wins, a retraction and a tombstone remove."""
    reader = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest")
    await reader.start()
    try:
        partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
        reader.assign(partitions)
        ends = await reader.end_offsets(partitions)
        state: dict[str, dict[str, Any]] = {}
        for partition in partitions:
            while await reader.position(partition) < ends[partition]:
                record = await reader.getone(partition)
                event = dict(record.headers).get("ce_type", b"").decode()
                if record.value is None or event == "gemeinsam.finding.retracted.v1":
                    state.pop(record.key.decode(), None)
                else:
                    state[record.key.decode()] = json.loads(record.value)
        return state
    finally:
        await reader.stop()


def fails_for(monkeypatch: pytest.MonkeyPatch, person: str) -> Callable[[], None]:
    """Let the evaluation of one person fail, from now on until what is returned is called."""
    evaluated = Cluster.evaluate_on

    def failing(cluster: Cluster, *given: Any) -> Any:
        if person in cluster.facts:
            raise ZeroDivisionError
        return evaluated(cluster, *given)

    monkeypatch.setattr(Cluster, "evaluate_on", failing)
    return lambda: monkeypatch.setattr(Cluster, "evaluate_on", evaluated)


def lines_of(state: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The folded state in the form of `evaluate`."""
    names = ("person_id", "pattern", "anchor", "severity", "since", "until", "steps", "evidence", "rules_version")
    lines = [{name: data[name] for name in names} for data in state.values()]
    return sorted(lines, key=lambda line: (line["person_id"], line["pattern"], line["anchor"]))


Starter = Callable[..., Awaitable[Host]]


@pytest.fixture
async def pathways(database_url: str, fresh_topics: str) -> AsyncIterator[Starter]:
    """Start a process of pathways on the test's own database and topics; several may run at once."""
    await migrate(database_url, MIGRATIONS)
    async with AsyncExitStack() as stack:

        async def start(today: str, **more: Any) -> Host:
            settings = Settings(
                database_url=database_url,
                kafka=fresh_topics,
                http_port=0,
                public_url="http://127.0.0.1",
                issuer_url="http://127.0.0.1:1",
                session_secret=SecretStr("test"),
                today=date.fromisoformat(today),
                **more,
            )
            host = app.build(settings)
            await stack.enter_async_context(host.app.router.lifespan_context(host.app))
            await asyncio.wait_for(host.ready.wait(), 30)
            return host

        yield start


async def quiet(host: Host, count: int, *, seconds: float = 150) -> None:
    """Wait until `count` facts are stored and everything decided has been sent."""
    async with asyncio.timeout(seconds):
        while True:
            async with host.db.reading() as connection:
                stored = sum(
                    len(facts.unpack(row["facts"])) for row in await connection.fetch("SELECT facts FROM timelines")
                )
                waiting = await connection.fetchval("SELECT count(*) FROM outbox")
            if stored >= count and not waiting:
                return
            await asyncio.sleep(0.1)
