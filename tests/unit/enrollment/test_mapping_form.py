"""The form of a mapping: what is sent becomes the same mapping again, and what is proposed fits the columns' names."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import FormData

from services.enrollment.domain.mapping import mapping_from
from services.enrollment.pages import mapping_form as forms
from services.enrollment.usecases.files.samples import SampleColumn

COMMON = {
    "municipality": {"column": "AGS", "mend_ags": True},
    "rechtskreis": {"constant": "SGB2"},
    "legal_basis": {"constant": "SGB2_16"},
    "purpose": {"constant": "CASE_MANAGEMENT"},
}
DOCUMENT: dict[str, Any] = {
    "person": {"column": "Az", "traits": {"azr_number": "AZR", "birth_date": "Geboren"}},
    "file": {"sheet": "Kurse", "delimiter": "\t", "header_row": 3},
    "date_formats": ["DD.MM.YYYY"],
    "snapshot": True,
    "events": [
        {
            "type": "gemeinsam.measure.started.v1",
            "when": [{"column": "Beginn"}, {"column": "Art", "one_of": ["Kurs", "Prüfung"]}],
            "fields": COMMON
            | {
                "measure_id": {"column": "Nr", "prefix": "jc-"},
                "type": {"column": "Art", "codes": {"Kurs": "IK_ALLG", "x": None}, "otherwise": "OTHER"},
                "provider": {"column": "Träger", "codes": {"VHS Köln": "vhs"}},
                "started_on": {"column": "Beginn"},
                "hours": {"constant": 12.5},
            },
        },
    ],
}
COLUMNS = tuple(SampleColumn(name) for name in ("Az", "AZR", "Geboren", "AGS", "Nr", "Art", "Träger", "Beginn"))


def sent(document: dict[str, Any], columns: tuple[SampleColumn, ...]) -> FormData:
    """The form as a browser sends it back untouched."""
    whole = forms.filled_up(document)
    pairs = [("person", whole["person"]["column"]), ("person_kind", whole["person"]["kind"])]
    pairs += [(f"trait.{name}", value) for name, value in whole["person"]["traits"].items()]
    pairs += [(name, str(value)) for name, value in whole["file"].items() if name != "delimiter"]
    pairs += [("delimiter", "tab" if whole["file"]["delimiter"] == "\t" else whole["file"]["delimiter"])]
    pairs += [("date_formats", one) for one in whole["date_formats"]]
    pairs += [("snapshot", "yes")] if whole["snapshot"] else []
    for number, event in enumerate(document.get("events", ())):
        pairs.append((f"e.{number}.type", event["type"]))
        for place, condition in enumerate(forms.conditions_of(event)):
            pairs.append((f"e.{number}.when.{place}.column", condition["column"]))
            pairs.append((f"e.{number}.when.{place}.words", ", ".join(condition["one_of"])))
        for row in forms.rows_of(event, columns):
            path = f"e.{number}.f.{row.name}"
            pairs += [(f"{path}.from", row.source), (f"{path}.value", row.constant)]
            pairs += [(f"{path}.{name}", str(row.said(name))) for name in ("prefix", "split", "otherwise")]
            pairs += [(f"{path}.mend_ags", "yes")] if row.said("mend_ags") else []
            for place, word in enumerate(row.words):
                pairs += [(f"{path}.word.{place}", word.word), (f"{path}.code.{place}", word.code)]
    return FormData(pairs)


def saved(document: dict[str, Any]) -> dict[str, Any]:
    return mapping_from(document).model_dump(mode="json", exclude_defaults=True)


def test_a_mapping_that_goes_through_the_form_untouched_is_the_same_mapping() -> None:
    assert saved(forms.document_of(sent(DOCUMENT, COLUMNS))) == saved(DOCUMENT)


@pytest.mark.parametrize("type_", forms.TYPES)
def test_every_fact_can_be_added_and_named_by_its_fields(type_: str) -> None:
    event = forms.proposed(type_, COLUMNS)
    again = forms.document_of(sent({"person": {"column": "Az"}, "events": [event]}, COLUMNS))
    assert again["events"] == [event]


def test_columns_called_like_a_field_are_proposed() -> None:
    columns = tuple(
        SampleColumn(name) for name in ("Aktenzeichen", "Gemeinde-Schlüssel", "TRÄGER", "Beginn", "Maßnahme Nr.")
    )
    fields = forms.proposed("gemeinsam.measure.started.v1", columns)["fields"]
    assert fields == {
        "municipality": {"column": "Gemeinde-Schlüssel", "mend_ags": True},
        "purpose": {"constant": "CASE_MANAGEMENT"},
        "measure_id": {"column": "Maßnahme Nr."},
        "provider": {"column": "TRÄGER"},
        "started_on": {"column": "Beginn"},
    }
    assert forms.guessed("person", columns) == "Aktenzeichen"


def test_words_that_are_no_codes_are_asked_for_and_codes_stand_for_themselves() -> None:
    columns = (SampleColumn("Art", ("Sprachkurs", "IK_ALLG")), SampleColumn("Nr", ("12/3", "4")))
    event = {
        "type": "gemeinsam.measure.started.v1",
        "fields": {"type": {"column": "Art"}, "measure_id": {"column": "Nr"}},
    }
    rows = {row.name: row for row in forms.rows_of(event, columns)}
    assert [(word.word, word.code) for word in rows["type"].words] == [("Sprachkurs", ""), ("IK_ALLG", "IK_ALLG")]
    assert rows["measure_id"].words == ()


def test_the_sample_is_carried_along_bounded() -> None:
    form = FormData(
        [("column", "a" * 500), ("seen", json.dumps(["x" * 100] * 99)), ("column", "b"), ("seen", "[" * 9_999)]
    )
    first, second = forms.read_columns(form)
    assert (len(first.name), len(first.words), len(first.words[0])) == (200, 40, 80)
    assert second == SampleColumn("b", ())


@given(st.dictionaries(st.text(max_size=30), st.text(max_size=30), max_size=20))
def test_whatever_is_sent_is_read_as_some_mapping(pairs: dict[str, str]) -> None:
    forms.read_columns(FormData(pairs))
    forms.filled_up(forms.document_of(FormData(pairs)))
