"""What findings say in words: whole sentences in both languages, whatever the numbers in them are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta

from services.pathways.domain.evaluate import evaluate
from services.pathways.domain.facts import decode_line
from services.pathways.domain.finding import Finding, Text
from services.pathways.rules import load
from tests.oracle.timelines import TODAYS, timeline

RULES = load()
ODD = re.compile(
    r"\b1 (Kurse|Tage|Maßnahmen|courses|days|measures)\b|\b0 (Tage|days|Kurse)|über (A0|C2)|above (A0|C2)"
    r"|None|[{}]|  | ,|, $|: $"
)
PATTERNS = {*(f"M{number:02}" for number in range(1, 17)), "P01", "P02"}


def texts() -> Iterator[tuple[Finding, Text]]:
    for number in range(1200):
        today = TODAYS[number % len(TODAYS)]
        facts = [decode_line(json.dumps(fact).encode()) for fact in timeline(f"t/{number}", today=today, most=30)]
        found = evaluate(facts, date.fromisoformat(today) + timedelta(days=number % 400), RULES)
        for finding in found.findings:
            yield finding, found.explain(finding)


def test_every_text_reads_properly_in_german_and_english() -> None:
    seen = set()
    for finding, text in texts():
        for said in (text.de, text.en, text.ends_de, text.ends_en):
            assert not ODD.search(said), said
        assert text.de.endswith(f"(Regelwerk 1, {finding.pattern})")
        assert text.en.endswith(f"(rule set 1, {finding.pattern})")
        assert bool(text.ends_de) == bool(text.ends_en)
        assert finding.until is None or not text.ends_de
        seen.add(finding.pattern)
    assert seen == PATTERNS


def test_the_third_start_says_since_when_and_what_would_end_it() -> None:
    facts = [event("language.tested", test_id="t", tested_on="2018-12-01", level="A2", test_source="test")]
    for number, on in enumerate(("2019-01-07", "2019-06-03", "2019-12-02")):
        facts.append(
            event("measure.started", measure_id=f"m{number}", type="MAT", provider=f"P{number}", started_on=on)
        )
    result = evaluate(facts, date(2020, 1, 1), RULES)
    career = next(finding for finding in result.findings if finding.pattern == "M02")
    assert result.explain(career) == Text(
        "Dritter Maßnahmebeginn in 329 Tagen ohne Fortschritt seit 07.01.2019 (Regelwerk 1, M02)",
        "Third start of a measure within 329 days without progress since 2019-01-07 (rule set 1, M02)",
        "endet mit dem nächsten Fortschritt: Sprachprüfung über A2, Abschluss, 90 Tage Beschäftigung",
        "ends with the next progress: a language test above A2, a certificate, 90 days of work",
    )


def event(thing: str, **data: str):
    head = {"specversion": "1.0", "id": repr(data), "source": "S", "subject": "A", "time": "2020-01-01T00:00:00Z"}
    return decode_line(json.dumps({**head, "type": f"gemeinsam.{thing}.v1", "data": data}).encode())
