"""Clerks decide near matches, look behind case numbers and erase people; nothing of an erased person is left."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.integration.enrollment.running import KOELN, Enrollment, bearer
from tests.integration.enrollment.test_vault_traits import ask, pair_of, register, rows_of, unique


def call(enrollment: Enrollment, method: str, path: str, role: str = "vault_clerk", **more: Any) -> httpx.Response:
    areas = more.pop("areas", [])
    token = enrollment.issuer.token(role, areas=areas)
    return enrollment.client.request(method, f"{enrollment.url}/v1/{path}", headers=bearer(token), **more)


def near(enrollment: Enrollment) -> tuple[str, str, dict[str, str]]:
    """Two pseudonyms that share an AZR number only, and the traits of the first."""
    traits = unique()
    one = register(enrollment.emitter(), "1", **traits)
    other = register(enrollment.emitter(), "2", azr_number=traits["azr_number"])
    return one, other, traits


def decide(enrollment: Enrollment, one: str, other: str, decision: str) -> int:
    entry = {"decision": decision, "reason": "DOCUMENTS"}
    return call(enrollment, "POST", f"vault/matches/{one}/{other}", json=entry).status_code


def said_of(enrollment: Enrollment, person: str) -> list[str]:
    rows = rows_of(enrollment, "SELECT headers FROM outbox WHERE subject = $1 ORDER BY outbox_id", person)
    return [json.loads(row["headers"]).get("ce_type", "tombstone") for row in rows]


def test_a_clerk_sees_both_sides_merges_and_splits_and_splits_are_remembered(enrollment: Enrollment) -> None:
    one, other, traits = near(enrollment)
    listed = call(enrollment, "GET", "vault/matches").json()
    assert [pair["agreed"] for pair in listed if {pair["one"], pair["other"]} == {one, other}] == [["azr_number"]]
    assert traits["family_name"] not in json.dumps(listed)
    sides = call(enrollment, "GET", f"vault/matches/{other}/{one}").json()
    assert {record["family_name"] for record in sides["records"]} == {traits["family_name"], None}
    assert sides["possible"] == ["merge", "apart"]
    assert decide(enrollment, other, one, "merge") == 204
    assert said_of(enrollment, one) == ["gemeinsam.person.merged.v1"], "the one issued first is kept"
    assert decide(enrollment, one, other, "merge") == 409
    assert decide(enrollment, one, other, "split") == 204
    assert said_of(enrollment, one)[1:] == ["gemeinsam.person.split.v1"]
    register(enrollment.emitter(), "3", **traits)
    state, _ = pair_of(enrollment, one, other) or ("", set())
    assert state == "apart"
    decisions = call(enrollment, "GET", f"vault/matches/{one}/{other}").json()["decisions"]
    assert [decision["decision"] for decision in decisions] == ["merge", "split"]
    assert {(decision["reason"], decision["decided_by"]) for decision in decisions} == {("DOCUMENTS", "test")}


def test_what_was_taken_apart_is_not_merged_by_rule_when_the_traits_agree_later(enrollment: Enrollment) -> None:
    traits = unique()
    one = register(enrollment.emitter(), "1", **traits)
    late = enrollment.emitter()
    other = register(late, "2", azr_number=traits["azr_number"])
    assert decide(enrollment, one, other, "apart") == 204
    assert register(late, "2", **traits) == other
    assert (pair_of(enrollment, one, other) or ("", set()))[0] == "apart"
    assert said_of(enrollment, one) == said_of(enrollment, other) == []


def test_a_person_has_no_more_case_numbers_than_the_limit(enrollment: Enrollment) -> None:
    traits = unique()
    first = register(enrollment.emitter(), "0", **traits)
    others = [register(enrollment.emitter(), "x", azr_number=traits["azr_number"]) for _ in range(6)]
    assert [decide(enrollment, first, other, "merge") for other in others] == [204] * 5 + [409]


@pytest.mark.parametrize("role", ["emitter", "case_manager", "ministry", "operator", "science"])
def test_only_clerks_decide_and_erase(enrollment: Enrollment, role: str) -> None:
    one, other, _ = near(enrollment)
    assert call(enrollment, "GET", "vault/matches", role).status_code == 403
    assert call(enrollment, "GET", f"vault/matches/{one}/{other}", role).status_code == 403
    entry = {"decision": "merge", "reason": "DOCUMENTS"}
    assert call(enrollment, "POST", f"vault/matches/{one}/{other}", role, json=entry).status_code == 403
    assert call(enrollment, "POST", f"persons/{one}/erasure", role, json={"reason": "REQUESTED"}).status_code == 403


def test_a_case_number_is_resolved_for_clerks_and_the_areas_case_managers_and_each_look_is_written_down(
    enrollment: Enrollment,
) -> None:
    one, _, traits = near(enrollment)
    path = f"persons/{one}/records?reason=CASE_WORK"
    assert call(enrollment, "GET", path).json()["records"][0]["family_name"] == traits["family_name"]
    mine = call(enrollment, "GET", path, "case_manager", areas=[KOELN])
    assert mine.json()["records"][0]["local_id"] == "1"
    assert call(enrollment, "GET", path, "case_manager", areas=["05314000"]).status_code == 404
    assert call(enrollment, "GET", path, "jmd", areas=[KOELN]).status_code == 403
    assert call(enrollment, "GET", f"persons/{one}/records").status_code == 422
    looks = rows_of(enrollment, "SELECT role, what, reason FROM vault.read_log WHERE $1 = ANY(pseudonyms)", one)
    assert [tuple(look) for look in looks] == [
        ("vault_clerk", "person", "CASE_WORK"),
        ("case_manager", "person", "CASE_WORK"),
        ("case_manager", "person", "CASE_WORK"),
    ]


def test_an_erased_person_leaves_nothing_but_marks(enrollment: Enrollment) -> None:
    one, other, traits = near(enrollment)
    emitter = enrollment.emitter()
    assert register(emitter, "7", **traits) == one
    emitter.report(emitter.event(one, "e1"), emitter.event(one, "e2", type="gemeinsam.unheard.of.v1"))
    assert decide(enrollment, one, other, "merge") == 204
    answer = call(enrollment, "POST", f"persons/{other}/erasure", json={"reason": "REQUESTED"})
    assert (answer.status_code, answer.json()) == (202, {"erased": sorted([one, other])})
    said = rows_of(enrollment, "SELECT topic, key, value FROM outbox WHERE subject = $1 ORDER BY outbox_id", one)
    keys = [(row["topic"], row["key"].decode(), row["value"] is None) for row in said]
    erased = ("enrollment.persons", f"{one}///gemeinsam/vault/erased:{one}", False)
    after = keys[keys.index(erased) + 1 :]
    merged = next(key for _, key, gone in keys if "vault" in key and not gone and "erased" not in key)
    assert sorted(after) == sorted(
        [
            ("enrollment.persons", f"{one}/{emitter.source}/e1", True),
            ("enrollment.persons", merged, True),
            ("enrollment.erasures", f"{one}/enrollment", False),
        ]
    )
    assert emitter.verdict(emitter.event(one, "e1")) == "subject erased"
    assert emitter.verdict(emitter.event(one, "e9")) == "subject erased"
    again = ask(emitter, {"local_id": "7", "traits": traits})[0]["pseudonym"]
    assert again not in (one, other)
    assert call(enrollment, "GET", f"persons/{one}/records?reason=CASE_WORK").status_code == 410
    document = call(enrollment, "GET", f"persons/{one}/erasure").json()
    assert [(proof["service"], proof["remaining"]) for proof in document["proofs"]] == []
    assert document["unanswered"]
    assert_only_marks(enrollment, one)


def assert_only_marks(enrollment: Enrollment, person: str) -> None:
    """The pseudonym stands in no table but those of the mark and the read log; what waits to be sent is on its way."""
    found = set()
    for table in rows_of(
        enrollment, "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('vault', 'public')"
    ):
        name = f"{table['schemaname']}.{table['tablename']}"
        if rows_of(enrollment, f"SELECT 1 FROM {name} AS t WHERE position($1 IN t::text) > 0 LIMIT 1", person):
            found.add(name)
    assert found <= {"vault.erasures", "vault.read_log", "vault.proofs", "public.outbox"}


def test_what_was_never_given_cannot_be_erased_and_twice_is_once(enrollment: Enrollment) -> None:
    assert call(enrollment, "POST", "persons/0000-0000-0000/erasure", json={"reason": "REQUESTED"}).status_code == 404
    person = enrollment.emitter().pseudonym()
    for _ in range(2):
        answer = call(enrollment, "POST", f"persons/{person}/erasure", json={"reason": "ENTERED_IN_ERROR"})
        assert answer.json() == {"erased": [person]}
    assert said_of(enrollment, person).count("gemeinsam.person.erased.v1") == 1
