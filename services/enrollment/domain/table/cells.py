"""What a table is made of, whatever file it came from: columns, rows, cells, and the bounds of what is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

Cell = str | int | float | bool | date | datetime | None
"""A cell as the file has it; text comes without blanks around it, an empty cell as None."""

UNRECKONED = "#UNRECKONED!"  # stands for a formula whose value no program has written into the file

_BLANKS = " \t\r\n\u00a0\u2007\u202f\u200b\ufeff"  # Excel and web pages leave more than one kind of blank


class Unreadable(ValueError):
    """The file as a whole cannot be read; `code` is a slug of the receipts' sentences."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is read at most. `ratio`: bytes unpacked for each packed one, looked at from a megabyte up."""

    rows: int = 200_000
    columns: int = 200
    row_number: int = 1_048_576
    cell_characters: int = 32_767
    unpacked_bytes: int = 300_000_000
    shared_bytes: int = 60_000_000
    ratio: int = 200
    parts: int = 2_000


@dataclass(frozen=True, slots=True)
class Form:
    """What a mapping says of the file itself; what is None is found out."""

    sheet: str | None = None
    header_row: int = 1
    delimiter: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its place, counted from 1, and its name in the header row."""

    number: int
    name: str

    @property
    def letters(self) -> str:
        """The place as a spreadsheet shows it: A, B, … Z, AA."""
        return column_letters(self.number)


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row that is not empty: its number as a spreadsheet shows it, and its cells in the order of columns."""

    number: int
    cells: tuple[Cell, ...]

    def at(self, column: Column) -> Cell:
        """The cell in the column; None beyond the row's end."""
        return self.cells[column.number - 1] if column.number <= len(self.cells) else None


@dataclass(frozen=True, slots=True)
class Table:
    """One sheet: its name (empty for CSV), its named columns, its rows as they are read, and how it counts days."""

    sheet: str
    columns: tuple[Column, ...]
    rows: Iterator[TableRow]
    epoch_1904: bool = False


def column_letters(number: int) -> str:
    """A for 1, Z for 26, AA for 27."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def cleaned(value: object, bounds: Bounds) -> Cell:
    """A cell's value without blanks around it; what is no text, number or date comes as its text."""
    if value is None or isinstance(value, bool | int | float | date):
        return value
    text = str(value).strip(_BLANKS)
    if len(text) > bounds.cell_characters:
        raise Unreadable("cell_too_long")
    return text or None


def header(cells: tuple[Cell, ...]) -> tuple[Column, ...]:
    """The named columns of a header row; raises Unreadable if there is none."""
    columns = tuple(
        Column(number, " ".join(str(cell).split())) for number, cell in enumerate(cells, 1) if cell is not None
    )
    if not columns:
        raise Unreadable("no_header")
    return columns


def tabled(
    sheet: str, raw: Iterator[tuple[int, tuple[object, ...]]], form: Form, bounds: Bounds, *, epoch_1904: bool = False
) -> Table:
    """The table of numbered raw rows: the header first, then what is not empty below it."""
    rows = _rows(raw, bounds)
    for row in rows:
        if row.number >= form.header_row:
            return Table(sheet, header(row.cells), rows, epoch_1904)
    raise Unreadable("no_header")


def _rows(raw: Iterator[tuple[int, tuple[object, ...]]], bounds: Bounds) -> Iterator[TableRow]:
    kept = 0
    for number, values in raw:
        cells = _trimmed([cleaned(value, bounds) for value in values[: bounds.columns]])
        if any(value not in (None, "") for value in values[bounds.columns :]):
            raise Unreadable("too_many_columns")
        if not cells:
            continue
        kept += 1
        if kept > bounds.rows + 1:
            raise Unreadable("too_many_rows")
        yield TableRow(number, cells)


def _trimmed(cells: list[Cell]) -> tuple[Cell, ...]:
    while cells and cells[-1] is None:
        cells.pop()
    return tuple(cells)
