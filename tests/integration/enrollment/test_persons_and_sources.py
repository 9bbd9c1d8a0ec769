"""Pseudonyms are issued once for a record of a source; sources are registered by operators."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from services.enrollment.domain.person import is_pseudonym
from tests.integration.enrollment.running import KOELN, Emitter, Enrollment, bearer


def ask(emitter: Emitter, body: Any, media_type: str = "application/json") -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return emitter.enrollment.client.post(
        f"{emitter.enrollment.url}/v1/persons",
        content=content,
        headers=emitter.headers | {"Content-Type": media_type, "Accept-Language": "en"},
    )


def test_the_same_record_has_the_same_pseudonym_again(emitter: Emitter) -> None:
    first = emitter.pseudonyms(["1", "2", "1"])
    assert all(is_pseudonym(pseudonym) for pseudonym in first)
    assert first[0] == first[2] != first[1]
    assert emitter.pseudonyms(["2", "1"]) == [first[1], first[0]]


def test_another_source_with_the_same_record_number_has_another_pseudonym(emitter: Emitter) -> None:
    assert emitter.pseudonym("1") != emitter.enrollment.emitter().pseudonym("1")


def test_rows_are_answered_in_the_form_they_came_in(emitter: Emitter) -> None:
    pseudonym = emitter.pseudonym("7")
    row = {"local_id": "7", "pseudonym": pseudonym}
    assert ask(emitter, [{"local_id": "7"}]).json() == [row]
    assert ask(emitter, {"persons": [{"local_id": "7"}]}).json() == {"persons": [row]}
    lines = ask(emitter, b'{"local_id":"7"}\n\n{"local_id":"7"}', "application/x-ndjson")
    assert [json.loads(text) for text in lines.text.splitlines()] == [row, row]


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        ({}, "local_id", "missing"),
        ({"local_id": 7}, "local_id", "not_text"),
        ({"local_id": "x" * 81}, "local_id", "too_long"),
        ({"local_id": "a\u0000"}, "local_id", "bad_text"),
        ({"local_id": "1", "name": "Amina"}, "row", "undeclared_field"),
        ({"local_id": "1", "traits": {"shoe_size": "42"}}, "traits", "undeclared_field"),
        ({"local_id": "1", "traits": []}, "traits", "not_an_object"),
        ("1", "row", "not_an_object"),
    ],
)
def test_a_row_that_cannot_be_used_spoils_no_other(emitter: Emitter, row: Any, field: str, code: str) -> None:
    good, bad = ask(emitter, [{"local_id": "good"}, row]).json()
    assert is_pseudonym(good["pseudonym"])
    assert (bad["row"], bad["field"], bad["code"]) == (2, field, code)
    assert bad["sentence"]


def test_a_body_that_is_no_list_of_rows_is_refused(emitter: Emitter) -> None:
    for body in (b"", b"[", b"{}", b'{"persons": 1}', b'"x"', b'[{"local_id":"1","local_id":"2"}]', b"\xff"):
        assert ask(emitter, body).status_code == 400
    assert ask(emitter, b"[]", "text/csv").status_code == 415
    assert ask(emitter, [{"local_id": str(number)} for number in range(10_001)]).status_code == 413


def test_the_same_records_asked_for_at_once_have_one_pseudonym_each(emitter: Emitter) -> None:
    rows = [{"local_id": str(number)} for number in range(300)]

    async def ask_at_once() -> list[Any]:
        async with httpx.AsyncClient(timeout=60, headers=emitter.headers) as client:
            url = f"{emitter.enrollment.url}/v1/persons"
            bodies = (rows, rows[::-1], rows[100:], rows[:200])
            answers = await asyncio.gather(*(client.post(url, json=body) for body in bodies))
        return [answer.json() for answer in answers]

    answers = asyncio.run(ask_at_once())
    issued = {(row["local_id"], row["pseudonym"]) for answer in answers for row in answer}
    assert len(issued) == 300


def test_a_source_is_registered_changed_and_listed_by_an_operator_only(enrollment: Enrollment) -> None:
    url = f"{enrollment.url}/v1/sources"
    operator = bearer(enrollment.issuer.token("operator"))
    entry: dict[str, Any] = {
        "source": "//bonn.example/sozialamt",
        "body": "SOZIALAMT",
        "areas": ["05314000"],
        "contact": "it@bonn.example",
        "rhythm_days": 31,
        "brake_limit": 0.2,
    }
    assert enrollment.client.put(url, json=entry, headers=operator).status_code == 201
    assert enrollment.client.put(url, json=entry | {"areas": [KOELN]}, headers=operator).status_code == 200
    assert entry | {"areas": [KOELN]} in enrollment.client.get(url, headers=operator).json()
    for token in (enrollment.issuer.token("ministry"), enrollment.issuer.token("emitter", source=entry["source"])):
        assert enrollment.client.put(url, json=entry, headers=bearer(token)).status_code == 403
        assert enrollment.client.get(url, headers=bearer(token)).status_code == 403


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"source": "koeln"}, "source"),
        ({"source": "//koeln.example/" + "x" * 200}, "source"),
        ({"body": "ZOO"}, "body"),
        ({"areas": []}, "areas"),
        ({"areas": ["5315000"]}, "areas"),
        ({"areas": ["09162000"]}, "areas"),
        ({"contact": ""}, "contact"),
        ({"contact": "a\u0000"}, "contact"),
        ({"rhythm_days": 0}, "rhythm_days"),
        ({"brake_limit": 1.5}, "brake_limit"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_a_source_that_breaks_a_rule_is_refused_with_its_field(
    enrollment: Enrollment, change: dict[str, Any], field: str
) -> None:
    entry = {"source": "//x.example/y", "body": "KI", "areas": [KOELN], "contact": "x", "rhythm_days": 7}
    operator = bearer(enrollment.issuer.token("operator"))
    answer = enrollment.client.put(f"{enrollment.url}/v1/sources", json=entry | change, headers=operator)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


def test_two_sources_whose_topics_would_be_one_are_told_apart(enrollment: Enrollment) -> None:
    entry = {"source": "//hagen.example/a/b", "body": "KI", "areas": [KOELN], "contact": "x", "rhythm_days": 7}
    operator = bearer(enrollment.issuer.token("operator"))
    url = f"{enrollment.url}/v1/sources"
    assert enrollment.client.put(url, json=entry, headers=operator).status_code == 201
    twin = entry | {"source": "//hagen.example/a.b"}
    assert enrollment.client.put(url, json=twin, headers=operator).status_code == 409
