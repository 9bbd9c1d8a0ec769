"""Avoided, not only recognised: an offer near by in the pre-check, and a mail before a referred measure begins."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import Any

import httpx

from tests.e2e.running import Running, wait_for

KREIS, TOWN = "05978000", "05978036"
SOURCE = "//unna-jobcenter.example/jobcenter"
MAILBOX = f"fallmanagement@{TOWN}.example"


def ahead(days: int) -> str:
    return (date.today() + timedelta(days=days)).isoformat()  # noqa: DTZ011 (Berlin's or UTC's: either will do)


CAREER: list[tuple[str, dict[str, Any]]] = [
    ("person.registered", {"registered_on": ahead(-900)}),
    ("measure.started", {"measure_id": "m1", "type": "MAT", "provider": "p1", "started_on": ahead(-400)}),
    ("measure.ended", {"measure_id": "m1", "ended_on": ahead(-300), "exit": "COMPLETED_NO_RESULT"}),
]
REFERRED = {"measure_id": "m2", "type": "MAT", "referred_on": ahead(-3), "planned_start_on": ahead(20)}


def granted(stack: Running, local_id: str) -> str:
    headers = stack.bearer("emitter", KREIS, body="JOBCENTER", source=SOURCE)
    answer = httpx.post(
        f"{stack.url}/enrollment/v1/persons", json=[{"local_id": local_id}], headers=headers, timeout=30
    )
    body = answer.raise_for_status().json()
    return str((body if isinstance(body, list) else body["persons"])[0]["pseudonym"])


def report(stack: Running, person: str, facts: list[tuple[str, dict[str, Any]]], *, first: int = 0) -> str:
    """Send facts under a trace of our own; gives its id."""
    trace = secrets.token_hex(16)
    common = {"municipality": TOWN, "rechtskreis": "SGB2", "legal_basis": "SGB2_16", "purpose": "CASE_MANAGEMENT"}
    events = []
    for number, (kind, data) in enumerate(facts, start=first):
        if "measure_id" in data:
            data = data | {"measure_id": f"{person}/{data['measure_id']}"}
        events.append(
            {
                "specversion": "1.0",
                "id": f"{person}-{number}",
                "source": SOURCE,
                "subject": person,
                "time": f"2026-01-02T10:00:{number:02d}Z",
                "type": f"gemeinsam.{kind}.v1",
                "data": common | data,
            }
        )
    answer = httpx.post(
        f"{stack.url}/enrollment/v1/events",
        json=events,
        headers=stack.bearer("emitter", KREIS, body="JOBCENTER", source=SOURCE)
        | {
            "content-type": "application/cloudevents-batch+json",
            "traceparent": f"00-{trace}-{secrets.token_hex(8)}-01",
        },
        timeout=30,
    )
    receipt = answer.raise_for_status().json()
    assert receipt["accepted"] == len(events), receipt
    return trace


def precheck(stack: Running, person: str) -> dict[str, Any]:
    plan = {"person": person, "type": "MAT", "starts_on": ahead(14)}
    headers = stack.bearer("case_manager", KREIS, body="JOBCENTER")
    answer = httpx.post(f"{stack.url}/pathways/v1/precheck", json=plan, headers=headers, timeout=30)
    return answer.json() if answer.status_code == 200 else {"offers": [], "status": answer.status_code}


def services_of(stack: Running, trace: str) -> set[tuple[str, str]]:
    answer = httpx.get(f"{stack.traces}/zipkin/api/v2/trace/{trace}", timeout=10)
    spans = answer.json() if answer.status_code == 200 else []
    return {(span["localEndpoint"]["serviceName"], span["name"].lower()) for span in spans}


def warnings(stack: Running, person: str) -> list[dict[str, Any]]:
    """The mails that warned before a measure of this person begins."""
    subject = f"Vor dem Beginn einer Maßnahme – Fall {person}"
    return [one for one in stack.mails(to=MAILBOX) if one["subject"] == subject]


def test_an_offer_published_near_by_is_named_by_the_precheck_until_it_is_closed(stack: Running) -> None:
    person = granted(stack, "near-1")
    report(stack, person, CAREER)
    body = stack.bearer("managing_body", TOWN)
    sent = {"type": "HSA9", "provider": "vhs", "area": TOWN, "title": "HSA 9", "place": "VHS", "seats": 2}
    sent |= {"starts_on": ahead(21)}
    offers = f"{stack.url}/enrollment/v1/offers"
    answer = httpx.post(offers, json=sent, headers=body, timeout=30)
    assert answer.status_code == 201, answer.text
    offer_id = answer.json()["offer_id"]

    def named() -> list[dict[str, Any]]:
        return [one for one in precheck(stack, person)["offers"] if one["offer_id"] == offer_id]

    wait_for(named, seconds=150, what="the offer")
    (offer,) = named()
    assert (offer["distance"], offer["free"], offer["starts_on"]) == ("municipality", 2, ahead(21))
    httpx.post(f"{offers}/{offer_id}/closing", json={}, headers=body, timeout=30).raise_for_status()
    wait_for(lambda: not named(), seconds=150, what="the offer to go")


def test_a_referral_that_would_do_harm_is_mailed_and_listed_before_it_begins(stack: Running) -> None:
    person = granted(stack, "before-1")
    report(stack, person, CAREER)
    trace = report(stack, person, [("measure.referred", REFERRED)], first=10)
    wait_for(lambda: warnings(stack, person), seconds=150, what="the mail")
    wanted = {
        ("pathways", "relay pathways.referrals"),
        ("notifications", "process pathways.referrals"),
        ("notifications", "send e-mail"),
    }
    wait_for(lambda: wanted <= services_of(stack, trace), seconds=150, what="the trace to go on to the mail")
    hints = httpx.get(
        f"{stack.url}/pathways/v1/referral-hints",
        headers=stack.bearer("case_manager", KREIS, body="JOBCENTER"),
        timeout=30,
    ).json()
    assert [hint["patterns"] for hint in hints if hint["person_id"] == person] == [["M03"]]
    report(stack, person, [("measure.cancelled", {"measure_id": "m2"})], first=20)
    report(stack, person, [("measure.referred", REFERRED | {"measure_id": "m3"})], first=30)
    wait_for(lambda: len(warnings(stack, person)) == 2, seconds=150, what="the mail about the other referral")
