"""One trace shows a fact's way through all services, and nothing of what must stay hidden stands anywhere beside it."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any

import asyncpg
import httpx
import pytest

from tests.e2e.running import Running, wait_for

KOELN = "05315000"
SOURCE = "//koeln-trace.example/jobcenter"
NAME = "Zwetschgenbaum"  # a name somebody put where none belongs


@pytest.fixture(scope="module")
def sent(stack: Running) -> dict[str, Any]:
    """One person whose gap is mailed about, sent under a trace of the sender's own, with a name in fields not ours."""
    headers = stack.bearer("emitter", KOELN, body="JOBCENTER", source=SOURCE)
    answer = httpx.post(
        f"{stack.url}/enrollment/v1/persons", json=[{"local_id": "trace-1"}], headers=headers, timeout=30
    ).raise_for_status()
    body = answer.json()
    person = (body if isinstance(body, list) else body["persons"])[0]["pseudonym"]
    trace = secrets.token_hex(16)
    facts = [
        ("person.registered", {"registered_on": days_ago(400), "name": NAME}),
        ("measure.started", {"measure_id": "t/m1", "type": "AGH", "provider": "vhs", "started_on": days_ago(300)}),
        ("measure.ended", {"measure_id": "t/m1", "ended_on": days_ago(92), "exit": "COMPLETED_NO_RESULT"}),
    ]
    events = [
        {
            "specversion": "1.0",
            "id": f"trace-{number}",
            "source": SOURCE,
            "subject": person,
            "time": f"2026-01-01T10:00:{number:02d}Z",
            "type": f"gemeinsam.{kind}.v1",
            "data": {
                "municipality": KOELN,
                "rechtskreis": "SGB2",
                "legal_basis": "SGB2_16",
                "purpose": "CASE_MANAGEMENT",
            }
            | data
            | {"remark": f"Frau {NAME} war da"},
        }
        for number, (kind, data) in enumerate(facts)
    ]
    receipt = httpx.post(
        f"{stack.url}/enrollment/v1/events",
        json=events,
        headers=headers
        | {
            "content-type": "application/cloudevents-batch+json",
            "traceparent": f"00-{trace}-{secrets.token_hex(8)}-01",
        },
        timeout=30,
    ).raise_for_status()
    assert receipt.json()["accepted"] == 3, receipt.text
    wait_for(lambda: [m for m in stack.mails() if person in m["subject"]], seconds=60, what="the mail")
    return {"person": person, "trace": trace, "token": headers["Authorization"].removeprefix("Bearer ")}


def days_ago(days: int) -> str:
    return (date.today() - timedelta(days=days)).isoformat()  # noqa: DTZ011 (Berlin's or UTC's: either will do)


def spans_of(stack: Running, trace: str) -> list[dict[str, Any]]:
    answer = httpx.get(f"{stack.traces}/zipkin/api/v2/trace/{trace}", timeout=10)
    return answer.json() if answer.status_code == 200 else []


def test_one_trace_shows_the_way_from_the_post_to_mail_and_page(stack: Running, sent: dict[str, Any]):
    wanted = {
        ("enrollment", "post /v1/events"),
        ("enrollment", "relay enrollment.persons"),
        ("pathways", "process enrollment.persons"),
        ("pathways", "relay pathways.findings"),
        ("notifications", "process pathways.findings"),
        ("notifications", "send e-mail"),
        ("reporting", "process enrollment.persons"),
        ("reporting", "process pathways.findings"),
    }

    def seen() -> set[tuple[str, str]]:
        return {(span["localEndpoint"]["serviceName"], span["name"].lower()) for span in spans_of(stack, sent["trace"])}

    wait_for(lambda: wanted <= seen(), seconds=90, what=f"all of the trace ({wanted - seen()} missing)")
    spans = {span["id"]: span for span in spans_of(stack, sent["trace"])}
    mail = next(span for span in spans.values() if span["name"].lower() == "send e-mail")
    way = [mail]
    while way[-1].get("parentId") in spans:
        way.append(spans[way[-1]["parentId"]])
    assert [span["localEndpoint"]["serviceName"] for span in way][-1] == "enrollment"
    assert {span["localEndpoint"]["serviceName"] for span in way} == {"enrollment", "pathways", "notifications"}


def test_the_log_lines_and_spans_hold_no_name_and_no_token(stack: Running, sent: dict[str, Any]):
    hidden = (NAME, sent["token"], sent["token"].split(".")[2])
    places = {path.name: path.read_text(errors="replace") for path in (stack.home / "logs").glob("*.log")}
    places["trace"] = str(spans_of(stack, sent["trace"]))
    for service in ("enrollment", "pathways", "notifications", "reporting"):
        places[f"metrics of {service}"] = httpx.get(f"{stack.url}/{service}/metrics", timeout=10).text
    assert "pathways.log" in places
    for place, text in places.items():
        for secret in hidden:
            assert secret not in text, place


async def test_no_table_of_any_service_holds_what_was_not_declared(stack: Running, sent: dict[str, Any]):
    for service, url in stack.databases.items():
        connection = await asyncpg.connect(url)
        try:
            tables = await connection.fetch(
                "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables"
                " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            )
            for table in tables:
                found = await connection.fetchval(
                    f"SELECT count(*) FROM {table['name']} AS t WHERE t::text LIKE '%{NAME}%'"
                    f" OR t::text LIKE '%{NAME.encode().hex()}%'"
                )
                assert found == 0, (service, table["name"])
        finally:
            await connection.close()
