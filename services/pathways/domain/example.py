"""Small invented stories in words, to show a pattern: from lines of text to facts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from services.pathways.domain import facts
from services.pathways.domain.facts import Fact

PERSON = "EXAMPLE"
_SOURCE = "//example"
_COMMON = {"municipality": "05315000", "rechtskreis": "LAND", "legal_basis": "TINTG_9", "purpose": "CASE_MANAGEMENT"}
_MONTH = 7


def facts_of(lines: Iterable[str]) -> list[Fact]:
    """The facts of lines such as `started m1 MAT 2023-01-09 until 2023-05-31` or `ended m1 2023-04-28 ABSENCE`."""
    return [_fact(number, line.split()) for number, line in enumerate(lines, start=1)]


def _fact(number: int, words: list[str]) -> Fact:
    what, id, *rest = words
    dated = [word for word in rest if word[:1].isdigit() and len(word) != _MONTH]
    for word in dated:
        date.fromisoformat(word)
    event_type, data = _SAYING[what](id, rest)
    # M13 and M15 name events, not things, as evidence: the story's ids serve for both.
    event_id = id if what in ("benefit", "registered", "contact") else f"{number}:{id}"
    content = json.dumps({**_COMMON, **data}).encode()
    return facts.decode(_SOURCE, event_id, f"gemeinsam.{event_type}.v1", PERSON, f"{dated[0]}T12:00:00Z", content)


def _started(id: str, rest: list[str]) -> tuple[str, dict[str, Any]]:
    more = dict(zip(rest[2::2], rest[3::2], strict=True))
    data = {"measure_id": id, "type": rest[0], "provider": f"provider-{id}", "started_on": rest[1]}
    if "until" in more:
        data["planned_end_on"] = more["until"]
    if "bridge" in more:
        data["bridge_to"] = more["bridge"]
    return "measure.started", data


def _ended(id: str, rest: list[str]) -> tuple[str, dict[str, Any]]:
    return "measure.ended", {"measure_id": id, "ended_on": rest[0], "exit": rest[1]}


def _referred(id: str, rest: list[str]) -> tuple[str, dict[str, Any]]:
    return "measure.referred", {"measure_id": id, "type": rest[0], "referred_on": rest[1]}


def _test(id: str, rest: list[str]) -> tuple[str, dict[str, Any]]:
    return "language.tested", {"test_id": id, "level": rest[0], "tested_on": rest[1], "test_source": "test"}


def _job(id: str, rest: list[str]) -> tuple[str, dict[str, Any]]:
    return "employment.started", {"spell_id": id, "kind": rest[0], "started_on": rest[1]}


def _job_ended(id: str, rest: list[str]) -> tuple[str, dict[str, Any]]:
    return "employment.ended", {"spell_id": id, "kind": rest[0], "ended_on": rest[1]}


def _training(id: str, rest: list[str]) -> tuple[str, dict[str, Any]]:
    return "training.started", {"spell_id": id, "kind": rest[0], "started_on": rest[1]}


def _benefit(id: str, rest: list[str]) -> tuple[str, dict[str, Any]]:
    data = {"changed_on": rest[1], "to_benefit": rest[0]}
    if rest[2:3] == ["from"]:
        data["from_benefit"] = rest[3]
    return "benefit.changed", data


def _registered(id: str, rest: list[str]) -> tuple[str, dict[str, Any]]:
    return "person.registered", {"registered_on": rest[1], "birth_month": rest[0]}


def _contact(id: str, rest: list[str]) -> tuple[str, dict[str, Any]]:
    return "contact.held", {"held_on": rest[0], "contact_kind": "professional", "body": "KI"}


_SAYING = {
    "started": _started,
    "ended": _ended,
    "referred": _referred,
    "test": _test,
    "job": _job,
    "job-ended": _job_ended,
    "training": _training,
    "benefit": _benefit,
    "registered": _registered,
    "contact": _contact,
}
