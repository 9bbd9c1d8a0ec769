"""Whatever the sampling chose: errors are kept, and no message of theirs is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from shared import telemetry


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """What is exported when no trace is chosen by chance."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(sampler=telemetry.KeepingSampler(0.0))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_tracer", provider.get_tracer("test"))
    yield exporter
    provider.shutdown()


def test_an_ordinary_span_of_a_trace_not_chosen_is_not_kept(spans: InMemorySpanExporter):
    with telemetry.span("usual"):
        pass
    assert spans.get_finished_spans() == ()


def test_a_failure_is_kept_in_its_trace_by_its_kind_alone(spans: InMemorySpanExporter):
    with telemetry.span("usual") as current:
        trace_id = current.get_span_context().trace_id
        telemetry.failed(ValueError("Frau Zwetschgenbaum"))
    (kept,) = spans.get_finished_spans()
    assert kept.get_span_context().trace_id == trace_id
    assert kept.status.description == "ValueError"
    assert "Zwetschgenbaum" not in kept.to_json()


def test_a_dead_letters_span_is_kept(spans: InMemorySpanExporter):
    with telemetry.span("dead letter", keep=True):
        pass
    assert [span.name for span in spans.get_finished_spans()] == ["dead letter"]
