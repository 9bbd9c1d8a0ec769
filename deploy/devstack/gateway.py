"""The one origin of the stack: the start page, and every service under its name."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.devstack.pages import application, render, serve
from deploy.devstack.ports import HOST
from deploy.devstack.proxy import NotReachable, Receive, Scope, Send, forward

ASK_SECONDS = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """What the gateway knows: the services' ports, the addresses of the tools, and the business date if it is set."""

    port: int
    services: Mapping[str, int]
    links: Mapping[str, str]
    today: str | None = None


class Gateway:
    """Sends each request to the start page or, by the first part of its path, to a service."""

    def __init__(self, known: Map) -> None:
        self._known = known
        self._own = _start_page(known)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._own(scope, receive, send)
            return
        request = Request(scope)
        if self._calls_us_otherwise(request):
            there = RedirectResponse(str(request.url.replace(hostname=HOST, port=self._known.port)), status_code=307)
            await there(scope, receive, send)
            return
        name, slash, _ = scope["path"].removeprefix("/").partition("/")
        port = self._known.services.get(name)
        if port is None:
            await self._own(scope, receive, send)
        elif not slash:
            query = scope["query_string"].decode("latin-1")
            there = RedirectResponse(f"/{name}/" + (f"?{query}" if query else ""), status_code=308)
            await there(scope, receive, send)
        else:
            try:
                await forward(scope, receive, send, port=port, prefix=f"/{name}")
            except NotReachable:
                await _starting(request, name)(scope, receive, send)

    def _calls_us_otherwise(self, request: Request) -> bool:
        """Whether a browser came by another name of this machine: a login begun there would end here, and fail."""
        is_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
        return is_page and request.headers.get("host") == f"localhost:{self._known.port}"


def _starting(request: Request, name: str) -> Response:
    if "text/html" in request.headers.get("accept", ""):
        response = render(request, "starting.html", status=502, name=name)
        response.headers["refresh"] = "2"
    else:
        problem = {
            "type": "about:blank",
            "title": "Bad Gateway",
            "status": 502,
            "code": "starting",
            "detail": f"the service {name} does not answer at the moment; it starts, or is being started again",
        }
        response = JSONResponse(problem, status_code=502, media_type="application/problem+json")
    response.headers["retry-after"] = "2"
    return response


def _start_page(known: Map) -> Starlette:
    async def start(request: Request) -> Response:
        ready = await asyncio.gather(*(_is_ready(port) for port in known.services.values()))
        states = dict(zip(known.services, ready, strict=True))
        return render(request, "start.html", states=states, links=known.links, today=known.today)

    async def not_found(request: Request, _: Exception) -> Response:
        return render(request, "not_found.html", status=404)

    handlers: Any = {404: not_found}
    return application(
        [Route("/", start), Route("/health/live", lambda _: JSONResponse({"service": "gateway", "live": True}))],
        exception_handlers=handlers,
    )


async def _is_ready(port: int) -> bool:
    """Whether the service on the port says that it is ready."""
    with contextlib.suppress(OSError, ValueError):
        async with asyncio.timeout(ASK_SECONDS):
            reader, writer = await asyncio.open_connection(HOST, port)
            try:
                writer.write(b"GET /health/ready HTTP/1.1\r\nhost: gateway\r\nconnection: close\r\n\r\n")
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    return False


def main() -> None:
    """Serve the gateway of one stack."""
    parser = argparse.ArgumentParser(prog="python -m deploy.devstack.gateway", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--service", action="append", required=True, metavar="NAME=PORT")
    parser.add_argument("--link", action="append", default=[], metavar="NAME=URL")
    parser.add_argument("--today", help="the business date, if it is set")
    chosen = parser.parse_args()
    services = {name: int(port) for name, _, port in (text.partition("=") for text in chosen.service)}
    links = {name: url for name, _, url in (text.partition("=") for text in chosen.link)}
    serve(Gateway(Map(port=chosen.port, services=services, links=links, today=chosen.today)), chosen.port)


if __name__ == "__main__":
    main()
