"""Cuts what is sent into rows: lines of a stream in constant memory, elements of a JSON array."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LONGEST_ROW_BYTES = 1_048_576
DEEPEST = 256  # no event is nested so deep; the parser refuses it a little earlier

_BOM = b"\xef\xbb\xbf"
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|["\[\]{},]', re.DOTALL)
_BLANK = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as sent: its number, counted from 1, and its bytes; None for one longer than a row may be.

    `attributes`: those of the event if they came beside the bytes, which are its data alone then.
    """

    number: int
    raw: bytes | None
    attributes: Mapping[str, str] | None = None


class LineCutter:
    """Cuts a stream of bytes into lines. A line too long is skipped without being kept, and the next ones go on.

    Numbers are line numbers; blank lines count as lines and are no rows.
    """

    def __init__(self, longest: int = LONGEST_ROW_BYTES) -> None:
        self._longest = longest
        self._number = 1
        self._kept: list[bytes] = []
        self._length = 0
        self._overlong = False

    def feed(self, data: bytes) -> list[Row]:
        """The rows that end in these bytes."""
        first, newline, rest = data.partition(b"\n")
        self._keep(first)
        if not newline:
            return []
        rows: list[Row] = []
        self._end_line(rows)
        lines = rest.split(b"\n")
        last = lines.pop()
        for line in lines:
            if len(line) > self._longest:
                rows.append(Row(self._number, None))
            elif line.strip(_BLANK):
                rows.append(Row(self._number, line))
            self._number += 1
        self._keep(last)
        return rows

    def finish(self) -> list[Row]:
        """The last row, if the body did not end with a line break."""
        rows: list[Row] = []
        self._end_line(rows)
        return rows

    def _keep(self, part: bytes) -> None:
        self._length += len(part)
        if self._length > self._longest:
            self._overlong = True
            self._kept.clear()
        elif part:
            self._kept.append(part)

    def _end_line(self, rows: list[Row]) -> None:
        line = b"".join(self._kept)
        if self._number == 1:
            line = line.removeprefix(_BOM)
        if self._overlong:
            rows.append(Row(self._number, None))
        elif line.strip(_BLANK):
            rows.append(Row(self._number, line))
        self._number += 1
        self._kept.clear()
        self._length = 0
        self._overlong = False


def record_row(number: int, headers: Mapping[str, str], value: bytes | None) -> Row:
    """A record of a topic as a row: in binary mode if a header begins with `ce_`, else the event is in the value."""
    if value is not None and len(value) > LONGEST_ROW_BYTES:
        return Row(number, None)
    attributes = {name[3:]: text for name, text in headers.items() if name.startswith("ce_")}
    if attributes and "content-type" in headers:
        attributes["datacontenttype"] = headers["content-type"]
    return Row(number, value or b"null", attributes or None)


def array_elements(body: bytes, longest: int = LONGEST_ROW_BYTES) -> Iterator[Row]:
    """The elements of a JSON array as rows, each to be parsed by itself, so that one bad element spoils no other.

    What is no array, or what cannot be told apart any more after a broken element, comes as one row for the parser to
    refuse.
    """
    text = body.removeprefix(_BOM).strip(_BLANK)
    if not text.startswith(b"["):
        yield Row(1, text if len(text) <= longest else None)
        return
    number, start, depth = 1, 1, 0
    for token in _TOKEN.finditer(text):
        mark = text[token.start()]
        if mark in b"[{":
            depth += 1
            if depth > DEEPEST:
                break
        elif mark in b"]}":
            depth -= 1
        if (mark == 0x2C and depth == 1) or depth == 0:
            element = text[start : token.start()].strip(_BLANK)
            if element or mark == 0x2C or number > 1:
                yield Row(number, element if len(element) <= longest else None)
                number += 1
            start = token.end()
        if depth == 0:
            break
    rest = text[start:].strip(_BLANK)
    if rest or depth:
        yield Row(number, rest[:longest] or b"[")
