"""Tables as offices really send them are read; what is broken, bloated or hostile is refused by its name."""

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest

from services.enrollment.domain.table import UNRECKONED, Bounds, Form, TableRow, Unreadable, column_letters, read

TEXT = 'Name;Straße;Stadt\r\n"Müller; Jörg";"Am\nMarkt 1"; Köln\u00a0\r\n\r\n;;\r\nÖz;x;\r\n'


def rows(content: bytes, form: Form | None = None, bounds: Bounds | None = None) -> list[TableRow]:
    return list(read(content, form or Form(), bounds).rows)


def refusal(content: bytes, form: Form | None = None, bounds: Bounds | None = None) -> str:
    with pytest.raises(Unreadable) as refused:
        rows(content, form, bounds)
    return refused.value.code


def workbook(*lines: list[object], sheets: tuple[str, ...] = ("Blatt",)) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = sheets[0]
    for name in sheets[1:]:
        book.create_sheet(name)
    for line in lines:
        book.active.append(line)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def with_parts(content: bytes, **changes: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as sound:
        parts = {name: sound.read(name) for name in sound.namelist()}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in (parts | {key.replace("__", "/"): value for key, value in changes.items()}).items():
            package.writestr(name, part)
    return written.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_encodings_and_delimiters_are_found_out(encoding: str, delimiter: str):
    text = TEXT if delimiter == ";" else TEXT.replace("Müller;", "Müller|").replace(";", delimiter)
    table = read(text.encode(encoding), Form())
    assert [(column.letters, column.name) for column in table.columns] == [
        ("A", "Name"),
        ("B", "Straße"),
        ("C", "Stadt"),
    ]
    found = list(table.rows)
    assert [row.number for row in found] == [2, 5]
    assert found[0].cells[1:] == ("Am\nMarkt 1", "Köln")


def test_excels_hint_of_the_delimiter_is_a_row_of_its_own():
    table = read(b"sep=,\r\na,b;c\r\n1,2\r\n", Form())
    assert [column.name for column in table.columns] == ["a", "b;c"]
    assert [row.number for row in table.rows] == [3]


def test_a_mapping_may_say_how_the_file_is_written():
    table = read(b"a note\na,b;c\n1,2;3\n", Form(header_row=2, delimiter=",", encoding="windows-1252"))
    assert [column.name for column in table.columns] == ["a", "b;c"]
    assert next(table.rows).cells == ("1", "2;3")


def test_a_workbook_gives_values_as_excel_has_them():
    content = workbook(
        ["AGS", "Beginn", "Nr", None, "Wort"], [5315000.0, date(2020, 12, 31), 17, None, " x "], [], [None, 44196]
    )
    table = read(content, Form())
    assert table.sheet == "Blatt"
    found = list(table.rows)
    assert [row.number for row in found] == [2, 4]
    assert found[0].cells[0] == 5315000
    assert found[0].cells[1] in (date(2020, 12, 31), datetime.fromisoformat("2020-12-31"))
    assert found[0].cells[4] == "x"


def test_a_formula_gives_what_excel_last_computed_and_nothing_is_fetched():
    content = workbook(["A"], ['=WEBSERVICE("http://127.0.0.1:1/x")'])
    assert [row.cells for row in rows(content)] == [(UNRECKONED,)]
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    sheet += b'<row r="1"><c r="A1" t="str"><v>A</v></c></row>'
    sheet += b'<row r="2"><c r="A2"><f>\'[1]Tabelle1\'!A1*2</f><v>42</v></c></row></sheetData></worksheet>'
    assert rows(with_parts(content, **{"xl__worksheets__sheet1.xml": sheet}))[0].cells == (42,)


def test_the_named_sheet_is_read():
    content = workbook(["A"], [1], sheets=("Eins", "Zwei"))
    assert rows(content, Form(sheet="Eins"))[0].cells == (1,)
    assert refusal(content, Form(sheet="Zwei")) == "no_header"
    assert refusal(content, Form(sheet="Drei")) == "sheet_missing"


def test_entities_in_a_workbook_are_refused():
    sheet = (
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>'
    )
    assert refusal(with_parts(workbook(["A"]), **{"xl__worksheets__sheet1.xml": sheet})) == "broken_workbook"
    assert refusal(with_parts(workbook(["A"]), **{"xl__workbook.xml": sheet})) == "broken_workbook"


def test_bombs_are_refused_before_they_are_unpacked():
    bloated = with_parts(workbook(["A"]), **{"xl__worksheets__sheet1.xml": b"<worksheet>" + b" " * 5_000_000})
    assert refusal(bloated) == "too_large_unpacked"
    assert refusal(workbook(["A"]), bounds=Bounds(unpacked_bytes=100)) == "too_large_unpacked"
    assert refusal(workbook(["A"]), bounds=Bounds(shared_bytes=100)) == "too_large_unpacked"
    assert refusal(workbook(["A"]), bounds=Bounds(parts=3)) == "broken_workbook"


def test_a_cell_that_says_it_stands_far_away_costs_nothing():
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    start += b'<row r="1"><c r="A1" t="str"><v>A</v></c></row>'
    for far in (
        b'<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>',
        b'<row r="2"><c r="XFD2"><v>1</v></c></row>',
    ):
        sheet = start + far + b"</sheetData></worksheet>"
        assert rows(with_parts(workbook(["A"]), **{"xl__worksheets__sheet1.xml": sheet})) == []
    beyond = start + b'<row r="2"><c r="ZZZZZZ2"><v>1</v></c></row></sheetData></worksheet>'
    assert refusal(with_parts(workbook(["A"]), **{"xl__worksheets__sheet1.xml": beyond})) == "broken_workbook"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b" \r\n ", "empty_file"),
        (b"a\n\x00", "bad_encoding"),
        (b'a;b\n"1;2\n', "broken_quotes"),
        (b'a;b\n"1"x;2\n', "broken_quotes"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_or_encrypted"),
        (b"%PDF-1.7", "not_a_table"),
        (b"PK\x03\x04nonsense", "broken_workbook"),
        (b"a\n" + b"x" * 140_000, "cell_too_long"),
        (b";;\n;;\n", "no_header"),
    ],
)
def test_what_cannot_be_read_says_why(content: bytes, code: str):
    assert refusal(content) == code


def test_bounds_hold_for_rows_columns_and_cells():
    assert refusal(b"a\n1\n2\n3\n", bounds=Bounds(rows=2)) == "too_many_rows"
    assert refusal(b"a;b;c\n1;2;3\n", bounds=Bounds(columns=2)) == "too_many_columns"
    assert refusal(b"a\n12345\n", bounds=Bounds(cell_characters=4)) == "cell_too_long"


def test_columns_are_lettered_as_in_a_spreadsheet():
    assert [column_letters(number) for number in (1, 26, 27, 52, 703)] == ["A", "Z", "AA", "AZ", "AAA"]
