"""`rebuild`: makes timelines and findings anew from the topics, and says only what differs from what was said.

For a lost database, or one that is not trusted. The service must be stopped. First its own topic is read as what is
held, then all facts are stored, then every person is evaluated on the business date. The history that is still in the
database stays.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.structs import OffsetAndMetadata

from services.pathways import rules
from services.pathways.settings import Settings
from services.pathways.subscribers import heard, told
from services.pathways.usecases import UseCases, rebuilding
from services.pathways.usecases.offers import Offers
from shared.clock import Clock
from shared.contracts import topics
from shared.db import Database
from shared.messaging import wire
from shared.messaging.cluster import Cluster
from shared.messaging.records import Batch, Record, Refused, Unreadable, text_headers
from shared.settings import load

_RECORDS = 5_000


def main(arguments: Sequence[str]) -> int:
    """Rebuild; the exit status is 1 if the service is still running."""
    argparse.ArgumentParser(prog="python -m services.pathways rebuild", description=__doc__).parse_args(arguments)
    return asyncio.run(_rebuild(load(Settings)))


async def _rebuild(settings: Settings) -> int:
    database = await Database.at(settings.database_url, connections=2)
    wire.tolerate()
    reader = AIOKafkaConsumer(**settings.cluster.options(), enable_auto_commit=False, group_id="pathways")
    await reader.start()
    try:
        if await _is_running(settings.cluster):
            print("pathways is running: stop all its processes first", file=sys.stderr)
            return 1
        clock = Clock(settings.today)
        usecases = UseCases(database, clock, rules.load(settings.rules))
        await rebuilding.forget_all(database)
        count = 0
        async for batch in _records(reader, topics.FINDINGS):
            count += await rebuilding.hold(database, [_said(record) for record in batch])
        print(f"{count} findings are held", file=sys.stderr)
        await _hold_the_rest(database, reader)
        facts = 0
        async for batch in _records(reader, topics.PERSONS):
            await usecases.store_facts(_decoded(batch, heard))
            facts += len(batch)
            print(f"\r{facts} facts", end="", file=sys.stderr)
        ends = {partition: await reader.position(partition) for partition in reader.assignment()}
        evaluated = await usecases.move_clock(clock.today())
        await reader.commit({partition: OffsetAndMetadata(offset, "") for partition, offset in ends.items()})
        print(f"\n{evaluated} persons evaluated", file=sys.stderr)
        return 0
    finally:
        await reader.stop()
        await database.close()


async def _hold_the_rest(database: Database, reader: AIOKafkaConsumer) -> None:
    """Hold what was said of referrals, and the offers, which a lost database has lost too."""
    warnings = [
        record for batch in [records async for records in _records(reader, topics.REFERRALS)] for record in batch
    ]
    await rebuilding.hold_warnings(
        database, [(one.value, one.headers.get("ce_type", ""), (one.key or b"").decode()) for one in warnings]
    )
    async for batch in _records(reader, topics.OFFERS):
        await Offers(database).take(_decoded(batch, told))


async def _is_running(kafka: Cluster) -> bool:
    """Whether the group has members. It would commit over our offsets, and take facts that we are storing."""
    admin = AIOKafkaAdminClient(**kafka.options())
    await admin.start()
    try:
        described = await admin.describe_consumer_groups(["pathways"])
        return any(group[5] for answer in described for group in answer.groups)
    finally:
        await admin.close()


async def _records(reader: AIOKafkaConsumer, topic: topics.Topic) -> AsyncIterator[list[Record]]:
    """All records of a topic from the first to the last there is now, in batches."""
    partitions = [TopicPartition(topic.name, number) for number in range(topic.partitions)]
    reader.assign(partitions)
    await reader.seek_to_beginning(*partitions)
    ends = await reader.end_offsets(partitions)
    while [p for p in partitions if await reader.position(p) < ends[p]]:
        found = await reader.getmany(timeout_ms=1000, max_records=_RECORDS)
        yield [_record(raw) for records in found.values() for raw in records]


def _said(record: Record) -> rebuilding.Heard:
    key = (record.key or b"").decode("utf-8", "backslashreplace")
    return rebuilding.Heard(key, record.value, record.headers.get("ce_type", ""), record.headers.get("ce_time", ""))


def _record(raw: ConsumerRecord[bytes, bytes]) -> Record:
    headers = text_headers(raw.headers or ())
    headers.pop("traceparent", None)
    return Record(raw.topic, raw.partition, raw.offset, raw.key, raw.value, headers, raw.timestamp)


def _decoded(records: Sequence[Record], decode: Callable[[Record], Any]) -> Batch:
    batch: Batch = Batch([], [])
    for record in records:
        try:
            event = decode(record)
        except Unreadable as error:
            batch.refused.append(Refused(record, error.reason, error.field))
        else:
            if event is not None:
                batch.events.append(event)
    return batch
