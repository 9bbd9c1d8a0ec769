"""A trace viewer: takes spans by OTLP/HTTP, keeps the newest in SQLite, and shows them with Zipkin's page.

`POST /v1/traces` takes them; `/zipkin/` is the page; `/zipkin/api/v2/…` (also `/api/v2/…`) is Zipkin's own API.
"""

from __future__ import annotations

import argparse
import gzip
import mimetypes
import zipfile
import zlib
from pathlib import Path

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from deploy.devstack.pages import serve
from deploy.devstack.spans import Search, Spans, zipkin_spans

LARGEST_BYTES = 64_000_000
PAGE_FOLDER = "zipkin-lens/"


def app_of(spans: Spans, page: Path) -> Starlette:
    """The receiver, the API and the page; `page` is the jar with the page's files."""
    files = _files(page)

    async def take(request: Request) -> Response:
        if not request.headers.get("content-type", "").startswith("application/x-protobuf"):
            return PlainTextResponse("only application/x-protobuf is taken", status_code=415)
        try:
            body = _unpacked(await request.body(), request.headers.get("content-encoding"))
            rows = zipkin_spans(ExportTraceServiceRequest.FromString(body))
        except (DecodeError, OSError, EOFError, zlib.error):
            return PlainTextResponse("these are no spans", status_code=400)
        spans.put(rows)
        return Response(b"", media_type="application/x-protobuf")

    def show(request: Request) -> Response:
        name = request.path_params["path"] or "index.html"
        # Every path that is no file belongs to the page itself, which shows /zipkin/traces/ID and the like.
        content = files.get(name)
        name = name if content is not None else "index.html"
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Response(files[name], media_type=kind, headers={"x-content-type-options": "nosniff"})

    return Starlette(
        routes=[
            Route("/", lambda _: RedirectResponse("/zipkin/")),
            Route("/health", lambda _: PlainTextResponse("ok")),
            Route("/v1/traces", take, methods=["POST"]),
            Mount("/api/v2", routes=_api(spans)),
            Mount("/zipkin/api/v2", routes=_api(spans)),
            Route("/zipkin/config.json", lambda _: JSONResponse(CONFIGURATION)),
            Route("/zipkin", lambda _: RedirectResponse("/zipkin/")),
            Route("/zipkin/{path:path}", show),
        ]
    )


CONFIGURATION = {
    "environment": "gemeinsam",
    "queryLimit": 20,
    "defaultLookback": 900_000,
    "searchEnabled": True,
    "strictTraceId": True,
    "dependency": {"enabled": True},
}


def _api(spans: Spans) -> list[BaseRoute]:
    def services(_: Request) -> Response:
        return JSONResponse(spans.services())

    def names(request: Request) -> Response:
        return JSONResponse(spans.names(request.query_params.get("serviceName", "")))

    def search(request: Request) -> Response:
        try:
            wanted = Search.from_query(request.query_params)
        except ValueError:
            return PlainTextResponse("limit, lookback, endTs and durations are numbers", status_code=400)
        return JSONResponse(spans.search(wanted))

    def trace(request: Request) -> Response:
        found = spans.trace(request.path_params["trace_id"].lower().zfill(32))
        if not found:
            return PlainTextResponse("there is no such trace", status_code=404)
        return JSONResponse(found)

    def many(request: Request) -> Response:
        ids = [text.strip().lower().zfill(32) for text in request.query_params.get("traceIds", "").split(",")]
        return JSONResponse([found for trace_id in ids if (found := spans.trace(trace_id))])

    def dependencies(_: Request) -> Response:
        return JSONResponse(spans.dependencies())

    def nothing(_: Request) -> Response:
        return JSONResponse([])

    return [
        Route("/services", services),
        Route("/spans", names),
        Route("/remoteServices", nothing),
        Route("/traces", search),
        Route("/trace/{trace_id}", trace),
        Route("/traceMany", many),
        Route("/dependencies", dependencies),
        Route("/autocompleteKeys", nothing),
        Route("/autocompleteValues", nothing),
    ]


def _unpacked(body: bytes, encoding: str | None) -> bytes:
    if encoding == "gzip":
        body = gzip.decompress(body)
    elif encoding == "deflate":
        body = zlib.decompress(body)
    if len(body) > LARGEST_BYTES:
        raise OSError("too large")
    return body


def _files(page: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(page) as archive:
        names = [name for name in archive.namelist() if name.startswith(PAGE_FOLDER) and not name.endswith("/")]
        return {name.removeprefix(PAGE_FOLDER): archive.read(name) for name in names}


def main() -> None:
    """Serve the trace viewer of one stack."""
    parser = argparse.ArgumentParser(prog="python -m deploy.devstack.traces", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="the file that keeps the spans")
    parser.add_argument("--page", type=Path, required=True, help="the jar of Zipkin's page")
    chosen = parser.parse_args()
    serve(app_of(Spans(chosen.data), chosen.page), chosen.port)


if __name__ == "__main__":
    main()
