"""Whatever stands on the topic of facts: what is no fact becomes a dead letter, and everybody else is evaluated.

A record without any key cannot stand there: the broker takes none on a compacted topic.
"""

from __future__ import annotations

import asyncio
import json

from aiokafka import AIOKafkaProducer

from shared.contracts.envelope import from_structured, to_headers
from shared.contracts.topics import FINDINGS, PERSONS
from tests.integration.pathways.conftest import expected, folded, lines_of, people, quiet, send, stored

TODAY = "2020-03-01"
SOURCE = "//koeln.example/jobcenter"
COMMON = {
    "municipality": "05315000",
    "rechtskreis": "SGB2",
    "legal_basis": "SGB2_50",
    "purpose": "CASE_MANAGEMENT",
}
STARTED = {"measure_id": "m1", "type": "AGH", "provider": "p", "started_on": "2019-02-01"}


def fact(number: int, **data: object) -> tuple[str, dict[str, bytes | None], bytes | None]:
    """Key, headers and value of a sound record about a person of its own; the data laid over a started measure."""
    event = {
        "specversion": "1.0",
        "id": f"bad-{number}",
        "source": SOURCE,
        "type": "gemeinsam.measure.started.v1",
        "subject": f"BAD-{number}",
        "time": "2019-02-02T10:00:00Z",
        "data": COMMON | STARTED | data,
    }
    envelope, content = from_structured(event)
    headers: dict[str, bytes | None] = {name: value.encode() for name, value in to_headers(envelope).items()}
    return f"{envelope.subject}/{SOURCE}/{envelope.id}", headers, json.dumps(content).encode()


def bad_records() -> dict[str, tuple[str, dict[str, bytes | None], bytes | None]]:
    """Records that cannot be taken, by the reason or the part of it they become dead letters with."""
    key, headers, value = fact(1)
    assert value is not None
    return {
        "a null header": (key, headers | {"ce_type": None}, value),
        "a header that is no text": (key, headers | {"ce_subject": b"\xff\xfe"}, value),
        "a control character in a header": (key, headers | {"ce_id": b"a\x00b"}, value),
        "no event at all": ("", {}, b"hello"),
        "nothing but nulls": ("\x00", {"": None, "x": None}, b""),
        "the key of another subject": ("BAD-2" + key[5:], headers, value),
        "an empty key": ("", headers, value),
        "no JSON": (key, headers, value[:-1]),
        "no UTF-8": (key, headers, b'{"measure_id":"\xff"}'),
        "an array": (key, headers, b"[]"),
        "nested deep": (key, headers, b'{"a":' * 100_000),
        "a lone surrogate": (key, headers, value.replace(b'"m1"', b'"\\ud800"')),
        "no number": (key, headers, value.replace(b'"AGH"', b'"AGH","hours":1e999')),
        "a date that is none": (key, headers, value.replace(b"2019-02-01", b"2019-02-31")),
        "a time that is none": (key, headers | {"ce_time": b"yesterday"}, value),
    }


async def put(kafka: str, *records: tuple[str, dict[str, bytes | None], bytes | None], partition: int) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=kafka)
    await producer.start()
    try:
        for key, headers, value in records:
            await producer.send_and_wait(
                PERSONS.name, value, key=key.encode(),
                partition=partition, headers=list(headers.items()),
            )  # fmt: skip
    finally:
        await producer.stop()


async def test_no_bad_record_stops_or_spoils_anything(pathways, fresh_topics):
    events = people(61, 60, today=TODAY)
    host = await pathways(TODAY)
    await send(fresh_topics, events[: len(events) // 2])
    bad = bad_records()
    tombstone = ("BAD-9/unknown/key", {}, None)
    await put(fresh_topics, tombstone, *bad.values(), tombstone, partition=3)
    await send(fresh_topics, events[len(events) // 2 :])
    await quiet(host, stored(events))
    async with asyncio.timeout(120):
        while len(letters := await dead(host)) < len(bad):
            await asyncio.sleep(0.1)
    assert [(row["partition"], row["value"]) for row in letters] == [(3, value) for _, _, value in bad.values()]
    reasons = dict(zip(bad, [row["reason"] for row in letters], strict=True))
    assert set(reasons.values()) == {"no_event", "foreign_key", "unreadable"}
    assert reasons["the key of another subject"] == reasons["an empty key"] == "foreign_key"
    assert lines_of(await folded(fresh_topics, FINDINGS)) == expected(events, TODAY)
    assert host.watch.state()["ok"]


async def dead(host) -> list:
    async with host.db.reading() as connection:
        return await connection.fetch('SELECT partition, reason, value FROM dead_letters ORDER BY "offset"')


async def test_dates_at_the_ends_of_the_calendar_and_odd_characters_harm_nobody_else(pathways, fresh_topics):
    events = people(62, 30, today=TODAY)
    odd = [
        fact(1, started_on="9999-12-31"),
        fact(2, started_on="0001-01-01", planned_end_on="9999-12-31"),
        fact(3, started_on="2019-01-01", planned_end_on="9999-12-31"),
        fact(4, measure_id="a\x00b"),
        fact(5, hours=10**18),
    ]
    host = await pathways(TODAY)
    await put(fresh_topics, *odd, partition=5)
    await send(fresh_topics, events)
    async with asyncio.timeout(120):
        while await count_of(host, odd) + len(await dead(host)) < len(odd):
            await asyncio.sleep(0.1)
    kept = await count_of(host, odd)
    await quiet(host, stored(events) + kept)
    state = await folded(fresh_topics, FINDINGS)
    others = {key: data for key, data in state.items() if not key.startswith("BAD-")}
    assert lines_of(others) == expected(events, TODAY)


async def count_of(host, odd) -> int:
    persons = [key.split("/")[0] for key, _, _ in odd]
    async with host.db.reading() as connection:
        return await connection.fetchval("SELECT count(*) FROM timelines WHERE person_id = ANY($1::text[])", persons)
