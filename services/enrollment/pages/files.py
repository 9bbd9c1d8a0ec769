"""`/files`: uploading tables, what became of their rows, and the brake."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from services.enrollment.domain.file_import import ENDED, Decision
from services.enrollment.domain.file_sentences import file_sentence
from services.enrollment.pages.desk import Desk, Pages, attempt, page_router
from services.enrollment.pages.forms import Sent
from services.enrollment.usecases.files import FileCases, Upload
from shared.auth import Principal, Role
from shared.errors import Conflict, Forbidden, GemeinsamError, Invalid
from shared.web import CsrfChecked, Visitor
from shared.web.texts import language_of

router = page_router()

NOTES_ON_PAGE = 200
_PIECE_BYTES = 262_144
DECIDERS = (Role.MANAGING_BODY, Role.DISTRICT, Role.OPERATOR)


def cases_of(request: Request) -> FileCases:
    """The use cases of files, as `app.py` has put them on the application."""
    return cast(FileCases, request.app.state.files)


Files = Annotated[FileCases, Depends(cases_of)]


@router.get("/files")
async def overview(request: Request, visitor: Visitor, pages: Pages, files: Files) -> Response:
    """One's own files with the form to send one, or the files held by the brake."""
    return await _overview(request, visitor, pages, files)


async def _overview(
    request: Request, visitor: Principal, pages: Desk, files: FileCases, *, problem: GemeinsamError | None = None
) -> Response:
    shown: dict[str, Any] = {"own": None, "mappings": (), "held": None}
    if visitor.role is Role.EMITTER:
        emitter = await files.sources.emitter(visitor)
        shown["own"] = await files.uploads.listed(emitter)
        shown["mappings"] = await files.mappings.listed(emitter)
    elif visitor.role in DECIDERS:
        shown["held"] = await files.uploads.held(visitor)
    else:
        raise Forbidden("only a source, its managing body and the operator see files", reason="role_not_allowed")
    chosen = request.query_params.get("mapping", "")
    megabytes = files.uploads.most_bytes // 1_048_576
    return pages.render(request, "files.html", problem=problem, chosen=chosen, megabytes=megabytes, **shown)


@router.post("/files", dependencies=[CsrfChecked])
async def send(request: Request, visitor: Visitor, pages: Pages, files: Files) -> Response:
    """Send a file and go on to its page."""
    emitter = await files.sources.emitter(visitor)
    try:
        sent = await Sent.read(request)
        since, until = sent.day("scope_since"), sent.day("scope_until")
        if (since is None) != (until is None):
            raise Invalid(
                "this field is needed", field="scope_until" if until is None else "scope_since", reason="field_needed"
            )
        file = (await request.form()).get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise Invalid("this field is needed", field="file", reason="field_needed")
        scope: tuple[date, date] | None = (since, until) if since and until else None
        upload = Upload(sent.needed("mapping"), file.filename, sent.ticked("dry_run"), scope, visitor.subject)
        found = await files.uploads.receive(emitter, upload, _pieces(file))
    except (Invalid, Conflict) as problem:
        return await _overview(request, visitor, pages, files, problem=problem)
    return pages.to(f"files/{found.import_id}", "file_received")


@router.get("/files/{import_id}")
async def show(
    request: Request, visitor: Visitor, pages: Pages, files: Files, import_id: str, after: int = 0
) -> Response:
    """How far a file is, what became of its rows, and what is to say of them."""
    emitter = await files.sources.emitter(visitor)
    file = await files.uploads.seen(emitter, import_id)
    notes = await files.uploads.notes(emitter, import_id, after=max(0, min(after, 2**62)), limit=NOTES_ON_PAGE)
    language = language_of(request)
    return pages.render(
        request,
        "file.html",
        file=file,
        notes=notes,
        next_after=notes[-1].number if len(notes) == NOTES_ON_PAGE else None,
        sentence=lambda code: file_sentence(code, language),
        is_over=file.state in ENDED,
    )


@router.post("/files/{import_id}/cancel", dependencies=[CsrfChecked])
async def cancel(request: Request, visitor: Visitor, pages: Pages, files: Files, import_id: str) -> Response:
    """Stop a file where it is."""
    emitter = await files.sources.emitter(visitor)
    return await attempt(
        files.uploads.cancel(emitter, import_id),
        done=pages.to(f"files/{import_id}", "file_cancelled"),
        again=lambda problem: _overview(request, visitor, pages, files, problem=problem),
    )


@router.post("/files/{import_id}/release", dependencies=[CsrfChecked])
async def release(request: Request, visitor: Visitor, pages: Pages, files: Files, import_id: str) -> Response:
    """Let a held file pass, or throw it away."""
    decision = Decision.PASSED if (await Sent.read(request)).text("decision") == "PASSED" else Decision.DISCARDED
    return await attempt(
        files.uploads.decide(visitor, import_id, decision),
        done=pages.to("files", "file_passed" if decision is Decision.PASSED else "file_discarded"),
        again=lambda problem: _overview(request, visitor, pages, files, problem=problem),
    )


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(_PIECE_BYTES):
        yield piece
