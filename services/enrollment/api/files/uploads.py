"""`/v1/files`: sending a file, seeing how far it is and what is to say of its rows, cancelling, releasing the brake."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import FastAPI, Header, Path, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from services.enrollment.api.body import Bounds, Sender
from services.enrollment.api.files.documents import FileDocument, FileNotes, file_document, notes_document
from services.enrollment.domain.file_import import SETTLED, Decision, FileImport
from services.enrollment.domain.sentences import language_of
from services.enrollment.domain.source import Emitter
from services.enrollment.usecases.files import Mappings, Upload, Uploads
from services.enrollment.usecases.sources import Sources
from shared.errors import BadRequest, TooLarge
from shared.http import Bearer

PATH = "/v1/files"
LONGEST_WAIT_SECONDS = 60.0
_PIECE_BYTES = 262_144
_LOOK_SECONDS = 0.1
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FORM = {"schema": {"type": "object", "required": ["file"], "properties": {"file": _BINARY["schema"]}}}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"multipart/form-data": _FORM, "text/csv": _BINARY, "application/octet-stream": _BINARY},
    }
}
ImportId = Annotated[str, Path(pattern=r"^imp-[0-9a-f]{20}$")]
Language = Annotated[str | None, Header(alias="accept-language")]


@dataclass(frozen=True, slots=True)
class Doors:
    """What the doors of files stand on. `bounds` says what is the least a sender must send."""

    app: FastAPI
    sources: Sources
    mappings: Mappings
    uploads: Uploads
    bounds: Bounds


class Release(BaseModel):
    """What a person decides about a file held by the brake."""

    model_config = ConfigDict(extra="forbid")

    decision: Decision


def routes(doors: Doors) -> None:
    """Hang the doors of files on the application."""
    doors.app.state.unbounded.add(PATH)
    _sending(doors)
    _looking(doors)
    _deciding(doors)


def _sending(doors: Doors) -> None:
    @doors.app.post(PATH, tags=["files"], openapi_extra=_BODY, responses={200: {"model": FileDocument}})
    async def send_file(
        request: Request,
        principal: Bearer,
        mapping: Annotated[str, Query(max_length=60)],
        dry_run: bool = False,
        scope_since: date | None = None,
        scope_until: date | None = None,
        file_name: Annotated[str, Query(max_length=200)] = "",
        wait_seconds: Annotated[float, Query(ge=0, le=LONGEST_WAIT_SECONDS)] = 10.0,
    ) -> Response:
        """Send a table, as the body or as the part `file` of a form. 200 once it is through, 202 while it is not.

        `dry_run`: nothing is kept but what would become of it. A snapshot says from and to which day it speaks for.
        """
        emitter = await doors.sources.emitter(principal)
        scope = (scope_since, scope_until) if scope_since and scope_until else None
        upload = Upload(mapping, file_name, dry_run, scope, principal.subject)
        found = await _settled(doors, emitter, await _receive(doors, emitter, upload, request), wait_seconds)
        language = language_of(request.headers.get("accept-language"))
        status = 200 if found.state in SETTLED else 202
        location = f"{request.scope.get('root_path', '')}{PATH}/{found.import_id}"
        return JSONResponse(file_document(found, language), status, headers={"Location": location})


def _looking(doors: Doors) -> None:
    @doors.app.get(PATH, tags=["files"], responses={200: {"model": list[FileDocument]}})
    async def list_files(principal: Bearer, accept_language: Language = None) -> Response:
        """The newest files of the source."""
        emitter = await doors.sources.emitter(principal)
        language = language_of(accept_language)
        return JSONResponse([file_document(one, language) for one in await doors.uploads.listed(emitter)])

    @doors.app.get(PATH + "/held", tags=["files"], responses={200: {"model": list[FileDocument]}})
    async def list_held_files(principal: Bearer, accept_language: Language = None) -> Response:
        """The files held by the brake, for those who may decide about them."""
        language = language_of(accept_language)
        return JSONResponse([file_document(one, language) for one in await doors.uploads.held(principal)])

    @doors.app.get(PATH + "/{import_id}", tags=["files"], responses={200: {"model": FileDocument}})
    async def show_file(import_id: ImportId, principal: Bearer, accept_language: Language = None) -> Response:
        """A file of the source, and how far it is."""
        emitter = await doors.sources.emitter(principal)
        return JSONResponse(file_document(await doors.uploads.seen(emitter, import_id), language_of(accept_language)))

    @doors.app.get(PATH + "/{import_id}/notes", tags=["files"], responses={200: {"model": FileNotes}})
    async def list_file_notes(
        import_id: ImportId,
        principal: Bearer,
        after: Annotated[int, Query(ge=0, le=2**62)] = 0,
        limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
        accept_language: Language = None,
    ) -> Response:
        """What is to say of the file's rows, by page."""
        emitter = await doors.sources.emitter(principal)
        file = await doors.uploads.seen(emitter, import_id)
        notes = await doors.uploads.notes(emitter, import_id, after=after, limit=limit)
        return JSONResponse(notes_document(file, notes, limit, language_of(accept_language)))


def _deciding(doors: Doors) -> None:
    @doors.app.post(PATH + "/{import_id}/cancel", tags=["files"], responses={200: {"model": FileDocument}})
    async def cancel_file(import_id: ImportId, principal: Bearer, accept_language: Language = None) -> Response:
        """Stop the file where it is; what was taken stays."""
        emitter = await doors.sources.emitter(principal)
        return JSONResponse(file_document(await doors.uploads.cancel(emitter, import_id), language_of(accept_language)))

    @doors.app.post(PATH + "/{import_id}/release", tags=["files"], responses={200: {"model": FileDocument}})
    async def release_file(
        import_id: ImportId, release: Release, principal: Bearer, accept_language: Language = None
    ) -> Response:
        """Let a file held by the brake pass, or throw it away."""
        file = await doors.uploads.decide(principal, import_id, release.decision)
        return JSONResponse(file_document(file, language_of(accept_language)))


async def _receive(doors: Doors, emitter: Emitter, upload: Upload, request: Request) -> FileImport:
    sender = Sender(request.receive, doors.bounds)
    content = _content(sender, doors.uploads.most_bytes)
    try:
        if request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
            return await _receive_form(doors, emitter, upload, request, content)
        return await doors.uploads.receive(emitter, upload, content)
    except ClientDisconnect:
        raise BadRequest("the sender hung up") from None
    finally:
        sender.give_up()


async def _receive_form(
    doors: Doors, emitter: Emitter, upload: Upload, request: Request, content: AsyncIterator[bytes]
) -> FileImport:
    try:
        form = await MultiPartParser(request.headers, content, max_files=1, max_fields=20).parse()  # type: ignore[arg-type]
    except (MultiPartException, KeyError, ValueError):
        raise BadRequest("the form cannot be read") from None
    try:
        file = form.get("file")
        if not isinstance(file, UploadFile):
            raise BadRequest("the form has no part `file` with a file", field="file")
        named = Upload(
            upload.mapping, upload.file_name or file.filename or "", upload.is_dry_run, upload.scope, upload.by
        )
        return await doors.uploads.receive(emitter, named, pieces(file))
    finally:
        await form.close()


async def pieces(file: UploadFile) -> AsyncIterator[bytes]:
    """The content of an uploaded file, piece by piece."""
    while piece := await file.read(_PIECE_BYTES):
        yield piece


async def _content(sender: Sender, most_bytes: int) -> AsyncIterator[bytes]:
    size = 0
    while not sender.ended:
        part = await sender.part() or b""
        size += len(part)
        if size > most_bytes + _PIECE_BYTES:  # a form has a few lines around the file
            raise TooLarge(f"a file has at most {most_bytes // 1_048_576} MB")
        yield part


async def _settled(doors: Doors, emitter: Emitter, file: FileImport, seconds: float) -> FileImport:
    deadline = time.monotonic() + seconds
    while file.state not in SETTLED and time.monotonic() < deadline:
        await asyncio.sleep(_LOOK_SECONDS)
        file = await doors.uploads.seen(emitter, file.import_id)
    return file
