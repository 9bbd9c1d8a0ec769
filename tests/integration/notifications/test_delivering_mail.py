"""From a finding on the topic to an e-mail: planned once, sent once, tried again where that helps."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope as MailEnvelope

from deploy.devstack.ports import free_port
from services.notifications.domain.delivery import MOST_ATTEMPTS
from services.notifications.domain.finding import Gone
from services.notifications.gateways.email import Server
from services.notifications.gateways.releases import Releases
from services.notifications.subscribers import heard
from services.notifications.usecases import UseCases
from services.notifications.usecases.forgetting import Forgetting
from services.notifications.usecases.posting import Post, Postman
from shared.clock import Clock
from shared.contracts.envelope import Envelope, to_headers
from shared.db import Database
from shared.messaging import erasures
from shared.messaging.erasures import Confirmation
from shared.messaging.records import Batch, Record, Refused, Unreadable
from shared.migrate import migrate
from tests.integration.notifications.answering import SECRET, Answering, answering

MIGRATIONS = Path("services/notifications/migrations")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
AREA = "05570044"


class MailBox:
    """A real SMTP server that answers as it is told, then as usual."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.mails: list[EmailMessage] = []
        self.to: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: MailEnvelope) -> str:
        if self.answers:
            answer = self.answers.pop(0)
            if not answer.startswith("2"):
                return answer
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        self.to += envelope.rcpt_tos
        return "250 taken"


@pytest.fixture
def box() -> Iterator[tuple[MailBox, int]]:
    handler, port = MailBox(), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    await migrate(database_url, MIGRATIONS)
    database = await Database.at(database_url, connections=4)
    yield database
    await database.close()


class MovableClock(Clock):
    """The real clock, set forward."""

    ahead = timedelta()

    def now(self) -> Any:
        return super().now() + self.ahead


@pytest.fixture
def pathways() -> Iterator[Answering]:
    with answering() as running:
        yield running


@pytest.fixture
async def notifications(db: Database, box: tuple[MailBox, int], pathways: Answering) -> UseCases:
    server = Server("127.0.0.1", box[1], None, None, "none", 5.0)
    post = Post(server, "Gemeinsam <g@programm.example>", "http://here/pathways/persons/{case}", 2, 50, 10.0)
    postman = Postman(db, MovableClock(), post, chance=lambda: 0.5)
    usecases = UseCases(db, MovableClock(), postman, Releases(pathways.url, SECRET, MovableClock()))
    await usecases.add_recipients([(AREA, "case_manager", f"fallmanagement@{AREA}.example", "JOBCENTER")])
    return usecases


def record(*, kind: str = "detected", cause: str | None = None, **changed: Any) -> Record:
    data = {
        "person_id": "K7QM-2XW9-4TRD",
        "pattern": "M05",
        "anchor": "m1",
        "severity": "warning",
        "since": "2026-03-01",
        "until": None,
        "steps": [["info", "2026-03-01"], ["warning", "2026-05-01"]],
        "evidence": ["m1"],
        "rules_version": "1",
        "text": {"de": "Seit 92 Tagen kein Anschlussangebot.", "en": "No follow-up offer for 92 days."},
        "municipality": AREA,
        "revision": 1,
        "historical": False,
    } | changed
    envelope = Envelope(
        "e1",
        "//pathways",
        f"gemeinsam.finding.{kind}.v1",
        data["person_id"],
        "2026-05-01T06:00:00Z",
        causationid=cause,
    )
    headers = to_headers(envelope) | {"traceparent": TRACE}
    own_key = f"{data['person_id']}/{data['pattern']}/{data['anchor']}".encode()
    return Record("pathways.findings", 0, 0, own_key, json.dumps(data).encode(), headers)


def batch(*records: Record) -> Batch[Any]:
    return Batch([one for one in map(heard, records) if one], [])


async def fetch(db: Database, sql: str) -> list[dict[str, Any]]:
    async with db.reading() as connection:
        return [dict(row) for row in await connection.fetch(sql)]


async def test_a_finding_becomes_one_german_mail_however_often_it_is_heard(
    notifications: UseCases, box: tuple[MailBox, int], db: Database
) -> None:
    await notifications.plan(batch(record(), record()))
    await notifications.plan(batch(record()))
    assert await notifications.deliver() == 1
    assert await notifications.deliver() == 0
    (mail,) = box[0].mails
    assert box[0].to == [f"fallmanagement@{AREA}.example"]
    assert mail["Subject"] == "Warnung: Anschlusslücke – Fall K7QM-2XW9-4TRD"
    assert mail["Content-Language"] == "de"
    assert "Seit 92 Tagen kein Anschlussangebot." in mail.get_content()
    assert "http://here/pathways/persons/K7QM-2XW9-4TRD" in mail.get_content()


async def test_each_step_is_told_and_told_once(notifications: UseCases, box: tuple[MailBox, int]) -> None:
    worse = [["info", "2026-03-01"], ["warning", "2026-05-01"], ["critical", "2026-07-30"]]
    await notifications.plan(batch(record(), record(kind="escalated", severity="critical", steps=worse, revision=2)))
    await notifications.plan(batch(record(kind="escalated", severity="critical", steps=worse, revision=3)))
    await notifications.deliver()
    assert sorted(mail["Subject"].split(":")[0] for mail in box[0].mails) == ["Kritisch", "Warnung"]


async def test_nobody_is_told_of_what_is_minor_old_or_over(notifications: UseCases) -> None:
    await notifications.plan(
        batch(
            record(severity="info", steps=[["info", "2026-03-01"]]),
            record(historical=True, anchor="m2"),
            record(until="2026-05-02", anchor="m3"),
            record(kind="revised", changed=["evidence"], anchor="m4"),
            record(anchor="m5", cause="rules:2:1"),
        )
    )
    assert await notifications.deliver() == 0


async def test_a_sent_mail_is_said_on_the_topic_without_any_address_and_in_its_trace(
    notifications: UseCases, db: Database
) -> None:
    await notifications.plan(batch(record()))
    await notifications.deliver()
    (message,) = await fetch(db, "SELECT topic, subject, value, headers FROM outbox")
    said = json.loads(message["value"])
    assert message["topic"] == "notifications.deliveries"
    assert message["subject"] == said["delivery_id"]
    assert (said["pattern"], said["step_severity"], said["step_on"]) == ("M05", "warning", "2026-05-01")
    assert "K7QM-2XW9-4TRD" not in str(said), "erasure could not reach this topic"
    assert b"fallmanagement" not in message["value"]
    assert json.loads(message["headers"])["ce_type"] == "gemeinsam.delivery.sent.v1"
    (kept,) = await fetch(db, "SELECT traceparent FROM deliveries")
    assert kept["traceparent"] == TRACE


async def test_what_may_pass_is_tried_again_later_with_the_same_message_id(
    notifications: UseCases, box: tuple[MailBox, int], db: Database
) -> None:
    box[0].answers = ["451 come back"]
    await notifications.plan(batch(record()))
    assert await notifications.deliver() == 1
    assert await notifications.deliver() == 0
    MovableClock.ahead = timedelta(seconds=11)
    try:
        assert await notifications.deliver() == 1
    finally:
        MovableClock.ahead = timedelta()
    tries = await fetch(db, "SELECT attempt, outcome, reason FROM attempts ORDER BY attempt")
    assert tries == [
        {"attempt": 1, "outcome": "retried", "reason": "smtp_451"},
        {"attempt": 2, "outcome": "sent", "reason": None},
    ]
    (delivery,) = await fetch(db, "SELECT delivery_id, state FROM deliveries")
    assert delivery["state"] == "sent"
    assert box[0].mails[0]["Message-ID"] == f"<{delivery['delivery_id']}@programm.example>"


async def test_what_never_will_pass_is_given_up_at_once_and_said(
    notifications: UseCases, box: tuple[MailBox, int], db: Database
) -> None:
    box[0].answers = ["550 no such box"]
    await notifications.plan(batch(record()))
    await notifications.deliver()
    (message,) = await fetch(db, "SELECT value, headers FROM outbox")
    assert json.loads(message["headers"])["ce_type"] == "gemeinsam.delivery.failed.v1"
    assert json.loads(message["value"])["reason"] == "rejected"
    assert await notifications.counts() == {"failed": 1}


async def test_a_mail_server_that_is_away_for_long_costs_no_try_and_loses_nothing(
    notifications: UseCases, box: tuple[MailBox, int], db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = notifications._postman.post
    nowhere = replace(there, server=replace(there.server, port=free_port()))
    await notifications.plan(batch(*(record(anchor=f"m{number}") for number in range(7))))
    monkeypatch.setattr(notifications._postman, "post", nowhere)
    for hour in range(MOST_ATTEMPTS + 3):
        monkeypatch.setattr(MovableClock, "ahead", timedelta(hours=hour))
        assert await notifications.deliver() == 0
    rows = await fetch(db, "SELECT DISTINCT state, attempts, leased_until FROM deliveries")
    assert rows == [{"state": "waiting", "attempts": 0, "leased_until": None}]
    assert await fetch(db, "SELECT * FROM attempts") == []

    monkeypatch.setattr(notifications._postman, "post", there)
    assert await notifications.deliver() == 0, "it was just asked"
    monkeypatch.setattr(MovableClock, "ahead", timedelta(hours=hour, minutes=8))
    assert await notifications.deliver() == 7
    assert len(box[0].mails) == 7


async def test_a_process_that_dies_with_mails_in_hand_costs_them_no_try(notifications: UseCases, db: Database) -> None:
    await notifications.plan(batch(record()))
    tray, until = notifications._tray, MovableClock().now() + timedelta(minutes=1)
    async with db.transaction() as connection:
        (letter,) = await tray.lease(connection, MovableClock().now(), until, 10)
    assert letter.attempts == 1
    assert await fetch(db, "SELECT attempts, state FROM deliveries") == [{"attempts": 0, "state": "waiting"}]
    assert await notifications.deliver() == 0, "another process has it until its lease ends"


async def test_a_lease_that_ran_out_is_taken_over_and_one_that_runs_is_not(
    notifications: UseCases, box: tuple[MailBox, int], db: Database
) -> None:
    await notifications.plan(batch(record()))
    async with db.transaction() as connection:
        await connection.execute("UPDATE deliveries SET leased_until = now() + interval '1 minute', attempts = 1")
    assert await notifications.deliver() == 0
    async with db.transaction() as connection:
        await connection.execute("UPDATE deliveries SET leased_until = now() - interval '1 second'")
    assert await notifications.deliver() == 1
    assert len(box[0].mails) == 1


async def test_erasure_forgets_the_deliveries(notifications: UseCases, db: Database) -> None:
    await notifications.plan(batch(record()))
    tombstone = replace(record(), value=None)
    assert isinstance(heard(tombstone).finding, Gone)  # type: ignore[union-attr]
    await notifications.plan(batch(tombstone))
    assert await fetch(db, "SELECT * FROM deliveries") == []


async def test_what_cannot_be_read_is_refused_by_reason_and_kept(notifications: UseCases, db: Database) -> None:
    for bad in (
        replace(record(), value=b"{"),
        replace(record(), headers={}),
        record(severity=7),
        replace(record(), value=b"[]"),
    ):
        with pytest.raises(Unreadable):
            heard(bad)
    await notifications.plan(Batch([], [Refused(record(), "bad")]))
    assert len(await fetch(db, "SELECT topic FROM outbox")) == 1


async def test_the_page_shows_the_deliveries_of_ones_areas_only(notifications: UseCases) -> None:
    await notifications.plan(batch(record()))
    assert len((await notifications.newest([AREA], 10, "JOBCENTER")).rows) == 1
    assert len((await notifications.newest(["05570000"], 10, "JOBCENTER")).rows) == 1
    assert (await notifications.newest(["05315000"], 10, "JOBCENTER")).rows == []


async def test_the_vaults_word_forgets_a_person_for_good_and_is_answered(
    notifications: UseCases, box: tuple[MailBox, int], db: Database
) -> None:
    await notifications.plan(batch(record()))
    asked = Confirmation("K7QM-2XW9-4TRD", erasures.FIRST, 7, 0, Clock().now())
    others = Confirmation("K7QM-2XW9-4TRD", "pathways", 7, 0, Clock().now())
    forgetting = Forgetting(db, Clock())
    for _ in range(2):
        await forgetting.forget(Batch([asked, others], []))
        await notifications.plan(batch(record(anchor="late")))
    assert await fetch(db, "SELECT 1 FROM deliveries") == []
    await notifications.deliver()
    assert box[0].mails == []
    first, second = await fetch(db, "SELECT topic, key, value FROM outbox ORDER BY outbox_id")
    assert (first["topic"], first["key"]) == ("enrollment.erasures", b"K7QM-2XW9-4TRD/notifications")
    assert [json.loads(one["value"])["removed"] for one in (first, second)] == [1, 0]
    assert {json.loads(one["value"])["remaining"] for one in (first, second)} == {0}


async def test_what_is_taken_back_before_it_was_sent_is_not_sent_and_what_comes_back_is(
    notifications: UseCases, box: tuple[MailBox, int], db: Database
) -> None:
    await notifications.plan(batch(record()))
    await notifications.plan(batch(record(kind="retracted", revision=2)))
    await notifications.deliver()
    assert box[0].mails == []
    await notifications.plan(batch(record(revision=3)))
    await notifications.deliver()
    assert len(box[0].mails) == 1
    await notifications.plan(batch(record(kind="retracted", revision=4), record(revision=5)))
    await notifications.deliver()
    assert len(box[0].mails) == 1, "the same step of the same finding has been told"
    assert await fetch(db, "SELECT state FROM deliveries") == [{"state": "sent"}]
