"""From an event about a municipality or a workshop to an e-mail: told once, to who must act, with the calendar file."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest
from aiosmtpd.controller import Controller

from deploy.devstack.ports import free_port
from services.notifications.domain.notice import TELLING
from services.notifications.domain.notice_words import words
from services.notifications.gateways.attendees import Attendees
from services.notifications.gateways.email import Server
from services.notifications.subscribers import happened
from services.notifications.usecases.notices import Enrollment, Notices
from services.notifications.usecases.posting import Post, Postman
from shared.clock import Clock
from shared.contracts.envelope import Envelope, time_text, to_headers
from shared.db import Database
from shared.inside import HEADER, is_signed
from shared.messaging.records import Batch, Record, Unreadable
from shared.migrate import migrate

MIGRATIONS = Path("services/notifications/migrations")
TELGTE, WARENDORF = "05570044", "05570000"
SECRET = "one secret for all services"
BOOKING = {"workshop_id": "ws-1", "kind": "DEVELOPMENT", "booking_id": "bk-1", "municipality": TELGTE}


class Box:
    """A real SMTP server that answers as it is told, then takes everything."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []
        self.answers: list[str] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.answers:
            return self.answers.pop(0)
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append((envelope.rcpt_tos[0], message))
        return "250 taken"


@pytest.fixture
def smtp() -> Iterator[tuple[Box, int]]:
    handler, port = Box(), free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    yield handler, port
    controller.stop()


class Addresses(BaseHTTPRequestHandler):
    """What enrollment says of attendees, checked as it checks it; `known` and `answers` are set by the test."""

    known: ClassVar[dict[str, str]] = {}
    away: ClassVar[bool] = False
    url: ClassVar[str] = ""

    def do_GET(self) -> None:
        attendee = self.path.split("/")[3]
        signed = is_signed(SECRET, self.path, self.headers.get(HEADER, ""), datetime.now(UTC))
        found = type(self).known.get(attendee)
        status = 503 if type(self).away else 401 if not signed else 200 if found else 404
        self.send_response(status)
        self.end_headers()
        self.wfile.write(json.dumps({"address": found}).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def enrollment() -> Iterator[type[Addresses]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Addresses)
    Addresses.known, Addresses.away = {}, False
    Addresses.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Addresses
    server.shutdown()
    server.server_close()


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    await migrate(database_url, MIGRATIONS)
    database = await Database.at(database_url, connections=4)
    yield database
    await database.close()


@pytest.fixture
async def notices(db: Database, smtp: tuple[Box, int], enrollment: type[Addresses]) -> Notices:
    server = Server("127.0.0.1", smtp[1], None, None, "none", 5.0)
    post = Post(server, "Gemeinsam <g@programm.example>", "http://here/{case}", 2, 50, 10.0, "referat@land.example")
    asked = Enrollment("http://here/enrollment", Attendees(enrollment.url, SECRET))
    made = Notices(db, Clock(), Postman(db, Clock(), post), enrollment=asked)
    await made.add_contacts(
        [(TELGTE, "managing_body", "stelle@telgte.example"), (WARENDORF, "district", "kreis@warendorf.example")]
    )
    return made


def record(thing: str, *, event: str = "e1", subject: str = TELGTE, ago_days: int = 0, **data: Any) -> Record:
    topic = "enrollment.workshops" if thing.startswith("workshop.") else "enrollment.municipalities"
    at = datetime.now(UTC) - timedelta(days=ago_days)
    envelope = Envelope(event, "//gemeinsam/enrollment", f"gemeinsam.{thing}.v1", subject, time_text(at))
    return Record(topic, 0, 0, f"{subject}/{event}".encode(), json.dumps(data).encode(), to_headers(envelope))


def batch(*records: Record) -> Batch[Any]:
    return Batch([one for one in map(happened, records) if one], [])


RECEIVED = {
    "municipality": TELGTE,
    "received_on": "2026-10-01",
    "late": False,
    "concurrence_pending": True,
    "missing": ["EVIDENCE_MISSING"],
}


async def test_the_municipality_reads_what_is_missing_and_its_kreis_that_it_is_asked(
    notices: Notices, smtp: tuple[Box, int], db: Database
):
    asked = record(
        "concurrence.requested", event="e2", municipality=TELGTE, district=WARENDORF, requested_on="2026-10-01"
    )
    for _ in range(2):
        await notices.plan(batch(record("declaration.received", **RECEIVED), asked))
    assert await notices.deliver() == 2
    assert await notices.deliver() == 0
    mails = dict(smtp[0].mails)
    own = mails["stelle@telgte.example"]
    assert own["Subject"] == "Beitrittserklärung eingegangen: Telgte"
    assert own["Reply-To"] == "referat@land.example"
    assert "- die schriftliche Erklärung als Dokument" in own.get_content()
    assert "- das Einvernehmen des Kreises" in own.get_content()
    assert f"http://here/enrollment/declarations/{TELGTE}" in own.get_content()
    assert mails["kreis@warendorf.example"]["Subject"] == "Einvernehmen erbeten: Telgte"
    async with db.reading() as connection:
        said = [json.loads(row["value"]) for row in await connection.fetch("SELECT value FROM outbox")]
    assert {one["about"] for one in said} == {"declaration", "concurrence"}
    assert "telgte.example" not in json.dumps(said)


def offered() -> Record:
    return record(
        "workshop.offered",
        subject="ws-1",
        workshop_id="ws-1",
        kind="DEVELOPMENT",
        venue=TELGTE,
        starts_at="2030-11-08T09:00:00Z",
        ends_at="2030-11-08T15:00:00Z",
        seats=1,
    )


def mails_to(box: Box, address: str) -> list[EmailMessage]:
    return [mail for to, mail in box.mails if to == address]


async def test_the_attendee_gets_the_date_and_only_the_id_is_known_here(
    notices: Notices, smtp: tuple[Box, int], db: Database, enrollment: type[Addresses]
):
    enrollment.known = {"at-1": "anna@telgte.example"}
    booked = record("workshop.booked", event="e2", subject="ws-1", **BOOKING, attendee_id="at-1", language="en")
    for _ in range(2):
        await notices.plan(batch(offered(), booked))
    assert await notices.deliver() == 2
    (mail,) = mails_to(smtp[0], "anna@telgte.example")
    assert mail["Subject"] == "Workshop booked: Telgte"
    assert [file.get_filename() for file in mail.iter_attachments()] == ["workshop.ics"]
    async with db.reading() as connection:
        kept = [dict(row) for row in await connection.fetch("SELECT * FROM notices")]
        said = [row["value"].decode() for row in await connection.fetch("SELECT value FROM outbox")]
    assert "anna" not in str(kept) + str(said)


async def test_of_two_words_on_a_workshops_date_the_newer_counts_whichever_comes_first(notices: Notices, db: Database):
    data = {
        "workshop_id": "ws-1",
        "kind": "DEVELOPMENT",
        "venue": TELGTE,
        "seats": 1,
        "ends_at": "2030-12-08T15:00:00Z",
    }
    old = record("workshop.offered", subject="ws-1", ago_days=3, starts_at="2030-11-08T09:00:00Z", **data)
    new = record("workshop.offered", event="e2", subject="ws-1", starts_at="2030-12-08T09:00:00Z", **data)
    for order in ((old, new), (new, old)):
        for one in order:
            await notices.plan(batch(one))
        async with db.reading() as connection:
            assert str(await connection.fetchval("SELECT starts_at FROM workshop_slots"))[:10] == "2030-12-08"


async def test_a_substitute_is_booked_and_who_was_replaced_takes_the_date_out(
    notices: Notices, smtp: tuple[Box, int], enrollment: type[Addresses]
):
    enrollment.known = {"at-1": "anna@telgte.example", "at-2": "ben@telgte.example"}
    passed_on = {"substituted": True, "attendee_id": "at-2", "former_attendee_id": "at-1"}
    await notices.plan(batch(offered(), record("workshop.booked", event="e2", subject="ws-1", **BOOKING, **passed_on)))
    await notices.deliver()
    (former,) = mails_to(smtp[0], "anna@telgte.example")
    (present,) = mails_to(smtp[0], "ben@telgte.example")
    (own,) = mails_to(smtp[0], "stelle@telgte.example")
    assert [one["Subject"] for one in (former, present, own)] == [
        "Ihr Platz wurde weitergegeben: Telgte",
        "Workshop gebucht: Telgte",
        "Vertretung im Workshop: Telgte",
    ]
    files = [next(iter(one.iter_attachments())).get_content() for one in (former, present)]
    assert ["METHOD:CANCEL" in files[0], "METHOD:PUBLISH" in files[1]] == [True, True]


async def test_attendees_hear_of_a_new_date_and_of_a_workshop_called_off(
    notices: Notices, smtp: tuple[Box, int], enrollment: type[Addresses]
):
    enrollment.known = {"at-1": "anna@telgte.example"}
    attendee = BOOKING | {"attendee_id": "at-1", "language": "de"}
    moved = record("workshop.booked", event="e2", subject="ws-1", **attendee, rescheduled=True)
    gone = {"cancelled_on": "2030-11-01", "called_off": True}
    called_off = record("workshop.cancelled", event="e3", subject="ws-1", **attendee, **gone)
    whole = {"workshop_id": "ws-1", "kind": "DEVELOPMENT", "cancelled_on": "2030-11-01"}
    await notices.plan(batch(offered(), moved, called_off, record("workshop.cancelled", event="e4", **whole)))
    await notices.deliver()
    subjects = {mail["Subject"] for mail in mails_to(smtp[0], "anna@telgte.example")}
    assert subjects == {"Workshop verlegt: Telgte", "Workshop fällt aus: Telgte"}


async def test_while_enrollment_is_away_the_mail_waits_and_whom_it_has_forgotten_is_not_written_to(
    notices: Notices, db: Database, enrollment: type[Addresses]
):
    enrollment.away = True
    booked = {**BOOKING, "municipality": "05515000"}
    await notices.plan(batch(record("workshop.booked", subject="ws-1", **booked, attendee_id="at-1")))
    await notices.deliver()
    enrollment.away = False
    await notices.plan(batch(record("workshop.booked", event="e2", subject="ws-1", **booked, attendee_id="at-9")))
    await notices.deliver()
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT attendee_id, state, attempts, last_reason FROM notices ORDER BY attendee_id"
        )
    assert [tuple(row.values()) for row in rows] == [
        ("at-1", "waiting", 0, None),
        ("at-9", "failed", 1, "attendee_forgotten"),
    ]


async def test_who_decides_or_takes_over_is_told(notices: Notices, smtp: tuple[Box, int]):
    await notices.add_contacts(
        [("05000000", "ministry", "referat@land.example"), (WARENDORF, "jmd", "jmd@warendorf.example")]
    )
    asked = {"workshop_id": "ws-2", "kind": "STARTER", "municipality": TELGTE, "requested_on": "2026-10-01"}
    await notices.plan(
        batch(
            record("declaration.received", **RECEIVED | {"late": True}),
            record("workshop.requested", event="e2", subject="ws-2", **asked),
        )
    )
    await notices.deliver()
    by_address = {to: mail["Subject"] for to, mail in smtp[0].mails}
    assert by_address["referat@land.example"] == "Beitrittserklärung eingegangen: Telgte"
    assert by_address["jmd@warendorf.example"] == "Starterworkshop angefragt: Telgte"


async def test_a_booking_and_a_promotion_bring_the_calendar_file(notices: Notices, smtp: tuple[Box, int]):
    waiting = record("workshop.waitlisted", event="e2", subject="ws-1", **BOOKING, position=2)
    promoted = record("workshop.promoted", event="e3", subject="ws-1", **BOOKING)
    await notices.plan(batch(offered(), waiting, promoted))
    assert await notices.deliver() == 2
    by_subject = {mail["Subject"]: mail for _, mail in smtp[0].mails}
    assert list(by_subject["Warteliste: Telgte"].iter_attachments()) == []
    (file,) = by_subject["Nachgerückt: Telgte"].iter_attachments()
    assert file.get_filename() == "workshop.ics"
    text = file.get_content()
    assert "UID:bk-1@gemeinsam" in text
    assert "DTSTART:20301108T090000Z" in text
    body = by_subject["Nachgerückt: Telgte"].get_body(("plain",))
    assert body is not None
    assert "08.11.2030, 10:00 Uhr" in body.get_content()


async def test_nobody_is_mailed_of_what_is_long_over_or_needs_no_answer(notices: Notices):
    await notices.plan(
        batch(
            record("declaration.received", ago_days=8, **RECEIVED),
            record("declaration.amended", event="e2", municipality=TELGTE, amended_on="2026-10-01"),
            record("interest.declared", event="e3", municipality=TELGTE, declared_on="2026-10-01"),
            record("declaration.received", event="e4", subject="05515000", **RECEIVED | {"municipality": "05515000"}),
        )
    )
    assert await notices.deliver() == 0


async def test_a_mail_refused_for_the_moment_waits_and_one_refused_for_ever_is_given_up(
    notices: Notices, smtp: tuple[Box, int], db: Database
):
    smtp[0].answers = ["451 later", "550 never"]
    granted = {"municipality": TELGTE, "district": WARENDORF, "decided_on": "2026-10-01"}
    granted |= {"stated_by": "DISTRICT", "contradicted": False}
    await notices.plan(batch(record("concurrence.granted", **granted)))
    await notices.deliver()
    await notices.plan(batch(record("concurrence.granted", event="e2", **granted)))
    await notices.deliver()
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT state, last_reason FROM notices ORDER BY state")
    assert [tuple(row.values()) for row in rows] == [("failed", "smtp_550"), ("waiting", "smtp_451")]


async def test_of_a_silent_source_its_area_reads_and_once_the_operator_and_who_runs_it(
    notices: Notices, smtp: tuple[Box, int], enrollment: type[Addresses]
):
    enrollment.known["source-7"] = "it@quelle.example"
    await notices.add_contacts([("05000000", "operator", "betrieb@x.example")])
    silent = {"source": "//a.example/x", "silent_since": "2026-07-20"}
    facts = [
        record("source.silenced", event="s1", municipality=TELGTE, source_id="source-7", **silent),
        record("source.silenced", event="s2", subject=WARENDORF, municipality=WARENDORF, **silent),
        record("source.resumed", event="s3", municipality=TELGTE, source="//a.example/x", resumed_on="2026-07-22"),
    ]
    await notices.plan(batch(*facts))
    await notices.plan(batch(*facts))
    await notices.deliver()
    handler, _ = smtp
    subjects = [(to.partition("@")[0], str(mail["Subject"])) for to, mail in handler.mails]
    assert subjects.count(("betrieb", "Quelle schweigt: //a.example/x (Telgte)")) == 1
    assert subjects.count(("it", "Quelle schweigt: //a.example/x (Telgte)")) == 1
    assert sum(subject.startswith("Quelle meldet wieder") for _, subject in subjects) == 1
    text = next(mail for to, mail in handler.mails if to == "it@quelle.example").get_content()
    assert "seit dem 20.07.2026 überfällig" in text
    assert "/sources" in text
    assert "anmelde" not in text


def test_an_event_that_cannot_be_read_is_refused():
    with pytest.raises(Unreadable):
        happened(record("declaration.received", municipality="nowhere"))


def test_everything_that_is_told_has_its_words_in_both_languages():
    happening = happened(record("declaration.received", **RECEIVED))
    assert happening is not None
    for thing in TELLING:
        for language in ("de", "en"):
            changed = type(happening)("e", thing, TELGTE, happening.recorded_at, {**RECEIVED, "due_on": "2026-12-31"})
            subject, body = words(changed, language, name="Telgte", link="http://here", slot=None)
            assert "Telgte" in subject
            assert "{" not in body
