"""`/receipts`: what became of what one's own source has sent, over HTTP and over Kafka."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.responses import Response

from services.enrollment.domain.sentences import sentence
from services.enrollment.pages.desk import Pages, page_router
from services.enrollment.pages.files import Files
from services.enrollment.usecases.receipts import Receipts
from shared.web import Visitor
from shared.web.texts import language_of

router = page_router()

NOTES_ON_PAGE = 200


def receipts_of(request: Request) -> Receipts:
    """The use case, as `app.py` has put it on the application."""
    return cast(Receipts, request.app.state.receipts)


Kept = Annotated[Receipts, Depends(receipts_of)]


@router.get("/receipts")
async def overview(request: Request, visitor: Visitor, pages: Pages, files: Files, receipts: Kept) -> Response:
    """The newest receipts of one's source; those of files stand with the files."""
    emitter = await files.sources.emitter(visitor)
    return pages.render(request, "receipts.html", receipts=await receipts.newest(emitter))


@router.get("/receipts/{receipt_id}")
async def show(
    request: Request, visitor: Visitor, pages: Pages, files: Files, receipts: Kept, receipt_id: str, after: int = 0
) -> Response:
    """One receipt: its counts, its rejected rows by page, and on the first page its warnings."""
    emitter = await files.sources.emitter(visitor)
    after = max(0, min(after, 2**62))
    receipt = await receipts.page(emitter, receipt_id, after=after, limit=NOTES_ON_PAGE)
    is_full = len(receipt.rejections) == NOTES_ON_PAGE
    language = language_of(request)
    return pages.render(
        request,
        "receipt.html",
        receipt=receipt,
        notes=[*((note, False) for note in receipt.rejections), *((note, True) for note in receipt.warnings)],
        next_after=receipt.rejections[-1].row if is_full else None,
        sentence=lambda note: sentence(note.field, note.code, language),
    )
