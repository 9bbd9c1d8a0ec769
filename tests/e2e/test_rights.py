"""What a person may ask for, in the running system: consent, restriction, correction, information."""

from __future__ import annotations

import secrets
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.e2e.running import Running, wait_for

HERNE = "05916000"
SOURCE = "//herne-rights.example/jobcenter"
TRAITS = {
    "azr_number": "990055667788",
    "family_name": "Quittenbaumer",
    "given_name": "Ysolde",
    "birth_date": "1999-03-04",
}
EVERYTHING = ["STATUS", "BENEFITS", "MEASURES", "LANGUAGE", "EDUCATION", "EMPLOYMENT", "COUNSELLING"]


def ask(stack: Running, method: str, path: str, headers: dict[str, str], **more: Any) -> httpx.Response:
    return httpx.request(method, f"{stack.url}/{path}", headers=headers, timeout=60, **more)


def days_ago(days: int) -> str:
    return (date.today() - timedelta(days=days)).isoformat()  # noqa: DTZ011 (Berlin's or UTC's: either will do)


def emitter(stack: Running) -> dict[str, str]:
    return stack.bearer("emitter", HERNE, body="JOBCENTER", source=SOURCE)


def report(stack: Running, person: str, *facts: tuple[str, dict[str, Any]]) -> None:
    common = {"municipality": HERNE, "rechtskreis": "SGB2", "legal_basis": "SGB2_16", "purpose": "CASE_MANAGEMENT"}
    run = secrets.token_hex(4)
    events = [
        {
            "specversion": "1.0",
            "id": f"{run}-{number}",
            "source": SOURCE,
            "subject": person,
            "time": datetime.now(UTC).isoformat(),
            "type": f"gemeinsam.{kind}.v1",
            "data": common | data,
        }
        for number, (kind, data) in enumerate(facts)
    ]
    headers = emitter(stack) | {"content-type": "application/cloudevents-batch+json"}
    receipt = ask(stack, "POST", "enrollment/v1/events", headers, json=events).raise_for_status().json()
    assert receipt["accepted"] == len(facts), receipt


def finding(stack: Running, person: str, body: str) -> dict[str, Any]:
    """A finding of the person as a body sees it, empty if there is none to see."""
    headers = stack.bearer("case_manager", HERNE, body=body)
    answer = ask(stack, "GET", f"pathways/v1/findings?person={person}&show=all", headers).raise_for_status().json()
    return next((one for one in answer["findings"] if one["person_id"] == person), {})


@pytest.fixture(scope="module")
def person(stack: Running) -> str:
    """Somebody whose measure ended three months ago, with nothing since."""
    rows = [{"local_id": "1", "traits": TRAITS}]
    answer = ask(stack, "POST", "enrollment/v1/persons", emitter(stack), json=rows).raise_for_status()
    person = str(answer.json()[0]["pseudonym"])
    measure = {"measure_id": f"{person}/m1", "type": "AGH", "provider": "vhs", "started_on": days_ago(300)}
    ended = {"measure_id": f"{person}/m1", "ended_on": days_ago(92), "exit": "COMPLETED_NO_RESULT"}
    registered = {"registered_on": days_ago(400)}
    report(stack, person, ("person.registered", registered), ("measure.started", measure), ("measure.ended", ended))
    wait_for(lambda: finding(stack, person, "JOBCENTER"), seconds=120, what="the finding")
    return person


def test_a_consent_shows_a_finding_in_full_and_its_withdrawal_hides_it_again(stack: Running, person: str) -> None:
    assert finding(stack, person, "JOBCENTER")["released"] is True
    masked = finding(stack, person, "SOZIALAMT")
    assert masked["released"] is False
    assert "pattern" not in masked
    assert "text" not in masked
    assert not finding(stack, person, "AUSLAENDERBEHOERDE")
    given = {"consent_id": f"{person}/c", "categories": EVERYTHING, "recipients": ["SOZIALAMT", "AUSLAENDERBEHOERDE"]}
    report(stack, person, ("consent.given", given | {"valid_from": days_ago(1)}))
    wait_for(lambda: finding(stack, person, "SOZIALAMT")["released"], seconds=90, what="the consent")
    assert not finding(stack, person, "AUSLAENDERBEHOERDE"), "nothing goes there, whoever consents"
    report(stack, person, ("consent.withdrawn", {"consent_id": f"{person}/c", "withdrawn_on": days_ago(0)}))
    wait_for(lambda: not finding(stack, person, "SOZIALAMT")["released"], seconds=90, what="the withdrawal")


def test_a_restricted_person_is_nowhere_to_be_seen_until_it_is_lifted(stack: Running, person: str) -> None:
    clerk, manager = stack.bearer("vault_clerk"), stack.bearer("case_manager", HERNE, body="JOBCENTER")
    timeline = f"pathways/v1/persons/{person}/timeline?reason=CASE_WORK"
    path = f"enrollment/v1/persons/{person}/restriction"
    ask(stack, "POST", path, clerk, json={"reason": "ACCURACY_CONTESTED"}).raise_for_status()
    wait_for(lambda: not finding(stack, person, "JOBCENTER"), seconds=90, what="the restriction")
    assert ask(stack, "GET", timeline, manager).status_code == 423
    plan = {"person": person, "type": "MAT", "starts_on": days_ago(-14)}
    assert ask(stack, "POST", "pathways/v1/precheck", manager, json=plan).status_code == 423
    ask(stack, "DELETE", path, clerk).raise_for_status()
    wait_for(lambda: finding(stack, person, "JOBCENTER"), seconds=90, what="the end of the restriction")
    assert ask(stack, "GET", timeline, manager).status_code == 200


def test_a_correction_reaches_the_finding_and_the_report(stack: Running, person: str) -> None:
    before = finding(stack, person, "JOBCENTER")["since"]
    report(stack, person, ("measure.corrected", {"measure_id": f"{person}/m1", "ended_on": days_ago(40)}))
    wait_for(lambda: finding(stack, person, "JOBCENTER").get("since", before) != before, seconds=90, what="the change")
    answer = ask(stack, "GET", f"enrollment/v1/persons/{person}/report", stack.bearer("vault_clerk")).raise_for_status()
    assert "Angaben zur Maßnahme berichtigt" in {one["name"] for one in answer.json()["events"]}


def test_the_answer_to_the_person_says_what_every_service_holds(stack: Running, person: str) -> None:
    clerk, manager = stack.bearer("vault_clerk"), stack.bearer("case_manager", HERNE, body="JOBCENTER")
    ask(stack, "GET", f"pathways/v1/persons/{person}/timeline?reason=PLANNING", manager).raise_for_status()
    wait_for(lambda: [m for m in stack.mails() if person in m["subject"]], seconds=90, what="the mail")
    answer = ask(stack, "GET", f"enrollment/v1/persons/{person}/report", clerk).raise_for_status().json()
    assert all(one["answered"] for one in answer["services"])
    parts = {part["name"]: part["lines"] for one in answer["services"] for part in one["parts"]}
    assert any("Planung" in line for line in parts["Wer den Verlauf oder die Befunde angesehen hat"])
    assert any("E-Mail über Befund" in line for line in parts["Wem wegen eines Befunds eine Nachricht geschickt wurde"])
    assert parts["Statistik"]
    assert answer["records"][0]["family_name"] == TRAITS["family_name"]
    assert {"Zwecke", "Herkunft", "Empfänger", "Dauer", "Rechte"} <= answer["about"].keys()
    assert [one["released_at"] is not None for one in answer["restrictions"]] == [True]


def test_nobody_outside_may_ask_a_service_what_it_holds(stack: Running, person: str) -> None:
    for service in ("pathways", "notifications", "reporting"):
        for headers in ({}, stack.bearer("vault_clerk"), {"x-gemeinsam-inside": "1.0"}):
            assert ask(stack, "GET", f"{service}/v1/inside/persons/{person}", headers).status_code == 401
