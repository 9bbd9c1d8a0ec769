"""Traces and logs: one set-up for all services; ids only, never a name, a trait or a token.

Spans follow the W3C trace context. What is sampled is decided where a trace begins; spans that report an error or a
dead letter are kept whatever was decided (`keep=True`).
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import (
    ALWAYS_ON,
    ParentBased,
    Sampler,
    SamplingResult,
    TraceIdRatioBased,
)
from opentelemetry.trace import Link, Span, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

KEEP = "gemeinsam.keep"
_PROPAGATOR = TraceContextTextMapPropagator()
_tracer = trace.get_tracer("gemeinsam")


class KeepingSampler(Sampler):
    """Follows the parent's decision, else the ratio; but a span marked to be kept is always sampled."""

    def __init__(self, ratio: float) -> None:
        self._usual = ParentBased(TraceIdRatioBased(ratio))

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Any = None,
        links: Sequence[Link] | None = None,
        trace_state: Any = None,
    ) -> SamplingResult:
        """As the base class says."""
        chosen = ALWAYS_ON if attributes and attributes.get(KEEP) else self._usual
        return chosen.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)

    def get_description(self) -> str:
        """As the base class says."""
        return f"Keeping({self._usual.get_description()})"


def start(service: str, otlp_url: str | None, *, ratio: float) -> TracerProvider:
    """Set up logging and tracing of the process. Without `otlp_url` spans are made but go nowhere."""
    _log_as_json(service)
    provider = TracerProvider(
        resource=Resource.create({"service.name": service, "service.namespace": "gemeinsam"}),
        sampler=KeepingSampler(ratio),
    )
    if otlp_url:
        exporter = OTLPSpanExporter(endpoint=f"{otlp_url.rstrip('/')}/v1/traces", timeout=5)
        provider.add_span_processor(
            BatchSpanProcessor(exporter, schedule_delay_millis=1000, max_queue_size=20_000, max_export_batch_size=2000)
        )
    trace.set_tracer_provider(provider)
    return provider


@contextmanager
def span(
    name: str,
    *,
    kind: SpanKind = SpanKind.INTERNAL,
    parent: str | None = None,
    links: Sequence[Link] = (),
    keep: bool = False,
    **attributes: str | int | float | bool,
) -> Iterator[Span]:
    """A span; `parent` is a traceparent (else the current span is the parent). An exception marks it as failed."""
    context = context_of(parent) if parent else None
    given: dict[str, Any] = {key.replace("__", "."): value for key, value in attributes.items()}
    if keep:
        given[KEEP] = True
    with _tracer.start_as_current_span(
        name, context=context, kind=kind, links=list(links), attributes=given, record_exception=False
    ) as current:
        yield current


def begin(name: str, *, parent: str, kind: SpanKind) -> Span:
    """A span in the parent's trace that the caller ends; it does not become the current one."""
    return _tracer.start_span(name, context=context_of(parent), kind=kind)


def traceparent_of(span_: Span) -> str | None:
    """The traceparent that names a span."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier, trace.set_span_in_context(span_))
    return carrier.get("traceparent")


def mark_failed(current: Span, error: BaseException | str) -> None:
    """Mark a span as failed by the error's kind alone: its text may hold what must not be shown."""
    said = error if isinstance(error, str) else type(error).__name__
    current.set_status(Status(StatusCode.ERROR, said))
    if not current.get_span_context().trace_flags.sampled:
        # Its trace was not chosen to be kept, but an error always is: a span of its own tells of it.
        context = trace.set_span_in_context(current)
        kept = _tracer.start_span("failed", context=context, attributes={KEEP: True, "gemeinsam.failed": said})
        kept.set_status(Status(StatusCode.ERROR, said))
        kept.end()


def failed(error: BaseException | str) -> None:
    """Mark the current span as failed."""
    mark_failed(trace.get_current_span(), error)


def context_of(traceparent: str | None) -> Context | None:
    """The context a traceparent names, or None."""
    return _PROPAGATOR.extract({"traceparent": traceparent}) if traceparent else None


def traceparent() -> str | None:
    """The current span as a traceparent header, None outside of any."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent")


def sampled(header: str | None) -> bool:
    """Whether a traceparent says that its trace is kept."""
    return header is not None and len(header) == 55 and header[-2:] in ("01", "03")


def link_to(header: str) -> Link | None:
    """A span link to the span that a traceparent names."""
    found = trace.get_current_span(context_of(header)).get_span_context()
    return Link(found) if found.is_valid else None


class _JsonLines(logging.Formatter):
    """One JSON object a line with the trace id, so that the lines of one fact can be found by it."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self._service = service

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "service": self._service,
            "logger": record.name,
            "message": record.getMessage(),
        }
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            line["trace_id"] = format(context.trace_id, "032x")
        if record.exc_info:
            line["error"] = _without_message(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _without_message(exc_info: Any) -> str:
    """Where an error came from and its kind. Its message is left out: it may quote a value of somebody's record."""
    kind, _, frames = exc_info
    where = "".join(traceback.format_tb(frames)[-8:]).rstrip()
    return f"{getattr(kind, '__name__', kind)}\n{where}"


def _log_as_json(service: str) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines(service))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for noisy in ("httpx", "aiokafka", "opentelemetry", "uvicorn.access"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
