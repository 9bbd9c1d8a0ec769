"""`/v1/mappings`: how a source's tables become facts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.enrollment.api.files.documents import FlawDocument, flaw_documents
from services.enrollment.api.files.uploads import Doors
from services.enrollment.domain.mapping import Mapping, MappingRefused
from services.enrollment.domain.sentences import language_of
from shared.errors import Invalid
from shared.http import Bearer


class SavedMappingDocument(BaseModel):
    """A mapping as saved."""

    name: str
    mapping: dict[str, Any]
    changed_at: datetime


class MappingFlaws(BaseModel):
    """Why a mapping was not saved."""

    code: str
    detail: str
    flaws: list[FlawDocument]


_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": Mapping.model_json_schema()}}}}


def routes(doors: Doors) -> None:
    """Hang the register of mappings on the application."""
    app = doors.app

    @app.put(
        "/v1/mappings/{name}",
        tags=["files"],
        responses={422: {"model": MappingFlaws}},
        openapi_extra={**_BODY},
    )
    async def save_mapping(name: str, request: Request, principal: Bearer) -> Response:
        """Save a mapping under a name of the source's own; every flaw is told at once."""
        emitter = await doors.sources.emitter(principal)
        try:
            document = await request.json()
        except (ValueError, RecursionError):
            raise Invalid("the body is not valid JSON", field="mapping") from None
        try:
            is_new = await doors.mappings.save(emitter, name, document, by=principal.subject)
        except MappingRefused as refused:
            language = language_of(request.headers.get("accept-language"))
            raise Invalid(
                "the mapping has flaws", field=refused.flaws[0].field, flaws=flaw_documents(refused.flaws, language)
            ) from None
        return Response(status_code=201 if is_new else 204)

    @app.get("/v1/mappings", tags=["files"])
    async def list_mappings(principal: Bearer) -> list[SavedMappingDocument]:
        """The source's mappings by name."""
        emitter = await doors.sources.emitter(principal)
        return [
            SavedMappingDocument(name=one.name, mapping=one.document, changed_at=one.changed_at)
            for one in await doors.mappings.listed(emitter)
        ]

    @app.get("/v1/mappings/{name}", tags=["files"])
    async def show_mapping(name: str, principal: Bearer) -> Response:
        """A mapping of the source, as saved."""
        emitter = await doors.sources.emitter(principal)
        document, _ = await doors.mappings.found(emitter, name)
        return JSONResponse(document)

    @app.delete("/v1/mappings/{name}", tags=["files"], status_code=204)
    async def forget_mapping(name: str, principal: Bearer) -> Response:
        """Forget a mapping; files on their way keep their copy of it."""
        emitter = await doors.sources.emitter(principal)
        await doors.mappings.forget(emitter, name)
        return Response(status_code=204)
