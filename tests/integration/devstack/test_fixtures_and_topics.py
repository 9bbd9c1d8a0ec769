"""The servers the tests stand on, and the command that makes the topics, on real Kafka and PostgreSQL."""

import asyncio
import uuid

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy import topics
from shared.contracts.topics import TOPICS, Topic
from shared.messaging.cluster import Cluster


def topic(name: str, **changed: object) -> Topic:
    fields = {
        "name": name,
        "partitions": 2,
        "cleanup": "delete",
        "retention_days": 3,
        "min_compaction_lag_days": 0,
        "subject": "anything",
        "key": "{subject}",
    }
    return Topic(**{**fields, **changed})


async def test_a_test_has_an_empty_database_of_postgresql_18_of_its_own(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    try:
        assert str(await connection.fetchval("show server_version")).startswith("18.")
        assert await connection.fetchval("select count(*) from pg_stat_user_tables") == 0
        await connection.execute("create table mine (id int)")
    finally:
        await connection.close()


async def test_fresh_topics_are_empty_again_for_each_test(fresh_topics: str) -> None:
    await _send_and_read_one(fresh_topics)


async def test_fresh_topics_are_empty_again_for_the_next_test_too(fresh_topics: str) -> None:
    await _send_and_read_one(fresh_topics)


async def _send_and_read_one(bootstrap: str) -> None:
    value = uuid.uuid4().bytes
    producer = AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True)
    await producer.start()
    await producer.send_and_wait("enrollment.persons", value, key=b"k")
    await producer.stop()
    consumer = AIOKafkaConsumer(
        "enrollment.persons", bootstrap_servers=bootstrap, group_id="pathways", auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        record = await asyncio.wait_for(consumer.getone(), 20)
        assert (record.offset, record.value) == (0, value)
        await consumer.commit()
    finally:
        await consumer.stop()


async def test_missing_topics_are_created_and_a_second_run_finds_nothing_to_do(kafka: str) -> None:
    one = topic(f"one.{uuid.uuid4()}")
    two = topic(f"two.{uuid.uuid4()}", cleanup="compact", retention_days=None, min_compaction_lag_days=7)
    assert await topics.ensure(Cluster(kafka), [one]) == [one.name]
    assert await topics.ensure(Cluster(kafka), [one, two]) == [two.name]
    assert await topics.ensure(Cluster(kafka), [one, two]) == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"partitions": 3}, "has 2 partitions, should have 3"),
        ({"cleanup": "compact", "retention_days": None}, "cleanup.policy is delete, should be compact"),
        ({"retention_days": 4}, "retention.ms is 259200000, should be 345600000"),
        ({"min_compaction_lag_days": 1}, "min.compaction.lag.ms is 0, should be 86400000"),
    ],
)
async def test_a_topic_made_otherwise_is_refused_and_left_alone(
    kafka: str, changed: dict[str, object], sentence: str
) -> None:
    name = f"made.{uuid.uuid4()}"
    await topics.ensure(Cluster(kafka), [topic(name)])
    with pytest.raises(topics.TopicMismatch, match=f"{name}: {sentence}"):
        await topics.ensure(Cluster(kafka), [topic(name, **changed)])
    assert await topics.ensure(Cluster(kafka), [topic(name)]) == []


def test_the_command_says_what_it_created(fresh_topics: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert topics.main(["--kafka", fresh_topics]) == 0
    assert capsys.readouterr().out == f"{len(TOPICS)} topics, 0 created\n"


def test_the_command_says_when_no_broker_answers(capsys: pytest.CaptureFixture[str]) -> None:
    assert topics.main(["--kafka", "127.0.0.1:1", "--wait", "1"]) == 1
    assert "Kafka at 127.0.0.1:1 does not answer" in capsys.readouterr().err
