"""The relay's producer: idempotent, and ended for good when anything about it fails."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder

from shared.messaging.cluster import Cluster

_BATCH_BYTES = 262_144
_WORTH_PACKING_BYTES = 4096  # of less, packing and the unpacking by the broker and each reader cost more than the bytes


def batch(producer: AIOKafkaProducer, *, content_bytes: int) -> BatchBuilder:
    """An empty batch for records of about so many bytes together; it will be packed if that is worth it."""
    if content_bytes < _WORTH_PACKING_BYTES:
        return BatchBuilder(_BATCH_BYTES, 0)
    return producer.create_batch()


async def start(kafka: Cluster, *, client_id: str) -> AIOKafkaProducer:
    """A connected producer. A dead idempotent one does not recover by itself: every failure ends with a new one."""
    producer = AIOKafkaProducer(
        **kafka.options(),
        client_id=client_id,
        enable_idempotence=True,
        acks="all",
        linger_ms=2,
        compression_type="zstd",
        max_batch_size=_BATCH_BYTES,
        max_request_size=16_777_216,
        request_timeout_ms=10_000,
        retry_backoff_ms=100,
    )
    try:
        await producer.start()
    except BaseException:
        await producer.stop()
        raise
    return producer


async def end(producer: AIOKafkaProducer) -> None:
    """Stop a producer for good: one that still retries would send old records after the next one's new ones."""
    try:
        await asyncio.wait_for(producer.stop(), 5)
    except (KafkaError, TimeoutError, OSError):
        sender = producer._sender.sender_task
        if sender is not None:
            sender.cancel()
        with suppress(KafkaError, TimeoutError, OSError):
            await asyncio.wait_for(producer.client.close(), 5)
