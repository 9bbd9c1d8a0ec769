"""`GET /v1/receipts/{id}`: what became of each row sent."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import FastAPI, Header, Query
from pydantic import BaseModel, Field

from services.enrollment.domain.receipt import NOTES_IN_ANSWER, Note, Receipt, State
from services.enrollment.domain.sentences import language_of, sentence
from services.enrollment.usecases.receipts import Receipts
from services.enrollment.usecases.sources import Sources
from shared.http import Bearer


class NoteDocument(BaseModel):
    """One thing to know of one row."""

    row: int = Field(description="counts from 1; of lines, the line's number")
    field: str
    code: str
    sentence: str = Field(description="field and reason in the language asked for (German or English)")


class ReceiptDocument(BaseModel):
    """What became of the rows: `accepted`, `duplicate`, `set_aside` and `rejected` add up to `received`."""

    id: str
    state: State = Field(description="`incomplete` if the body was not read to its end")
    received: int
    accepted: int
    duplicate: int
    set_aside: int = Field(description="rows of a type this release does not know: kept, judged again by a later one")
    rejected: int
    rejections: list[NoteDocument] = Field(description="at most a thousand; `next_after` leads to the next page")
    next_after: int | None = Field(description="the `after` of the next page, null on the last")
    warned: int
    warnings: list[NoteDocument] = Field(description="the first thousand")


def routes(app: FastAPI, receipts: Receipts, sources: Sources) -> None:
    """Hang the reading of receipts on the application."""

    @app.get("/v1/receipts/{receipt_id}", tags=["intake"], response_model=ReceiptDocument)
    async def read_receipt(
        receipt_id: str,
        principal: Bearer,
        after: Annotated[int, Query(ge=0, le=2**62, description="rejections of rows after this one")] = 0,
        limit: Annotated[int, Query(ge=1, le=NOTES_IN_ANSWER)] = NOTES_IN_ANSWER,
        accept_language: Annotated[str | None, Header()] = None,
    ) -> dict[str, Any]:
        """A receipt of the caller's source: counts, and rejected rows by page (`next_after` leads to the next)."""
        emitter = await sources.emitter(principal)
        receipt = await receipts.page(emitter, receipt_id, after=after, limit=limit)
        return document(receipt, language_of(accept_language), limit=limit)


def document(receipt: Receipt, language: str, *, limit: int = NOTES_IN_ANSWER) -> dict[str, Any]:
    """The receipt as JSON, its sentences in `de` or `en`. `next_after` is null on the last page of rejections."""
    more = len(receipt.rejections) == limit and receipt.rejected > limit
    return {
        "id": receipt.receipt_id,
        "state": str(receipt.state),
        "received": receipt.received,
        "accepted": receipt.accepted,
        "duplicate": receipt.duplicate,
        "set_aside": receipt.set_aside,
        "rejected": receipt.rejected,
        "rejections": [_note(note, language) for note in receipt.rejections],
        "next_after": receipt.rejections[-1].row if more else None,
        "warned": receipt.warned,
        "warnings": [_note(note, language) for note in receipt.warnings],
    }


def _note(note: Note, language: str) -> dict[str, Any]:
    text = sentence(note.field, note.code, language)
    return {"row": note.row, "field": note.field, "code": note.code, "sentence": text}
