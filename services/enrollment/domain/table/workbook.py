"""Reads XLSX files nobody has to trust: bounded in size, values only, no entities, no links to elsewhere."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from defusedxml.common import DefusedXmlException
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.utils.exceptions import InvalidFileException

from services.enrollment.domain.table.cells import UNRECKONED, Bounds, Form, Table, Unreadable, tabled

if not openpyxl.DEFUSEDXML:
    raise ImportError("openpyxl must read XML with defusedxml: files come from outside")

_SUSPICIOUS_BYTES = 1_000_000
_PIECE_BYTES = 262_144
_LONGEST_MARK = 16
_FORMULA = re.compile(rb"<(?:\w{1,8}:)?f[ />]")
# Whatever a broken workbook makes the library stumble over: its fault is the file's.
_BROKEN = (
    ParseError,
    DefusedXmlException,
    InvalidFileException,
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    KeyError,
    IndexError,
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
    EOFError,
    OSError,
)


def read_workbook(content: bytes, form: Form, bounds: Bounds) -> Table:
    """The table on the named sheet, or on the first; raises Unreadable, while rows are read too."""
    check_package(content, bounds)
    try:
        book = _opened(content, values=True)
        sheets = {sheet.title: sheet for sheet in book.worksheets}
    except Unreadable:
        raise
    except _BROKEN:
        raise Unreadable("broken_workbook") from None
    if not sheets or (form.sheet is not None and form.sheet not in sheets):
        raise Unreadable("sheet_missing")
    name = form.sheet if form.sheet is not None else next(iter(sheets))
    sheet = sheets[name]
    sheet.reset_dimensions()  # what a file says of its own size is not believed
    rows = _numbered(sheet, bounds)
    if _has_formulas(content):
        rows = _pointed_out(rows, _numbered(_with_formulas(content, name), bounds))
    return tabled(name, rows, form, bounds, epoch_1904=book.epoch == CALENDAR_MAC_1904)


def _opened(content: bytes, *, values: bool) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=values, keep_links=False)


def _with_formulas(content: bytes, name: str) -> Any:
    try:
        sheet = _opened(content, values=False)[name]
        sheet.reset_dimensions()
    except _BROKEN:
        raise Unreadable("broken_workbook") from None
    return sheet


def _has_formulas(content: bytes) -> bool:
    """Whether any sheet has a formula: only then it is worth the time to look which ones have no value."""
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheets = (part for part in package.namelist() if part.startswith("xl/worksheets/"))
        return any(_speaks_of_formulas(package, part) for part in sheets)


def _speaks_of_formulas(package: zipfile.ZipFile, part: str) -> bool:
    kept = b""
    try:
        with package.open(part) as opened:
            while piece := opened.read(_PIECE_BYTES):
                if _FORMULA.search(kept + piece):
                    return True
                kept = piece[-_LONGEST_MARK:]
    except _BROKEN:
        return False  # the reader of values says what is wrong with it
    return False


def _pointed_out(
    values: Iterator[tuple[int, tuple[object, ...]]], formulas: Iterator[tuple[int, tuple[object, ...]]]
) -> Iterator[tuple[int, tuple[object, ...]]]:
    """The values, and where a formula has none, the sign for it: an empty cell would pass for nothing to say."""
    place, written = 0, tuple[object, ...]()
    for number, row in values:
        while place < number and (found := next(formulas, None)) is not None:
            place, written = found
        yield number, tuple(map(_sign, row, written)) if place == number and len(written) == len(row) else row


def _sign(value: object, written: object) -> object:
    return UNRECKONED if value is None and isinstance(written, str) and written.startswith("=") else value


def check_package(content: bytes, bounds: Bounds) -> None:
    """Raise Unreadable unless the package is an unencrypted workbook that unpacks to a sensible size."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
    except _BROKEN:
        raise Unreadable("broken_workbook") from None
    names = {part.filename for part in parts}
    plain = all(part.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for part in parts)
    if len(parts) > bounds.parts or len(names) != len(parts) or not plain:
        raise Unreadable("broken_workbook")
    if any(part.flag_bits & 0x1 for part in parts):
        raise Unreadable("encrypted")
    if "xl/vbaProject.bin" in names or "[Content_Types].xml" not in names:
        raise Unreadable("not_a_table")
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    shared = sum(part.file_size for part in parts if not part.filename.startswith("xl/worksheets/"))
    # The reader stops at the sizes the package gives, so these bounds hold for what is really unpacked.
    if unpacked > bounds.unpacked_bytes or shared > bounds.shared_bytes:
        raise Unreadable("too_large_unpacked")
    if unpacked > _SUSPICIOUS_BYTES and unpacked > bounds.ratio * max(1, packed):
        raise Unreadable("too_large_unpacked")
    if any(part.file_size > _SUSPICIOUS_BYTES and part.file_size > bounds.ratio * part.compress_size for part in parts):
        raise Unreadable("too_large_unpacked")


def _numbered(sheet: Any, bounds: Bounds) -> Iterator[tuple[int, tuple[object, ...]]]:
    # Without both bounds one cell that says it stands in row or column ten million makes the reader fill up to there.
    rows = sheet.iter_rows(max_row=bounds.row_number, max_col=bounds.columns + 1, values_only=True)
    number, last = 0, None
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except _BROKEN:
            raise Unreadable("broken_workbook") from None
        number += 1  # rows the file leaves out come as one and the same empty row
        if row is not last:
            yield number, row
        last = row
