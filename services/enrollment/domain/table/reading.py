"""Tells by its content what kind of file came, and reads it."""

from __future__ import annotations

from services.enrollment.domain.table.cells import Bounds, Form, Table, Unreadable
from services.enrollment.domain.table.delimited import read_delimited
from services.enrollment.domain.table.workbook import read_workbook

_ZIP = b"PK\x03\x04"
_COMPOUND = b"\xd0\xcf\x11\xe0"  # Excel before 2007, and encrypted workbooks
_BINARY = (b"%PDF", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8\xff", b"PK\x05\x06", b"PK\x07\x08", b"{\\rtf")


def read(content: bytes, form: Form, bounds: Bounds | None = None) -> Table:
    """The table in the file; its rows are read as they are asked for. Raises Unreadable, while rows are read too."""
    bounds = bounds or Bounds()
    if not content.strip():
        raise Unreadable("empty_file")
    if content.startswith(_ZIP):
        return read_workbook(content, form, bounds)
    if content.startswith(_COMPOUND):
        raise Unreadable("old_or_encrypted")
    if content.startswith(_BINARY):
        raise Unreadable("not_a_table")
    return read_delimited(content, form, bounds)
