"""The Kafka door: what pathways says of findings and referrals, and enrollment of municipalities and workshops."""

from __future__ import annotations

from services.notifications.domain.finding import REFERRAL, WARNED, Cleared, Finding, Gone
from services.notifications.domain.notice import Happening
from services.notifications.usecases import Heard, UseCases
from services.notifications.usecases.forgetting import Forgetting
from services.notifications.usecases.notices import Notices
from shared.contracts import findings, municipalities, referrals, topics, workshops
from shared.contracts.envelope import PREFIX
from shared.messaging import erasures
from shared.messaging.consumer import Consumer
from shared.messaging.events import read
from shared.messaging.records import Record, Unreadable

_HAPPENINGS = {**municipalities.EVENTS, **workshops.EVENTS}


def subscribe(consumer: Consumer, usecases: UseCases, *, records: int) -> None:
    """Hear findings; a mail can wait for others."""
    take = usecases.plan
    consumer.subscribe([topics.FINDINGS.name], decode=heard, take=take, records=records, gather_seconds=0.2)


def subscribe_referrals(consumer: Consumer, usecases: UseCases, *, records: int) -> None:
    """Hear what would come of referrals before they begin."""
    consumer.subscribe([topics.REFERRALS.name], decode=warned, take=usecases.plan, records=records)


def subscribe_erasures(consumer: Consumer, forgetting: Forgetting) -> None:
    """Hear who has been erased."""
    consumer.subscribe([topics.ERASURES.name], decode=erasures.heard, take=forgetting.forget)


def subscribe_notices(consumer: Consumer, notices: Notices, *, records: int) -> None:
    """Hear what happens to municipalities and in workshops; each topic for itself, in its order."""
    for topic in (topics.MUNICIPALITIES, topics.WORKSHOPS):
        consumer.subscribe([topic.name], decode=happened, take=notices.plan, records=records)


def happened(record: Record) -> Happening | None:
    """A record about a municipality or a workshop; None for tombstones and newer types; raises `Unreadable`."""
    event = read(record, _HAPPENINGS)
    if event is None:
        return None
    envelope, data = event
    return Happening(
        event_id=envelope.id,
        thing=envelope.type.removeprefix(PREFIX).rpartition(".")[0],
        subject=envelope.subject,
        recorded_at=envelope.recorded_at,
        data=data.to_data(),
        traceparent=record.headers.get("traceparent"),
    )


def heard(record: Record) -> Heard | None:
    """A record of `pathways.findings`; None for event types newer than this release; raises `Unreadable`."""
    if record.value is None:
        return Heard(_gone(record.key), None)
    event = read(record, findings.EVENTS)
    if event is None:
        return None
    envelope, data = event
    if data.person_id != envelope.subject:
        raise Unreadable("subject_differs", "person_id")
    finding = Finding(
        event_id=envelope.id,
        type=envelope.type,
        person_id=data.person_id,
        pattern=data.pattern,
        anchor=data.anchor,
        severity=data.severity,
        since=data.since,
        step_on=data.steps[-1][1],
        until=data.until,
        municipality=data.municipality or "",  # who has left the Land has none: nobody is told
        historical=data.historical,
        noticed={"de": data.text.de, "en": data.text.en},
        ends={"de": data.ends_with.de, "en": data.ends_with.en} if data.ends_with else {},
        by_new_rules=(envelope.causationid or "").startswith(findings.NEW_RULES),
    )
    return Heard(finding, record.headers.get("traceparent"))


def warned(record: Record) -> Heard | None:
    """A record of `pathways.referrals`; None for event types newer than this release; raises `Unreadable`."""
    if record.value is None:
        person_id, _, measure_id = (record.key or b"").decode("utf-8", "replace").partition("/")
        if not measure_id:
            raise Unreadable("bad_key", "key")
        return Heard(Gone(person_id, REFERRAL, measure_id), None)
    event = read(record, referrals.EVENTS)
    if event is None:
        return None
    envelope, data = event
    if data.person_id != envelope.subject:
        raise Unreadable("subject_differs", "person_id")
    if not isinstance(data, referrals.ReferralWarned):
        return Heard(Cleared(data.person_id, REFERRAL, data.measure_id), None)
    warning = Finding(
        event_id=envelope.id,
        type=WARNED,
        person_id=data.person_id,
        pattern=REFERRAL,
        anchor=data.measure_id,
        severity=data.severity,
        since=data.referred_on,
        step_on=data.referred_on,
        until=None,
        municipality=data.municipality,
        historical=data.historical,
        noticed={},
        ends={},
    )
    return Heard(warning, record.headers.get("traceparent"))


def _gone(key: bytes | None) -> Gone:
    try:
        person_id, pattern, anchor = (key or b"").decode().split("/", 2)
    except ValueError:
        raise Unreadable("bad_key", "key") from None
    return Gone(person_id, pattern, anchor)
