"""What a decision looks like outside: rows of findings and history, and the messages that say it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from services.pathways.domain.cluster import Statement
from services.pathways.domain.finding import Finding
from services.pathways.store import findings
from services.pathways.usecases.loading import Cause
from shared.contracts import topics
from shared.contracts.envelope import Envelope, time_text, to_headers
from shared.messaging import outbox

SOURCE = "//gemeinsam/pathways"

pack_finding = msgspec.msgpack.Encoder().encode
_json = msgspec.json.Encoder().encode


def state_of(finding: Finding, *, retracted: bool) -> str:
    """`open`, `closed` or `retracted`."""
    if retracted:
        return "retracted"
    return "open" if finding.until is None else "closed"


def row(statement: Statement) -> findings.Held:
    """The state to hold after a statement."""
    said, finding = statement.said, statement.said.finding
    return findings.Held(
        *finding.identity,
        said.revision,
        state_of(finding, retracted=said.retracted),
        finding.severity,
        finding.since,
        finding.until,
        said.municipality,
        said.historical,
        pack_finding(finding),
    )


def data(statement: Statement) -> str:
    """The data of the event as JSON."""
    said, text = statement.said, statement.text
    event: dict[str, Any] = {
        **said.finding.line(),
        "text": {"de": text.de, "en": text.en},
        "municipality": said.municipality,
        "revision": said.revision,
        "historical": said.historical,
    }
    if text.ends_de:
        event["ends_with"] = {"de": text.ends_de, "en": text.ends_en}
    if said.finding.reason:
        event["reason"] = said.finding.reason
    if statement.event == "revised":
        event["changed"] = list(statement.changed)
    return _json(event).decode()


def history(statement: Statement, content: str, now: datetime) -> findings.Said:
    """The line of the history."""
    return findings.Said(
        *statement.said.finding.identity, statement.said.revision, statement.event, statement.on, now, content
    )


def message(statement: Statement, cause: Cause, content: str, now: datetime) -> outbox.Message:
    """The event. Its id names identity and revision, so that a repeat is known as one."""
    person, pattern, anchor = statement.said.finding.identity
    envelope = Envelope(
        id=f"{person}/{pattern}/{anchor}/{statement.said.revision}",
        source=SOURCE,
        type=f"gemeinsam.finding.{statement.event}.v1",
        subject=person,
        time=time_text(now),
        correlationid=cause.id,
        causationid=cause.id,
    )
    headers = to_headers(envelope)
    if cause.traceparent:
        headers["traceparent"] = cause.traceparent
    return outbox.Message(topics.FINDINGS.name, f"{person}/{pattern}/{anchor}", person, content.encode(), headers)


def tombstone(person: str, pattern: str, anchor: str) -> outbox.Message:
    """The removal of an erased person's finding from the topic."""
    return outbox.Message(topics.FINDINGS.name, f"{person}/{pattern}/{anchor}", person, None)
