"""Batches that the client's own library fails on cost nobody else a record, and stop no reader."""

from __future__ import annotations

import json

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.record.default_records import _DefaultRecordBatchBuilderPy

TOPIC = "enrollment.persons"


class RawName(str):
    """A header's name with bytes of its own on the wire."""

    def encode(self, *_: object) -> bytes:
        return b"na\xffme"


async def send(kafka: str, values: list[tuple[bytes, list]], *, partition: int = 0, codec: int = 0) -> None:
    """One batch, as given."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        batch = producer.create_batch()
        batch._builder = _DefaultRecordBatchBuilderPy(2, codec, 0, -1, -1, -1, 100_000_000)
        for value, headers in values:
            assert batch.append(key=b"k", value=value, timestamp=None, headers=headers) is not None
        await (await producer.send_batch(batch, TOPIC, partition=partition))
    finally:
        await producer.stop()


async def letters(host) -> list:
    async with host.db.reading() as connection:
        return await connection.fetch(
            'SELECT partition, "offset", reason, value, headers FROM dead_letters ORDER BY partition, "offset"'
        )


@pytest.mark.parametrize("codec", [0, 4], ids=["plain", "zstd"])
async def test_a_header_whose_name_is_no_utf8_costs_no_record(start, until, fresh_topics, codec):
    host, ledger = await start()
    bad = [(RawName("name"), b"x"), ("y", b"z")]
    for partition in range(3):
        await send(fresh_topics, [(f"before{partition}".encode(), [])], partition=partition)
    rows = [(b"v0", []), (b"v1", bad), (b"v2", []), (b"bad", bad), (b"v4", [])]
    await send(fresh_topics, rows, partition=1, codec=codec)
    await send(fresh_topics, [(b"after", [])], partition=1)
    await until(lambda: "after" in ledger.taken)
    await until(lambda: len(ledger.taken) == 8)
    assert sorted(ledger.taken) == ["after", "before0", "before1", "before2", "v0", "v1", "v2", "v4"]
    (letter,) = await letters(host)
    assert (letter["offset"], letter["reason"], letter["value"]) == (4, "not_json", b"bad")
    assert json.loads(letter["headers"]).items() >= {"na\\xffme": "x", "y": "z"}.items()


@pytest.mark.parametrize("codec", [1, 3, 4], ids=["gzip", "lz4", "zstd"])
async def test_a_small_batch_that_unpacks_to_more_than_there_is_room_for_is_one_dead_letter(
    start, until, fresh_topics, codec
):
    host, ledger = await start()
    await send(fresh_topics, [(b"first", [])], partition=1, codec=codec)
    await send(fresh_topics, [(bytes(30_000_000), [])], partition=1, codec=codec)
    await send(fresh_topics, [(b"last", []), (b"very last", [])], partition=1, codec=codec)
    await until(lambda: len(ledger.taken) >= 3)
    assert sorted(ledger.taken) == ["first", "last", "very last"]
    (letter,) = await letters(host)
    assert (letter["partition"], letter["offset"], letter["reason"]) == (1, 1, "unreadable_batch")
    assert json.loads(letter["headers"])["gemeinsam-unreadable"] == "cannot_be_unpacked"


async def test_a_batch_damaged_on_disk_becomes_one_dead_letter_with_its_place(start, until, fresh_topics, kafka_data):
    where = kafka_data / f"{TOPIC}-1" / f"{0:020}.log"
    await send(fresh_topics, [(b"first", [])], partition=1)
    await send(fresh_topics, [(b"DAMAGED-1", []), (b"DAMAGED-2", [])], partition=1)
    await send(fresh_topics, [(b"last", [])], partition=1)
    await send(fresh_topics, [(b"elsewhere", [])], partition=2)
    place = where.read_bytes().index(b"DAMAGED-1")
    with where.open("r+b") as log:
        log.seek(place)
        log.write(b"X")
    host, ledger = await start()
    await until(lambda: len(ledger.taken) >= 3)
    assert sorted(ledger.taken) == ["elsewhere", "first", "last"]
    (letter,) = await letters(host)
    assert (letter["partition"], letter["offset"], letter["reason"], letter["value"]) == (
        1,
        1,
        "unreadable_batch",
        None,
    )
    headers = json.loads(letter["headers"])
    assert headers["gemeinsam-unreadable"] == "checksum"
    assert headers["gemeinsam-unreadable-to"] == "2"
    assert host.watch.state()["ok"]
