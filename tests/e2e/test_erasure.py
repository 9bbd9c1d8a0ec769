"""A person is erased: every service proves it, and nothing but marks is left in any table, topic, log or trace."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any

import asyncpg
import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.contracts.topics import TOPICS
from tests.e2e.running import Running, wait_for

HAGEN = "05914000"
SOURCE = "//hagen-erasure.example/jobcenter"
SERVICES = {"enrollment", "pathways", "notifications", "reporting"}
TRAITS = {
    "azr_number": "990011223344",
    "family_name": "Zwiebelfischl",
    "given_name": "Quendolinah",
    "birth_date": "1999-07-08",
}
# Marks: that there was an erasure, so that nothing brings the person back; and who had looked, which outlives the data.
MARKS = {
    "enrollment": {"vault.erasures", "vault.proofs", "vault.read_log"},
    "pathways": {"public.timelines", "public.read_log"},
    "notifications": {"public.erased"},
    "reporting": {"public.persons"},
}


def call(stack: Running, method: str, path: str, headers: dict[str, str], **more: Any) -> httpx.Response:
    return httpx.request(method, f"{stack.url}/enrollment/v1/{path}", headers=headers, timeout=30, **more)


def emitter(stack: Running) -> dict[str, str]:
    return stack.bearer("emitter", HAGEN, body="JOBCENTER", source=SOURCE)


def case_manager(stack: Running) -> dict[str, str]:
    return stack.bearer("case_manager", HAGEN, body="JOBCENTER")


def register(stack: Running, local_id: str, **traits: str) -> str:
    rows = [{"local_id": local_id, "traits": traits}]
    return call(stack, "POST", "persons", emitter(stack), json=rows).raise_for_status().json()[0]["pseudonym"]


def days_ago(days: int) -> str:
    return (date.today() - timedelta(days=days)).isoformat()  # noqa: DTZ011 (Berlin's or UTC's: either will do)


def report(stack: Running, person: str, run: str) -> dict[str, Any]:
    common = {"municipality": HAGEN, "rechtskreis": "SGB2", "legal_basis": "SGB2_16", "purpose": "CASE_MANAGEMENT"}
    measure = {"measure_id": f"{run}/m1", "type": "AGH", "provider": "vhs", "started_on": days_ago(300)}
    ended = {"measure_id": f"{run}/m1", "ended_on": days_ago(92), "exit": "COMPLETED_NO_RESULT"}
    facts = [
        ("person.registered", {"registered_on": days_ago(400)}),
        ("measure.started", measure),
        ("measure.ended", ended),
    ]
    events = [
        {
            "specversion": "1.0",
            "id": f"{run}-{number}",
            "source": SOURCE,
            "subject": person,
            "time": f"2026-01-01T10:00:{number:02d}Z",
            "type": f"gemeinsam.{kind}.v1",
            "data": common | data,
        }
        for number, (kind, data) in enumerate(facts)
    ]
    headers = emitter(stack) | {"content-type": "application/cloudevents-batch+json"}
    return call(stack, "POST", "events", headers, json=events).raise_for_status().json()


@pytest.fixture(scope="module")
def erased(stack: Running) -> dict[str, str]:
    """A person mailed about, merged with another pseudonym of hers, and erased under the other one."""
    person = register(stack, "1", **TRAITS)
    near = register(stack, "2", azr_number=TRAITS["azr_number"])
    clerk = stack.bearer("vault_clerk")
    merge = {"decision": "merge", "reason": "DOCUMENTS"}
    call(stack, "POST", f"vault/matches/{person}/{near}", clerk, json=merge).raise_for_status()
    run = secrets.token_hex(4)
    assert report(stack, person, run)["accepted"] == 3
    wait_for(lambda: [m for m in stack.mails() if person in m["subject"]], seconds=60, what="the mail")
    # What a person may ask for, before that: none of it may leave a trace either.
    call(stack, "POST", f"persons/{near}/restriction", clerk, json={"reason": "OBJECTION"}).raise_for_status()
    assert call(stack, "GET", f"persons/{person}/records?reason=CASE_WORK", case_manager(stack)).status_code == 423
    call(stack, "DELETE", f"persons/{person}/restriction", clerk).raise_for_status()
    assert call(stack, "GET", f"persons/{person}/report", clerk).raise_for_status().json()["restrictions"]
    entry = {"sources": [SOURCE], "reason": "DOCUMENTS"}
    assert call(stack, "POST", f"persons/{person}/separation", clerk, json=entry).status_code == 422
    answer = call(stack, "POST", f"persons/{near}/erasure", clerk, json={"reason": "REQUESTED"}).raise_for_status()
    assert answer.json()["erased"] == sorted([person, near])
    return {"person": person, "near": near, "run": run}


def test_every_service_proves_that_it_holds_nothing_any_more(stack: Running, erased: dict[str, str]) -> None:
    clerk = stack.bearer("vault_clerk")

    def proofs(pseudonym: str) -> dict[str, dict[str, Any]]:
        document = call(stack, "GET", f"persons/{pseudonym}/erasure", clerk).raise_for_status().json()
        return {proof["service"]: proof for proof in document["proofs"]}

    for pseudonym in (erased["person"], erased["near"]):
        wait_for(lambda who=pseudonym: proofs(who).keys() >= SERVICES, seconds=60, what="the proofs")
        assert {proof["remaining"] for proof in proofs(pseudonym).values()} == {0}
    assert all(proofs(erased["person"])[service]["removed"] > 0 for service in SERVICES)


def test_a_resend_is_refused_and_a_new_registration_is_somebody_new(stack: Running, erased: dict[str, str]) -> None:
    receipt = report(stack, erased["person"], erased["run"])
    assert {(row["field"], row["code"]) for row in receipt["rejections"]} == {("subject", "erased")}
    assert receipt["rejected"] == 3
    assert register(stack, "1", **TRAITS) not in (erased["person"], erased["near"])


async def test_nothing_but_marks_is_left_in_any_table(stack: Running, erased: dict[str, str]) -> None:
    for service, url in stack.databases.items():
        left = await _tables_with(url, [erased["person"], erased["near"]])
        assert left <= MARKS[service], service
        traits = await _tables_with(url, [value for name, value in TRAITS.items() if name != "birth_date"])
        assert not traits, service


async def _tables_with(url: str, texts: list[str]) -> set[str]:
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch(
            "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        )
        found = set()
        for table in tables:
            for text in texts:
                query = f"SELECT count(*) FROM {table['name']} AS t WHERE position($1 IN t::text) > 0"
                query += " OR position($2 IN t::text) > 0"
                if await connection.fetchval(query, text, text.encode().hex()):
                    found.add(table["name"])
        return found
    finally:
        await connection.close()


async def test_the_last_record_of_each_of_the_persons_keys_is_a_tombstone(
    stack: Running, erased: dict[str, str]
) -> None:
    last: dict[tuple[str, bytes], tuple[bytes | None, str]] = {}
    everything = ""
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.kafka, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        assert await consumer.topics() <= {topic.name for topic in TOPICS} | {"__consumer_offsets"}
        for topic, number in ((topic.name, topic.partitions) for topic in TOPICS):
            parts = [TopicPartition(topic, part) for part in range(number)]
            consumer.assign(parts)
            ends = await consumer.end_offsets(parts)
            await consumer.seek_to_beginning(*parts)
            while any([await consumer.position(part) < ends[part] for part in parts]):
                for records in (await consumer.getmany(timeout_ms=500)).values():
                    for record in records:
                        headers = str(record.headers)
                        everything += str(record.value) + headers
                        last[(topic, record.key or str(record.offset).encode())] = (record.value, headers)
    finally:
        await consumer.stop()
    for value in (TRAITS["azr_number"], TRAITS["family_name"], TRAITS["given_name"]):
        assert value not in everything
    for pseudonym in (erased["person"], erased["near"]):
        left = {
            (topic, key.decode())
            for (topic, key), (value, headers) in last.items()
            if value is not None and (pseudonym in key.decode() or pseudonym in value.decode() or pseudonym in headers)
        }
        marks = {("enrollment.persons", f"{pseudonym}///gemeinsam/vault/erased:{pseudonym}")}
        marks |= {("enrollment.erasures", f"{pseudonym}/{service}") for service in SERVICES}
        assert left == marks


def test_logs_traces_and_metrics_name_neither_the_person_nor_the_traits(stack: Running, erased: dict[str, str]) -> None:
    places = {path.name: path.read_text(errors="replace") for path in (stack.home / "logs").glob("*.log")}
    for service in SERVICES:
        places[f"metrics of {service}"] = httpx.get(f"{stack.url}/{service}/metrics", timeout=10).text
    places["traces"] = "".join(
        path.read_bytes().decode("latin-1") for path in stack.home.glob("traces.sqlite*") if path.is_file()
    )
    hidden = (erased["person"], erased["near"], TRAITS["azr_number"], TRAITS["family_name"], TRAITS["given_name"])
    for place, text in places.items():
        found = [text[max(0, text.index(value) - 300) : text.index(value) + 50] for value in hidden if value in text]
        assert not found, (place, found)


def test_no_mail_and_no_file_outside_databases_and_log_names_the_traits(stack: Running, erased: dict[str, str]) -> None:
    hidden = [TRAITS[name] for name in ("azr_number", "family_name", "given_name")]
    for mail in stack.mails():
        assert not [value for value in hidden if value in str(mail)]
    for path in stack.home.rglob("*"):
        inside = path.relative_to(stack.home).parts[0]
        if path.is_file() and inside not in ("postgres", "kafka") and path.stat().st_size < 50_000_000:
            content = path.read_bytes()
            assert not [value for value in hidden if value.encode() in content], path
