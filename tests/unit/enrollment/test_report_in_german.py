"""What is held about a person is said in German words."""

from __future__ import annotations

import pytest

from services.enrollment.domain.access import event_name, words
from shared.contracts import persons


@pytest.mark.parametrize("type_", sorted(persons.EVENTS))
def test_every_field_of_a_fact_has_a_german_label(type_: str) -> None:
    for name, field in persons.EVENTS[type_].model_fields.items():
        ((label, _),) = words({field.alias or name: "x"})
        assert label != (field.alias or name), name


def test_days_places_measures_and_laws_are_written_as_people_write_them() -> None:
    data = {
        "municipality": "05914000",
        "type": "AGH",
        "started_on": "2025-03-01",
        "rechtskreis": "SGB2",
        "offer_id": None,
        "categories": ["CONTACT", "STATUS"],
    }
    assert words(data) == [
        ("Gemeinde", "Hagen (05914000)"),
        ("Art der Maßnahme", "Arbeitsgelegenheit (SGB II)"),
        ("begonnen am", "01.03.2025"),
        ("Rechtskreis", "SGB II"),
        ("Arten von Daten", "CONTACT, STATUS"),
    ]


def test_a_findings_own_sentence_comes_first_and_its_machinery_stays_away() -> None:
    data = {
        "person_id": "x",
        "pattern": "M05",
        "text": {"de": "Seit drei Monaten ohne Maßnahme", "en": ""},
        "steps": [],
    }
    assert words(data) == [("Erläuterung", "Seit drei Monaten ohne Maßnahme"), ("Muster", "M05")]


def test_an_event_has_its_german_name_and_an_unknown_one_its_own() -> None:
    assert event_name("gemeinsam.measure.started.v1") == "Maßnahme begonnen"
    assert event_name("gemeinsam.unheard.of.v1") == "gemeinsam.unheard.of.v1"
