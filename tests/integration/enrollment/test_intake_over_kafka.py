"""Facts written to a source's own topic by a foreign client: judged as over HTTP, and by nobody else's leave."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from deploy import topics
from deploy.devstack.intake import write_client
from deploy.devstack.kafka import Kafka
from deploy.devstack.postgres import Postgres
from deploy.intake import main as intake_command
from shared.contracts.topics import TOPICS, intake_topics
from shared.messaging.cluster import Cluster
from tests.integration.enrollment.running import Emitter, Enrollment, Issuer, bearer, running
from tests.integration.enrollment.sasl import broker_with_a_door, consume, produce
from tests.integration.enrollment.test_facts_reach_kafka import records


@dataclass
class Door:
    """The broker, the service that reads from it, and one source with what its client needs to know."""

    broker: Kafka
    service: Enrollment
    home: Path
    emitter: Emitter
    client: Path

    @property
    def topic(self) -> str:
        return intake_topics(self.emitter.source)[0].name

    def send(self, *lines: str, topic: str = "", client: Path | None = None) -> str:
        return produce(self.broker, client or self.client, topic or self.topic, lines)


@pytest.fixture(scope="module")
def door(postgres: Postgres, issuer: Issuer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    home = tmp_path_factory.mktemp("door")
    with broker_with_a_door(home) as broker:
        asyncio.run(topics.ensure(Cluster(broker.bootstrap), TOPICS))
        url = postgres.create_database("enrollment_intake")
        with running(url, issuer, home / "log", kafka=broker.bootstrap) as service:
            emitter = service.emitter()
            assert intake_command(["--kafka", broker.bootstrap, "--database", url]) == 0
            yield Door(broker, service, home, emitter, write_client(broker, emitter.source, home))
        postgres.drop_database("enrollment_intake")


def binary(event: dict[str, Any]) -> str:
    names = ("specversion", "id", "source", "type", "subject")
    headers = ",".join(f"ce_{name}={event[name]}" for name in names)
    return f"{headers},ce_time={event['time']},content-type=application/json\t{event['subject']}\t" + json.dumps(
        event["data"]
    )


def structured(event: object) -> str:
    return f"content-type=application/cloudevents+json\tany\t{json.dumps(event)}"


def asked(door: Door, query: str, *arguments: Any) -> list[asyncpg.Record]:
    async def ask() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(door.service.database_url)
        try:
            return await connection.fetch(query, *arguments)
        finally:
            await connection.close()

    return asyncio.run(ask())


def eventually(look: Callable[[], Any], seconds: float = 300) -> Any:
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not come"
        time.sleep(0.2)
    return found


def counts(door: Door) -> dict[str, int]:
    """What became of everything the source has written to its topic."""
    rows = asked(
        door,
        "SELECT sum(accepted) AS accepted, sum(duplicate) AS duplicate, sum(set_aside) AS set_aside,"
        " sum(rejected) AS rejected FROM receipts JOIN sources USING (source_number)"
        " WHERE source = $1 AND receipt_id LIKE 'kafka.%'",
        door.emitter.source,
    )
    return {name: int(value or 0) for name, value in rows[0].items()}


def replies(door: Door, count: int) -> list[dict[str, Any]]:
    return [json.loads(one) for one in consume(door.broker, door.client, f"{door.topic}.replies", count)]


def test_what_a_foreign_client_writes_is_judged_as_over_http_and_refusals_come_back(door: Door) -> None:
    person = door.emitter.pseudonym()
    erased = door.emitter.pseudonym("gone")
    clerk = bearer(door.service.issuer.token("vault_clerk"))
    erasure = f"{door.service.url}/v1/persons/{erased}/erasure"
    assert door.service.client.post(erasure, json={"reason": "REQUESTED"}, headers=clerk).status_code < 300
    known = door.emitter.event(person, "h1")
    assert door.emitter.verdict(known) == "accepted"
    sound = [door.emitter.event(person, f"k{number}") for number in range(3)]
    paused = {**door.emitter.event(person, "k9"), "type": "gemeinsam.measure.paused.v1"}
    said = door.send(
        *map(binary, sound),
        *map(binary, (sound[0], known)),
        binary(paused),
        binary(door.emitter.event(person, "k1", data={"exit": "OTHER"})),
        binary(door.emitter.event(person, "k4", data={"ended_on": "2025-02-30"})),
        binary({**door.emitter.event(person, "k5"), "source": "//elsewhere.example"}),
        binary(door.emitter.event(person, "k6", data={"municipality": "05111000"})),
        binary(door.emitter.event(erased, "k7")),
        structured(door.emitter.event(person, "k8")),
        structured([1, 2]),
        "x=y\tany\t{'no': json",
        "x=y\tany\tNULL",
    )
    assert "rror" not in said, said
    eventually(lambda: sum(counts(door).values()) == 15)
    assert counts(door) == {"accepted": 4, "duplicate": 2, "set_aside": 1, "rejected": 8}
    refused = replies(door, 8)
    assert sorted((one["id"] or "", one["field"], one["code"]) for one in refused) == [
        ("", "event", "not_an_object"),
        ("", "event", "not_an_object"),
        ("", "row", "not_json"),
        ("k1", "id", "id_reused"),
        ("k4", "data.ended_on", "bad_date"),
        ("k5", "source", "foreign_source"),
        ("k6", "data.municipality", "area_not_yours"),
        ("k7", "subject", "erased"),
    ]
    assert len({(one["partition"], one["offset"]) for one in refused}) == 8
    receipt = f"{door.service.url}/v1/receipts/{refused[0]['receipt']}"
    assert door.service.client.get(receipt, headers=door.emitter.headers).json()["rejected"] > 0
    published = [one.key.decode().rsplit("/", 1)[1] for one in asyncio.run(records(door.broker.bootstrap, 6))]
    assert [one for one in published if one in ("k0", "k1", "k2")] == ["k0", "k1", "k2"]
    assert "k8" in published


def test_a_wrong_password_is_refused_by_the_broker(door: Door) -> None:
    wrong = door.home / "wrong.properties"
    wrong.write_text(door.client.read_text(encoding="utf-8").replace('password="', 'password="x'), encoding="utf-8")
    assert "Authentication failed" in door.send(structured({}), client=wrong)


def test_a_topic_that_is_not_its_own_is_refused_by_the_broker(door: Door) -> None:
    asyncio.run(topics.ensure(Cluster(door.broker.bootstrap), intake_topics("//somebody/else")))
    for foreign in ("enrollment.persons", "intake.somebody.else"):
        assert "Not authorized to access topics" in door.send(structured({}), topic=foreign)
    assert consume(door.broker, door.client, "enrollment.persons", 1, seconds=5) == []
