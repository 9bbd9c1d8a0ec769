"""Who is written to, kept over the interface and on the page by the bodies of the area, and by nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from deploy.devstack.postgres import Postgres
from tests.integration.enrollment.running import bearer, issuing
from tests.integration.notifications.serving import Notifications, serving

KOELN, BONN = "05315000", "05314000"
CONTACT = {"area": KOELN, "role": "managing_body", "address": "stelle@koeln.example"}
RECIPIENT = {"area": KOELN, "role": "case_manager", "address": "fall@koeln.example", "min_severity": "critical"}
CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


@pytest.fixture(scope="module")
def notifications(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notifications]:
    url = postgres.create_database("notifications_http")
    with issuing() as issuer, serving(url, issuer, tmp_path_factory.mktemp("notifications") / "log") as running:
        yield running
    postgres.drop_database("notifications_http")


def test_the_managing_body_enters_changes_and_takes_off_its_boxes(notifications: Notifications):
    own = notifications.ask("managing_body", KOELN)
    made = own.put("/v1/contacts", json=CONTACT).raise_for_status().json()
    again = own.put("/v1/contacts", json=CONTACT | {"language": "en"}).json()
    assert (again["contact_id"], again["language"]) == (made["contact_id"], "en")
    kept = own.put("/v1/recipients", json=RECIPIENT).raise_for_status().json()
    assert own.get("/v1/recipients").json() == [kept]
    assert own.delete(f"/v1/contacts/{made['contact_id']}").status_code == 204
    assert own.delete(f"/v1/contacts/{made['contact_id']}").status_code == 404
    assert own.get("/v1/contacts").json() == []


@pytest.mark.parametrize(
    ("role", "area", "path", "entry"),
    [
        ("managing_body", BONN, "/v1/contacts", CONTACT),
        ("case_manager", KOELN, "/v1/contacts", CONTACT),
        ("district", BONN, "/v1/recipients", RECIPIENT),
        ("ministry", KOELN, "/v1/recipients", RECIPIENT),
        ("laki", KOELN, "/v1/contacts", CONTACT),
        ("operator", KOELN, "/v1/recipients", RECIPIENT),
    ],
)
def test_nobody_else_keeps_them(notifications: Notifications, role: str, area: str, path: str, entry: dict[str, str]):
    answer = notifications.ask(role, area).put(path, json=entry)
    assert (answer.status_code, answer.json()["reason"]) == (403, "not_your_list")


def test_the_ministry_keeps_all_contacts_and_its_own_box(notifications: Notifications):
    ministry = notifications.ask("ministry")
    own = {"area": "05000000", "role": "ministry", "address": "referat@land.example"}
    assert ministry.put("/v1/contacts", json=own).is_success
    assert ministry.put("/v1/contacts", json=own | {"role": "jmd"}).status_code == 422
    assert ministry.put("/v1/contacts", json=CONTACT | {"area": BONN}).is_success
    assert [one["area"] for one in ministry.get("/v1/contacts", params={"area": BONN}).json()] == [BONN]


@pytest.mark.parametrize(
    "address",
    ["", "nobody", "a@b", "a b@c.de", "a@b.de,c@d.de", "<a@b.de>", "a@b.de\nBcc: x@y.de", "x" * 250 + "@b.de"],
)
def test_what_is_no_address_is_refused_by_field(notifications: Notifications, address: str):
    answer = notifications.ask("managing_body", KOELN).put("/v1/contacts", json=CONTACT | {"address": address})
    assert (answer.status_code, answer.json()["field"]) == (422, "address")


def test_a_box_of_case_management_reads_as_the_body_of_whoever_enters_it(notifications: Notifications):
    without, jobcenter = (notifications.ask("case_manager", BONN, body=body) for body in (None, "JOBCENTER"))
    entry = {"area": BONN, "address": "fall@bonn.example"}
    assert without.put("/v1/recipients", json=entry).json()["body"] == "KI"
    assert jobcenter.put("/v1/recipients", json=entry | {"body": "JOBCENTER"}).json()["body"] == "JOBCENTER"
    assert [one["body"] for one in jobcenter.get("/v1/recipients").json()] == ["JOBCENTER"]
    newer = notifications.ask("case_manager", BONN, body="BANK")
    assert newer.put("/v1/recipients", json=entry).json()["body"] == "OTHER"


@pytest.mark.parametrize(
    ("body", "reason", "named"), [("BANK", "body_unknown", "SCHOOL"), ("AGENTUR", "not_your_body", "KI")]
)
def test_another_or_an_unknown_body_is_refused_by_field(
    notifications: Notifications, body: str, reason: str, named: str
):
    entry = {"area": BONN, "address": "other@bonn.example", "body": body}
    answer = notifications.ask("managing_body", BONN).put("/v1/recipients", json=entry)
    refused = answer.json()
    assert (answer.status_code, refused["field"], refused["reason"]) == (422, "body", reason)
    assert named in refused["detail"]


def test_the_page_shows_the_body_and_says_why_another_is_not_taken(notifications: Notifications):
    browser = notifications.browse("case_manager", BONN, body="JUGENDAMT")
    form = {"area": BONN, "address": "amt@bonn.example", "role": "case_manager", "min_severity": "warning"}
    assert "Das Postfach ist eingetragen." in browser.send("/boxes/recipients", **form, body="JUGENDAMT").text
    assert ">Jugendamt</td>" in browser.see("/boxes?lang=de").text
    assert ">Youth welfare office</td>" in browser.see("/boxes?lang=en").text
    wrong = browser.send("/boxes/recipients?lang=de", **form, body="JOBCENTER")
    assert wrong.status_code == 422
    assert "Eintragen lassen sich nur Postfächer der eigenen Stelle." in wrong.text


def test_the_page_says_what_was_done_and_what_was_not_taken_in_both_languages(notifications: Notifications):
    jmd = notifications.browse("jmd", KOELN)
    entry = {"area": KOELN, "role": "jmd", "address": "jmd@koeln.example", "language": "de"}
    assert "Das Postfach ist eingetragen." in jmd.send("/boxes/contacts", **entry).text
    assert "jmd@koeln.example" in jmd.see("/boxes").text
    refused = jmd.send("/boxes/contacts?lang=en", **entry | {"address": "nobody"})
    assert refused.status_code == 422
    assert "This is no e-mail address." in refused.text
    assert 'value="nobody"' in refused.text
    assert "fall@koeln.example" not in jmd.see("/boxes").text
    assert jmd.send("/boxes/recipients", **RECIPIENT).status_code == 403
    assert notifications.browse("science").see("/boxes").status_code == 403


def test_a_form_without_its_fields_or_of_no_list_is_no_server_error(notifications: Notifications):
    own = notifications.browse("managing_body", KOELN)
    assert own.send("/boxes/contacts").status_code == 403  # an empty area is not its own
    assert own.send("/boxes/contacts", area=KOELN).status_code == 422
    assert own.send("/boxes/others", **CONTACT).status_code == 404
    assert own.send("/boxes/contacts/99999999999/removal").status_code == 404


@pytest.mark.parametrize("role", ["managing_body", "ministry"])
def test_no_request_the_document_allows_breaks_the_service(notifications: Notifications, role: str):
    document = schemathesis.openapi.from_url(f"{notifications.url}/openapi.json").include(path_regex="^/v1/")
    headers = bearer(notifications.issuer.token(role, areas=[KOELN]))
    operations = [found.ok() for found in document.get_all_operations()]
    assert len(operations) >= 6
    for operation in operations:

        @settings(
            max_examples=10,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def stands(case):
            case.call_and_validate(headers=headers, checks=CHECKS)

        stands()
