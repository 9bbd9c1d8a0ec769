"""Reads CSV as Excel, databases and editors write it: commas, semicolons or tabs, UTF-8, UTF-16 or Windows-1252."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from services.enrollment.domain.table.cells import Bounds, Form, Table, Unreadable, tabled

DELIMITERS = (";", ",", "\t")

_SEP = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def read_delimited(content: bytes, form: Form, bounds: Bounds) -> Table:
    """The table in a CSV file; raises Unreadable, while rows are read too."""
    text = decoded(content, form.encoding)
    skipped = 0
    said = _SEP.match(text)  # Excel's own hint in the first line
    if said:
        text, skipped = text[said.end() :], 1
    delimiter = form.delimiter or (said[1] if said and said[1] in DELIMITERS else delimiter_of(text))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return tabled("", _numbered(reader, skipped), form, bounds)


def decoded(content: bytes, encoding: str | None = None) -> str:
    """The text: by its mark, else UTF-8, else Windows-1252; raises Unreadable("bad_encoding")."""
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), None)
    for name in [marked] if marked else [encoding] if encoding else ["utf-8", "windows-1252"]:
        try:
            text = content.decode(name)
        except UnicodeError:
            continue
        if "\x00" in text:
            break
        return text
    raise Unreadable("bad_encoding")


def delimiter_of(text: str) -> str:
    """The delimiter most frequent in the first record that has any, quoted text apart; a semicolon without any."""
    for line in _QUOTED.sub("", text[:100_000]).splitlines()[:20]:
        counts = [(line.count(delimiter), -place) for place, delimiter in enumerate(DELIMITERS)]
        most, place = max(counts)
        if most:
            return DELIMITERS[-place]
    return DELIMITERS[0]


def _numbered(reader: Iterator[list[str]], skipped: int) -> Iterator[tuple[int, tuple[object, ...]]]:
    # A spreadsheet shows a quoted text with line breaks as one row: records are counted, not lines.
    number = skipped
    while True:
        number += 1
        try:
            record = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise Unreadable("cell_too_long" if "field larger" in str(error) else "broken_quotes") from None
        yield number, tuple(record)
