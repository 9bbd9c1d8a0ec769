"""What spreadsheets do to tables on their own, each in a file made for it: what becomes of it, in the file's terms."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from services.enrollment.domain.file_sentences import file_sentence
from services.enrollment.domain.mapping import apply, bound_to, mapping_from
from services.enrollment.domain.table import Bounds, Form, Unreadable, read

HEAD = ["Aktenzeichen", "AGS", "Nr", "Datum", "Niveau"]
ROW = ["P1", "05315000", "t1", "31.12.2020", "B1"]
FIELDS = {
    "municipality": {"column": "AGS"},
    "rechtskreis": {"constant": "SGB2"},
    "legal_basis": {"constant": "SGB2_16"},
    "purpose": {"constant": "CASE_MANAGEMENT"},
    "test_id": {"column": "Nr"},
    "tested_on": {"column": "Datum"},
    "level": {"column": "Niveau"},
    "test_source": {"constant": "test"},
}
MAPPING = {
    "person": {"column": "Aktenzeichen"},
    "events": [{"type": "gemeinsam.language.tested.v1", "fields": FIELDS}],
}


def result(content: bytes, **file: Any) -> list[tuple[Any, ...]]:
    """Of each row the day it tells, or (row, column, code) of what is wrong with it."""
    mapping = mapping_from({**MAPPING, "file": file})
    sheet = bound_to(mapping, read(content, Form(**file), Bounds(unpacked_bytes=20_000_000)))
    found: list[tuple[Any, ...]] = []
    for row in read(content, Form(**file), Bounds(unpacked_bytes=20_000_000)).rows:
        mapped = apply(sheet, row)
        found += [(draft.row, draft.data["tested_on"]) for draft in mapped.drafts]
        found += [(fault.row, fault.column.letters if fault.column else None, fault.code) for fault in mapped.faults]
    assert all(file_sentence(one[2], "de") != one[2] for one in found if len(one) == 3), "a code without a sentence"
    return found


def book(fill: Callable[[Any, Any], None]) -> bytes:
    made = openpyxl.Workbook()
    fill(made, made.active)
    written = io.BytesIO()
    made.save(written)
    return written.getvalue()


def rows(*more: list[Any]) -> Callable[[Any, Any], None]:
    def fill(_: Any, sheet: Any) -> None:
        for row in (HEAD, *more):
            sheet.append(row)

    return fill


def counted_from_1904(made: Any, sheet: Any) -> None:
    made.epoch = CALENDAR_MAC_1904
    rows([*ROW[:3], 42734, "B1"])(made, sheet)  # a number where nobody set a date format


def merged(_: Any, sheet: Any) -> None:
    sheet.append(["Sprachstand 2020", None, None, None, None])
    sheet.merge_cells("A1:E1")
    sheet.append(HEAD)
    sheet.append(ROW)


def empty_at_the_end(made: Any, sheet: Any) -> None:
    rows(ROW)(made, sheet)
    for number in range(3, 2000):
        sheet.cell(number, 1).value = ""
    sheet.cell(900, 5).value = "   "


def text(line: str, encoding: str) -> bytes:
    return line.encode(encoding)


def linked() -> bytes:
    """A formula that points into another file, with the value Excel last saw there."""
    content = book(rows([*ROW[:4], "='[1]Andere'!A1"]))
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "xl/worksheets/sheet1.xml":
                part = part.replace(b"<v></v>", b"<v>B1</v>").replace(b"<v />", b"<v>B1</v>")
                part = part.replace(b'<c r="E2">', b'<c r="E2" t="str">')
            new.writestr(name, part)
        new.writestr("xl/externalLinks/externalLink1.xml", b"<externalLink xmlns='x'/>")
    return written.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (book(rows([*ROW[:3], 44196, "B1"])), [(2, "2020-12-31")]),
        (book(rows([*ROW[:3], date(2020, 12, 31), "B1"])), [(2, "2020-12-31")]),
        (book(counted_from_1904), [(2, "2020-12-31")]),
        (book(rows(["P1", 5315000, *ROW[2:]])), [(2, "B", "lost_zero")]),
        (book(rows([4711.0, "05315000", 17.0, "31.12.2020", "B1"])), [(2, "2020-12-31")]),
        (book(empty_at_the_end), [(2, "2020-12-31")]),
        (book(rows([*ROW[:3], "=TODAY()", "B1"])), [(2, "D", "formula_without_value")]),
        (book(rows(["=A9", *ROW[1:]])), [(2, "A", "formula_without_value")]),
        (book(rows([*ROW[:4], "#NV"])), [(2, "E", "formula_error")]),
        (linked(), [(2, "2020-12-31")]),
        (text(";".join(HEAD) + "\r\n" + ";".join(ROW), "utf-8-sig"), [(2, "2020-12-31")]),
        (text(";".join(HEAD) + "\r\n" + ";".join(ROW) + "\r\n;;;;\r\n;;;;\r\n", "cp1252"), [(2, "2020-12-31")]),
        (text("\t".join(HEAD) + "\r\n" + "\t".join(ROW), "utf-16"), [(2, "2020-12-31")]),
        (text(";".join(HEAD) + "\r\n" + ";".join([*ROW[:3], "44196", "B1"]), "utf-8"), [(2, "2020-12-31")]),
        (text(";".join(HEAD) + "\r\n" + ";".join(["P1", "5315000", *ROW[2:]]), "utf-8"), [(2, "B", "lost_zero")]),
    ],
    ids=[
        "a number for a day",
        "a day",
        "days counted from 1904",
        "a lost zero",
        "ids as numbers",
        "empty rows at the end",
        "a formula never reckoned",
        "a formula for the record number",
        "an error for a value",
        "a link to another file",
        "semicolons and a BOM",
        "Windows-1252 with empty rows",
        "UTF-16 with tabs",
        "a number for a day in CSV",
        "a lost zero in CSV",
    ],
)
def test_a_habit_is_read_through_or_pointed_out(content: bytes, expected: list[tuple[Any, ...]]) -> None:
    assert result(content) == expected


def test_a_merged_title_above_the_header_is_passed_over_by_the_mappings_choice() -> None:
    with pytest.raises(Unreadable, match="column_missing"):
        result(book(merged))
    assert result(book(merged), header_row=2) == [(3, "2020-12-31")]


def test_umlauts_of_windows_name_the_same_column() -> None:
    head = ";".join(HEAD).replace("Niveau", "Größe")
    content = (head + "\r\n" + ";".join(ROW)).encode("cp1252")
    mapping = mapping_from(
        {**MAPPING, "events": [{**MAPPING["events"][0], "fields": FIELDS | {"level": {"column": "Größe"}}}]}  # type: ignore[index]
    )
    assert bound_to(mapping, read(content, Form(), Bounds())).columns["Größe"].letters == "E"


@pytest.mark.parametrize("inside", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/media/image1.png"])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(inside: str) -> None:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        with zipfile.ZipFile(io.BytesIO(book(rows(ROW)))) as sound:
            for name in sound.namelist():
                if name != inside:
                    package.writestr(name, sound.read(name))
        package.writestr(inside, b" " * 30_000_000)
    assert len(written.getvalue()) < 60_000
    with pytest.raises(Unreadable, match="too_large_unpacked"):
        result(written.getvalue())
