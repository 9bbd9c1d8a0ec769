"""What becomes of rows: their counts add up whatever is known, granted and repeated."""

from __future__ import annotations

import json
from datetime import date

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from services.enrollment.domain.intake import Candidate, admit, has_mandate, judge, settle
from services.enrollment.domain.lines import Row
from services.enrollment.domain.receipt import NOTES_IN_ANSWER, Note, Outcome, Receipt
from services.enrollment.domain.sentences import SENTENCES, language_of, sentence
from services.enrollment.domain.source import Emitter, areas_of
from shared.contracts.envelope import Envelope

SOURCE = "//a.example/x"
MANDATES = {"05315000": [(date(2020, 1, 1), None)]}
EMITTER = Emitter(1, SOURCE, frozenset({"05315000"}))


def candidate(row: int, fact_id: str, person: str, content: bytes, time: str = "2025-01-01T00:00:00Z") -> Candidate:
    head = Envelope(fact_id, SOURCE, "gemeinsam.goal.set.v1", person, time)
    return Candidate(row, head, head.recorded_at, content, "05315000", {}, None, None, ())


ROWS = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(["p", "q", "stranger"]), st.sampled_from([b"1", b"2"])),
    max_size=12,
)


@given(ROWS, st.dictionaries(st.sampled_from("abc"), st.sampled_from([b"1", b"2"])), st.integers(0, 3))
def test_every_row_has_exactly_one_outcome(
    rows: list[tuple[str, str, bytes]], known: dict[str, bytes], unreadable: int
) -> None:
    candidates = [candidate(number, *row) for number, row in enumerate(rows, 1)]
    broken = [Note(100 + number, "row", "not_json") for number in range(unreadable)]
    admitted = admit(candidates, {"p", "q"}, MANDATES)
    new = {fact_id for fact_id in admitted.firsts if fact_id not in known}
    taken, outcome = settle(admitted, new, known, broken=broken)
    assert outcome.rows == len(rows) + unreadable
    assert {one.envelope.id for one in taken} == new
    assert [note.row for note in outcome.rejections] == sorted(note.row for note in outcome.rejections)
    assert all(one.envelope.subject != "stranger" for one in taken)


@given(ROWS)
def test_sending_all_again_takes_nothing_and_what_was_taken_is_a_duplicate(rows: list[tuple[str, str, bytes]]) -> None:
    candidates = [candidate(number, *row) for number, row in enumerate(rows, 1)]
    first = admit(candidates, {"p", "q"}, MANDATES)
    taken, before = settle(first, set(first.firsts), {})
    known = {one.envelope.id: one.content for one in taken}
    again, after = settle(admit(candidates, {"p", "q"}, MANDATES), set(), known)
    assert again == []
    assert after.accepted == 0
    assert after.duplicate >= before.accepted + before.duplicate


def test_a_membership_covers_its_first_day_and_not_the_day_it_ends_on() -> None:
    mandates = {"05362000": [(date(2020, 1, 1), date(2021, 1, 1))], "05362020": [(date(2022, 1, 1), None)]}
    assert not has_mandate(mandates, "05362020", date(2019, 12, 31))
    assert has_mandate(mandates, "05362020", date(2020, 1, 1))
    assert has_mandate(mandates, "05362020", date(2020, 12, 31))
    assert not has_mandate(mandates, "05362020", date(2021, 1, 1))
    assert has_mandate(mandates, "05362020", date(2022, 1, 1))
    assert not has_mandate(mandates, "05362024", date(2022, 1, 1))


def test_the_areas_of_a_request_are_those_both_registered_and_in_the_token() -> None:
    assert areas_of(["05362000"], ["05362020"]) == {"05362020"}
    assert areas_of(["05362020"], ["05362000"]) == {"05362020"}
    assert areas_of(["05362000", "05315000"], ["05362000"]) == {"05362000"}
    assert areas_of(["05362020"], ["05362024"]) == frozenset()


@given(st.binary(max_size=300))
def test_no_bytes_break_the_judge(raw: bytes) -> None:
    judged = judge(Row(1, raw), EMITTER)
    assert isinstance(judged, Note)
    assert judged.code in SENTENCES


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters()), inner, max_size=3),
    max_leaves=8,
)
ATTRIBUTES = ["specversion", "id", "source", "type", "subject", "time", "datacontenttype", "data", "correlationid"]
FIELDS = ["municipality", "rechtskreis", "legal_basis", "purpose", "measure_id", "ended_on", "exit", "hours", "name\0"]


@settings(max_examples=400, deadline=None)
@given(
    st.dictionaries(st.sampled_from(ATTRIBUTES), JSON, max_size=3),
    st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=4),
    st.sampled_from(["gemeinsam.measure.ended.v1", "gemeinsam.moon.landed.v1", "gemeinsam.measure.corrected.v1"]),
)
def test_whatever_stands_in_an_event_it_is_refused_with_a_reason_or_fit_for_the_database(
    attributes: dict[str, object], fields: dict[str, object], type_: str
) -> None:
    data = {
        "municipality": "05315000", "rechtskreis": "SGB2", "legal_basis": "SGB2_50", "purpose": "STATISTICS",
        "measure_id": "m", "ended_on": "2025-01-01", "exit": "ABSENCE",
    }  # fmt: skip
    event = {
        "specversion": "1.0", "id": "e", "source": SOURCE, "type": type_, "subject": "p",
        "time": "2025-01-01T00:00:00Z", "data": data | fields,
    }  # fmt: skip
    judged = judge(Row(1, json.dumps(event | attributes).encode()), EMITTER)
    notes = [judged] if isinstance(judged, Note) else judged.warnings
    assert all(note.code in SENTENCES for note in notes)
    written = [text for note in notes for text in (note.field, note.code)]
    if not isinstance(judged, Note):
        head = judged.envelope
        written += [head.id, head.subject, head.type, judged.about or "", judged.event or ""]
        assert judged.recorded_at.tzinfo is not None
        assert b"\x00" not in msgspec.json.encode(judged.data)
    assert all("\x00" not in text and text.encode() for text in written if text)


def test_a_receipt_keeps_a_thousand_notes_and_counts_them_all() -> None:
    receipt = Receipt("r")
    for chunk in range(3):
        notes = tuple(Note(chunk * 700 + row, "row", "not_json") for row in range(700))
        receipt.add(Outcome(accepted=1, rejections=notes, warnings=notes))
    assert (receipt.received, receipt.rejected, receipt.warned) == (2103, 2100, 2100)
    assert (len(receipt.rejections), len(receipt.warnings)) == (NOTES_IN_ANSWER, NOTES_IN_ANSWER)


def test_every_code_has_a_sentence_in_both_languages() -> None:
    for code, sentences in SENTENCES.items():
        assert sentences["de"].endswith("."), code
        assert sentences["en"].endswith("."), code
    assert sentence("data.exit", "bad_code", "de").startswith("data.exit: ")


def test_the_language_is_the_one_the_reader_prefers() -> None:
    assert language_of(None) == "de"
    assert language_of("en") == "en"
    assert language_of("fr, en-GB;q=0.8, de;q=0.9") == "de"
    assert language_of("de;q=0.1, en;q=0.9") == "en"
    assert language_of("en;q=x") == "de"
