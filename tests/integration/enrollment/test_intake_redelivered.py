"""A batch that Kafka delivers twice, and records on a topic that belongs to nobody."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.enrollment.domain.source import Emitter
from services.enrollment.usecases.intake import Intake
from services.enrollment.usecases.kafka_intake import KafkaIntake
from shared.clock import Clock
from shared.contracts.topics import intake_topics
from shared.db import Database
from shared.messaging.records import Batch, Record
from shared.migrate import migrate
from tests.integration.enrollment.test_intake_transactions import Desk

MIGRATIONS = Path("services/enrollment/migrations")
TOPIC = intake_topics("//a.example/x")[0].name


@pytest.fixture
async def desk(database_url: str) -> AsyncIterator[Desk]:
    await migrate(database_url, MIGRATIONS, MIGRATIONS.parent / "development")
    database = await Database.at(database_url)
    yield Desk(database)
    await database.close()


def record(offset: int, event: bytes | None, *, topic: str = TOPIC, partition: int = 0, **headers: str) -> Record:
    return Record(topic, partition, offset, b"key", event, headers, 0)


async def batch_of(desk: Desk) -> tuple[Emitter, list[Record]]:
    emitter = await desk.emitter()
    person = await desk.pseudonym(emitter)
    good = desk.event(emitter, person, "e1")
    bad = desk.event(emitter, person, "e2", data={"ended_on": "never"})
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    return emitter, [record(7, good, traceparent=trace), record(8, bad), record(9, good), record(4, bad, partition=2)]


async def rows(desk: Desk, query: str) -> list[dict[str, Any]]:
    async with desk.database.reading() as connection:
        return [dict(row) for row in await connection.fetch(query)]


async def test_a_batch_delivered_again_begins_its_receipt_anew_and_publishes_nothing_twice(desk: Desk) -> None:
    _, records = await batch_of(desk)
    door = KafkaIntake(desk.database, Intake(desk.database), Clock(None))
    await door.take(Batch(list(records), []))
    counted = "SELECT receipt_id, state, accepted, duplicate, rejected FROM receipts ORDER BY receipt_id"
    assert [tuple(row.values()) for row in await rows(desk, counted)] == [
        ("kafka.0.7", "complete", 1, 1, 1),
        ("kafka.2.4", "complete", 0, 0, 1),
    ]
    await door.take(Batch(list(records), []))
    assert [tuple(row.values()) for row in await rows(desk, counted)] == [
        ("kafka.0.7", "complete", 0, 2, 1),
        ("kafka.2.4", "complete", 0, 0, 1),
    ]
    sent = await rows(desk, "SELECT topic, headers FROM outbox ORDER BY outbox_id")
    assert [row["topic"] for row in sent].count("enrollment.persons") == 1
    facts = [json.loads(row["headers"]) for row in sent if row["topic"] == "enrollment.persons"]
    assert facts[0]["traceparent"].startswith("00-0af7651916cd43dd8448eb211c80319c")
    replies = [json.loads(row["headers"])["ce_id"] for row in sent if row["topic"] == f"{TOPIC}.replies"]
    assert sorted(replies) == [f"{TOPIC}/0/8"] * 2 + [f"{TOPIC}/2/4"] * 2
    assert len(await rows(desk, "SELECT FROM receipt_notes")) == 2


async def test_a_record_on_the_topic_of_nobody_is_a_dead_letter_and_the_others_are_taken(desk: Desk) -> None:
    _, records = await batch_of(desk)
    door = KafkaIntake(desk.database, Intake(desk.database), Clock(None))
    await door.take(Batch([record(0, b"{}", topic="intake.nobody"), records[0]], []))
    letters = await rows(desk, "SELECT topic, reason FROM dead_letters")
    assert letters == [{"topic": "intake.nobody", "reason": "source_not_registered"}]
    assert len(await rows(desk, "SELECT FROM facts")) == 1


async def test_the_topic_says_who_speaks_whatever_the_record_says(desk: Desk) -> None:
    first = await desk.emitter()
    other = await desk.emitter("//b.example/y")
    person = await desk.pseudonym(other)
    door = KafkaIntake(desk.database, Intake(desk.database), Clock(None))
    await door.take(Batch([record(0, desk.event(other, person, "e1")), record(1, desk.event(first, person, "e2"))], []))
    notes = await rows(desk, "SELECT row_number, field, code FROM receipt_notes ORDER BY row_number")
    assert [tuple(note.values()) for note in notes] == [
        (1, "source", "foreign_source"),
        (2, "subject", "not_granted"),
    ]


async def test_a_record_that_is_too_long_or_empty_is_refused_by_its_place(desk: Desk) -> None:
    await desk.emitter()
    door = KafkaIntake(desk.database, Intake(desk.database), Clock(None))
    await door.take(Batch([record(0, b" " * 1_048_577), record(1, None), record(2, None, ce_id="e1")], []))
    notes = await rows(desk, "SELECT row_number, field, code FROM receipt_notes ORDER BY row_number")
    assert [tuple(note.values()) for note in notes] == [
        (1, "row", "line_too_long"),
        (2, "event", "not_an_object"),
        (3, "specversion", "missing"),
    ]
