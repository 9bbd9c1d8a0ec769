"""The sentences of findings, German and English: they name the system, not the person.

`{days}` comes with its noun, in German in the dative (`{days_after}` in the nominative); `{within}` with "in" too.
"""

SENTENCES = {
    "M01": (
        "{n} Maßnahmen seit {begin} mit Abständen von höchstens {gap} Tagen",
        "{n} measures since {begin} with gaps of at most {gap} days",
    ),
    "M02": (
        "{nth} Maßnahmebeginn {within} ohne Fortschritt seit {begin}",
        "{nth} start of a measure {within} without progress since {begin}",
    ),
    "M03": (
        "{nth} Beginn einer Maßnahme der Art {group}, {earlier} ohne Ergebnis",
        "{nth} start of a measure of kind {group}, {earlier} without result",
    ),
    "M04": (
        "{days_after} nach Beginn der am {end} beendeten Beschäftigung oder Ausbildung wieder Maßnahme oder Leistung",
        "Back in a measure or in benefit {days} after the start of work or training that ended on {end}",
    ),
    "M05": (
        "Seit {days} kein Anschlussangebot nach dem Ende der Maßnahme am {end}",
        "No follow-on offered for {days} after the measure ended on {end}",
    ),
    "M06": (
        "{n} Maßnahmen {within} vorzeitig beendet, die letzte am {last}",
        "{n} measures ended early {within}, the last on {last}",
    ),
    "M07": (
        "Maßnahme seit {begin}, nach {days} noch nicht beendet",
        "Measure since {begin}, not ended after {days}",
    ),
    "M08": (
        "{days_after} in Aktivierung, Vorbereitung oder Arbeitsgelegenheit in {window} Tagen ohne Fortschritt",
        "{days} in activation, preparation or work opportunities within {window} days without progress",
    ),
    "M09": (
        "Seit {days} kein Beginn nach der Zuweisung vom {begin}",
        "No start for {days} after the referral of {begin}",
    ),
    "M10": (
        "Seit {days} nicht begonnen, worauf die am {end} beendete Maßnahme hinführen sollte: {target}",
        "What the measure ended on {end} was to lead to has not begun for {days}: {target}",
    ),
    "M11": (
        "Nach einer abgeschlossenen Maßnahme der Stufe {upper} am {begin} eine der Stufe {lower} begonnen",
        "After a completed measure of level {upper}, one of level {lower} began on {begin}",
    ),
    "M12": (
        "Sprachförderung seit {begin} ohne höheres Sprachniveau ({courses})",
        "Language teaching since {begin} without a higher level of language ({courses})",
    ),
    "M13": (
        "Seit {days} kein Angebot nach dem Rechtskreiswechsel am {begin}",
        "Nothing offered for {days} after the change of legal regime on {begin}",
    ),
    "M14": (
        "Zwei nicht aufeinander abgestimmte Maßnahmen seit {begin}, {days_after} gemeinsam",
        "Two uncoordinated measures since {begin}, {days} in common",
    ),
    "M15": (
        "Seit {days} weder Kontakt noch Angebot nach der Registrierung am {begin}",
        "Neither contact nor offer for {days} after the registration on {begin}",
    ),
    "M16": (
        "Offene Befunde in den letzten {days} vor dem {age}. Geburtstag am {begin}",
        "Open findings in the last {days} before turning {age} on {begin}",
    ),
    "P01": (
        "{n} Maßnahmen seit {begin}, jede eine Stufe höher als die vorige",
        "{n} measures since {begin}, each of a higher level than the one before",
    ),
    "P02": (
        "{days_after} Beschäftigung oder Ausbildung seit {begin}",
        "{days} of work or training since {begin}",
    ),
}

_PROGRESS_DE = "endet mit dem nächsten Fortschritt: {tested}Abschluss, {spell_days} Tage Beschäftigung"
_PROGRESS_EN = "ends with the next progress: {tested}a certificate, {spell_days} days of work"
_START_DE = "endet mit dem nächsten Beginn einer Maßnahme, Beschäftigung oder Ausbildung"
_START_EN = "ends with the next start of a measure, work or training"

ENDS = {
    "M01": (
        "endet, wenn {gap} Tage lang keine Maßnahme folgt oder sie zur Maßnahmekarriere wird",
        "ends when no measure follows for {gap} days, or when it becomes a measure career",
    ),
    "M02": (_PROGRESS_DE, _PROGRESS_EN),
    "M03": (
        _PROGRESS_DE + ", oder mit dem erfolgreichen Ende der Maßnahme",
        _PROGRESS_EN + ", or with the success of the measure",
    ),
    "M04": (_PROGRESS_DE, _PROGRESS_EN),
    "M05": (_START_DE, _START_EN),
    "M06": (
        "endet mit der nächsten Maßnahme, die weder vorzeitig noch aus neutralem Grund endet",
        "ends with the next measure that ends neither early nor for a neutral reason",
    ),
    "M07": ("endet am Tag nach dem Ende der Maßnahme", "ends on the day after the measure ends"),
    "M08": (_PROGRESS_DE, _PROGRESS_EN),
    "M09": (
        "endet mit dem Beginn, der Ablehnung oder der Absage der Maßnahme",
        "ends with the start, the refusal or the cancellation of the measure",
    ),
    "M10": (_PROGRESS_DE + ", oder mit dem Beginn von {target}", _PROGRESS_EN + ", or with the start of {target}"),
    "M12": (
        "endet mit einer {test} oder mit {spell_days} Tagen Beschäftigung",
        "ends with {test} or with {spell_days} days of work",
    ),
    "M13": (_START_DE, _START_EN),
    "M14": ("endet am Tag nach dem ersten der beiden Enden", "ends on the day after the first of the two ends"),
    "M15": (
        "endet mit dem ersten Kontakt, einer Zuweisung oder einem Beginn",
        "ends with the first contact, a referral or a start",
    ),
    "M16": (
        "endet, wenn keiner dieser Befunde mehr offen ist, spätestens am Geburtstag",
        "ends when none of these findings is open any more, at the latest on the birthday",
    ),
}

ORDINALS_DE = ("", "Erster", "Zweiter", "Dritter", "Vierter", "Fünfter", "Sechster", "Siebter", "Achter", "Neunter")
ORDINALS_EN = ("", "First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth")

CATEGORIES = {
    "LANG": ("Sprachförderung", "language teaching"),
    "SCHOOL": ("Schule", "school"),
    "ACT": ("Aktivierung", "activation"),
    "PREVOC": ("Berufsvorbereitung", "vocational preparation"),
    "WORKOPP": ("Arbeitsgelegenheit", "a work opportunity"),
    "VOC": ("Berufsausbildung", "vocational training"),
    "EMPSUB": ("geförderte Beschäftigung", "subsidised work"),
}
"""What a bridge can lead to, in words; a type of measure is named by its code."""
