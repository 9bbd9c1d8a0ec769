"""Whether a part does its work again, asked by having it done."""

from __future__ import annotations

import asyncio
import os

import httpx
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError

_TOPIC = "faults.probe"
_SECONDS = 10.0


def ready(url: str) -> bool:
    """Whether a service says it is ready."""
    try:
        return httpx.get(f"{url}/health/ready", timeout=10).status_code == 200
    except httpx.TransportError:
        return False


async def there_and_back(kafka: str) -> bool:
    """Whether a broker takes a record, acknowledges it, and gives it back."""
    try:
        async with asyncio.timeout(_SECONDS):
            await _topic(kafka)
            return await _produced_and_read(kafka)
    except (KafkaError, OSError, TimeoutError):
        return False


async def _topic(kafka: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka, request_timeout_ms=3_000)
    try:
        await admin.start()
        response = await admin.create_topics([NewTopic(_TOPIC, 1, 1)])
        for _, code, *_ in response.topic_errors:
            if code not in (0, TopicAlreadyExistsError.errno):
                raise KafkaError(f"no topic: {code}")
    finally:
        await admin.close()


async def _produced_and_read(kafka: str) -> bool:
    value = os.urandom(8)
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", request_timeout_ms=3_000)
    reader = AIOKafkaConsumer(bootstrap_servers=kafka, request_timeout_ms=3_000)
    try:
        await producer.start()
        where = await producer.send_and_wait(_TOPIC, value, partition=0)
        await reader.start()
        place = TopicPartition(_TOPIC, 0)
        reader.assign([place])
        reader.seek(place, where.offset)
        return bool((await reader.getone()).value == value)
    finally:
        await producer.stop()
        await reader.stop()
