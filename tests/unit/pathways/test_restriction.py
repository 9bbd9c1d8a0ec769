"""A restricted person's facts are kept and nothing is found in them; when it is lifted all is as if it never was."""

from __future__ import annotations

from datetime import date

from services.pathways import rules
from services.pathways.domain.cluster import Cluster
from services.pathways.domain.evaluate import evaluate
from services.pathways.domain.example import PERSON, facts_of
from services.pathways.domain.facts import Fact, decode

RULES = rules.load()
TODAY = date(2024, 6, 3)
LATER = date(2024, 9, 2)
CAREER = [
    "started m1 IK_ALLG 2022-02-07",
    "ended m1 2022-08-26 COMPLETED_NO_RESULT",
    "started m2 MAT 2023-03-06",
    "ended m2 2023-09-29 COMPLETED_NO_RESULT",
    "started m3 AGH 2023-12-04",
    "ended m3 2024-03-01 COMPLETED_NO_RESULT",
]


def vault_says(what: str, number: int, subject: str = PERSON, data: bytes = b"{}") -> Fact:
    at = f"2024-06-0{number}T10:00:00Z"
    return decode("//gemeinsam/vault", f"v{number}", f"gemeinsam.person.{what}.v1", subject, at, data)


RESTRICTED = vault_says("restricted", 1, data=b'{"reason":"OBJECTION"}')
RELEASED = vault_says("released", 2)


def test_nothing_is_found_and_nothing_falls_due_of_a_restricted_person():
    result = evaluate([*facts_of(CAREER), RESTRICTED], TODAY, RULES)
    assert result.findings == []
    assert result.next_due == {PERSON: None}
    assert result.restricted(PERSON)
    assert result.timeline(PERSON) is None
    assert result.municipality(PERSON) == "05315000"


def test_when_it_is_lifted_all_is_as_if_it_never_was():
    facts = facts_of(CAREER)
    lifted = evaluate([*facts, RELEASED, RESTRICTED], TODAY, RULES)
    untouched = evaluate(facts, TODAY, RULES)
    assert lifted.findings == untouched.findings
    assert lifted.next_due == untouched.next_due
    assert not lifted.restricted(PERSON)


def test_restricting_one_case_number_restricts_all_that_are_the_same_person():
    merged = vault_says("merged", 3, data=b'{"other":"OTHER","effective_on":"2024-06-03"}')
    known = [*facts_of(CAREER), merged, vault_says("restricted", 4, "OTHER", b'{"reason":"OBJECTION"}')]
    assert evaluate(known, TODAY, RULES).findings == []
    split = vault_says("split", 5, data=b'{"other":"OTHER","effective_on":"2024-06-03"}')
    assert evaluate([*known, split], TODAY, RULES).findings


def test_what_was_said_is_taken_back_and_said_again_with_what_came_meanwhile():
    cluster = Cluster({PERSON: facts_of(CAREER)})
    first = cluster.evaluate_on(TODAY, RULES)
    cluster.add([RESTRICTED])
    silenced = cluster.evaluate_on(TODAY, RULES)
    assert {statement.event for statement in silenced} == {"retracted"}
    assert len(silenced) == len(first)
    assert all("Art. 18" in statement.text.de for statement in silenced)
    assert cluster.next_due is None
    cluster.add(facts_of(["started m9 BVB 2024-08-05"]))
    assert cluster.evaluate_on(LATER, RULES) == []
    cluster.add([RELEASED])
    again = cluster.evaluate_on(LATER, RULES)
    held = sorted(said.finding.identity for said in cluster.held.values() if not said.retracted)
    never = evaluate([*facts_of(CAREER), *facts_of(["started m9 BVB 2024-08-05"])], LATER, RULES)
    assert held == sorted(finding.identity for finding in never.findings)
    assert {statement.event for statement in again} == {"detected"}
    revisions = {identity: said.revision for identity, said in cluster.held.items()}
    assert all(revisions[statement.said.finding.identity] == 3 for statement in again if statement.said.revision > 1)
