"""`/docs/events`: the published language to read, for those who connect a system."""

from __future__ import annotations

import importlib.resources
from typing import Annotated

from fastapi import FastAPI, Header, Query, Request, Response
from fastapi.responses import HTMLResponse

from services.enrollment.domain.sentences import language_of
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.page import STYLE, events_page
from shared.errors import NotFound

_STYLESHEET = importlib.resources.files("shared.web") / "static" / "styles.css"
_CONTRACTS = importlib.resources.files("shared.contracts")


def routes(app: FastAPI) -> None:
    """Hang the pages on the application; they are public."""

    @app.get("/docs/events", include_in_schema=False)
    async def events(
        request: Request,
        lang: Annotated[str | None, Query(pattern="^(de|en)$")] = None,
        accept_language: Annotated[str | None, Header()] = None,
    ) -> HTMLResponse:
        base = request.scope.get("root_path", "")
        page = events_page(
            lang or language_of(accept_language),
            stylesheet=f"{base}/docs/events.css",
            document_url=f"{base}/docs/asyncapi.json",
        )
        return HTMLResponse(page)

    @app.get("/docs/events.css", include_in_schema=False)
    async def style() -> Response:
        return Response(_STYLESHEET.read_text(encoding="utf-8") + STYLE, media_type="text/css")

    @app.get("/docs/asyncapi.json", include_in_schema=False)
    async def document() -> Response:
        return Response((_CONTRACTS / "asyncapi.json").read_bytes(), media_type="application/json")

    @app.get("/docs/schemas/{type_}", include_in_schema=False)
    async def schema(type_: str) -> Response:
        if type_ not in CATALOGUE and type_ != "envelope":
            raise NotFound("there is no such type of event")
        return Response((_CONTRACTS / "schemas" / f"{type_}.json").read_bytes(), media_type="application/schema+json")
