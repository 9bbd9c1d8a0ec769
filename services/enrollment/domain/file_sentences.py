"""What is said to people about files and their rows: one sentence a code, in German and English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.enrollment.domain.sentences import LANGUAGES, SENTENCES

_OWN: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "empty_file": ("Die Datei ist leer.", "The file is empty."),
        "not_a_table": (
            "Das ist keine CSV- oder XLSX-Datei ohne Makros.",
            "This is no CSV or XLSX file without macros.",
        ),
        "old_or_encrypted": (
            "Die Datei ist verschlüsselt oder im alten Excel-Format. Bitte als XLSX oder CSV speichern.",
            "The file is encrypted or in Excel's old format. Please save it as XLSX or CSV.",
        ),
        "encrypted": ("Die Datei ist verschlüsselt.", "The file is encrypted."),
        "broken_workbook": (
            "Die Arbeitsmappe ist beschädigt oder enthält Unzulässiges.",
            "The workbook is damaged or contains what is not allowed.",
        ),
        "too_large_unpacked": (
            "Die Arbeitsmappe ist entpackt zu groß und wurde nicht gelesen.",
            "The workbook is too large when unpacked and was not read.",
        ),
        "sheet_missing": ("Das Tabellenblatt der Zuordnung fehlt.", "The mapping's sheet is missing."),
        "no_header": ("Es gibt keine Kopfzeile.", "There is no header row."),
        "column_missing": (
            "Mindestens eine Spalte der Zuordnung fehlt in der Kopfzeile.",
            "At least one column of the mapping is missing in the header row.",
        ),
        "column_twice": (
            "Eine Spalte der Zuordnung steht zweimal in der Kopfzeile.",
            "A column of the mapping stands twice in the header row.",
        ),
        "too_many_rows": ("Die Datei hat zu viele Zeilen.", "The file has too many rows."),
        "too_many_columns": ("Die Datei hat zu viele Spalten.", "The file has too many columns."),
        "cell_too_long": ("Eine Zelle ist zu lang.", "A cell is too long."),
        "broken_quotes": (
            "Anführungszeichen sind nicht geschlossen oder stehen falsch.",
            "Quotation marks are not closed or misplaced.",
        ),
        "bad_encoding": (
            "Die Zeichen sind weder UTF-8 noch Windows-1252.",
            "The characters are neither UTF-8 nor Windows-1252.",
        ),
        "no_area_left": (
            "Die Quelle ist für keines ihrer Gebiete mehr eingetragen.",
            "The source is not registered for any of its areas any more.",
        ),
        "traits_of_a_pseudonym": (
            "Wer schon eine Fallnummer hat, wird nicht noch einmal mit Merkmalen erfasst.",
            "Who has a case number already is not registered with traits again.",
        ),
        "gave_up": (
            "Die Datei konnte wiederholt nicht verarbeitet werden.",
            "The file could not be worked on several times in a row.",
        ),
        "formula_without_value": (
            "Die Formel dieser Zelle hat keinen gespeicherten Wert. Bitte in Excel öffnen und neu speichern.",
            "The formula of this cell has no value kept with it. Please open the file in Excel and save it again.",
        ),
        "unnamed_column": (
            "Diese Spalte hat Werte, aber keinen Namen in der Kopfzeile (verbundene Zellen?); sie wird nicht gelesen.",
            "This column has values but no name in the header row (merged cells?); it is not read.",
        ),
        "formula_error": (
            "Die Zelle enthält einen Formelfehler wie #NV.",
            "The cell holds an error of a formula such as #N/A.",
        ),
        "bad_cell_date": (
            "Kein Datum in einer der Schreibweisen der Zuordnung.",
            "Not a date in one of the mapping's ways of writing.",
        ),
        "lost_zero": (
            "Dem Gemeindeschlüssel fehlt die führende Null; die Zuordnung kann sie ergänzen.",
            "The municipality key has lost its leading zero; the mapping can put it back.",
        ),
        "zero_mended": (
            "Die führende Null des Gemeindeschlüssels wurde ergänzt.",
            "The leading zero of the municipality key was put back.",
        ),
        "unknown_word": (
            "Für diesen Eintrag nennt die Zuordnung keinen Code.",
            "The mapping names no code for this entry.",
        ),
        "nothing_made": (
            "Die Zeile ergibt keine Meldung: keine Bedingung der Zuordnung trifft zu.",
            "The row makes no fact: no condition of the mapping is met.",
        ),
        "outside_scope": (
            "Die Zeile liegt außerhalb des angegebenen Zeitraums.",
            "The row lies outside the declared scope.",
        ),
        "contradicts_itself": (
            "Eine frühere Zeile derselben Datei sagt über denselben Vorgang etwas anderes.",
            "An earlier row of the same file says something else about the same thing.",
        ),
        "unknown_type": ("Dieses Ereignis gibt es nicht.", "There is no such event."),
        "bad_value": ("Der Wert ist nicht zulässig.", "The value is not allowed."),
        "bad_date_format": (
            "Ein Datumsformat besteht aus DD, MM und YYYY oder YY mit Trennzeichen.",
            "A date format is made of DD, MM and YYYY or YY with separators.",
        ),
        "column_or_constant": (
            "Genau eines von column und constant ist anzugeben.",
            "Exactly one of column and constant is to be given.",
        ),
        "not_from_a_table": (
            "Dieses Feld kann nicht aus einer Tabelle kommen.",
            "This field cannot come from a table.",
        ),
        "bad_constant": ("Die Konstante passt nicht zum Feld.", "The constant does not fit the field."),
        "no_list": ("Das Feld ist keine Liste.", "The field is no list."),
        "otherwise_without_codes": (
            "otherwise gilt nur zusammen mit codes.",
            "otherwise goes only together with codes.",
        ),
        "not_compared": (
            "Korrekturen, Verlängerungen, Rücknahmen und Einwilligungen sind kein vergleichbarer Gesamtbestand.",
            "Corrections, extensions, retractions and consents cannot be compared as a whole state.",
        ),
    }
)

FILE_SENTENCES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        **SENTENCES,
        **{code: dict(zip(LANGUAGES, sentences, strict=True)) for code, sentences in _OWN.items()},
    }
)
"""Every code a file, a row or a mapping can have, with its sentences."""


def file_sentence(code: str, language: str) -> str:
    """The sentence of a code; `language` is `de` or `en`. An unknown code stands for itself."""
    return FILE_SENTENCES.get(code, {}).get(language, code)
