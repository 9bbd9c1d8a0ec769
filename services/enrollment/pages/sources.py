"""`/sources`: when each source was last heard, and how much of what it sends is taken."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Request
from fastapi.responses import Response

from services.enrollment.pages.desk import Pages, page_router
from services.enrollment.usecases.source_health import SourceWatch
from shared.web import Visitor

router = page_router()


def watch_of(request: Request) -> SourceWatch:
    """The use case, as `app.py` has put it on the application."""
    return cast(SourceWatch, request.app.state.source_watch)


@router.get("/sources")
async def sources(
    request: Request, visitor: Visitor, pages: Pages, watch: Annotated[SourceWatch, Depends(watch_of)]
) -> Response:
    """The sources of one's own areas; the operator sees all."""
    return pages.render(request, "sources.html", sources=await watch.listed(visitor))
