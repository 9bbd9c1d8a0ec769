"""The pages of reporting: the live overview, and the stream that tells it when to look again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from fastapi import Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from services.reporting.domain.disclosure import THRESHOLD
from services.reporting.pages.translations import TEXTS
from services.reporting.pages.view import Asked, overview
from services.reporting.usecases import UseCases
from shared.auth import Role, require
from shared.host import Host
from shared.reference import CREDITS
from shared.web import Visitor, install
from shared.web.operations import operations_pages

READERS = (
    Role.CASE_MANAGER,
    Role.MANAGING_BODY,
    Role.DISTRICT,
    Role.LAKI,
    Role.JMD,
    Role.MINISTRY,
    Role.SCIENCE,
    Role.OPERATOR,
)
_STREAM_SECONDS = 25.0  # then the browser comes back by itself: no connection outlives a deploy for long
_LOOK_SECONDS = 1.0


def routes(host: Host, usecases: UseCases) -> None:
    """`/` and `/live`."""
    web = install(host.app, host.settings, host.clock, room=Path(__file__).parent, texts=TEXTS)
    operations_pages(host, web)
    bell = Bell(usecases, lambda: host.stopping)

    @host.app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def page(request: Request, visitor: Visitor) -> Response:
        require(visitor, *READERS)
        asked = Asked.of(request.query_params)
        board = await usecases.board()
        shown = overview(board.cells, visitor, asked)
        return web.render(
            request, "overview.html", view=shown, asked=asked, snapshot=board.snapshot, credits=CREDITS, least=THRESHOLD
        )

    @host.app.get("/live", include_in_schema=False)
    async def live(request: Request, visitor: Visitor) -> Response:
        require(visitor, *READERS)
        seen = request.headers.get("last-event-id") or request.query_params.get("version", "")
        return StreamingResponse(
            bell.ring(int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 19 else None),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )


class Bell:
    """Tells open pages that there is a new count; looks into the database once a second for all of them together."""

    def __init__(self, usecases: UseCases, stopping: Callable[[], bool]) -> None:
        self._usecases = usecases
        self._stopping = stopping
        self._version = -1
        self._looked_at = 0.0
        self._looking = asyncio.Lock()

    async def ring(self, seen: int | None) -> AsyncIterator[bytes]:
        """The event stream of one page that shows the count `seen`: an event for each newer one, at most one a second.

        The id of an event is the version, so a page that comes back says what it has seen and misses nothing.
        """
        until = time.monotonic() + _STREAM_SECONDS
        yield b"retry: 1000\n\n"
        while time.monotonic() < until and not self._stopping():
            version = await self._look()
            if version != seen:
                seen = version
                yield f"event: changed\nid: {version}\ndata: {version}\n\n".encode()
            await asyncio.sleep(_LOOK_SECONDS)

    async def _look(self) -> int:
        async with self._looking:
            if time.monotonic() - self._looked_at >= _LOOK_SECONDS:
                self._version = await self._usecases.version()
                self._looked_at = time.monotonic()
            return self._version
