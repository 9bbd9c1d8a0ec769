"""How files, their rows' notes and mappings are written as JSON."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field

from services.enrollment.domain.file_import import FileImport, FileNote
from services.enrollment.domain.file_sentences import file_sentence
from services.enrollment.domain.mapping import Flaw


class FileNoteDocument(BaseModel):
    """One thing to say of one row, in the file's own terms."""

    number: int
    sheet: str | None = Field(description="empty for CSV")
    row: int = Field(description="as a spreadsheet shows it; 0: of no one row")
    column: str | None = Field(description="the column's letters")
    column_name: str | None = Field(description="the column's name in the header row")
    field: str
    code: str
    is_warning: bool
    sentence: str


class FileNotes(BaseModel):
    """A page of notes; `next_after` leads to the next one."""

    notes: list[FileNoteDocument]
    next_after: int | None


class FileDocument(BaseModel):
    """A file and how far it is.

    `counts`: facts `accepted`, `duplicate`, `set_aside`, `rejected`; rows `unreadable`; of a snapshot the facts it
    makes by step (`started`, `ended`, `corrected`, `retracted`), the records `compared`, those `changed`, and what was
    `withheld` because rows could not be read.
    """

    id: str
    source: str
    mapping: str
    file_name: str
    dry_run: bool
    snapshot: bool
    scope_since: date | None
    scope_until: date | None
    state: str
    failure: str | None
    sentence: str | None
    percent: int | None
    rows: int | None
    rows_done: int
    facts: int | None
    facts_done: int
    counts: dict[str, int]
    share: float | None = Field(description="of known records that the snapshot corrects or takes back")
    received_at: datetime
    finished_at: datetime | None


class FlawDocument(BaseModel):
    """What is wrong with a mapping."""

    field: str
    code: str
    sentence: str
    detail: str


def file_document(file: FileImport, language: str) -> dict[str, Any]:
    """The file as JSON."""
    document = FileDocument(
        id=file.import_id,
        source=file.source,
        mapping=file.mapping_name,
        file_name=file.file_name,
        dry_run=file.is_dry_run,
        snapshot=file.is_snapshot,
        scope_since=file.scope[0] if file.scope else None,
        scope_until=file.scope[1] if file.scope else None,
        state=str(file.state),
        failure=file.failure,
        sentence=file_sentence(file.failure, language) if file.failure else None,
        percent=file.percent,
        rows=file.rows_total,
        rows_done=file.rows_done,
        facts=file.facts_total,
        facts_done=file.facts_done,
        counts=dict(file.counts),
        share=file.share,
        received_at=file.received_at,
        finished_at=file.finished_at,
    )
    return document.model_dump(mode="json")


def notes_document(file: FileImport, notes: list[FileNote], limit: int, language: str) -> dict[str, Any]:
    """A page of notes as JSON."""
    return {
        "notes": [
            {
                "number": note.number,
                "sheet": file.sheet_name,
                "row": note.row,
                "column": note.letters,
                "column_name": note.column,
                "field": note.field,
                "code": note.code,
                "is_warning": note.is_warning,
                "sentence": file_sentence(note.code, language),
            }
            for note in notes
        ],
        "next_after": notes[-1].number if len(notes) == limit else None,
    }


def flaw_documents(flaws: list[Flaw], language: str) -> list[dict[str, str]]:
    """The flaws of a mapping as JSON."""
    return [
        {"field": flaw.field, "code": flaw.code, "sentence": file_sentence(flaw.code, language), "detail": flaw.detail}
        for flaw in flaws
    ]
