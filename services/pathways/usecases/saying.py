"""What a decision looks like outside: rows of findings and history, and the messages that say it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache

import msgspec

from services.pathways.domain.cluster import Said, Statement
from services.pathways.domain.finding import Finding
from services.pathways.store import findings
from services.pathways.usecases.loading import Cause
from shared.contracts import topics
from shared.contracts.envelope import Envelope, time_text, to_headers
from shared.messaging import outbox
from shared.writes import COPY_FROM, Write

SOURCE = "//gemeinsam/pathways"

_time_text = lru_cache(maxsize=8)(time_text)  # all messages of a transaction are of one instant
pack_finding = msgspec.msgpack.Encoder().encode
_json = msgspec.json.Encoder().encode


class _Data(msgspec.Struct, omit_defaults=True, gc=False):
    """The data of an event about a finding, in the order it is written; what has no value is left out but `until`."""

    person_id: str
    pattern: str
    anchor: str
    severity: str
    since: date
    until: date | None
    steps: tuple[tuple[str, date], ...]
    evidence: tuple[str, ...]
    rules_version: str
    text: dict[str, str]
    municipality: str | None
    revision: int
    historical: bool
    ends_with: dict[str, str] | None = None
    reason: str | None = None
    changed: tuple[str, ...] = ()


def state_of(finding: Finding, *, retracted: bool) -> str:
    """`open`, `closed` or `retracted`."""
    if retracted:
        return "retracted"
    return "open" if finding.until is None else "closed"


def writing(statements: Sequence[Statement], history: Sequence[findings.Said]) -> list[Write]:
    """The writes of the states after statements and of their history, for who has locked their persons.

    UniqueViolationError if another process has just met the same persons.
    """
    # Of several statements about one finding (a clock set forward) the last is the state.
    last = {statement.said.finding.identity: statement.said for statement in statements}
    new = {statement.said.finding.identity for statement in statements if statement.said.revision == 1}
    if len(new) < COPY_FROM:
        new = set()
    return [
        *findings.adding([held(said) for identity, said in last.items() if identity in new]),
        *findings.putting([held(said) for identity, said in last.items() if identity not in new]),
        *findings.remembering(history),
    ]


def held(said: Said) -> findings.Held:
    """The row of what was said last."""
    finding = said.finding
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
    said, text, finding = statement.said, statement.text, statement.said.finding
    return _json(
        _Data(
            finding.person_id,
            finding.pattern,
            finding.anchor,
            finding.severity,
            finding.since,
            finding.until,
            finding.steps,
            finding.evidence,
            finding.rules_version,
            {"de": text.de, "en": text.en},
            said.municipality,
            said.revision,
            said.historical,
            {"de": text.ends_de, "en": text.ends_en} if text.ends_de else None,
            finding.reason or None,
            statement.changed if statement.event == "revised" else (),
        )
    ).decode()


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
        time=_time_text(now),
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
