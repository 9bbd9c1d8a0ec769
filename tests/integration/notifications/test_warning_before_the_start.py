"""From a warning about a referral to one mail, with a link and nothing else, unless it is taken back before."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.notifications.subscribers import warned
from services.notifications.usecases import UseCases
from shared.contracts.deliveries import DeliverySent
from shared.contracts.envelope import Envelope, to_headers
from shared.db import Database
from shared.messaging.records import Batch, Record, Unreadable
from tests.integration.notifications.test_delivering_mail import (
    AREA,
    TRACE,
    MailBox,
    box,
    db,
    fetch,
    notifications,
    pathways,
)

__all__ = ["box", "db", "notifications", "pathways"]

PERSON, MEASURE = "K7QM-2XW9-4TRD", "koeln.jc:m/8"


def record(event: str = "warned", **changed: Any) -> Record:
    data: dict[str, Any] = {"person_id": PERSON, "measure_id": MEASURE}
    if event == "warned":
        data |= {
            "type": "MAT",
            "referred_on": "2026-04-27",
            "planned_start_on": "2026-06-01",
            "municipality": AREA,
            "severity": "warning",
            "patterns": ["M02"],
            "historical": False,
        }
    data |= changed
    envelope = Envelope("e1", "//pathways", f"gemeinsam.referral.{event}.v1", PERSON, "2026-05-01T06:00:00Z")
    headers = to_headers(envelope) | {"traceparent": TRACE}
    return Record("pathways.referrals", 0, 0, f"{PERSON}/{MEASURE}".encode(), json.dumps(data).encode(), headers)


def batch(*records: Record) -> Batch[Any]:
    return Batch([one for one in map(warned, records) if one], [])


async def test_a_referral_makes_one_mail_with_a_link_and_nothing_about_the_measure(
    notifications: UseCases, box: tuple[MailBox, int]
) -> None:
    await notifications.plan(batch(record(), record()))
    await notifications.deliver()
    await notifications.plan(batch(record(severity="critical", planned_start_on="2026-06-15")))
    await notifications.deliver()
    (mail,) = box[0].mails
    assert box[0].to == [f"fallmanagement@{AREA}.example"]
    assert mail["subject"] == f"Vor dem Beginn einer Maßnahme – Fall {PERSON}"
    body = mail.get_content()
    assert f"http://here/pathways/persons/{PERSON}" in body
    for secret in ("MAT", "M02", MEASURE, "2026", AREA):
        assert secret not in body


async def test_what_is_called_off_before_is_not_mailed_and_what_comes_back_is(
    notifications: UseCases, box: tuple[MailBox, int]
) -> None:
    await notifications.plan(batch(record()))
    await notifications.plan(batch(record("cleared")))
    await notifications.deliver()
    assert box[0].mails == []
    await notifications.plan(batch(record("cleared"), record()))
    await notifications.deliver()
    assert len(box[0].mails) == 1
    await notifications.plan(batch(record("cleared"), record()))
    await notifications.deliver()
    assert len(box[0].mails) == 1


async def test_nobody_is_mailed_of_what_is_historical(notifications: UseCases, box: tuple[MailBox, int]) -> None:
    await notifications.plan(batch(record(historical=True)))
    assert await notifications.deliver() == 0
    assert box[0].mails == []


async def test_the_mail_is_said_without_person_or_pattern_and_in_its_trace(
    notifications: UseCases, db: Database
) -> None:
    await notifications.plan(batch(record()))
    (waiting,) = await fetch(db, "SELECT traceparent FROM deliveries")
    assert waiting["traceparent"] == TRACE
    await notifications.deliver()
    (message,) = await fetch(db, "SELECT value FROM outbox")
    said = DeliverySent.model_validate_json(message["value"])
    assert (said.about, said.pattern, said.person_id, said.municipality) == ("referral", None, None, AREA)


async def test_erasure_forgets_it(notifications: UseCases, db: Database) -> None:
    await notifications.plan(batch(record()))
    gone = record()
    await notifications.plan(batch(Record(gone.topic, 0, 1, gone.key, None, {})))
    assert await fetch(db, "SELECT 1 FROM deliveries") == []


def test_what_cannot_be_read_is_refused_and_what_is_newer_is_left() -> None:
    with pytest.raises(Unreadable):
        warned(record(planned_start_on="soon"))
    with pytest.raises(Unreadable):
        warned(record(person_id="AAAA-AAAA-AAAA"))
    with pytest.raises(Unreadable):
        warned(Record("pathways.referrals", 0, 0, b"no-measure", None, {}))
    newer = record()
    newer.headers["ce_type"] = "gemeinsam.referral.praised.v1"
    assert warned(newer) is None
