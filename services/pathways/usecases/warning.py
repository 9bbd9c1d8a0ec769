"""What is said of referrals before they begin, on a topic of its own: warned, cleared, forgotten."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import msgspec

from services.pathways.store.referrals import Checked, Hint, Referral
from services.pathways.usecases.loading import Cause
from services.pathways.usecases.saying import SOURCE
from shared.contracts import topics
from shared.contracts.envelope import Envelope, time_text, to_headers
from shared.messaging import outbox

_LONG_AGO = timedelta(days=30)
"""Nobody is mailed about a referral older than this, nor about one that should have begun: it is no news any more."""
_json = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(dict[str, object]).decode


def checked(referral: Referral, hint: Hint | None, today: date, *, is_open: bool) -> Checked:
    """What was found of a referral, with what is to stand on the topic because of it."""
    return Checked(referral, is_open, hint, None if hint is None else _data(referral, hint, today))


def messages(found: Checked, today: date, now: datetime) -> list[outbox.Message]:
    """What is to be said; nothing if what stands is what was said before."""
    before, after = found.referral.said, found.said
    if before is not None and after is not None and _unmoved(before) == _unmoved(after):
        return []
    if after is not None:
        return [_message(found.referral, "warned", after.encode(), today, now=now)]
    if before is not None:
        content = _json({"person_id": found.referral.person_id, "measure_id": found.referral.measure_id})
        return [_message(found.referral, "cleared", content, today, now=now)]
    return []


def tombstone(person: str, measure_id: str) -> outbox.Message:
    """The removal of what was said of an erased person's referral."""
    return outbox.Message(topics.REFERRALS.name, f"{person}/{measure_id}", person, None)


def said(content: bytes | None, event_type: str, key: str) -> Referral | None:
    """What a record of the topic says stands, or that nothing does (`said` None); None for a tombstone."""
    person, _, measure_id = key.partition("/")
    if content is None:
        return None
    if not event_type.endswith(".warned.v1"):
        return Referral(person, measure_id, "", None, None, None)
    return Referral(person, measure_id, str(_decode(content)["type"]), None, None, None, content.decode())


def _data(referral: Referral, hint: Hint, today: date) -> str:
    long_ago = referral.referred_on is not None and referral.referred_on < today - _LONG_AGO
    historical = long_ago or (referral.starts_on is not None and referral.starts_on < today)
    return _json(
        {
            "person_id": referral.person_id,
            "measure_id": referral.measure_id,
            "type": referral.type,
            "referred_on": referral.referred_on,
            "planned_start_on": referral.starts_on,
            "municipality": hint.municipality,
            "severity": hint.severity,
            "patterns": hint.patterns,
            "historical": historical,
        }
    ).decode()


def _unmoved(content: str) -> dict[str, object]:
    """Without what changes as days go by and is no news."""
    data = _decode(content.encode())
    data.pop("historical", None)
    return data


def _message(referral: Referral, event: str, content: bytes, today: date, *, now: datetime) -> outbox.Message:
    cause = Cause.of(referral.cause, on=today)
    key = f"{referral.person_id}/{referral.measure_id}"
    envelope = Envelope(
        id=f"{key}/{time_text(now)}",
        source=SOURCE,
        type=f"gemeinsam.referral.{event}.v1",
        subject=referral.person_id,
        time=time_text(now),
        correlationid=cause.id,
        causationid=cause.id,
    )
    headers = to_headers(envelope)
    if cause.traceparent:
        headers["traceparent"] = cause.traceparent
    return outbox.Message(topics.REFERRALS.name, key, referral.person_id, content, headers)
