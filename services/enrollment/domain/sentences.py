"""What a receipt says to people: one sentence a code, in German and English, naming the field and the reason."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shared.contracts import persons

LANGUAGES = ("de", "en")

_OWN: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "line_too_long": ("Die Zeile ist länger als 1 MB.", "The line is longer than 1 MB."),
        "not_json": ("Das ist kein gültiges JSON.", "This is not valid JSON."),
        "invalid_utf8": ("Die Zeichen sind nicht in UTF-8 kodiert.", "The characters are not encoded in UTF-8."),
        "duplicate_key": ("Ein Name kommt in einem Objekt zweimal vor.", "A name occurs twice in one object."),
        "too_deep": ("Die Schachtelung ist zu tief.", "The nesting is too deep."),
        "lone_surrogate": (
            "Ein Unicode-Ersatzzeichen steht allein oder ist unvollständig.",
            "A Unicode surrogate stands alone or is incomplete.",
        ),
        "not_an_object": ("Erwartet wird ein JSON-Objekt.", "A JSON object is expected."),
        "unsupported": ("Dieser Wert wird hier nicht gelesen.", "This value is not read here."),
        "too_long": ("Der Wert ist zu lang.", "The value is too long."),
        "bad_text": ("Der Text enthält unerlaubte Zeichen.", "The text has characters that are not allowed."),
        "bad_time": (
            "Kein Zeitpunkt nach RFC 3339 mit Zeitzonenangabe.",
            "Not an RFC 3339 date and time with offset.",
        ),
        "foreign_source": (
            "Die Quelle ist nicht die des Zugangs.",
            "The source is not the one of the access token.",
        ),
        "not_reported_here": (
            "Dieses Ereignis wird hier nicht gemeldet; es spricht nicht von einer Person.",
            "This event is not reported here; it does not speak of a person.",
        ),
        "area_not_yours": (
            "Das Gebiet gehört nicht zu den Gebieten der Quelle.",
            "The area is not one of the source's areas.",
        ),
        "not_granted": (
            "Das Pseudonym wurde dieser Quelle nicht erteilt.",
            "The pseudonym was not granted to this source.",
        ),
        "erased": (
            "Diese Person wurde gelöscht; über sie wird nichts mehr angenommen.",
            "This person has been erased; nothing about them is taken any more.",
        ),
        "not_a_member": (
            "Weder die Gemeinde noch ihr Kreis war am Tag der Erfassung Mitglied im Programm.",
            "Neither the municipality nor its district was a member of the programme on the day of recording.",
        ),
        "id_reused": (
            "Diese Kennung wurde schon für einen anderen Inhalt verwendet.",
            "This id was already used for other content.",
        ),
        "bad_azr_number": ("Eine AZR-Nummer hat zwölf Ziffern.", "An AZR number has twelve digits."),
        "vault_without_key": (
            "Merkmale können gerade nicht verschlüsselt werden; sie wurden nicht angenommen.",
            "Traits cannot be encrypted at the moment; they were not taken.",
        ),
        "undeclared_field": ("Ein Feld ist nicht vereinbart.", "A field is not declared."),
        "field_dropped": (
            "Das Feld ist nicht vereinbart; es wurde nicht übernommen.",
            "The field is not declared; it was not taken.",
        ),
        "unknown_code": (
            "Der Code ist nicht bekannt; er wurde wie gesendet übernommen.",
            "The code is not known; it was taken as sent.",
        ),
        "end_before_start": (
            "Das Ende liegt vor dem Beginn; der Sachverhalt wurde wie gesendet übernommen.",
            "The end lies before the start; the fact was taken as sent.",
        ),
        "shared_id": (
            "Eine andere Quelle verwendet dieselbe Kennung für diese Person.",
            "Another source uses the same id for this person.",
        ),
    }
)

SENTENCES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        **persons.SENTENCES,
        **{code: dict(zip(LANGUAGES, sentences, strict=True)) for code, sentences in _OWN.items()},
    }
)
"""Every code a receipt can hold, with its sentences."""


def sentence(field: str, code: str, language: str) -> str:
    """The sentence for people, the field first; `language` is `de` or `en`. An unknown code stands for itself."""
    text = SENTENCES.get(code, {}).get(language, code)
    return text if field == "row" else f"{field}: {text}"


def language_of(accept_language: str | None) -> str:
    """`de` or `en`, whichever an `Accept-Language` header prefers; German without one."""
    best, weight = "de", 0.0
    for part in (accept_language or "").lower().split(","):
        tag, _, parameters = part.strip().partition(";")
        language = tag.split("-")[0]
        if language in LANGUAGES and (quality := _quality(parameters)) > weight:
            best, weight = language, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0
