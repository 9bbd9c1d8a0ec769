"""The judge of intake: what it takes, drops, warns of and refuses; model and schema are of one mind with it."""

import sys

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from shared.contracts import persons
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.persons import Refused, UnknownType, Warned, check
from shared.contracts.schemas import examples, schema_of

EXAMPLES = {type_: event["data"] for type_, event in examples().items() if type_ in persons.EVENTS}


def _strict(schema: object) -> object:
    """The schema with `$` as JSON Schema means it: Python's own takes a line end before the end as well."""
    if isinstance(schema, dict):
        return {k: v.removesuffix("$") + r"\Z" if k == "pattern" else _strict(v) for k, v in schema.items()}
    return [_strict(one) for one in schema] if isinstance(schema, list) else schema


SCHEMAS = {
    type_: jsonschema.Draft202012Validator(
        _strict(schema_of(CATALOGUE[type_])), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    for type_ in persons.EVENTS
}
MAX = sys.float_info.max
STARTED = "gemeinsam.measure.started.v1"
CORRECTED = "gemeinsam.measure.corrected.v1"


@pytest.mark.parametrize("type_", sorted(EXAMPLES))
def test_every_example_is_taken_as_it_is(type_: str) -> None:
    checked = check(type_, EXAMPLES[type_], by_vault=True)
    assert (checked.data, checked.dropped, checked.warnings) == (EXAMPLES[type_], (), ())


ODD = st.sampled_from(
    [
        "",
        "x",
        "05315000",
        "0531500",
        "٠٥٣١٥٠٠٠",
        "2026-02-29",
        "2024-02-29",
        "0000-01-01",
        "0001-01-01",
        "9999-12-31",
        "2026-1-1",
        "20260101",
        "2026-W01-1",
        "2026-01-01T00:00:00",
        "2026-01-01\n",
        "2026-07",
        "2026-13",
        "0000-07",
        "SGB2",
        "NEW_CODE",
        "two words",
        "Müller",
        "a" * 80,
        "a" * 81,
        "a\x00b",
        "\ud800",
        "//s/x:1.2_-",
        None,
        True,
        0,
        1,
        -1,
        0.5,
        1e308,
        float("inf"),
        float("nan"),
        10**400,
        [],
        ["A"],
        ["A"] * 101,
        [5],
        [None],
        {},
        {"source": "//s", "id": "a"},
        {"source": "//s"},
        {"source": "//s", "id": ""},
        {"source": "//s", "id": "a", "extra": 1},
    ]
)


@st.composite
def _facts(draw: st.DrawFn) -> tuple[str, dict]:
    type_ = draw(st.sampled_from(sorted(EXAMPLES)))
    data = dict(EXAMPLES[type_])
    names = [*persons.EVENTS[type_].model_fields, "undeclared"]
    for name in draw(st.lists(st.sampled_from(names), max_size=3)):
        if draw(st.booleans()):
            data[name] = draw(ODD | st.text(max_size=12))
        else:
            data.pop(name, None)
    return type_, data


@settings(max_examples=1500, deadline=None)
@given(_facts())
def test_judge_model_and_schema_are_of_one_mind(fact: tuple[str, dict]) -> None:
    type_, data = fact
    try:
        checked = check(type_, data, by_vault=True)
    except Refused as refused:
        _says_why(refused)
        with pytest.raises((ValidationError, UnicodeEncodeError)):
            persons.EVENTS[type_].model_validate(data)
        assert not _by_schema(type_, data)
    else:
        model = persons.EVENTS[type_].model_validate(data)
        assert _by_schema(type_, data), data
        given_now = {k: v for k, v in model.to_data().items() if v is not None or type_ == CORRECTED}
        assert given_now == checked.data
        assert set(checked.dropped) == _undeclared(type_, data)


def _says_why(refused: Refused) -> None:
    assert all(refused.sentence_in(language) for language in ("de", "en"))


def _by_schema(type_: str, data: dict) -> bool:
    # Not a number and infinity are no JSON; a schema has no opinion on them.
    numbers = [v for k, v in data.items() if k in persons.EVENTS[type_].model_fields and type(v) in (int, float)]
    return SCHEMAS[type_].is_valid(data) and all(abs(number) <= MAX for number in numbers)


def _undeclared(type_: str, data: dict) -> set[str]:
    below = data.get("retracts") if type_ == "gemeinsam.fact.retracted.v1" else None
    nested = {f"retracts.{k}" for k in below} - {"retracts.source", "retracts.id"} if isinstance(below, dict) else set()
    return (data.keys() - persons.EVENTS[type_].model_fields.keys()) | nested


def test_an_undeclared_field_is_dropped_and_named() -> None:
    checked = check(STARTED, {**EXAMPLES[STARTED], "name": "Jane", "note": {"a": 1}})
    assert checked.dropped == ("name", "note")
    assert checked.data == EXAMPLES[STARTED]


def test_an_unknown_code_is_taken_as_sent_with_a_warning() -> None:
    checked = check(STARTED, {**EXAMPLES[STARTED], "type": "IK_NEU", "purpose": "X"})
    assert checked.data["type"] == "IK_NEU"
    assert checked.warnings == (Warned("unknown_code", "purpose"), Warned("unknown_code", "type"))


def test_an_end_before_its_start_is_taken_with_a_warning() -> None:
    checked = check(STARTED, {**EXAMPLES[STARTED], "planned_end_on": "2020-01-01"})
    assert checked.warnings == (Warned("end_before_start", "planned_end_on"),)


def test_null_is_kept_in_a_correction_and_says_nothing_elsewhere() -> None:
    common = {k: EXAMPLES[STARTED][k] for k in ("municipality", "rechtskreis", "legal_basis", "purpose")}
    corrected = check(CORRECTED, {**common, "measure_id": "m", "ended_on": None})
    assert corrected.data == {**common, "measure_id": "m", "ended_on": None}
    read = persons.MeasureCorrected.model_validate(corrected.data)
    assert read.model_fields_set == {*common, "measure_id", "ended_on"}
    assert "hours" not in check(STARTED, {**EXAMPLES[STARTED], "hours": None}).data


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"municipality": "5315000"}, "municipality", "bad_area"),
        ({"municipality": 5315000}, "municipality", "not_text"),
        ({"municipality": None}, "municipality", "missing"),
        ({"started_on": "2026-02-30"}, "started_on", "bad_date"),
        ({"started_on": "0000-01-01"}, "started_on", "bad_date"),
        ({"provider": "Bildungswerk Köln"}, "provider", "bad_identifier"),
        ({"type": "Deutsch für Anfänger"}, "type", "bad_code"),
        ({"hours": -1}, "hours", "bad_number"),
        ({"hours": "400"}, "hours", "bad_number"),
        ({"hours": True}, "hours", "bad_number"),
        ({"hours": float("inf")}, "hours", "bad_number"),
        ({"measure_id": "m\x00"}, "measure_id", "bad_identifier"),
    ],
)
def test_a_refusal_names_field_and_reason(change: dict, field: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        check(STARTED, {**EXAMPLES[STARTED], **change})
    assert (refused.value.field, refused.value.code) == (field, code)


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_any_calendar_day_is_a_date(day: str) -> None:
    assert check(STARTED, {**EXAMPLES[STARTED], "started_on": day}).data["started_on"] == day


@pytest.mark.parametrize("type_", sorted(persons.VAULT_ONLY))
def test_what_only_the_vault_says_is_refused_from_others(type_: str) -> None:
    with pytest.raises(Refused, match="vault_only"):
        check(type_, EXAMPLES[type_])


def test_an_unknown_type_is_neither_taken_nor_refused() -> None:
    with pytest.raises(UnknownType):
        check("gemeinsam.measure.paused.v1", {})


def test_a_refusal_never_repeats_what_was_sent() -> None:
    with pytest.raises(Refused) as refused:
        check(STARTED, {**EXAMPLES[STARTED], "provider": "Erika Mustermann"})
    assert "Erika" not in f"{refused.value} {refused.value.sentence}"
