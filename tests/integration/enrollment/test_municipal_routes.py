"""The municipalities' routes over real HTTP: from declaration to calendar file, and what callers may not do."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.integration.enrollment.running import Enrollment, bearer

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
GELSENKIRCHEN, TELGTE, WARENDORF = "05513000", "05570044", "05570000"
PROGRAMME = {
    "begins_on": "2020-01-01",
    "deadline_on": "2090-10-15",
    "planning_until": "2090-12-31",
    "ends_on": "2099-08-31",
    "development_from": "2030-11-01",
    "development_until": "2090-11-30",
    "funding_from": "2020-01-01",
}


class Caller:
    """Somebody with a token, asking the running service."""

    def __init__(self, enrollment: Enrollment, role: str, *areas: str) -> None:
        self._service = enrollment
        self._headers = bearer(enrollment.issuer.token(role, areas=list(areas)))

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        if body is not None:
            more["json"] = body
        return self._service.client.request(method, self._service.url + path, headers=self._headers, **more)

    def get_done(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = self.ask(method, path, body, **more)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()


@pytest.fixture
def ministry(enrollment: Enrollment) -> Caller:
    caller = Caller(enrollment, "ministry")
    caller.get_done("PUT", "/v1/programme", PROGRAMME)
    return caller


def declare(caller: Caller, ags: str) -> dict[str, Any]:
    files = {"document": ("x.txt", PDF)}
    uploaded = caller.get_done("POST", f"/v1/declarations/{ags}/documents", files=files)
    declaration = {
        "evidence": uploaded["sha256"],
        "signed_on": "2025-01-02",
        "signatory": {"name": "A. Beispiel", "function": "Beigeordnete", "is_board_member": True},
        "managing_body": {"kind": "KI", "name": "Integrationszentrum", "contact": "ki@stadt.example"},
    }
    return caller.get_done("PUT", f"/v1/declarations/{ags}", declaration)


def test_a_town_joins_with_its_kreis_and_is_counted(enrollment: Enrollment, ministry: Caller):
    town = Caller(enrollment, "managing_body", TELGTE)
    before = ministry.get_done("GET", "/v1/memberships/count")["total"]
    assert declare(town, TELGTE)["concurrence_pending"] is True
    kreis = Caller(enrollment, "district", WARENDORF)
    granted = kreis.get_done("POST", f"/v1/declarations/{TELGTE}/concurrence", {"decision": "GRANTED"})
    assert (granted["status"], granted["is_member"]) == ("JOINED", True)
    assert ministry.get_done("GET", "/v1/memberships/count")["total"] == before + 1
    evidence = ministry.ask("GET", f"/v1/declarations/{TELGTE}/documents/{granted['evidence']}")
    assert (evidence.content, evidence.headers["content-type"]) == (PDF, "application/pdf")
    listed = town.get_done("GET", "/v1/declarations")
    assert [one["municipality"] for one in listed] == [TELGTE]


def test_a_booking_has_its_calendar_file(enrollment: Enrollment, ministry: Caller):
    town = Caller(enrollment, "managing_body", GELSENKIRCHEN)
    town.get_done("PUT", f"/v1/declarations/{GELSENKIRCHEN}/interest")
    slot = {
        "title": "Entwicklungs-Workshop",
        "starts_at": "2030-11-08T10:00:00+01:00",
        "ends_at": "2030-11-08T16:00:00+01:00",
        "venue": GELSENKIRCHEN,
        "place": "Rathaus, Saal 1",
        "seats": 1,
    }
    laki = Caller(enrollment, "laki")
    workshop = laki.get_done("POST", "/v1/workshops", {"kind": "DEVELOPMENT", "slot": slot})
    path = f"/v1/workshops/{workshop['workshop_id']}"
    wish = {"municipality": GELSENKIRCHEN, "address": "a@stadt.example", "name": "A. Beispiel"}
    booked = town.get_done("POST", f"{path}/bookings", wish)
    waiting = town.get_done("POST", f"{path}/bookings", wish | {"address": "b@stadt.example"})
    assert (booked["place"], waiting["place"]) == ("BOOKED", "WAITLISTED")
    file = town.ask("GET", f"{path}/bookings/{booked['booking_id']}/calendar.ics").text
    assert "DTSTART:20301108T090000Z" in file
    assert "STATUS:CONFIRMED" in file
    town.get_done("DELETE", f"{path}/bookings/{booked['booking_id']}")
    now = {one["booking_id"]: one["place"] for one in laki.get_done("GET", f"{path}/bookings")}
    assert now[waiting["booking_id"]] == "BOOKED"
    stranger = Caller(enrollment, "managing_body", TELGTE)
    assert stranger.get_done("GET", f"{path}/bookings") == []


@pytest.mark.parametrize(
    ("role", "areas", "method", "path", "body", "status"),
    [
        ("managing_body", [TELGTE], "PUT", f"/v1/declarations/{GELSENKIRCHEN}/interest", None, 403),
        ("district", [WARENDORF], "PUT", f"/v1/declarations/{TELGTE}", {}, 403),
        ("district", ["05562000"], "POST", f"/v1/declarations/{TELGTE}/concurrence", {"decision": "GRANTED"}, 403),
        ("managing_body", [TELGTE], "POST", f"/v1/declarations/{TELGTE}/acceptance", None, 403),
        ("emitter", [TELGTE], "GET", "/v1/declarations", None, 403),
        ("laki", [], "GET", f"/v1/declarations/{TELGTE}", None, 403),
        ("ministry", [], "PUT", "/v1/declarations/05999999/interest", None, 422),
        ("ministry", [], "PUT", "/v1/declarations/09162000/interest", None, 422),
        ("laki", [], "PUT", "/v1/programme", PROGRAMME, 403),
        ("ministry", [], "GET", "/v1/workshops/ws-none", None, 404),
        ("ministry", [], "PUT", f"/v1/declarations/{TELGTE}", {"evidenz": "x"}, 422),
        ("managing_body", [TELGTE], "GET", "/v1/funding/scenarios", None, 403),
    ],
)
def test_what_is_not_allowed_is_refused_with_a_reason(
    enrollment: Enrollment, role: str, areas: list[str], method: str, path: str, body: Any, status: int
):
    answer = Caller(enrollment, role, *areas).ask(method, path, body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


@pytest.mark.parametrize(("content", "status"), [(b"<html>", 415), (b"", 422), (b"%PDF-1.7 cut", 422)])
def test_evidence_is_judged_by_its_content(enrollment: Enrollment, content: bytes, status: int):
    town = Caller(enrollment, "managing_body", TELGTE)
    answer = town.ask(
        "POST", f"/v1/declarations/{TELGTE}/documents", files={"document": ("a.pdf", content, "application/pdf")}
    )
    assert answer.status_code == status, answer.text


def test_the_same_evidence_twice_is_one_document(enrollment: Enrollment):
    town = Caller(enrollment, "managing_body", GELSENKIRCHEN)
    path = f"/v1/declarations/{GELSENKIRCHEN}/documents"
    first, second = (town.get_done("POST", path, files={"document": ("x", PDF)}) for _ in range(2))
    assert first == second


def test_a_scenario_is_data_over_the_count(enrollment: Enrollment, ministry: Caller):
    steps = [{"from_members": 0, "amount": "1000.50"}, {"from_members": 100, "amount": "9", "kind": "KREIS"}]
    shown = ministry.get_done("PUT", "/v1/funding/scenarios/BASIS", {"steps": steps})
    assert shown["amount_by_kind"]["KREIS"] == "1000.50"
    twice = [{"from_members": 1, "amount": "1"}] * 2
    assert ministry.ask("PUT", "/v1/funding/scenarios/BASIS", {"steps": twice}).status_code == 422


def test_the_programme_is_extended_by_a_baustein_and_a_block(ministry: Caller):
    entry = {"title_de": "Wohnen", "title_en": "Housing", "valid_from": "2025-01-01"}
    ministry.get_done("PUT", "/v1/bausteine/B6", entry)
    ministry.get_done("PUT", "/v1/funding/blocks/F7", entry)
    assert "B6" in [one["code"] for one in ministry.get_done("GET", "/v1/bausteine")]
    assert "F7" in [one["code"] for one in ministry.get_done("GET", "/v1/funding/blocks")]
