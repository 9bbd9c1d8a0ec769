"""A clerk restricts the processing of a person's data and lifts it again; meanwhile nobody else sees who it is."""

from __future__ import annotations

import pytest

from tests.integration.enrollment.running import KOELN, Enrollment
from tests.integration.enrollment.test_vault_clerks import call, decide, near, said_of
from tests.integration.enrollment.test_vault_traits import register, rows_of, unique


def test_a_person_is_restricted_under_all_case_numbers_and_released_again(enrollment: Enrollment) -> None:
    one, other, _ = near(enrollment)
    assert decide(enrollment, one, other, "merge") == 204
    path = f"persons/{one}/restriction"
    assert call(enrollment, "POST", path, json={"reason": "ACCURACY_CONTESTED"}).status_code == 204
    assert call(enrollment, "POST", path, json={"reason": "OBJECTION"}).status_code == 409
    assert call(enrollment, "POST", f"persons/{other}/restriction", json={"reason": "OBJECTION"}).status_code == 409
    in_force = [entry["pseudonym"] for entry in call(enrollment, "GET", "vault/restrictions").json()]
    assert one in in_force
    assert call(enrollment, "DELETE", f"persons/{other}/restriction").status_code == 204, "either case number will do"
    assert call(enrollment, "DELETE", path).status_code == 409
    (entry,) = call(enrollment, "GET", path).json()
    assert (entry["reason"], entry["restricted_by"], entry["released_by"]) == ("ACCURACY_CONTESTED", "test", "test")
    assert said_of(enrollment, one)[1:] == ["gemeinsam.person.restricted.v1", "gemeinsam.person.released.v1"]


def test_only_clerks_see_who_a_restricted_person_is(enrollment: Enrollment) -> None:
    traits = unique()
    person = register(enrollment.emitter(), "1", **traits)
    path = f"persons/{person}/records?reason=CASE_WORK"
    assert call(enrollment, "GET", path, "case_manager", areas=[KOELN]).status_code == 200
    call(enrollment, "POST", f"persons/{person}/restriction", json={"reason": "UNLAWFUL"})
    refused = call(enrollment, "GET", path, "case_manager", areas=[KOELN])
    assert (refused.status_code, refused.json()["code"]) == (423, "restricted")
    assert traits["family_name"] not in refused.text
    assert call(enrollment, "GET", path).json()["records"][0]["family_name"] == traits["family_name"]
    call(enrollment, "DELETE", f"persons/{person}/restriction")
    assert call(enrollment, "GET", path, "case_manager", areas=[KOELN]).status_code == 200


def test_what_is_reported_of_a_restricted_person_is_still_taken(enrollment: Enrollment) -> None:
    emitter = enrollment.emitter()
    person = emitter.pseudonym()
    call(enrollment, "POST", f"persons/{person}/restriction", json={"reason": "OBJECTION"})
    assert emitter.report(emitter.event(person, "late"))["accepted"] == 1


def test_an_erasure_takes_the_restrictions_with_it(enrollment: Enrollment) -> None:
    person = enrollment.emitter().pseudonym()
    call(enrollment, "POST", f"persons/{person}/restriction", json={"reason": "OBJECTION"})
    assert call(enrollment, "POST", f"persons/{person}/erasure", json={"reason": "REQUESTED"}).status_code == 202
    assert rows_of(enrollment, "SELECT 1 FROM vault.restrictions WHERE pseudonym = $1", person) == []
    assert call(enrollment, "DELETE", f"persons/{person}/restriction").status_code == 410
    assert said_of(enrollment, person)[-1] == "gemeinsam.erasure.confirmed.v1"
    assert "tombstone" in said_of(enrollment, person)


@pytest.mark.parametrize("role", ["emitter", "case_manager", "ministry", "operator", "managing_body"])
def test_only_clerks_restrict_and_release(enrollment: Enrollment, role: str) -> None:
    person = enrollment.emitter().pseudonym()
    path = f"persons/{person}/restriction"
    assert call(enrollment, "POST", path, role, json={"reason": "OBJECTION"}).status_code == 403
    assert call(enrollment, "DELETE", path, role).status_code == 403
    assert call(enrollment, "GET", path, role).status_code == 403
    assert call(enrollment, "GET", "vault/restrictions", role).status_code == 403


def test_nobody_is_restricted_who_was_never_there_or_for_no_reason(enrollment: Enrollment) -> None:
    assert call(enrollment, "POST", "persons/none/restriction", json={"reason": "OBJECTION"}).status_code == 404
    person = enrollment.emitter().pseudonym()
    assert call(enrollment, "POST", f"persons/{person}/restriction", json={"reason": "BECAUSE"}).status_code == 422
