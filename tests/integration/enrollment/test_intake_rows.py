"""Every row is judged by itself, and the receipt says what became of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.integration.enrollment.running import KOELN, Emitter

DEEP = 100_000


def test_a_sound_fact_is_accepted(emitter: Emitter) -> None:
    receipt = emitter.report(emitter.event(emitter.pseudonym(), "e1"))
    assert receipt["state"] == "complete"
    assert (receipt["received"], receipt["accepted"]) == (1, 1)
    assert receipt["rejections"] == []


def test_the_same_content_again_is_a_duplicate_whatever_else_differs(emitter: Emitter) -> None:
    person = emitter.pseudonym()
    emitter.report(emitter.event(person, "e1"))
    again = emitter.event(person, "e1", time="2026-01-01T00:00:00Z", correlationid="c1")
    again["data"] = dict(reversed(again["data"].items()))
    assert emitter.verdict(again) == "duplicate"


def test_the_same_id_with_other_content_is_refused(emitter: Emitter) -> None:
    person = emitter.pseudonym()
    emitter.report(emitter.event(person, "e1"))
    assert emitter.verdict(emitter.event(person, "e1", data={"exit": "ABSENCE"})) == "id id_reused"


def test_repeats_within_one_sending_are_told_apart(emitter: Emitter) -> None:
    person = emitter.pseudonym()
    first, other = emitter.event(person, "e1"), emitter.event(person, "e1", data={"exit": "ABSENCE"})
    receipt = emitter.report(first, first, other)
    assert (receipt["accepted"], receipt["duplicate"], receipt["rejected"]) == (1, 1, 1)
    assert receipt["rejections"][0]["row"] == 3


def test_an_unknown_type_is_set_aside_and_a_repeat_of_it_is_a_duplicate(emitter: Emitter) -> None:
    event = emitter.event(emitter.pseudonym(), "e1", type="gemeinsam.moon.landed.v1")
    assert emitter.verdict(event) == "set_aside"
    assert emitter.verdict(event) == "duplicate"


def test_undeclared_fields_and_unknown_codes_are_named_in_warnings(emitter: Emitter) -> None:
    event = emitter.event(emitter.pseudonym(), "e1", data={"name": "Amina", "exit": "NEW_CODE"})
    receipt = emitter.report(event)
    assert receipt["accepted"] == 1
    assert {(note["field"], note["code"]) for note in receipt["warnings"]} == {
        ("data.name", "field_dropped"),
        ("data.exit", "unknown_code"),
    }
    assert "Amina" not in json.dumps(receipt)


def test_an_unknown_measure_type_and_an_end_before_its_start_are_taken_with_a_warning(emitter: Emitter) -> None:
    data = {"type": "MOON", "provider": "p1", "started_on": "2025-03-02", "planned_end_on": "2025-03-01"}
    event = emitter.event(emitter.pseudonym(), "e1", type="gemeinsam.measure.started.v1", data=data)
    receipt = emitter.report(event)
    assert receipt["accepted"] == 1
    assert {note["code"] for note in receipt["warnings"]} >= {"unknown_code", "end_before_start"}


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({"specversion": "0.3"}, "specversion unsupported"),
        ({"id": None}, "id missing"),
        ({"id": "Müller, Max"}, "id bad_identifier"),
        ({"source": "//elsewhere.example/x"}, "source foreign_source"),
        ({"type": None}, "type missing"),
        ({"subject": ""}, "subject missing"),
        ({"subject": "AAAA-AAAA-AAAA"}, "subject not_granted"),
        ({"time": None}, "time missing"),
        ({"time": "2025-03-04T10:11:12"}, "time bad_time"),
        ({"time": "2025-02-30T10:11:12Z"}, "time bad_time"),
        ({"time": "0001-01-01T00:00:00Z"}, "data.municipality not_a_member"),
        ({"time": "2017-12-31T22:59:59Z"}, "data.municipality not_a_member"),
        ({"time": "2017-12-31T23:00:00Z"}, "accepted"),
        ({"time": "9999-12-31T23:59:59Z"}, "accepted"),
        ({"correlationid": "a b"}, "correlationid bad_identifier"),
        ({"type": "gemeinsam.person.erased.v1"}, "type vault_only"),
        ({"type": "gemeinsam.membership.started.v1"}, "type not_reported_here"),
        ({"data": {"municipality": "5315000"}}, "data.municipality bad_area"),
        ({"data": {"municipality": 5315000}}, "data.municipality not_text"),
        ({"data": {"municipality": "05113000"}}, "data.municipality area_not_yours"),
        ({"data": {"municipality": "05999999"}}, "data.municipality area_not_yours"),
        ({"data": {"legal_basis": None}}, "data.legal_basis missing"),
        ({"data": {"purpose": None}}, "data.purpose missing"),
        ({"data": {"ended_on": "2025-02-29"}}, "data.ended_on bad_date"),
        ({"data": {"ended_on": "9999-12-31"}}, "accepted"),
        ({"data": {"ended_on": "0001-01-01"}}, "accepted"),
        ({"data": {"hours": -1}}, "data.hours bad_number"),
        ({"data": {"exit": "a name\u0000"}}, "data.exit bad_code"),
    ],
)
def test_a_row_is_refused_with_field_and_code(emitter: Emitter, changes: dict[str, Any], verdict: str) -> None:
    assert emitter.verdict(emitter.event(emitter.pseudonym(), "e1", **changes)) == verdict


@pytest.mark.parametrize(
    ("raw", "verdict"),
    [
        (b"not json", "row not_json"),
        (b'{"id": 1', "row not_json"),
        (b'{"id": "\xff\xfe"}', "row invalid_utf8"),
        (b'{"id": "a", "id": "b"}', "row duplicate_key"),
        (b'{"id": NaN}', "row bad_number"),
        (b'{"id": -Infinity}', "row bad_number"),
        (b"[" * DEEP, "row too_deep"),
        (b'{"a":' * DEEP + b"1" + b"}" * DEEP, "row too_deep"),
        (b'{"id": "\\ud800"}', "row lone_surrogate"),
        (b"[]", "event not_an_object"),
        (b"17", "event not_an_object"),
        (b"\x00", "row not_json"),
        (b'{"specversion":"1.0","id":"a\\u0000b","source":"x"}', "id bad_text"),
    ],
)
def test_what_is_no_event_is_refused_with_a_reason(emitter: Emitter, raw: bytes, verdict: str) -> None:
    assert emitter.verdict(raw) == verdict


def test_a_number_beyond_all_bounds_is_refused(emitter: Emitter) -> None:
    event = json.dumps(emitter.event(emitter.pseudonym(), "e1", data={"hours": 7, "x": 8}))
    assert emitter.verdict(event.replace('"hours": 7', '"hours": 1e999').encode()) == "data bad_number"
    assert emitter.verdict(event.replace('"x": 8', '"x": 1e999').encode()) == "data bad_number"


def test_a_null_character_in_a_dropped_field_reaches_no_table(emitter: Emitter) -> None:
    person = emitter.pseudonym()
    receipt = emitter.report(emitter.event(person, "e1", data={"note\u0000": "a\u0000b"}))
    assert (receipt["accepted"], receipt["warnings"][0]["field"]) == (1, "data.note?")
    unknown = emitter.event(person, "e2", type="gemeinsam.moon.landed.v1", data={"note\u0000": "a\u0000b"})
    assert emitter.verdict(unknown) == "set_aside"


def test_rows_around_a_broken_one_go_on(emitter: Emitter) -> None:
    person = emitter.pseudonym()
    long = b'{"x":"' + b"x" * 1_100_000 + b'"}'
    receipt = emitter.report(emitter.event(person, "a"), b"{", b"", long, emitter.event(person, "b"))
    assert (receipt["accepted"], receipt["rejected"], receipt["received"]) == (2, 2, 4)
    assert [(note["row"], note["code"]) for note in receipt["rejections"]] == [(2, "not_json"), (4, "line_too_long")]


def test_a_gemeinde_is_covered_by_its_kreis(emitter: Emitter) -> None:
    kreis = emitter.enrollment.emitter("05362000")
    person = kreis.pseudonym()
    assert kreis.verdict(kreis.event(person, "e1", data={"municipality": "05362020"})) == "accepted"
    assert kreis.verdict(kreis.event(person, "e2", data={"municipality": KOELN})) == "data.municipality area_not_yours"


def test_a_pseudonym_of_another_source_is_refused(emitter: Emitter) -> None:
    other = emitter.enrollment.emitter()
    assert emitter.verdict(emitter.event(other.pseudonym(), "e1")) == "subject not_granted"


def test_reasons_are_told_in_the_language_asked_for(emitter: Emitter) -> None:
    event = emitter.event(emitter.pseudonym(), "e1", data={"ended_on": "yesterday"})
    german, english = emitter.report(event), emitter.report(event, **{"Accept-Language": "en-GB,de;q=0.5"})
    assert german["rejections"][0]["sentence"] == "data.ended_on: Kein Kalendertag in der Form JJJJ-MM-TT."
    assert english["rejections"][0]["sentence"] == "data.ended_on: Not a calendar day written YYYY-MM-DD."
