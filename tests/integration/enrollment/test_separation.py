"""Two people had one case number by rule: a clerk takes them apart, and pathways finds in each only its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.devstack.postgres import Postgres
from services.pathways import rules
from services.pathways.subscribers import heard
from services.pathways.usecases import UseCases
from shared.clock import Clock
from shared.contracts.topics import PERSONS
from shared.db import Database
from shared.messaging.records import Batch, Record, text_headers
from shared.migrate import migrate
from tests.integration.enrollment.running import Emitter, Enrollment, Issuer, running
from tests.integration.enrollment.test_vault_clerks import call
from tests.integration.enrollment.test_vault_traits import ask, pair_of, register, unique

TODAY = date(2026, 3, 2)


@pytest.fixture
def service(postgres: Postgres, issuer: Issuer, fresh_topics: str, tmp_path: Path) -> Iterator[Enrollment]:
    url = postgres.create_database("enrollment_separation")
    with running(url, issuer, tmp_path / "log", kafka=fresh_topics) as enrollment:
        yield enrollment
    postgres.drop_database("enrollment_separation")


@pytest.fixture
async def pathways(database_url: str) -> AsyncIterator[Database]:
    await migrate(database_url, Path("services/pathways/migrations"))
    database = await Database.at(database_url, connections=2)
    yield database
    await database.close()


def career(emitter: Emitter, person: str, name: str) -> list[dict[str, Any]]:
    """Two measures in vain and nothing since: findings for certain."""

    def event(number: int, kind: str, **data: Any) -> dict[str, Any]:
        at = f"2026-01-0{number}T10:00:00Z"
        made = emitter.event(person, f"{name}{number}", type=f"gemeinsam.{kind}.v1", time=at)
        made["data"] = {key: value for key, value in made["data"].items() if key not in ("exit", "ended_on")} | data
        return made

    first, second = f"{name}-m1", f"{name}-m2"
    started = {"type": "MAT", "provider": "p"}
    return [
        event(1, "measure.started", measure_id=first, started_on="2025-01-13", **started),
        event(2, "measure.ended", measure_id=first, ended_on="2025-03-14", exit="COMPLETED_NO_RESULT"),
        event(3, "measure.started", measure_id=second, started_on="2025-05-12", **started),
        event(4, "measure.ended", measure_id=second, ended_on="2025-09-12", exit="COMPLETED_NO_RESULT"),
    ]


async def topic(kafka: str, count: int) -> list[Record]:
    """All records of the topic of persons, at least so many, each partition in its order."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    parts = [TopicPartition(PERSONS.name, number) for number in range(PERSONS.partitions)]
    consumer.assign(parts)
    found: list[Record] = []
    try:
        async with asyncio.timeout(90):
            while len(found) < count:
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    found += [
                        Record(r.topic, r.partition, r.offset, r.key, r.value, text_headers(r.headers)) for r in records
                    ]
    finally:
        await consumer.stop()
    return found


async def taken(db: Database, records: list[Record]) -> dict[str, set[str]]:
    """The open findings of each person once pathways has taken these records."""
    usecases = UseCases(db, Clock(TODAY), rules.load())
    await usecases.take_facts(Batch([heard(record) for record in records], []))
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT person_id, pattern, anchor FROM findings WHERE state = 'open'")
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(row["person_id"], set()).add(f"{row['pattern']} {row['anchor']}")
    return found


async def test_facts_move_to_the_new_case_number_and_the_two_are_never_merged_again(
    service: Enrollment, pathways: Database, fresh_topics: str
) -> None:
    traits = unique()
    office, school = service.emitter(), service.emitter(body="SCHOOL")
    person = register(office, "1", **traits)
    assert register(school, "9", **traits) == person, "the AZR number and another trait agree: one person by rule"
    assert office.report(*career(office, person, "a"))["accepted"] == 4
    assert school.report(*career(school, person, "b"))["accepted"] == 4
    before = await topic(fresh_topics, 8)
    together = await taken(pathways, before)
    assert together.keys() == {person}

    path = f"persons/{person}/separation"
    wrong = {"sources": [office.source, school.source], "reason": "WRONG_TRAITS"}
    assert call(service, "POST", path, json=wrong).status_code == 422
    answer = call(service, "POST", path, json={"sources": [school.source], "reason": "WRONG_TRAITS"})
    assert answer.status_code == 200, answer.text
    other = answer.json()["pseudonym"]
    assert other != person

    after = await topic(fresh_topics, 8 + 8)
    apart = await taken(pathways, after)
    assert apart.keys() == {person, other}
    assert all(" b-m" not in finding for finding in apart[person])
    assert all(" a-m" not in finding for finding in apart[other])
    assert {finding.replace("b-m", "a-m") for finding in apart[other]} == apart[person]
    assert await taken(pathways, after) == apart, "taken again, nothing differs"

    assert ask(school, {"local_id": "9"})[0]["pseudonym"] == other, "the source learns it when it asks"
    assert register(school, "9", **traits) == other
    assert register(office, "1", **traits) == person
    found = await asyncio.to_thread(pair_of, service, person, other)
    assert (found or ("", set()))[0] == "apart"
    refused = school.report(*career(school, person, "c"))
    assert {row["code"] for row in refused["rejections"]} == {"not_granted"}
    assert school.report(*career(school, other, "b"))["duplicate"] == 4, "a resend under the new number is known"
    assert school.report(*career(school, other, "c"))["accepted"] == 4


async def test_erasing_one_of_them_afterwards_leaves_the_other_alone(service: Enrollment, fresh_topics: str) -> None:
    traits = unique()
    office, school = service.emitter(), service.emitter(body="SCHOOL")
    person = register(office, "1", **traits)
    register(school, "9", **traits)
    office.report(*career(office, person, "a"))
    school.report(*career(school, person, "b"))
    await topic(fresh_topics, 8)
    entry = {"sources": [school.source], "reason": "PERSON_ASKED"}
    other = call(service, "POST", f"persons/{person}/separation", json=entry).json()["pseudonym"]
    assert call(service, "POST", f"persons/{person}/erasure", json={"reason": "REQUESTED"}).status_code == 202
    last: dict[bytes | None, bytes | None] = {}
    for record in await topic(fresh_topics, 8 + 8 + 5):
        last[record.key] = record.value
    held = [(key or b"").decode() for key, value in last.items() if value is not None]
    assert sum(key.startswith(other) for key in held) == 4
    assert [key for key in held if key.startswith(person)] == [f"{person}///gemeinsam/vault/erased:{person}"]
    connection = await asyncpg.connect(service.database_url)
    assert await connection.fetchval("SELECT count(*) FROM facts WHERE subject = $1", other) == 4
    await connection.close()


@pytest.mark.parametrize("role", ["case_manager", "emitter", "operator"])
def test_only_clerks_take_apart(enrollment: Enrollment, role: str) -> None:
    entry = {"sources": ["//a"], "reason": "DOCUMENTS"}
    assert call(enrollment, "POST", "persons/K7QM-2XW9-4TRD/separation", role, json=entry).status_code == 403
