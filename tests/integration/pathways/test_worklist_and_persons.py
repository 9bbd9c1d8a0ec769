"""Case managers at work: the list, its filters, what they decide, a person's pathway, and who may see what."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from fastapi import Response

from services.pathways import rules
from services.pathways.app import build
from services.pathways.settings import Settings
from services.pathways.usecases import UseCases
from shared.auth import Principal, Role
from shared.clock import Clock
from shared.contracts.findings import FindingAcknowledged
from shared.db import Database
from shared.host import Host
from shared.http import bearer
from tests.integration.pathways.careers import (
    BONN,
    CAREER,
    CLEAR,
    FOREIGN,
    GAP,
    KOELN,
    TODAY,
    WAITING,
    facts,
    settle,
    take,
)

CASE_MANAGER = Principal("manager-1", Role.CASE_MANAGER, (KOELN,), "JOBCENTER")
COLLEAGUE = Principal("manager-2", Role.CASE_MANAGER, (KOELN,), "JOBCENTER")


class Browser:
    """A browser of one login on the service's pages; cookies stay from request to request."""

    def __init__(self, host: Host, principal: Principal) -> None:
        self.web = host.app.state.web
        response = Response()
        self.session = self.web.cookies.begin(response, principal, None)
        name, _, value = response.headers["set-cookie"].partition(";")[0].partition("=")
        transport = httpx.ASGITransport(host.app, root_path="/pathways")
        self.client = httpx.AsyncClient(
            transport=transport,
            base_url="http://gemeinsam.test/pathways",
            headers={"accept": "text/html"},
            cookies={name: value, "gemeinsam-reason": f"{self.session.session_id[:12]}.CASE_WORK"},
        )

    async def see(self, path: str, *, status: int = 200) -> str:
        page = await self.client.get(path)
        assert page.status_code == status, page.text
        return page.text

    async def send(self, path: str, **form: Any) -> httpx.Response:
        return await self.client.post(path, data={"csrf_token": self.web.cookies.csrf_token(self.session), **form})


@pytest.fixture
async def host(database_url: str) -> AsyncIterator[Host]:
    database = await Database.at(database_url, connections=2)
    await settle(database_url, database)
    await database.close()
    settings = Settings(
        database_url=database_url,
        kafka="127.0.0.1:1",
        http_port=0,
        root_path="/pathways",
        public_url="http://gemeinsam.test",
        issuer_url="http://127.0.0.1:1",
        session_secret="s" * 32,
        today=TODAY,
    )
    host = build(settings)
    await host.db.open()
    yield host
    await host.db.close()


@pytest.fixture
def browser(host: Host) -> Browser:
    return Browser(host, CASE_MANAGER)


def keys(page: str) -> list[str]:
    return re.findall(r'name="finding" value="([^"]+)"', page)


async def rows(host: Host, statement: str, *given: Any) -> list[Any]:
    async with host.db.reading() as connection:
        return [tuple(row) for row in await connection.fetch(statement, *given)]


async def test_the_list_shows_the_open_findings_of_the_own_areas_the_gravest_first(browser: Browser) -> None:
    page = await browser.see("/")
    found = keys(page)
    assert f"{CAREER}/M02/m1" in found
    assert f"{GAP}/M10/m2" in found
    assert FOREIGN not in page
    severities = re.findall(r'<td class="sev"><span class="badge (\w+)">', page)
    assert severities == sorted(severities, key=["critical", "warning", "info"].index)
    assert "Endet mit dem nächsten Fortschritt" in page


async def test_of_what_is_equally_grave_the_newest_comes_first_and_the_past_last(host: Host, browser: Browser) -> None:
    listed = await rows(host, "SELECT person_id, pattern, anchor, severity, historical, since FROM findings")
    known = {f"{person}/{pattern}/{anchor}": rest for person, pattern, anchor, *rest in listed}
    rank = ["critical", "warning", "info"].index
    order = [(rank(known[key][0]), known[key][1], -known[key][2].toordinal()) for key in keys(await browser.see("/"))]
    assert order == sorted(order)
    assert len({since for _, _, since in order}) > 1
    ages = [known[key][2] for key in keys(await browser.see("/?order=age"))]
    assert ages == sorted(ages)


async def test_filters_stand_in_the_address(browser: Browser) -> None:
    page = await browser.see("/?severity=warning&pattern=M08&order=age")
    assert set(keys(page)) == {f"{CAREER}/M08/m2", f"{GAP}/M08/m1"}
    assert '<option value="M08" selected>' in page
    assert '<option value="warning" selected>' in page
    assert keys(await browser.see(f"/?person={CAREER[:4].lower()}&severity=critical")) == [f"{CAREER}/M02/m1"]
    assert keys(await browser.see("/?assigned=me")) == []


async def test_what_works_is_shown_apart(browser: Browser) -> None:
    assert CLEAR not in await browser.see("/")
    assert f"{CLEAR}/P02/s1" in keys(await browser.see("/?show=good"))


async def test_assigned_findings_are_handed_over_when_a_post_changes(host: Host, browser: Browser) -> None:
    key = f"{CAREER}/M02/m1"
    answer = await browser.send("/worklist", action="take", finding=key, back="/pathways/?order=age")
    assert answer.headers["location"] == "/pathways/?order=age&done=assign.1"
    assert keys(await browser.see("/?assigned=me")) == [key]
    await browser.send("/worklist/hand-over", **{"from": "manager-1", "to": "manager-2"})
    assert keys(await browser.see("/?assigned=me")) == []
    assert keys(await Browser(host, COLLEAGUE).see("/?assigned=me")) == [key]
    steps = await rows(host, "SELECT action, done_by, detail FROM handling_steps ORDER BY step_id")
    assert steps == [("assign", "manager-1", "manager-1"), ("hand_over", "manager-1", "manager-1 > manager-2")]


async def test_an_acknowledged_finding_leaves_the_list_and_is_published_with_its_next_revision(
    host: Host, browser: Browser
) -> None:
    key = f"{GAP}/M10/m2"
    identity = (GAP, "M10", "m2")
    before = (
        await rows(host, "SELECT revision FROM findings WHERE (person_id, pattern, anchor) = ($1, $2, $3)", *identity)
    )[0][0]
    refused = await browser.send("/worklist", action="acknowledge", finding=key, reason="")
    assert refused.headers["location"] == "/pathways/?problem=reason"
    await browser.send("/worklist", action="acknowledge", finding=key, reason="PLANNED")
    assert key not in keys(await browser.see("/"))
    assert "Anschluss ist geplant" in await browser.see("/?show=acknowledged")
    sent = await rows(host, "SELECT value, headers::text, key FROM outbox ORDER BY outbox_id DESC LIMIT 1")
    data = json.loads(sent[0][0])
    assert json.loads(sent[0][1])["ce_type"] == "gemeinsam.finding.acknowledged.v1"
    assert sent[0][2].decode() == key
    assert (data["revision"], data["acknowledged_by"]) == (before + 1, "manager-1")
    assert FindingAcknowledged.model_validate_json(sent[0][0]).acknowledged_at is not None
    # The next change counts on from it.
    await take(host.db, TODAY, *facts(GAP, ["started m9 AUSB_BETR 2024-05-20"], municipality=KOELN, rechtskreis="SGB2"))
    said = await rows(
        host,
        "SELECT revision, event FROM finding_history WHERE (person_id, pattern, anchor) = ($1, $2, $3) ORDER BY 1",
        *identity,
    )
    assert said[-2:] == [(before + 1, "acknowledged"), (before + 2, "resolved")]


async def test_an_escalation_brings_back_what_was_acknowledged_or_put_off(host: Host, browser: Browser) -> None:
    seen, muted = f"{GAP}/M10/m2", f"{CAREER}/M07/m4"
    await browser.send("/worklist", action="acknowledge", finding=seen, reason="PLANNED")
    await browser.send("/worklist", action="mute", finding=muted, until=(TODAY + timedelta(days=200)).isoformat())
    assert not {seen, muted} & set(keys(await browser.see("/")))
    assert keys(await browser.see("/?show=muted")) == [muted]
    await UseCases(host.db, Clock(), rules.load()).move_clock(TODAY + timedelta(days=100))
    assert {seen, muted} <= set(keys(await browser.see("/")))


async def test_a_date_too_far_or_in_the_past_does_not_put_off(browser: Browser) -> None:
    for until in ("2024-06-03", "2026-01-01", "someday"):
        answer = await browser.send("/worklist", action="mute", finding=f"{CAREER}/M02/m1", until=until)
        assert answer.headers["location"] == "/pathways/?problem=until"
    assert "innerhalb eines Jahres" in await browser.see("/?problem=until")
    assert f"{CAREER}/M02/m1" in keys(await browser.see("/"))


@pytest.mark.parametrize(
    ("form", "problem"),
    [
        ({"action": "acknowledge", "finding": f"{CAREER}/M02/m1"}, "reason"),
        ({"action": "assign", "finding": f"{CAREER}/M02/m1", "assign_to": " "}, "assign_to"),
        ({"action": "take"}, "finding"),
    ],
)
async def test_a_form_that_lacks_something_says_so_on_the_page_it_came_from(
    host: Host, browser: Browser, *, form: dict[str, str], problem: str
) -> None:
    answer = await browser.send("/worklist", back=f"/pathways/persons/{CAREER}?done=assign.1", **form)
    assert answer.headers["location"] == f"/pathways/persons/{CAREER}?problem={problem}"
    assert 'role="alert"' in await browser.see(f"/persons/{CAREER}?problem={problem}")
    assert await rows(host, "SELECT 1 FROM handlings") == []


async def test_what_was_put_off_or_assigned_can_be_taken_back(browser: Browser) -> None:
    key = f"{CAREER}/M02/m1"
    await browser.send("/worklist", action="mute", finding=key, until="2024-07-01")
    assert "Wieder aufnehmen" in await browser.see("/?show=muted")
    assert key not in keys(await browser.see("/"))
    await browser.send("/worklist", action="bring_back", finding=key)
    assert key in keys(await browser.see("/"))
    await browser.send("/worklist", action="take", finding=key)
    assert "Zuständigkeit aufheben" in await browser.see("/?assigned=me")
    await browser.send("/worklist", action="release", finding=key)
    assert keys(await browser.see("/?assigned=me")) == []


async def test_findings_of_other_areas_cannot_be_touched(host: Host, browser: Browser) -> None:
    foreign = f"{FOREIGN}/M15/r1"
    for action in ({"action": "take"}, {"action": "acknowledge", "reason": "OTHER"}):
        assert (await browser.send("/worklist", finding=foreign, **action)).status_code == 404
    assert await rows(host, "SELECT 1 FROM handlings") == []


async def test_a_form_without_its_token_is_refused(browser: Browser) -> None:
    answer = await browser.client.post("/worklist", data={"action": "take", "finding": f"{CAREER}/M02/m1"})
    assert answer.status_code == 403


async def test_the_version_of_the_list_moves_with_decisions_and_findings(host: Host, browser: Browser) -> None:
    def version(page: str) -> str:
        return re.findall(r"live\?version=([^\"]+)", page)[0]

    seen = {version(await browser.see("/"))}
    await browser.send("/worklist", action="take", finding=f"{CAREER}/M02/m1")
    seen.add(version(await browser.see("/")))
    await take(host.db, TODAY, *facts(GAP, ["started m9 AUSB_BETR 2024-05-20"], municipality=KOELN, rechtskreis="SGB2"))
    seen.add(version(await browser.see("/")))
    assert len(seen) == 3


async def test_a_pathway_is_drawn_with_all_of_it_as_a_table(browser: Browser) -> None:
    page = await browser.see(f"/persons/{CAREER}?select=M02/m1")
    drawn, table = page.split('id="findings"')[0], page.split('id="table"')[1]
    for words in ("Integrationskurs (allgemein)", "Arbeitsgelegenheit (SGB II)", "Bürgergeld (SGB II)", "Minijob"):
        assert words in drawn
        assert words in table
    assert drawn.count('class="item k-episode') == 4
    assert len(re.findall(r'class="item k-episode[^"]* lit', drawn)) == 4
    assert 'class="today"' in drawn
    assert 'style="' not in page


async def test_what_was_known_on_a_day_is_shown_with_the_findings_of_that_day(browser: Browser) -> None:
    page = await browser.see(f"/persons/{CAREER}?known=2023-04-01")
    assert "gemeldet war" in page
    assert "Maßnahmekarriere" in page
    assert "04.12.2023" not in page.split('id="precheck"')[0].split('id="drawing"')[1]
    assert "Dritter Maßnahmebeginn" in page
    assert "Vierter Maßnahmebeginn" not in page.split("<details")[0]


async def test_nobody_looks_at_a_person_without_a_reason_and_every_look_is_written_down(host: Host) -> None:
    browser = Browser(host, CASE_MANAGER)
    browser.client.cookies.delete("gemeinsam-reason")
    assert "Warum sehen Sie diesen Fall an?" in await browser.see(f"/persons/{CAREER}")
    looked = "SELECT reader, persons, what, reason FROM read_log WHERE what <> 'worklist' ORDER BY look_id"
    assert await rows(host, looked) == []
    await browser.send(f"/persons/{CAREER}/reason", reason="FINDING")
    await browser.see(f"/persons/{CAREER}")
    await browser.see(f"/persons/{CAREER}?select=M02/m1")
    await browser.see(f"/persons/{CAREER}?type=MAT&starts_on=2024-06-17")
    assert await rows(host, looked) == [
        ("manager-1", [CAREER], "timeline", "FINDING"),
        ("manager-1", [CAREER], "precheck", "PRECHECK"),
    ]
    assert "Einen Befund prüfen" in (await browser.see(f"/persons/{CAREER}")).split("Wer diesen Fall angesehen hat")[-1]


async def test_each_way_to_a_person_leaves_its_look(host: Host, browser: Browser) -> None:
    looked = "SELECT DISTINCT what, reason FROM read_log WHERE persons @> ARRAY[$1::text] ORDER BY 1, 2"
    await browser.see("/")
    await browser.see(f"/persons/{CAREER}?known=200")
    await browser.see(f"/persons/{CAREER}?known=2023-01-01&select=M01/m1")
    await browser.see(f"/persons/{CAREER}?type=MAT&starts_on=2024-06-17")
    host.app.dependency_overrides[bearer] = lambda: CASE_MANAGER
    transport = httpx.ASGITransport(host.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gemeinsam.test") as client:
        assert (await client.get(f"/v1/persons/{CAREER}/timeline")).status_code == 422
        answer = await client.get(f"/v1/persons/{CAREER}/timeline", params={"reason": "HANDOVER"})
        assert answer.status_code == 200
        assert (await client.get("/v1/findings")).status_code == 200
    assert await rows(host, looked, CAREER) == [
        ("api", "HANDOVER"),
        ("history", "CASE_WORK"),
        ("precheck", "PRECHECK"),
        ("timeline", "CASE_WORK"),
        ("worklist", "WORKLIST"),
    ]
    assert "Früherer Stand" in await browser.see(f"/persons/{CAREER}")


async def test_what_was_said_later_is_not_shown_on_an_earlier_day(browser: Browser) -> None:
    assert "Was wann gesagt wurde (0)" in await browser.see(f"/persons/{CAREER}?known=2023-01-01")


@pytest.mark.parametrize("person", [FOREIGN, "XXXX-XXXX-XXXX"])
async def test_others_persons_and_unknown_ones_look_alike(browser: Browser, person: str) -> None:
    page = await browser.see(f"/persons/{person}", status=404)
    assert "there is no such person in your areas" in page


async def test_whoever_was_responsible_before_sees_nothing_later(host: Host, browser: Browser) -> None:
    moved = facts(CAREER, ["registered r9 2001-04 2024-05-06"], municipality=BONN, rechtskreis="SGB2")
    await take(host.db, TODAY, *moved)
    await browser.see(f"/persons/{CAREER}", status=404)
    assert CAREER not in await browser.see("/")
    assert "Maßnahmekarriere" in await Browser(host, Principal("b", Role.CASE_MANAGER, (BONN,), "JOBCENTER")).see(
        f"/persons/{CAREER}"
    )


async def test_the_land_sees_no_single_person(host: Host) -> None:
    for role in (Role.MINISTRY, Role.SCIENCE, Role.OPERATOR, Role.LAKI, Role.JMD, Role.VAULT_CLERK, Role.EMITTER):
        browser = Browser(host, Principal("land", role, (KOELN,)))
        answer = await browser.client.get("/")
        assert (answer.status_code, answer.headers["location"]) == (303, "/pathways/patterns")
        await browser.see(f"/persons/{CAREER}", status=403)
        assert (await browser.send("/worklist", action="take", finding=f"{CAREER}/M02/m1")).status_code == 403


async def test_a_body_without_consent_learns_that_there_is_something_and_not_what(host: Host) -> None:
    browser = Browser(host, Principal("school", Role.CASE_MANAGER, (KOELN,), "SCHOOL"))
    page = await browser.see("/")
    assert "Liegt vor, Einzelheiten nicht freigegeben" in page
    assert keys(page) == []
    listed = page.split('id="list"')[1]
    assert "Maßnahmekarriere" not in listed
    assert "M02" not in listed
    assert CAREER not in (await browser.see("/?pattern=M02")).split('id="list"')[1]
    person = await browser.see(f"/persons/{CAREER}")
    assert "nicht freigegeben" in person
    assert "k-episode" not in person


async def test_the_foreigners_office_is_not_told_of_findings_on_others_facts(host: Host) -> None:
    page = await Browser(host, Principal("abh", Role.CASE_MANAGER, (KOELN,), "AUSLAENDERBEHOERDE")).see("/")
    assert CAREER not in page
    assert "Hier ist nichts offen" in page


async def test_an_erased_person_is_gone_with_all_that_was_decided(host: Host, browser: Browser) -> None:
    from services.pathways.domain import facts as reading

    await browser.send("/worklist", action="acknowledge", finding=f"{CAREER}/M02/m1", reason="PLANNED")
    data = b'{"reason":"REQUESTED"}'
    erased = reading.decode("//vault", "e1", "gemeinsam.person.erased.v1", CAREER, "2024-06-01T00:00:00Z", data)
    await take(host.db, TODAY, erased)
    await browser.see(f"/persons/{CAREER}", status=410)
    assert await rows(host, "SELECT 1 FROM handlings") == []
    assert await rows(host, "SELECT 1 FROM handling_steps") == []


async def test_the_precheck_is_drawn_into_the_pathway(browser: Browser) -> None:
    page = await browser.see(f"/persons/{CAREER}?type=MAT&starts_on=2024-06-17")
    assert "würde mindestens eine Warnung auslösen" in page
    assert 'class="item would"' in page
    assert 'class="finding would"' in page
    missing = await browser.see(f"/persons/{CAREER}?type=MAT&starts_on=soon")
    assert 'role="alert"' in missing
    assert 'aria-invalid="true"' in missing


@pytest.mark.parametrize("language", ["de", "en"])
async def test_every_pattern_has_its_page_with_its_example(browser: Browser, language: str) -> None:
    page = await browser.see(f"/patterns?lang={language}")
    linked = re.findall(r"/patterns/([MP]\d\d)", page)
    assert len(set(linked)) == 18
    for pattern in linked:
        one = await browser.see(f"/patterns/{pattern}?lang={language}")
        assert "chosen" in one, pattern
        assert 'class="item' in one


async def test_the_interface_gives_the_same_to_a_token(host: Host) -> None:
    host.app.dependency_overrides[bearer] = lambda: CASE_MANAGER
    client = httpx.AsyncClient(transport=httpx.ASGITransport(host.app), base_url="http://gemeinsam.test")
    listed = (await client.get("/v1/findings", params={"severity": "critical"})).json()
    assert {one["person_id"] for one in listed["findings"]} >= {CAREER}
    assert listed["total"] == len(listed["findings"])
    assert (await client.get(f"/v1/persons/{CAREER}/timeline")).status_code == 422
    shown = (await client.get(f"/v1/persons/{CAREER}/timeline", params={"reason": "CASE_WORK"})).json()
    assert [item["code"] for item in shown["items"] if item["kind"] == "episode"] == ["IK_ALLG", "MAT", "AGH", "MAT"]
    plan = {"person": WAITING, "type": "IK_JUGEND", "starts_on": "2024-06-17"}
    checked = (await client.post("/v1/precheck", json=plan)).json()
    assert checked["ends"] == []
    checked = (await client.post("/v1/precheck", json=plan | {"type": "IK_ALLG"})).json()
    assert [one["pattern"] for one in checked["ends"]] == ["M09"]
    assert checked["clear"] is True
    assert {one["category"] for one in checked["would_not"]} >= {"LANG", "VOC"}
    for wrong in ({"type": "NONE"}, {"planned_end_on": "2020-01-01"}, {"starts_on": "2030-01-01"}):
        refused = await client.post("/v1/precheck", json=plan | wrong)
        assert refused.status_code == 422
        assert refused.json()["field"] in ("type", "planned_end_on", "starts_on")
    assert date.fromisoformat(checked["evaluated_on"]) == date(2024, 6, 17)


def vault_says(what: str, number: int, data: bytes = b"{}") -> Any:
    from services.pathways.domain import facts as reading

    at = f"2024-06-01T10:0{number}:00Z"
    return reading.decode("//vault", f"v{number}", f"gemeinsam.person.{what}.v1", CAREER, at, data)


async def test_a_restricted_person_is_shown_nowhere_until_it_is_lifted(host: Host, browser: Browser) -> None:
    await browser.send("/worklist", action="acknowledge", finding=f"{CAREER}/M08/m2", reason="PLANNED")
    before = await browser.see("/?show=all")
    await take(host.db, TODAY, vault_says("restricted", 1, b'{"reason":"OBJECTION"}'))
    assert CAREER not in await browser.see("/?show=all")
    assert "Art. 18" in await browser.see(f"/persons/{CAREER}", status=423)
    late = facts(CAREER, ["contact k9 2024-05-27"], municipality=KOELN, rechtskreis="SGB2")
    await take(host.db, TODAY, *late)
    assert CAREER not in await browser.see("/?show=all")
    assert (await browser.send("/worklist", action="take", finding=f"{CAREER}/M02/m1")).status_code == 404
    await take(host.db, TODAY, vault_says("released", 2))
    assert keys(await browser.see("/?show=all")) == keys(before)
    assert await rows(host, "SELECT acknowledged_reason FROM handlings WHERE person_id = $1", CAREER) == [("PLANNED",)]
    assert "Beratung" in await browser.see(f"/persons/{CAREER}")


def consent(what: str, number: int, **data: Any) -> Any:
    from services.pathways.domain import facts as reading

    common = {"municipality": KOELN, "rechtskreis": "SGB2", "legal_basis": "CONSENT", "purpose": "CASE_MANAGEMENT"}
    content = json.dumps({**common, "consent_id": "c1", **data}).encode()
    at = f"2024-06-02T10:0{number}:00Z"
    return reading.decode(
        "//koeln.example/jobcenter", f"c{number}", f"gemeinsam.consent.{what}.v1", CAREER, at, content
    )


async def test_a_consent_opens_what_it_names_and_its_withdrawal_closes_it_with_the_next_request(host: Host) -> None:
    school = Browser(host, Principal("school", Role.CASE_MANAGER, (KOELN,), "SCHOOL"))
    all_but_benefits = ["STATUS", "MEASURES", "LANGUAGE", "EDUCATION", "EMPLOYMENT", "COUNSELLING"]
    given = consent(
        "given", 1, categories=all_but_benefits, recipients=["SCHOOL"], valid_from="2024-01-01", valid_to="2025-01-01"
    )
    assert keys(await school.see("/")) == []
    await take(host.db, TODAY, given)
    opened = await school.see("/")
    assert f"{CAREER}/M02/m1" in keys(opened)
    assert not any(key.startswith(GAP) for key in keys(opened)), "another person's facts stay closed"
    person = await school.see(f"/persons/{CAREER}")
    assert "k-episode" in person
    assert "nicht freigegeben" in person or "weitere" in person, "the benefit is not opened, and the page says so"
    assert (await school.send("/worklist", action="take", finding=f"{CAREER}/M02/m1")).status_code == 303
    await take(host.db, TODAY, consent("withdrawn", 2, withdrawn_on="2024-06-02"))
    assert keys(await school.see("/")) == []
    assert "k-episode" not in await school.see(f"/persons/{CAREER}")
    assert (await school.send("/worklist", action="take", finding=f"{CAREER}/M02/m1")).status_code == 404


async def test_the_precheck_names_nothing_the_reader_may_not_know(host: Host) -> None:
    school = Browser(host, Principal("school", Role.CASE_MANAGER, (KOELN,), "SCHOOL"))
    page = await school.see(f"/persons/{CAREER}?type=MAT&starts_on=2024-06-17")
    outcome = page.split('id="precheck"')[1].split("</section>")[0]
    for name in ("Maßnahmekarriere", "Warteschleife", "Typwiederholung"):
        assert name not in outcome
