"""Makes everything anew: forgets what is stored, and holds again what the topic of findings says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from services.pathways.domain.cluster import Said
from services.pathways.domain.finding import Finding, Identity
from services.pathways.store import findings, people, referrals, timelines
from services.pathways.store.referrals import Referral
from services.pathways.usecases import saying, warning
from shared.contracts import topics
from shared.db import Database
from shared.messaging import outbox
from shared.writes import write


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
        await outbox.forget(connection, topics.REFERRALS.name)
        await referrals.hold_nothing(connection)
        await findings.hold_nothing(connection)
        await timelines.delete_all(connection)


class Heard(NamedTuple):
    """A record of the topic of findings; without data a tombstone."""

    key: str
    data: bytes | None
    type: str
    time: str


async def hold(database: Database, events: Sequence[Heard]) -> int:
    """Hold what events of the topic say, in their order, and forget what tombstones name; returns how many are held.

    A lost history gets back the last that was said of each finding, which pages show.
    """
    rows: dict[Identity, findings.Held] = {}
    said: dict[Identity, findings.Said] = {}
    gone: set[Identity] = set()
    for event in events:
        if event.data is None:
            if len(parts := event.key.split("/", 2)) == 3:
                identity = (parts[0], parts[1], parts[2])
                gone.add(identity)
                rows.pop(identity, None)
                said.pop(identity, None)
            continue
        held = saying.held(_said(_decode(event.data), retracted=event.type.endswith(".retracted.v1")))
        rows[held[:3]] = held
        gone.discard(held[:3])
        said_at = datetime.fromisoformat(event.time)
        kind = event.type.split(".")[-2]
        said[held[:3]] = findings.Said(*held[:3], held.revision, kind, said_at.date(), said_at, event.data.decode())
    async with database.transaction() as connection:
        await write(connection, findings.putting(list(rows.values())))
        await people.restore_history(connection, list(said.values()))
        await findings.delete(connection, sorted(gone))
    return len(rows)


async def hold_warnings(database: Database, records: Sequence[tuple[bytes | None, str, str]]) -> None:
    """Hold what records (value, type, key) of the topic of referrals say, in their order."""
    last: dict[str, Referral] = {}
    for content, event_type, key in records:
        stands = warning.said(content, event_type, key)
        if stands is not None and stands.said is not None:
            last[key] = stands
        else:
            last.pop(key, None)
    async with database.transaction() as connection:
        await referrals.hold(connection, [last[key] for key in sorted(last)])


def _said(event: Published, *, retracted: bool) -> Said:
    given = {name: getattr(event, name) for name in Finding.__struct_fields__}
    finding = msgspec.convert(given, Finding, strict=False)
    return Said(finding, event.revision, event.municipality, event.historical, retracted)
