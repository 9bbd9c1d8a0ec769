"""A mapping makes facts of rows, survives Excel's habits, and is checked before it is saved."""

from collections.abc import Mapping as Read
from datetime import date, datetime
from typing import Any

import pytest

from services.enrollment.domain.mapping import MappingRefused, apply, bound_to, mapping_from
from services.enrollment.domain.table import Cell, Column, Table, TableRow, Unreadable

COMMON = {
    "municipality": {"column": "AGS"},
    "rechtskreis": {"constant": "SGB2"},
    "legal_basis": {"constant": "SGB2_16"},
    "purpose": {"constant": "CASE_MANAGEMENT"},
}
TESTED = "gemeinsam.language.tested.v1"
CONSENT = "gemeinsam.consent.given.v1"


def rule(type_: str = TESTED, when: list[Any] | None = None, **fields: Any) -> dict[str, Any]:
    own: dict[str, Any] = {
        "test_id": {"column": "Nr"},
        "tested_on": {"column": "Datum"},
        "level": {"column": "Niveau"},
        "test_source": {"constant": "test"},
    }
    return {"type": type_, "when": when or [], "fields": COMMON | own | fields}


def document(*rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"person": {"column": "Person"}, "events": list(rules) or [rule()], **more}


def mapped(cells: Read[str, Cell], *rules: dict[str, Any], epoch_1904: bool = False, **more: Any) -> Any:
    usual: dict[str, Cell] = {"Person": "P1", "AGS": "05315000", "Nr": 17.0, "Datum": "31.12.2020", "Niveau": "B1"}
    cells = usual | cells
    columns = tuple(Column(number, name) for number, name in enumerate(cells, 1))
    table = Table("Blatt", columns, iter(()), epoch_1904)
    return apply(bound_to(mapping_from(document(*rules, **more)), table), TableRow(2, tuple(cells.values())))


def data(cells: Read[str, Cell], *rules: dict[str, Any], **more: Any) -> dict[str, Any]:
    found = mapped(cells, *rules, **more)
    assert [fault for fault in found.faults if not fault.is_warning] == []
    return found.drafts[0].data


def fault(cells: Read[str, Cell], *rules: dict[str, Any], **more: Any) -> tuple[str, str]:
    found = mapped(cells, *rules, **more)
    assert found.drafts == ()
    assert len(found.faults) == 1
    column = found.faults[0].column
    return (column.name if column else ""), found.faults[0].code


@pytest.mark.parametrize(
    "day",
    [
        "31.12.2020",
        "2020-12-31",
        "31.12.20",
        "31.12.2020 00:00:00",
        44196,
        44196.75,
        "44196",
        date(2020, 12, 31),
        datetime.fromisoformat("2020-12-31T09:00:00"),
    ],
)
def test_days_in_all_their_ways_of_writing(day: Cell):
    assert data({"Datum": day})["tested_on"] == "2020-12-31"


@pytest.mark.parametrize(
    "day", ["31.02.2020", "2020", 5, 1e300, float("nan"), "12/31/2020", True, "morgen", "٣١.١٢.٢٠٢٠"]
)
def test_what_is_no_day_is_refused(day: Cell):
    assert fault({"Datum": day}) == ("Datum", "bad_cell_date")


def test_other_ways_of_writing_days_are_the_mappings_choice():
    assert data({"Datum": "12/31/2020"}, date_formats=["MM/DD/YYYY"])["tested_on"] == "2020-12-31"
    assert data({"Datum": 42734}, epoch_1904=True)["tested_on"] == "2020-12-31"


def test_numbers_that_are_ids_lose_their_fraction():
    assert data({})["test_id"] == "17"
    assert data({"Nr": 17}, rule(test_id={"column": "Nr", "prefix": "jc:"}))["test_id"] == "jc:17"


@pytest.mark.parametrize("ags", [5315000, 5315000.0, "5315000", "5315000.0", "5315000,0"])
def test_a_lost_zero_is_pointed_out_and_mended_only_when_told(ags: Cell):
    assert fault({"AGS": ags}) == ("AGS", "lost_zero")
    mending = rule(municipality={"column": "AGS", "mend_ags": True})
    assert data({"AGS": ags}, mending)["municipality"] == "05315000"
    assert [one.code for one in mapped({"AGS": ags}, mending).faults] == ["zero_mended"]


def test_words_are_translated_and_unknown_ones_refused():
    words = {"column": "Niveau", "codes": {"Stufe B1": "B1", "keins": None}}
    assert data({"Niveau": "  stufe  b1"}, rule(level=words))["level"] == "B1"
    assert fault({"Niveau": "C9"}, rule(level=words)) == ("Niveau", "unknown_word")
    assert fault({"Niveau": "keins"}, rule(level=words)) == ("Niveau", "missing")
    assert data({"Niveau": "C9"}, rule(level=words | {"otherwise": "A0"}))["level"] == "A0"


def test_a_row_makes_only_the_facts_whose_conditions_are_met():
    assert [one.code for one in mapped({"Nr": None}, rule(when=[{"column": "Nr"}])).faults] == ["nothing_made"]
    chosen = rule(when=[{"column": "Niveau", "one_of": ["b1", "B2"]}])
    assert len(mapped({}, chosen).drafts) == 1
    assert mapped({"Niveau": "A1"}, chosen).drafts == ()


def test_months_numbers_and_lists():
    registered = {
        "type": "gemeinsam.person.registered.v1",
        "fields": COMMON | {"registered_on": {"column": "Datum"}, "birth_month": {"column": "M"}},
    }
    assert [
        data({"M": month}, registered)["birth_month"] for month in ("3/1999", "03.1999", "1999-3", 36230, "11.03.1999")
    ] == ["1999-03"] * 5
    started = {
        "type": "gemeinsam.measure.started.v1",
        "fields": COMMON
        | {"measure_id": {"column": "Nr"}, "type": {"constant": "MAT"}, "provider": {"constant": "x"}}
        | {"started_on": {"column": "Datum"}, "hours": {"column": "H"}},
    }
    assert [data({"H": hours}, started)["hours"] for hours in ("12,5", 12.5, "600", 600.0)] == [12.5, 12.5, 600, 600]
    assert fault({"H": "viel"}, started) == ("H", "bad_number")
    consent = {
        "type": CONSENT,
        "fields": COMMON
        | {"consent_id": {"column": "Nr"}, "categories": {"constant": ["MEASURES"]}, "valid_from": {"column": "Datum"}}
        | {"recipients": {"column": "An", "split": "+"}},
    }
    assert data({"An": "JOBCENTER + KI"}, consent)["recipients"] == ["JOBCENTER", "KI"]


def test_faults_name_the_cell_and_never_its_content():
    assert fault({"Person": None}) == ("Person", "missing")
    assert fault({"Person": "x" * 81}) == ("Person", "too_long")
    assert fault({"Niveau": "#NV"}) == ("Niveau", "formula_error")
    assert fault({"Datum": None}) == ("Datum", "missing")
    assert "geheim" not in repr(mapped({"Datum": "geheim"}).faults)


def test_a_missing_or_doubled_column_is_said_before_anything_is_read():
    mapping = mapping_from(document())
    columns = [Column(number, name) for number, name in enumerate(("person", "AGS", "nr", "Datum", "Niveau"), 1)]
    assert bound_to(mapping, Table("", tuple(columns), iter(()))).columns["Nr"].letters == "C"
    for names, code in ((columns[:-1], "column_missing"), ([*columns, Column(6, "NR")], "column_twice")):
        with pytest.raises(Unreadable) as refused:
            bound_to(mapping, Table("", tuple(names), iter(())))
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("wrong", "flaws"),
    [
        (document(rule("gemeinsam.person.merged.v1")), {("events.0.type", "vault_only")}),
        (document(rule("gemeinsam.nothing.known.v1")), {("events.0.type", "unknown_type")}),
        (document(rule(colour={"column": "F"})), {("events.0.fields.colour", "undeclared_field")}),
        (document(rule(level={})), {("events.0.fields.level", "column_or_constant")}),
        (document(rule(level={"column": "a", "split": ","})), {("events.0.fields.level", "no_list")}),
        (
            document(rule(level={"column": "a", "otherwise": "B1"})),
            {("events.0.fields.level", "otherwise_without_codes")},
        ),
        (document(rule(level={"constant": 7})), {("events.0.fields.level", "bad_constant")}),
        (document(date_formats=["DD.MM."]), {("date_formats.0", "bad_date_format")}),
        (document(rule(CONSENT), snapshot=True), None),
        ({"person": {"column": "A"}}, {("events", "missing")}),
        (document(colour=1), {("colour", "undeclared_field")}),
        ([], {("mapping", "bad_value")}),
        (None, {("mapping", "bad_value")}),
    ],
)
def test_a_mapping_with_flaws_is_refused_with_all_of_them(wrong: Any, flaws: set[tuple[str, str]] | None):
    with pytest.raises(MappingRefused) as refused:
        mapping_from(wrong)
    found = {(flaw.field, flaw.code) for flaw in refused.value.flaws}
    assert found == flaws if flaws is not None else ("snapshot", "not_compared") in found
