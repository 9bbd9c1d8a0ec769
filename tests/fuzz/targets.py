"""What is fuzzed: every parser of what comes from outside, each as a function of bytes that must not fail."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from urllib.parse import parse_qsl

import openpyxl
from starlette.datastructures import FormData

from services.enrollment.domain.intake import Candidate, judge
from services.enrollment.domain.lines import LineCutter, Row, array_elements, record_row
from services.enrollment.domain.mapping import MappingRefused, apply, bound_to, mapping_from
from services.enrollment.domain.receipt import Note
from services.enrollment.domain.source import Emitter
from services.enrollment.domain.table import Bounds, Column, Form, Table, TableRow, Unreadable, read
from services.enrollment.pages import mapping_form
from services.enrollment.usecases.files.samples import looked_at
from shared.messaging.records import text_headers

BOUNDS = Bounds(rows=200, columns=40, row_number=5_000, unpacked_bytes=2_000_000, shared_bytes=1_000_000)
EMITTER = Emitter(1, "//a.example/x", frozenset({"05315000"}))
TABLE_MAPPING = {
    "person": {"column": "Person"},
    "events": [
        {
            "type": "gemeinsam.language.tested.v1",
            "fields": {
                "municipality": {"column": "AGS", "mend_ags": True},
                "rechtskreis": {"constant": "SGB2"},
                "legal_basis": {"constant": "SGB2_16"},
                "purpose": {"constant": "CASE_MANAGEMENT"},
                "test_id": {"column": "Nr"},
                "tested_on": {"column": "Datum"},
                "level": {"column": "Niveau", "codes": {"gut": "B1"}, "otherwise": "A0"},
                "test_source": {"constant": "test"},
            },
        }
    ],
}
HEAD = ["Person", "AGS", "Nr", "Datum", "Niveau"]
_ODD = ("", "x", "31.12.2020", "#NV", "٣", "\U0001f600" * 3, 0, -1, 17.0, 1e300, float("nan"), float("inf"), True, None)
PARTS = (
    "xl/worksheets/sheet1.xml",
    "xl/workbook.xml",
    "xl/styles.xml",
    "xl/sharedStrings.xml",
    "[Content_Types].xml",
    "xl/_rels/workbook.xml.rels",
    "_rels/.rels",
)


def table(data: bytes) -> None:
    """A file of any kind: read, and mapped if the columns are there."""
    try:
        found = read(data, Form(), BOUNDS)
        try:
            sheet = bound_to(mapping_from(TABLE_MAPPING), found)
        except Unreadable:
            list(found.rows)
            return
        for row in found.rows:
            json.dumps([draft.data for draft in apply(sheet, row).drafts], allow_nan=False)
    except Unreadable:
        return


def workbook(data: bytes) -> None:
    """A workbook of which one part, chosen by the first byte, is the rest."""
    parts = dict(sound_parts())
    parts[PARTS[data[0] % len(PARTS)] if data else PARTS[0]] = data[1:]
    table(packed(parts))


def mapping(data: bytes) -> None:
    """A mapping's document; one that is taken is laid on a table of odd cells."""
    try:
        taken = mapping_from(json.loads(data))
    except (ValueError, RecursionError):  # MappingRefused among them
        return
    json.dumps(taken.model_dump(mode="json"), allow_nan=False)  # as it is saved
    names = sorted(taken.columns())
    columns = tuple(Column(number, name) for number, name in enumerate(names, 1))
    try:
        sheet = bound_to(taken, Table("", columns, iter(())))
    except Unreadable:
        return  # two names that differ in blanks or capitals only
    for place in range(len(_ODD)):
        cells = tuple(_ODD[(place + number) % len(_ODD)] for number in range(len(names)))
        apply(sheet, TableRow(2, cells))


def envelope(data: bytes) -> None:
    """A row of events."""
    cutter = LineCutter(longest=10_000)
    rows = cutter.feed(data) + cutter.finish() + list(array_elements(data, longest=10_000)) + [Row(1, data)]
    for row in rows:
        assert isinstance(judge(row, EMITTER), Candidate | Note)


def record(data: bytes) -> None:
    """A record of a source's own topic: lines `name: value` are its headers, the rest after an empty line its value."""
    head, gap, value = data.partition(b"\n\n")
    lines = [line.partition(b":") for line in head.split(b"\n")]
    headers = [(name.decode("latin-1"), text.strip()) for name, _, text in lines]
    row = record_row(1, text_headers(headers), value if gap else None)
    assert isinstance(judge(row, EMITTER), Candidate | Note)


def form(data: bytes) -> None:
    """A form of a mapping as a browser encodes it: read, proposed for and shown again."""
    sent = FormData(parse_qsl(data.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=1_000))
    columns, document = mapping_form.read_columns(sent), mapping_form.document_of(sent)
    mapping_form.filled_up(document)
    for event in document.get("events", ()):
        mapping_form.conditions_of(event)
        mapping_form.rows_of(event, columns)
        mapping_form.proposed(event["type"], columns)
    try:
        json.dumps(mapping_from(document).model_dump(mode="json"), allow_nan=False)
    except MappingRefused:
        return


def sample(data: bytes) -> None:
    """A file of any kind, looked at for its columns."""
    try:
        looked_at(data, Form(), BOUNDS)
    except Unreadable:
        return


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "table": table,
    "workbook": workbook,
    "mapping": mapping,
    "envelope": envelope,
    "record": record,
    "form": form,
    "sample": sample,
}


@cache
def sound_parts() -> tuple[tuple[str, bytes], ...]:
    """The parts of a sound workbook."""
    book = openpyxl.Workbook()
    for line in (HEAD, ["P1", 5315000.0, 17, 44196, "gut"], ["P2", "05315000", "a", "31.12.2020", None]):
        book.active.append(line)
    written = io.BytesIO()
    book.save(written)
    with zipfile.ZipFile(written) as package:
        return tuple((name, package.read(name)) for name in package.namelist())


def packed(parts: Mapping[str, bytes]) -> bytes:
    """A package of these parts."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return written.getvalue()
