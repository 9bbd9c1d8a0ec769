"""The trace viewer, in its own process, fed by the exporter the services use."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import Link, SpanKind, Status, StatusCode, Tracer

from deploy.devstack.artifacts import fetch
from deploy.devstack.ports import free_port, listens
from deploy.devstack.processes import Child, Command
from deploy.devstack.spans import Search, Spans, TakenSpan


@pytest.fixture(scope="module")
def viewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home, port = tmp_path_factory.mktemp("traces"), free_port()
    page = fetch(["traces-page"])["traces-page"][0]
    arguments = ["-m", "deploy.devstack.traces", f"--port={port}", f"--data={home / 'spans'}", f"--page={page}"]
    child = Child(Command(name="traces", arguments=[sys.executable, *arguments], log=home / "traces.log"))
    try:
        child.wait_ready(lambda: listens(port), seconds=60)
        yield f"http://127.0.0.1:{port}"
    finally:
        child.stop(5)


def tracer(viewer: str, service: str) -> Tracer:
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter(endpoint=f"{viewer}/v1/traces")))
    return provider.get_tracer("test")


def test_a_trace_is_found_by_service_tag_and_number_and_batches_hang_in_every_trace_they_link_to(viewer: str) -> None:
    enrollment, pathways = tracer(viewer, "enrollment"), tracer(viewer, "pathways")
    numbers, links = [], []
    for _ in range(2):
        with enrollment.start_as_current_span("POST /v1/events", kind=SpanKind.SERVER) as span:
            span.set_attribute("http.response.status_code", 200)
            links.append(Link(span.get_span_context()))
            numbers.append(format(span.get_span_context().trace_id, "032x"))
    with pathways.start_as_current_span("take batch", links=links) as batch:
        batch.set_status(Status(StatusCode.ERROR, "Deadlock"))
    api = f"{viewer}/zipkin/api/v2"
    assert {"enrollment", "pathways"} <= set(httpx.get(f"{api}/services").json())
    for number in numbers:
        spans = httpx.get(f"{api}/trace/{number}").json()
        assert {(s["localEndpoint"]["serviceName"], s["name"]) for s in spans} == {
            ("enrollment", "POST /v1/events"),
            ("pathways", "take batch"),
        }
        own, hung = sorted(spans, key=lambda s: s["localEndpoint"]["serviceName"])
        assert (hung["parentId"], hung["traceId"], own["kind"]) == (own["id"], number, "SERVER")
        assert hung["tags"]["error"] == "Deadlock"
    asked = {"serviceName": "enrollment", "annotationQuery": "http.response.status_code=200", "limit": "10"}
    found = httpx.get(f"{api}/traces", params=asked).json()
    assert set(numbers) <= {trace[0]["traceId"] for trace in found}
    assert httpx.get(f"{api}/traces", params=asked | {"annotationQuery": "http.response.status_code=500"}).json() == []
    assert httpx.get(f"{api}/trace/{'0' * 32}").status_code == 404


def test_the_page_and_its_files_are_our_own(viewer: str) -> None:
    page = httpx.get(f"{viewer}/", follow_redirects=True)
    assert page.url.path == "/zipkin/"
    for path in ("/zipkin/config.json", "/zipkin/favicon.ico"):
        assert httpx.get(f"{viewer}{path}").status_code == 200
    assert httpx.get(f"{viewer}/zipkin/traces/abc").text == page.text


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"\xff\xff", "application/x-protobuf", 400),
        (b"{}", "application/json", 415),
        (b"", "application/x-protobuf", 200),
    ],
)
def test_what_is_no_span_is_refused(viewer: str, body: bytes, kind: str, status: int) -> None:
    answer = httpx.post(f"{viewer}/v1/traces", content=body, headers={"content-type": kind})
    assert answer.status_code == status


def test_a_search_with_words_for_numbers_is_refused(viewer: str) -> None:
    assert httpx.get(f"{viewer}/api/v2/traces", params={"limit": "many"}).status_code == 400


def test_old_spans_make_room_for_new_ones(tmp_path: Path) -> None:
    spans = Spans(tmp_path / "spans", kept=30_000)
    now = int(time.time() * 1_000_000)

    def made(number: int) -> TakenSpan:
        content = {"traceId": f"{number:032x}", "id": f"{number:016x}", "name": "n", "timestamp": now, "duration": 1}
        return TakenSpan({**content, "localEndpoint": {"serviceName": "s"}}, [])

    spans.put(made(number) for number in range(1, 40_001))
    spans.put(made(number) for number in range(40_001, 60_001))
    assert spans.trace(f"{1:032x}") == []
    assert spans.trace(f"{60_000:032x}")
    assert len(spans.search(Search.from_query({"limit": "1000"}))) == 1000
