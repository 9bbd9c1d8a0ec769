"""Reading a file's rows in chunks, and finding out whom they are about."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Read
from dataclasses import dataclass
from itertools import islice

from services.enrollment.domain.file_import import FileImport, FileNote
from services.enrollment.domain.identity import Traits
from services.enrollment.domain.mapping import (
    Draft,
    Fault,
    Mapped,
    Mapping,
    Person,
    Sheet,
    apply,
    bound_to,
    mapping_from,
)
from services.enrollment.domain.source import Emitter
from services.enrollment.domain.table import Bounds, Table, TableRow, Unreadable, column_letters, read
from services.enrollment.store import persons as vault
from services.enrollment.usecases.files.speaking import NEWCOMER, Said
from services.enrollment.usecases.persons import Persons
from services.enrollment.usecases.registering import Registering
from shared.db import Database

PLACES_A_ROW = 32  # more than a mapping makes facts of a row

Columns = Read[str, Sequence[str]]
"""The mapping's columns by the name it uses: letters and name in the file."""


@dataclass(frozen=True, slots=True)
class RowChunk:
    """Some rows of a file, mapped: how many there were, the facts they make, and what stands in the way."""

    rows: int
    drafts: tuple[Draft, ...]
    faults: tuple[Fault, ...]
    traits: Read[str, Traits]

    @property
    def unreadable(self) -> int:
        """The number of rows of which something could not be read."""
        return len({fault.row for fault in self.faults if not fault.is_warning})


class FileRows:
    """The rows of one file, read in a thread: parsing a large workbook must not hold up everybody else."""

    def __init__(self, file: FileImport, content: bytes, bounds: Bounds) -> None:
        self._content = content
        self._bounds = bounds
        self.mapping = mapping_from(file.mapping)
        self._rows: Iterator[TableRow] = iter(())
        self._sheet: Sheet | None = None
        self.sheet_name = ""
        self.unnamed: list[int] = []

    @property
    def columns(self) -> dict[str, list[str]]:
        """The mapping's columns as they stand in the file, once it has been opened or measured."""
        columns = self._sheet.columns if self._sheet is not None else {}
        return {name: [column.letters, column.name] for name, column in columns.items()}

    async def measure(self) -> int:
        """The number of rows; raises Unreadable if the file is not sound to its end or a column is missing."""
        return await asyncio.to_thread(self._measure)

    @property
    def remarks(self) -> list[FileNote]:
        """What is to say of the file as a whole, once it has been measured: columns that have values and no name."""
        row = self.mapping.file.header_row
        return [FileNote(row, column_letters(one), "", "row", "unnamed_column", True) for one in self.unnamed]

    async def skip(self, rows: int) -> None:
        """Begin to read, after so many rows."""
        await asyncio.to_thread(self._open, rows)

    async def next(self, most: int) -> RowChunk:
        """The next rows, mapped; none at the end."""
        return await asyncio.to_thread(self._next, most)

    def _table(self) -> Table:
        table = read(self._content, self.mapping.file.form(), self._bounds)
        self._sheet = bound_to(self.mapping, table)
        self.sheet_name = table.sheet
        return table

    def _measure(self) -> int:
        table, count, filled = self._table(), 0, set[int]()
        for row in table.rows:
            count += 1
            filled.update(number for number, cell in enumerate(row.cells, 1) if cell is not None)
        self.unnamed = sorted(filled - {column.number for column in table.columns})
        return count

    def _open(self, rows: int) -> None:
        self._rows = self._table().rows
        next(islice(self._rows, rows, rows), None)

    def _next(self, most: int) -> RowChunk:
        assert self._sheet is not None
        mapped: list[Mapped] = [apply(self._sheet, row) for row in islice(self._rows, most)]
        return RowChunk(
            len(mapped),
            tuple(draft for one in mapped for draft in one.drafts),
            tuple(fault for one in mapped for fault in one.faults),
            {one.record.local_id: one.record.traits for one in mapped if one.record and one.record.traits},
        )


class Subjects:
    """Whom rows are about: the pseudonyms of a source's own record numbers."""

    def __init__(self, database: Database, persons: Persons, registering: Registering) -> None:
        self._database = database
        self._persons = persons
        self._registering = registering

    def require_vault(self, person: Person) -> None:
        """Raise Unreadable if rows have traits and there is no key to seal them with."""
        if person.traits.named() and not self._registering.is_open():
            raise Unreadable("vault_without_key")

    async def of(self, emitter: Emitter, person: Person, chunk: RowChunk) -> Read[str, str]:
        """The pseudonym of each person in the chunk, issued where there was none; who has traits is registered."""
        named = sorted({draft.person for draft in chunk.drafts} | chunk.traits.keys())
        if person.kind == "pseudonym":
            return {name: name.upper() for name in named}
        found = await self._registering.pseudonyms(emitter, chunk.traits) if chunk.traits else {}
        others = [name for name in named if name not in found]
        return {**found, **(await self._persons.pseudonyms(emitter, others) if others else {})}

    async def known(self, emitter: Emitter, person: Person, chunk: RowChunk) -> Read[str, str]:
        """The pseudonyms there are already; whoever is new stands under a name of the dry run's own."""
        named = sorted({draft.person for draft in chunk.drafts})
        if person.kind == "pseudonym":
            return {name: name.upper() for name in named}
        async with self._database.reading() as connection:
            known = await vault.granted(connection, emitter.source_number, named)
        return {name: known.get(name, NEWCOMER + name) for name in named}


def note_of(fault: Fault) -> FileNote:
    """A fault as it is kept."""
    letters, name = (fault.column.letters, fault.column.name) if fault.column is not None else (None, None)
    return FileNote(fault.row, letters, name, fault.field, fault.code, fault.is_warning)


def column_of(mapping: Mapping, columns: Columns, type_: str, field: str) -> tuple[str | None, str | None]:
    """The column (letters, name) that a field of a fact came from; none for a constant."""
    name = None
    if field in ("subject", "person"):
        name = mapping.person.column
    for rule in mapping.events:
        origin = rule.fields.get(field.removeprefix("data."))
        if rule.type == type_ and origin is not None and origin.column is not None:
            name = origin.column
            break
    letters, title = columns.get(name or "", (None, None))
    return letters, title


def told_notes(said: Said, mapping: Mapping, columns: Columns, facts: Sequence[tuple[int, str]]) -> list[FileNote]:
    """What intake said of a chunk's facts, each by its row and type, in the file's own terms."""
    return [
        FileNote(
            facts[note.row - 1][0],
            *column_of(mapping, columns, facts[note.row - 1][1], note.field),
            note.field,
            note.code,
            is_warning,
        )
        for notes, is_warning in ((said.rejections, False), (said.warnings, True))
        for note in notes
    ]
