"""What the patterns are called, and what would end each of them, in German and English."""

from __future__ import annotations

from collections.abc import Mapping

NAMES: Mapping[str, Mapping[str, str]] = {
    "de": {
        "M01": "Maßnahmekette",
        "M02": "Maßnahmekarriere",
        "M03": "Typwiederholung",
        "M04": "Drehtür",
        "M05": "Anschlusslücke",
        "M06": "Abbruchserie",
        "M07": "Überverweildauer",
        "M08": "Warteschleife",
        "M09": "Zugangslücke",
        "M10": "Brücke ins Nichts",
        "M11": "Abstieg",
        "M12": "Sprachplateau",
        "M13": "Rechtskreisbruch",
        "M14": "Parallelförderung",
        "M15": "Unerreicht",
        "M16": "Altersgrenze",
        "P01": "Stufenaufstieg",
        "P02": "Nachhaltige Einmündung",
    },
    "en": {
        "M01": "Measure chain",
        "M02": "Measure career",
        "M03": "Repeat without result",
        "M04": "Revolving door",
        "M05": "Follow-up gap",
        "M06": "Drop-out series",
        "M07": "Overstay",
        "M08": "Holding loop",
        "M09": "Access delay",
        "M10": "Bridge to nowhere",
        "M11": "Downward move",
        "M12": "Language plateau",
        "M13": "Break at a change of legal regime",
        "M14": "Uncoordinated overlap",
        "M15": "Never reached",
        "M16": "Ageing out",
        "P01": "Step-up",
        "P02": "Lasting transition",
    },
}

_PROGRESS_DE = "ein Fortschritt: höheres Sprachniveau, Abschluss, oder 90 Tage in Ausbildung oder Arbeit"
_PROGRESS_EN = "progress: a higher language level, a certificate, or 90 days in training or work"
_START_DE = "der Beginn einer Maßnahme, einer Ausbildung oder einer Arbeit"
_START_EN = "the start of a measure, of training or of work"

# The key "" stands for patterns newer than these texts.
ENDS: Mapping[str, Mapping[str, str]] = {
    "de": {
        "": "siehe die Seite des Falls",
        "M01": "91 Tage ohne weitere Maßnahme",
        "M02": f"{_PROGRESS_DE}; sonst zwei Jahre ohne neue Maßnahme",
        "M03": f"das Erreichen des Ziels dieser Maßnahme oder {_PROGRESS_DE}",
        "M04": _PROGRESS_DE,
        "M05": _START_DE,
        "M06": "ein Ende, das kein Abbruch ist",
        "M07": "das Ende der Maßnahme oder ihre Verlängerung",
        "M08": _PROGRESS_DE,
        "M09": "der Beginn dieser oder einer gleichartigen Maßnahme, oder die Meldung, dass sie nicht zustande kommt",
        "M10": f"der Beginn der Maßnahme, zu der die Brücke führen sollte, oder {_PROGRESS_DE}",
        "M11": "nichts; der Hinweis bleibt als Ereignis stehen",
        "M12": "ein höheres Sprachniveau, oder 90 Tage in Ausbildung oder Arbeit",
        "M13": _START_DE,
        "M14": "das Ende einer der beiden Maßnahmen",
        "M15": "ein Gespräch, eine Zuweisung, oder der Beginn einer Maßnahme, Ausbildung oder Arbeit",
        "M16": "dass keines der zugrunde liegenden Muster mehr besteht, spätestens der Geburtstag",
        "P01": "nichts; ein gutes Zeichen",
        "P02": "nichts; ein gutes Zeichen",
    },
    "en": {
        "": "see the page of the case",
        "M01": "91 days without another measure",
        "M02": f"{_PROGRESS_EN}; else two years without a new measure",
        "M03": f"reaching the goal of this measure, or {_PROGRESS_EN}",
        "M04": _PROGRESS_EN,
        "M05": _START_EN,
        "M06": "an end that is no drop-out",
        "M07": "the end of the measure, or its extension",
        "M08": _PROGRESS_EN,
        "M09": "the start of this measure or one of its kind, or word that it will not come about",
        "M10": f"the start of the measure the bridge was to lead to, or {_PROGRESS_EN}",
        "M11": "nothing; it stands as an event",
        "M12": "a higher language level, or 90 days in training or work",
        "M13": _START_EN,
        "M14": "the end of one of the two measures",
        "M15": "a contact, a referral, or the start of a measure, of training or of work",
        "M16": "that none of the patterns behind it holds any more, at latest the birthday",
        "P01": "nothing; it is a good sign",
        "P02": "nothing; it is a good sign",
    },
}
