"""Mails about findings say what the matrix and the person's consents let each recipient's body know, as they go."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import uvicorn

from deploy.devstack.ports import free_port
from deploy.devstack.postgres import Postgres
from services.notifications.domain.release import Question, Release
from services.notifications.gateways.attendees import Attendees
from services.notifications.gateways.email import Server
from services.notifications.gateways.releases import PATH, Releases
from services.notifications.subscribers import heard
from services.notifications.usecases import UseCases
from services.notifications.usecases.notices import Enrollment, Notices
from services.notifications.usecases.posting import Post, Postman
from services.pathways.app import build
from services.pathways.domain import facts as reading
from services.pathways.settings import Settings
from shared.clock import Clock
from shared.contracts.envelope import Envelope, to_headers
from shared.db import Database
from shared.host import Host
from shared.inside import HEADER, sign
from shared.messaging.records import Batch, Record
from tests.integration.notifications.answering import SECRET, Answering, answering
from tests.integration.notifications.test_delivering_mail import MailBox, MovableClock, box, db, fetch
from tests.integration.pathways.careers import CAREER, KOELN, TODAY, settle, take

__all__ = ["box", "db"]
JOBCENTER, SCHOOL, FOREIGNERS = "jobcenter@koeln.example", "schule@koeln.example", "abh@koeln.example"
BOXES = [(JOBCENTER, "JOBCENTER"), (SCHOOL, "SCHOOL"), (FOREIGNERS, "AUSLAENDERBEHOERDE")]
MASKED = f"Ein Hinweis liegt vor – Fall {CAREER}"


@pytest.fixture
def pathways_database(postgres: Postgres) -> Iterator[str]:
    yield postgres.create_database("pathways_of_released_mails")
    postgres.drop_database("pathways_of_released_mails")


@pytest.fixture
async def pathways(pathways_database: str) -> AsyncIterator[Host]:
    """The real one, with invented persons in it, on a port of its own; without Kafka and jobs."""
    database = await Database.at(pathways_database, connections=2)
    await settle(pathways_database, database)
    await database.close()
    settings = Settings(
        database_url=pathways_database,
        kafka="127.0.0.1:1",
        http_port=free_port(),
        public_url="http://gemeinsam.test",
        issuer_url="http://127.0.0.1:1",
        session_secret=SECRET,
        today=TODAY,
    )
    host = build(settings)
    await host.db.open()
    server = uvicorn.Server(
        uvicorn.Config(host.app, port=settings.http_port, lifespan="off", log_config=None, ws="none")
    )
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(60):
        while not server.started:
            await asyncio.sleep(0.01)
    yield host
    server.should_exit = True
    await serving
    await host.db.close()


def url_of(host: Host) -> str:
    return f"http://127.0.0.1:{host.settings.http_port}"


async def notifications(db: Database, smtp: int, url: str, *boxes: tuple[str, str]) -> UseCases:
    post = Post(
        Server("127.0.0.1", smtp, None, None, "none", 5.0), "G <g@p.example>", "http://here/{case}", 2, 50, 10.0
    )
    clock = MovableClock()
    usecases = UseCases(db, clock, Postman(db, clock, post, chance=lambda: 0.5), Releases(url, SECRET, clock))
    await usecases.add_recipients([(KOELN, "case_manager", address, body) for address, body in boxes])
    return usecases


async def finding(host: Host, pattern: str = "M02") -> Batch[Any]:
    """What pathways has said of the person's finding, as notifications hears it, with a step of today."""
    async with host.db.reading() as connection:
        row = await connection.fetchrow(
            "SELECT anchor, revision, data FROM finding_history WHERE person_id = $1 AND pattern = $2"
            " ORDER BY revision DESC LIMIT 1",
            CAREER,
            pattern,
        )
    data = json.loads(row["data"]) | {"historical": False}
    key = f"{CAREER}/{pattern}/{row['anchor']}"
    kind = "gemeinsam.finding.detected.v1"
    headers = to_headers(Envelope(f"{key}/{row['revision']}", "//p", kind, CAREER, "2024-06-03T06:00:00Z"))
    found = heard(Record("pathways.findings", 0, 0, key.encode(), json.dumps(data).encode(), headers))
    assert found is not None
    return Batch([found], [])


def consent(what: str, number: int, **data: Any) -> Any:
    common = {"municipality": KOELN, "rechtskreis": "SGB2", "legal_basis": "CONSENT", "purpose": "CASE_MANAGEMENT"}
    content = json.dumps({**common, "consent_id": "c1", **data}).encode()
    kind, at = f"gemeinsam.consent.{what}.v1", f"2024-06-02T10:0{number}:00Z"
    return reading.decode("//koeln.example/jobcenter", f"c{number}", kind, CAREER, at, content)


GIVEN = consent(
    "given",
    1,
    categories=["STATUS", "MEASURES", "LANGUAGE", "EDUCATION", "EMPLOYMENT", "COUNSELLING", "BENEFITS"],
    recipients=["SCHOOL"],
    valid_from="2024-01-01",
    valid_to="2025-01-01",
)
WITHDRAWN = consent("withdrawn", 2, withdrawn_on="2024-06-02")


def subjects(box: MailBox) -> dict[str, str]:
    return dict(zip(box.to, (mail["Subject"] for mail in box.mails), strict=True))


async def test_one_body_is_told_all_another_that_there_is_something_a_third_nothing(
    db: Database, box: tuple[MailBox, int], pathways: Host
) -> None:
    usecases = await notifications(db, box[1], url_of(pathways), *BOXES)
    await usecases.plan(await finding(pathways))
    assert await usecases.deliver() == 2
    told = subjects(box[0])
    assert told.keys() == {JOBCENTER, SCHOOL}
    assert "Maßnahmekarriere" in told[JOBCENTER]
    assert told[SCHOOL] == MASKED
    masked = box[0].mails[box[0].to.index(SCHOOL)].get_content()
    assert "liegt vor, Einzelheiten nicht freigegeben" in masked
    assert f"http://here/{CAREER}" in masked
    assert "M02" not in masked
    assert await fetch(db, "SELECT state FROM deliveries") == [{"state": "sent"}] * 2, "the third is not kept waiting"


async def test_a_consent_opens_a_mail_and_one_withdrawn_before_it_goes_closes_it(
    db: Database, box: tuple[MailBox, int], pathways: Host
) -> None:
    await take(pathways.db, TODAY, GIVEN)
    usecases = await notifications(db, box[1], url_of(pathways), (SCHOOL, "SCHOOL"))
    await usecases.plan(await finding(pathways))
    await usecases.deliver()
    assert "Maßnahmekarriere" in subjects(box[0])[SCHOOL]
    await usecases.plan(await finding(pathways, "M08"))
    await take(pathways.db, TODAY, WITHDRAWN)
    await usecases.deliver()
    assert [mail["Subject"] for mail in box[0].mails][1:] == [MASKED]


async def test_nothing_is_mailed_about_whoever_is_restricted(
    db: Database, box: tuple[MailBox, int], pathways: Host
) -> None:
    usecases = await notifications(db, box[1], url_of(pathways), (JOBCENTER, "JOBCENTER"))
    await usecases.plan(await finding(pathways))
    restricted = "gemeinsam.person.restricted.v1"
    at = "2024-06-01T10:01:00Z"
    await take(pathways.db, TODAY, reading.decode("//vault", "v1", restricted, CAREER, at, b'{"reason":"OBJECTION"}'))
    assert await usecases.deliver() == 0
    assert box[0].mails == []
    assert await fetch(db, "SELECT state, attempts, leased_until FROM deliveries") == [
        {"state": "waiting", "attempts": 0, "leased_until": None}
    ]
    assert (await usecases.newest([KOELN], 10, "JOBCENTER")).rows == []


async def test_the_page_shows_a_reader_what_its_body_may_know(
    db: Database, box: tuple[MailBox, int], pathways: Host
) -> None:
    usecases = await notifications(db, box[1], url_of(pathways), (JOBCENTER, "JOBCENTER"))
    await usecases.plan(await finding(pathways))
    seen = {
        body: [row["pattern"] for row in (await usecases.newest([KOELN], 10, body)).rows]
        for body in ("JOBCENTER", "SCHOOL", None, "AUSLAENDERBEHOERDE")
    }
    assert seen == {"JOBCENTER": ["M02"], "SCHOOL": [None], None: [None], "AUSLAENDERBEHOERDE": []}


async def test_only_our_own_services_are_answered_and_what_cannot_be_read_is_refused(pathways: Host) -> None:
    async def ask(content: bytes, signature: str) -> int:
        async with httpx.AsyncClient() as client:
            answer = await client.post(url_of(pathways) + PATH, content=content, headers={HEADER: signature})
        return answer.status_code

    signed = sign(SECRET, PATH, Clock().now(), content=b"[]")
    assert await ask(b"[]", signed) == 200
    assert await ask(b"[ ]", signed) == 401
    assert await ask(b"[]", "") == 401
    assert await ask(b'[{"body":1}]', sign(SECRET, PATH, Clock().now(), content=b'[{"body":1}]')) == 400


async def test_a_finding_or_measure_nobody_knows_is_no_released_one(
    db: Database, box: tuple[MailBox, int], pathways: Host
) -> None:
    releases = Releases(url_of(pathways), SECRET, Clock())
    asked = [
        Question("JOBCENTER", CAREER, "M02", "no-such-measure", "e1"),
        Question("JOBCENTER", CAREER, "REFERRAL", "no-such-measure", "e1"),
        Question("JOBCENTER", CAREER, "REFERRAL", "m4", "e1"),
        Question("JOBCENTER", "AAAA-AAAA-AAAA", "M02", "m1", "e1"),
    ]
    assert await releases.ask(asked) == [Release.EXISTENCE, Release.EXISTENCE, Release.FULL, None]


async def test_mails_about_the_programme_go_on_while_pathways_is_away(
    db: Database, box: tuple[MailBox, int], pathways: Host
) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    usecases = await notifications(db, box[1], nowhere, (JOBCENTER, "JOBCENTER"))
    await usecases.plan(await finding(pathways))
    postman = usecases._postman
    enrollment = Enrollment("http://here/enrollment", Attendees(nowhere, SECRET))
    notices = Notices(db, MovableClock(), postman, enrollment=enrollment)
    await notices.add_contacts([(KOELN, "managing_body", "stelle@koeln.example")])
    async with db.transaction() as connection:
        await connection.execute(
            "INSERT INTO notices (notice_id, contact_id, about, municipality, subject, body, event_id, planned_at,"
            " due_at) SELECT 'n1', contact_id, 'declaration', area, 'Eingang', 'Text', 'e1', now(), now() FROM contacts"
        )
    assert await usecases.deliver() == 0
    assert await notices.deliver() == 1
    assert box[0].to == ["stelle@koeln.example"]


async def test_while_pathways_is_away_mails_wait_without_losing_a_try_and_go_with_one_request_when_it_is_back(
    db: Database, box: tuple[MailBox, int], pathways: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    away = await notifications(db, box[1], nowhere, (JOBCENTER, "JOBCENTER"), (SCHOOL, "SCHOOL"))
    await away.plan(await finding(pathways))
    for hour in range(3):
        monkeypatch.setattr(MovableClock, "ahead", timedelta(hours=hour))
        assert await away.deliver() == 0
        assert await away.deliver() == 0, "it was just asked"
    assert await away.newest([KOELN], 10, "JOBCENTER") == ([], False)
    assert await fetch(db, "SELECT DISTINCT state, attempts, leased_until FROM deliveries") == [
        {"state": "waiting", "attempts": 0, "leased_until": None}
    ]
    assert box[0].mails == []
    with answering() as back:
        await _refused_then_taken(db, box, back, monkeypatch)


async def _refused_then_taken(
    db: Database, box: tuple[MailBox, int], back: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    back.status = 503
    usecases = await notifications(db, box[1], back.url, (JOBCENTER, "JOBCENTER"), (SCHOOL, "SCHOOL"))
    assert await usecases.deliver() == 0
    back.status = 200
    assert await usecases.deliver() == 0, "it is left in peace for a while"
    monkeypatch.setattr(MovableClock, "ahead", MovableClock.ahead + timedelta(minutes=8))
    assert await usecases.deliver() == 2
    assert [len(request) for request in back.asked] == [2, 2]
    assert len(box[0].mails) == 2
