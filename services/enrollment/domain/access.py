"""What is held about a person in plain German (Auskunft nach Art. 15 DSGVO): each event as a line of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Any

from shared.contracts.catalogue import CATALOGUE
from shared.contracts.measures import MEASURE_TYPES
from shared.reference import name_of

_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "anchor": "bezogen auf",
        "benefit": "Leistung",
        "birth_month": "Geburtsmonat",
        "body": "Stelle",
        "bridge_to": "Brücke zu",
        "cancelled_on": "abgesagt am",
        "categories": "Arten von Daten",
        "certificate": "Abschluss",
        "certificate_id": "Kennung des Abschlusses",
        "changed_on": "geändert am",
        "consent_id": "Kennung der Einwilligung",
        "contact_kind": "Art des Kontakts",
        "destination": "Verbleib",
        "effective_on": "wirksam am",
        "ended_on": "beendet am",
        "exit": "Grund des Endes",
        "from_benefit": "bisherige Leistung",
        "goal": "Ziel",
        "held_on": "geführt am",
        "hours": "Stunden",
        "kind": "Art",
        "legal_basis": "Rechtsgrundlage",
        "level": "Sprachniveau",
        "measure_id": "Kennung der Maßnahme",
        "moved_on": "umgezogen am",
        "municipality": "Gemeinde",
        "need": "Bedarf",
        "no_show_on": "nicht erschienen am",
        "obtained_on": "erworben am",
        "offer_id": "Angebot",
        "other": "anderes Aktenzeichen",
        "pattern": "Muster",
        "patterns": "Muster",
        "planned_end_on": "geplantes Ende",
        "planned_start_on": "geplanter Beginn",
        "provider": "Träger",
        "purpose": "Zweck",
        "reason": "Grund",
        "recipients": "Empfänger",
        "recorded_on": "erfasst am",
        "rechtskreis": "Rechtskreis",
        "referred_on": "zugewiesen am",
        "refused_on": "abgelehnt am",
        "registered_on": "erstmals erfasst am",
        "residence_class": "Aufenthaltsklasse",
        "retracts": "nimmt zurück",
        "school_leaving": "Schulabschluss",
        "severity": "Schwere",
        "sex": "Geschlecht",
        "since": "seit",
        "spell_id": "Kennung des Zeitraums",
        "started_on": "begonnen am",
        "test_id": "Kennung der Prüfung",
        "test_source": "Art der Feststellung",
        "tested_on": "geprüft am",
        "to_benefit": "neue Leistung",
        "to_municipality": "neue Gemeinde",
        "type": "Art der Maßnahme",
        "until": "bis",
        "valid_from": "gültig ab",
        "valid_to": "gültig bis",
        "withdrawn_on": "widerrufen am",
    }
)
ABOUT: Sequence[tuple[str, str]] = (
    (
        "Zwecke",
        "Fallarbeit: erkennen, wo Angebote nicht aneinander anschließen; Statistik nur in geschützten Summen.",
    ),
    (
        "Herkunft",
        "Die Daten haben die bei jeder Meldung genannten Stellen gemeldet; die Befunde leitet das System daraus ab.",
    ),
    (
        "Empfänger",
        "Fallarbeit und geschäftsführende Stellen der zuständigen Kommune, soweit das Gesetz oder eine Einwilligung es"
        " erlaubt. Die Ausländerbehörde erfährt nichts, was nicht von ihr selbst stammt.",
    ),
    (
        "Dauer",
        "Bis drei Jahre nach dem Verlassen der Zielgruppe (27. Geburtstag oder Fortzug aus Nordrhein-Westfalen),"
        " dann wird gelöscht; wer nachgesehen hat, wird drei Jahre festgehalten.",
    ),
    (
        "Rechte",
        "Berichtigung (Art. 16 DSGVO), Löschung (Art. 17), Einschränkung (Art. 18), Widerspruch (Art. 21), Widerruf"
        " einer Einwilligung, Beschwerde bei der Landesbeauftragten für Datenschutz und Informationsfreiheit NRW.",
    ),
    (
        "Automatisierte Entscheidungen",
        "Keine. Befunde sind Hinweise, über die ein Mensch urteilt (Art. 22 DSGVO).",
    ),
)
"""What Art. 15 I DSGVO asks for beside the data themselves."""
_LAWS = MappingProxyType({"SGB2": "SGB II", "SGB3": "SGB III", "SGB8": "SGB VIII", "SGB12": "SGB XII"})
_OF_OUR_OWN = frozenset(
    {"person_id", "text", "steps", "evidence", "revision", "historical", "rules_version", "ends_with", "changed"}
)
_AREAS = frozenset({"municipality", "to_municipality"})


def event_name(type_: str) -> str:
    """What people call a type of event; a type newer than this release stands for itself."""
    known = CATALOGUE.get(type_)
    return known.name("de") if known else type_


def words(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The fields of an event with their German labels and values; a finding's own sentence comes first."""
    lines = [("Erläuterung", str(data["text"]["de"]))] if isinstance(data.get("text"), Mapping) else []
    return lines + [
        (_LABELS.get(name, name), _value(name, value))
        for name, value in data.items()
        if name not in _OF_OUR_OWN and value is not None
    ]


def _value(name: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_value(name, one) for one in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {one}" for key, one in value.items())
    text = str(value)
    if name in _AREAS:
        return f"{name_of(text)} ({text})"
    if name in ("type", "need", "bridge_to") and text in MEASURE_TYPES:
        return MEASURE_TYPES[text].name_de
    if name == "rechtskreis":
        return _LAWS.get(text, text)
    if name.endswith("_on") or name in ("since", "until", "valid_from", "valid_to"):
        return _day(text)
    return text


def _day(text: str) -> str:
    try:
        return f"{date.fromisoformat(text):%d.%m.%Y}"
    except ValueError:
        return text
