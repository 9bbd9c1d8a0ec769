"""Spans on disk: from OpenTelemetry's form into Zipkin's, found by trace, service, name, time, duration and tag.

A span that links to others (one batch of many facts) is shown in each of their traces too, below the span it links to.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

KEPT_SPANS = 400_000
PRUNE_EVERY = 20_000
DEPENDENCY_SPANS = 50_000

SCHEMA = """
create table if not exists spans (
    number integer primary key, trace_id text not null, span_id text not null, parent_id text, service text not null,
    name text not null, started_us integer not null, duration_us integer not null, content text not null
);
create index if not exists spans_of_trace on spans (trace_id);
create index if not exists spans_by_start on spans (started_us);
create table if not exists links (trace_id text not null, parent_id text not null, span integer not null);
create index if not exists links_of_trace on links (trace_id);
create index if not exists links_of_span on links (span);
"""


@dataclass(frozen=True, slots=True)
class TakenSpan:
    """A span in Zipkin's form, and the (trace, span) pairs it links to."""

    content: dict[str, Any]
    links: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Search:
    """What Zipkin's page asks for; times in milliseconds, durations in microseconds."""

    end_ms: int
    lookback_ms: int
    limit: int
    service: str = ""
    name: str = ""
    least_us: int = 0
    most_us: int = 2**62
    tags: list[tuple[str, str | None]] = field(default_factory=list)

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> Search:
        """Read the query of `GET traces`; ValueError if a number is none."""
        asked = [part.strip() for part in query.get("annotationQuery", "").split(" and ") if part.strip()]
        return cls(
            end_ms=int(query.get("endTs") or time.time() * 1000),
            lookback_ms=int(query.get("lookback") or 86_400_000),
            limit=min(int(query.get("limit") or 10), 1000),
            service=_unless_all(query.get("serviceName", "")),
            name=_unless_all(query.get("spanName", "")),
            least_us=int(query.get("minDuration") or 0),
            most_us=int(query.get("maxDuration") or 2**62),
            tags=[(key, value if sign else None) for key, sign, value in (text.partition("=") for text in asked)],
        )


def _unless_all(text: str) -> str:
    return "" if text.lower() == "all" else text


class Spans:
    """The newest spans, in one SQLite file; older ones are dropped by themselves."""

    def __init__(self, path: Path | str, *, kept: int = KEPT_SPANS) -> None:
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute("pragma journal_mode = wal")
        self._database.execute("pragma synchronous = off")
        self._database.executescript(SCHEMA)
        self._lock = threading.Lock()
        self._kept = kept
        self._since_pruned = 0

    def put(self, taken: Iterable[TakenSpan]) -> None:
        """Keep spans."""
        with self._lock, self._database:
            for span in taken:
                number = self._insert(span.content)
                self._database.executemany(
                    "insert into links (trace_id, parent_id, span) values (?, ?, ?)",
                    [(trace_id, span_id, number) for trace_id, span_id in span.links],
                )
                self._since_pruned += 1
            if self._since_pruned >= PRUNE_EVERY:
                self._prune()

    def _insert(self, content: dict[str, Any]) -> int:
        row = (
            content["traceId"],
            content["id"],
            content.get("parentId"),
            content["localEndpoint"]["serviceName"],
            content["name"],
            content["timestamp"],
            content["duration"],
            json.dumps(content, ensure_ascii=False),
        )
        statement = (
            "insert into spans (trace_id, span_id, parent_id, service, name, started_us, duration_us, content) "
            "values (?, ?, ?, ?, ?, ?, ?, ?)"
        )
        return int(self._database.execute(statement, row).lastrowid or 0)

    def _prune(self) -> None:
        self._since_pruned = 0
        newest = self._database.execute("select max(number) from spans").fetchone()[0] or 0
        self._database.execute("delete from spans where number <= ?", (newest - self._kept,))
        self._database.execute("delete from links where span <= ?", (newest - self._kept,))

    def _rows(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()

    def services(self) -> list[str]:
        """The names of all services that sent spans."""
        return [row[0] for row in self._rows("select distinct service from spans order by service")]

    def names(self, service: str) -> list[str]:
        """The names of a service's spans."""
        return [
            row[0] for row in self._rows("select distinct name from spans where service = ? order by 1", (service,))
        ]

    def trace(self, trace_id: str) -> list[dict[str, Any]]:
        """All spans of a trace, and those of other traces that link into it."""
        own = [json.loads(row[0]) for row in self._rows("select content from spans where trace_id = ?", (trace_id,))]
        linked = self._rows(
            "select distinct links.parent_id, spans.content from links join spans on spans.number = links.span "
            "where links.trace_id = ? and spans.trace_id <> ?",
            (trace_id, trace_id),
        )
        return own + [_hung_into(json.loads(content), trace_id, parent) for parent, content in linked]

    def search(self, wanted: Search) -> list[list[dict[str, Any]]]:
        """The newest traces with a span that fits, each with all its spans."""
        conditions = ["started_us between ? and ?", "duration_us between ? and ?"]
        end = wanted.end_ms * 1000
        values: list[Any] = [end - wanted.lookback_ms * 1000, end, wanted.least_us, wanted.most_us]
        for column, text in (("service", wanted.service), ("name", wanted.name)):
            if text:
                conditions.append(f"{column} = ?")
                values.append(text)
        for key, value in wanted.tags:
            tag = "select 1 from json_each(content, '$.tags') as tag where tag.key = ?"
            conditions.append(f"exists ({tag})" if value is None else f"exists ({tag} and tag.value = ?)")
            values += [key] if value is None else [key, value]
        rows = self._rows(
            f"select trace_id from spans where {' and '.join(conditions)} "
            "group by trace_id order by max(started_us) desc limit ?",
            [*values, wanted.limit],
        )
        return [self.trace(row[0]) for row in rows]

    def dependencies(self) -> list[dict[str, Any]]:
        """Which service called which how often, over the newest spans."""
        rows = self._rows(
            "select parent.service, child.service, count(*) from "
            "(select * from spans order by number desc limit ?) as child "
            "join spans as parent on parent.trace_id = child.trace_id and parent.span_id = child.parent_id "
            "where parent.service <> child.service group by 1, 2",
            (DEPENDENCY_SPANS,),
        )
        return [{"parent": parent, "child": child, "callCount": count} for parent, child, count in rows]


def _hung_into(content: dict[str, Any], trace_id: str, parent_id: str) -> dict[str, Any]:
    tags = {**content.get("tags", {}), "linked.from_trace": content["traceId"]}
    return {**content, "traceId": trace_id, "parentId": parent_id, "tags": tags}


def zipkin_spans(request: ExportTraceServiceRequest) -> list[TakenSpan]:
    """The spans of an OTLP request in Zipkin's form: attributes become tags, events annotations, links both."""
    taken = []
    for resource in request.resource_spans:
        attributes = _plain(resource.resource.attributes)
        service = attributes.get("service.name", "unknown")
        for scope in resource.scope_spans:
            taken += [_taken(span, service) for span in scope.spans]
    return taken


def _taken(span: Span, service: str) -> TakenSpan:
    links = [(link.trace_id.hex(), link.span_id.hex()) for link in span.links]
    started = span.start_time_unix_nano // 1000
    content: dict[str, Any] = {
        "traceId": span.trace_id.hex(),
        "id": span.span_id.hex(),
        "name": span.name,
        "timestamp": started,
        "duration": max(1, span.end_time_unix_nano // 1000 - started),
        "localEndpoint": {"serviceName": service},
        "tags": _tags(span, links),
        "annotations": [{"timestamp": e.time_unix_nano // 1000, "value": e.name} for e in span.events],
    }
    kind = Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_")
    if kind in ("CLIENT", "SERVER", "PRODUCER", "CONSUMER"):
        content["kind"] = kind
    if span.parent_span_id:
        content["parentId"] = span.parent_span_id.hex()
    return TakenSpan(content, links)


def _tags(span: Span, links: Sequence[tuple[str, str]]) -> dict[str, str]:
    tags = _plain(span.attributes)
    if span.status.code == Status.STATUS_CODE_ERROR:
        tags["error"] = span.status.message or "true"
    if links:
        tags["links"] = str(len(links))
        tags |= {f"link.{place}": f"{trace}/{other}" for place, (trace, other) in enumerate(links[:10], start=1)}
    return tags


def _plain(attributes: Iterable[KeyValue]) -> dict[str, str]:
    return {attribute.key: _text(attribute.value) for attribute in attributes}


def _text(value: AnyValue) -> str:
    kind = value.WhichOneof("value")
    if kind == "array_value":
        return ", ".join(_text(item) for item in value.array_value.values)
    if kind == "bool_value":
        return "true" if value.bool_value else "false"
    return str(getattr(value, kind)) if kind else ""
