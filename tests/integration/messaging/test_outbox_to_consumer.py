"""From a committed decision over Kafka to committed effects, on real servers."""

from __future__ import annotations

import asyncio
import json
import os
from contextlib import asynccontextmanager

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.partitioner import murmur2

from shared.messaging import outbox
from shared.messaging.reading import BatchReading, behind

TOPIC = "enrollment.persons"


def message(subject: str, value: str, **headers: str) -> outbox.Message:
    return outbox.Message(TOPIC, f"{subject}/s/{value}", subject, value.encode(), headers)


async def decide_and_fail(host) -> None:
    async with host.db.transaction() as connection:
        await outbox.put(connection, [message("P1", "never")])
        raise RuntimeError


async def rows(host, table: str) -> int:
    async with host.db.reading() as connection:
        return await connection.fetchval(f"SELECT count(*) FROM {table}")


async def test_what_is_committed_is_taken_once_and_what_is_rolled_back_never(start, until):
    host, ledger = await start()
    async with host.db.transaction() as connection:
        await outbox.put(connection, [message(f"P{n % 7}", f"v{n}") for n in range(500)])
    with pytest.raises(RuntimeError):
        await decide_and_fail(host)
    await until(lambda: len(ledger.taken) >= 500)
    assert sorted(ledger.taken) == sorted(f"v{n}" for n in range(500))
    await until(lambda: rows_are(host, "outbox", 0))


async def test_records_of_one_subject_stay_in_order_on_the_partition_of_its_murmur2(start, until, fresh_topics):
    host, ledger = await start()
    for part in range(10):
        async with host.db.transaction() as connection:
            await outbox.put(
                connection, [message(f"P{n}", f"P{n}:{part * 10 + k}") for n in range(5) for k in range(10)]
            )
    await until(lambda: len(ledger.taken) == 500)
    for n in range(5):
        mine = [int(value.split(":")[1]) for value in ledger.taken if value.startswith(f"P{n}:")]
        assert mine == sorted(mine)
    reader = AIOKafkaConsumer(TOPIC, bootstrap_servers=fresh_topics, auto_offset_reset="earliest")
    await reader.start()
    try:
        record = await asyncio.wait_for(reader.getone(), 10)
        subject = record.key.split(b"/")[0]
        assert record.partition == (murmur2(subject) & 0x7FFFFFFF) % 12
    finally:
        await reader.stop()


async def test_a_record_that_cannot_be_read_becomes_a_dead_letter_and_the_others_are_taken(start, until, fresh_topics):
    host, ledger = await start()
    producer = AIOKafkaProducer(bootstrap_servers=fresh_topics)
    await producer.start()
    await producer.send_and_wait(TOPIC, b"bad \xff", key=b"\xfe", headers=[("x", None), ("y", b"\xff")], partition=0)
    await producer.send_and_wait(TOPIC, None, key=b"tombstone", partition=0)
    await producer.send_and_wait(TOPIC, b"good", key=b"k", partition=0)
    await producer.stop()
    await until(lambda: "good" in ledger.taken)
    async with host.db.reading() as connection:
        letter = await connection.fetchrow("SELECT * FROM dead_letters")
    assert (letter["reason"], letter["field"], letter["value"], letter["key"]) == (
        "not_json",
        "data",
        b"bad \xff",
        b"\xfe",
    )
    assert json.loads(letter["headers"])["y"] == "\\xff"
    reader = AIOKafkaConsumer("pathways.dead-letters", bootstrap_servers=fresh_topics, auto_offset_reset="earliest")
    await reader.start()
    try:
        dead = await asyncio.wait_for(reader.getone(), 10)
        headers = dict(dead.headers)
        assert dead.value == b"bad \xff"
        assert dead.key == b"\xfe"
        assert headers["dl_reason"] == b"not_json"
        assert headers["dl_topic"] == b"enrollment.persons"
        assert headers["dl_offset"] == b"0"
    finally:
        await reader.stop()


async def test_a_temporary_failure_is_tried_again_and_nothing_is_lost(start, until):
    host, ledger = await start()
    failures = iter([asyncpg.DeadlockDetectedError("met"), ConnectionError("away"), ConnectionError("away")])
    ledger.fail = lambda values: next(failures, None)
    async with host.db.transaction() as connection:
        await outbox.put(connection, [message("P1", f"v{n}") for n in range(20)])
    await until(lambda: len(ledger.taken) == 20)
    assert await rows(host, "dead_letters") == 0


async def test_a_database_that_takes_no_writes_for_long_makes_no_dead_letters(start, until):
    host, ledger = await start()
    failures = iter([asyncpg.DiskFullError("full"), TimeoutError(), *[asyncpg.ReadOnlySQLTransactionError("no")] * 8])
    ledger.fail = lambda values: next(failures, None)
    async with host.db.transaction() as connection:
        await outbox.put(connection, [message("P1", f"v{n}") for n in range(20)])
    await until(lambda: host.watch.state()["waiting_for"])
    assert not host.watch.state()["ok"]
    await until(lambda: len(ledger.taken) == 20, seconds=60)
    assert await rows(host, "dead_letters") == 0


async def test_a_fault_of_ours_that_escapes_loses_no_batch(start, until, monkeypatch):
    host, ledger = await start()
    judged = host.consumer._decoded
    faults = iter([RuntimeError("ours"), RuntimeError("ours")])

    def failing(*given):
        if fault := next(faults, None):
            raise fault
        return judged(*given)

    monkeypatch.setattr(host.consumer, "_decoded", failing)
    for part in range(3):
        async with host.db.transaction() as connection:
            await outbox.put(connection, [message(f"P{n}", f"{part}:{n}") for n in range(10)])
        await asyncio.sleep(0.3)
    await until(lambda: len(set(ledger.taken)) == 30)


async def test_a_batch_left_when_the_process_drains_is_not_skipped_by_the_next_one(start, until):
    host, ledger = await start()
    ledger.fail = lambda values: ConnectionError("away")
    async with host.db.transaction() as connection:
        await outbox.put(connection, [message("P1", "left")])
    await until(lambda: host.watch.state()["waiting_for"], seconds=60)
    host.consumer.stopping.set()
    ledger.fail = lambda values: None
    async with host.db.transaction() as connection:
        await outbox.put(connection, [message("P1", "next")])
    await until(lambda: {"left", "next"} <= set(ledger.taken), seconds=60)


@asynccontextmanager
async def consumer_before(kafka: str, records: int):
    """A consumer of three partitions, on which so many records wait."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    for number in range(records):
        await producer.send_and_wait(TOPIC, b"x", key=b"k", partition=number % 3)
    await producer.stop()
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest")
    consumer.assign([TopicPartition(TOPIC, number) for number in range(3)])
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def test_how_far_behind_is_told_before_the_first_record_too(fresh_topics):
    async with consumer_before(fresh_topics, 30) as consumer:
        assert await behind(consumer) == 30
        taken = await consumer.getmany(timeout_ms=5000, max_records=4)
        assert await behind(consumer) == 30 - sum(map(len, taken.values()))


async def test_where_more_waits_than_a_batch_holds_parts_of_other_partitions_are_read_with_it(fresh_topics):
    async with consumer_before(fresh_topics, 90) as consumer:
        reading = BatchReading(records=10, parts=2)
        seen, doubled = set(), 0
        while len(seen) < 90:
            read = await reading.next(consumer)
            parts = reading.parts(read)
            assert [record for part in parts for record in part] == list(read)
            assert all(len(part) <= 10 for part in parts)
            of_part = [{record.partition for record in part} for part in parts]
            assert len(parts) <= 2
            assert sum(map(len, of_part)) == len(set().union(*of_part))
            doubled += len(parts) == 2
            seen |= {(record.partition, record.offset) for record in read}
        assert doubled


async def test_one_poisonous_record_is_found_by_halving_and_the_rest_is_taken(start, until):
    host, ledger = await start()
    ledger.fail = lambda values: ZeroDivisionError() if "v7" in values else None
    async with host.db.transaction() as connection:
        await outbox.put(connection, [message("P1", f"v{n}") for n in range(20)])
    await until(lambda: len(ledger.taken) == 19)
    await until(lambda: dead_count(host))
    async with host.db.reading() as connection:
        assert await connection.fetch("SELECT value, reason FROM dead_letters") == [(b"v7", "take_ZeroDivisionError")]
        letter = await connection.fetchval("SELECT dead_letter_id FROM dead_letters")

    ledger.fail = lambda values: None
    from shared.operations import Decision, decided

    await decided(host.db, letter, Decision(action="send", why="the fault is mended"), by="test")
    await until(lambda: "v7" in ledger.taken)
    await until(lambda: state_is(host, "resent"))


async def dead_count(host) -> int:
    return await rows(host, "dead_letters")


async def state_is(host, state: str) -> bool:
    async with host.db.reading() as connection:
        return await connection.fetchval("SELECT state FROM dead_letters") == state


async def test_too_many_dead_letters_hold_the_consumer_until_it_is_released(start, until):
    host, ledger = await start(dead_letters_per_minute=30)
    async with host.db.transaction() as connection:
        await outbox.put(connection, [message("P1", f"bad{n}") for n in range(100)] + [message("P1", "good")])
    await until(lambda: host.watch.state()["held"])
    assert not host.watch.state()["ok"]
    assert ledger.taken == []
    assert await rows(host, "dead_letters") == 0
    await until(lambda: host.holds.release(TOPIC, "test"))
    await until(lambda: ledger.taken == ["good"])
    assert await rows(host, "dead_letters") == 100
    assert await rows(host, "consumer_holds") == 0


async def test_two_processes_of_a_service_share_the_topic_and_one_of_them_relays(start, until):
    one, first = await start()
    two, second = await start()
    await until(lambda: one.watch.assigned + two.watch.assigned == 12 and one.watch.assigned)
    for part in range(20):
        async with (one if part % 2 else two).db.transaction() as connection:
            await outbox.put(connection, [message(f"P{n}", f"{part}:{n}") for n in range(50)])
    await until(lambda: rows_are(one, "taken", 1000))
    assert one.relay.active != two.relay.active
    assert first.taken
    assert second.taken


async def rows_are(host, table: str, count: int) -> bool:
    return await rows(host, table) == count


async def test_a_message_the_broker_never_takes_is_laid_aside_and_the_others_go_on(start, until):
    host, ledger = await start()
    huge = outbox.Message(TOPIC, "P1/s/huge", "P1", os.urandom(3_000_000), {})
    async with host.db.transaction() as connection:
        await outbox.put(connection, [message("P1", "before"), huge, message("P1", "after")])
    await until(lambda: "after" in ledger.taken)
    assert list(dict.fromkeys(ledger.taken)) == ["before", "after"]  # neighbours may be repeated
    await until(lambda: rows_are(host, "outbox", 0))
    async with host.db.reading() as connection:
        assert await connection.fetchval("SELECT reason FROM dead_letters") == "too_large_to_send"
