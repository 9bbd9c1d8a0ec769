"""Makes everything anew: forgets what is stored, and holds again what the topic of findings says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from services.pathways.domain.finding import Finding
from services.pathways.store import findings, people, timelines
from services.pathways.usecases.saying import pack_finding, state_of
from shared.contracts import topics
from shared.db import Database
from shared.messaging import outbox


class Published(msgspec.Struct):
    """The data of an event about a finding, as far as it is held."""

    person_id: str
    pattern: str
    anchor: str
    severity: str
    since: Any
    until: Any
    steps: list[Any]
    evidence: list[str]
    rules_version: str
    revision: int
    historical: bool
    municipality: str | None = None
    reason: str | None = None


_decode = msgspec.json.Decoder(Published).decode


async def forget_all(database: Database) -> None:
    """Delete the timelines and hold no finding any more; business date, history and what people decided stay."""
    async with database.transaction() as connection:
        await outbox.forget(connection, topics.FINDINGS.name)
        await findings.hold_nothing(connection)
        await timelines.delete_all(connection)


async def hold(database: Database, events: Sequence[tuple[bytes | None, str, str]]) -> int:
    """Hold what events (data, type, time) of the topic say, in their order; returns how many, tombstones apart.

    A lost history gets back the last that was said of each finding, which pages show.
    """
    rows, said = {}, {}
    for content, event_type, time in events:
        if content is not None:
            held = _row(_decode(content), retracted=event_type.endswith(".retracted.v1"))
            rows[held[:3]] = held
            said_at = datetime.fromisoformat(time)
            event = event_type.split(".")[-2]
            said[held[:3]] = findings.Said(*held[:3], held.revision, event, said_at.date(), said_at, content.decode())
    async with database.transaction() as connection:
        await findings.put(connection, list(rows.values()))
        await people.restore_history(connection, list(said.values()))
    return len(rows)


def _row(said: Published, *, retracted: bool) -> findings.Held:
    finding = msgspec.convert({name: getattr(said, name) for name in Finding.__struct_fields__}, Finding, strict=False)
    return findings.Held(
        *finding.identity,
        said.revision,
        state_of(finding, retracted=retracted),
        finding.severity,
        finding.since,
        finding.until,
        said.municipality,
        said.historical,
        pack_finding(finding),
    )
