"""The worked cases of the patterns, exact to the day: findings, due dates and events of every stage."""

import json
from datetime import date
from pathlib import Path

import pytest

from services.pathways.domain.diff import difference
from services.pathways.domain.evaluate import evaluate
from services.pathways.domain.facts import decode_line, pack, unpack
from services.pathways.domain.record import cluster_of
from services.pathways.rules import load

CASES = [json.loads(path.read_text()) for path in sorted((Path(__file__).parent / "cases").glob("*.json"))]


def stages(case):
    """Each stage with its results: one for each cluster of all facts so far."""
    facts = []
    for stage in case["stages"]:
        facts += [decode_line(json.dumps(event).encode()) for event in stage["facts"]]
        today = date.fromisoformat(stage["today"])
        yield stage, [evaluate(unpack(pack(cluster)), today, load()) for cluster in cluster_of(facts)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_worked_case_gives_exactly_its_findings(case):
    for stage, results in stages(case):
        found = sorted((f for result in results for f in result.findings), key=lambda finding: finding.identity)
        assert [finding.line() for finding in found] == stage["expected"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_worked_case_is_due_again_on_its_day(case):
    for stage, results in stages(case):
        due = {person: on for result in results for person, on in result.next_due.items()}
        for person, on in stage.get("next_due", {}).items():
            assert due[person] == (date.fromisoformat(on) if on else None)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_worked_case_says_exactly_its_events(case):
    held = {}
    for stage, results in stages(case):
        new = [finding for result in results for finding in result.findings]
        if "events" in stage:
            said = [[change.event, *change.finding.identity] for change in difference(held, new)]
            assert said == stage["events"]
        held = {finding.identity: finding for finding in new}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_every_finding_of_a_worked_case_has_a_text_in_both_languages(case):
    for _, results in stages(case):
        for result in results:
            for finding in result.findings:
                text = result.explain(finding)
                assert f"(Regelwerk 1, {finding.pattern})" in text.de
                assert f"(rule set 1, {finding.pattern})" in text.en
                assert bool(text.ends_de) == bool(text.ends_en)
