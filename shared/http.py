"""The HTTP door all services share: problem documents, security headers, limits, spans, health, metrics, API pages."""

from __future__ import annotations

import asyncio
import importlib.resources
import logging
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from fastapi.telemetry import TelemetryConfig
from opentelemetry.trace import SpanKind
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.exceptions import HTTPException

from shared import metrics, telemetry
from shared.auth import Principal, TokenVerifier
from shared.db import TEMPORARY
from shared.errors import (
    GemeinsamError,
    Invalid,
    NotFound,
    RateLimited,
    RequestTimeout,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from shared.settings import ServiceSettings

log = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

SECURITY_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=()"),
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self';"
        b" frame-ancestors 'none'",
    ),
)
# The API page's own library sets styles on elements; it runs on that page alone.
_API_PAGE_POLICY = b"default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"
# The framework's own spans would hold whole URLs, with case numbers and login codes in them; the door makes ours.
_NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False}
_QUIET = ("/health", "/metrics", "/static")


async def bearer(request: Request) -> Principal:
    """The caller of an API route, by the bearer token; `Unauthenticated` if there is none that holds."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthenticated("the request has no bearer token")
    verifier: TokenVerifier = request.app.state.verifier
    return await verifier.verify(token.strip())


Bearer = Annotated[Principal, Depends(bearer)]


def create_app(settings: ServiceSettings, *, service: str, title: str, lifespan: Any = None) -> FastAPI:
    """A FastAPI application with all that the services share; health routes are added by the host."""
    app = FastAPI(
        title=title,
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        telemetry=_NO_TELEMETRY,
    )
    app.state.verifier = TokenVerifier(settings.issuer_url, settings.audience)
    app.state.settings = settings
    app.state.unbounded = set()  # paths whose handlers read the body themselves, in constant memory
    app.state.body_bytes = {}  # paths that take larger bodies than usual, and how large; so much more time they get
    app.add_exception_handler(GemeinsamError, _known)
    app.add_exception_handler(RequestValidationError, _not_valid)
    app.add_exception_handler(HTTPException, _http)
    for away in TEMPORARY:
        app.add_exception_handler(away, _away)
    app.add_middleware(_Door, app=app, service=service, settings=settings)
    _serve_api_page(app)
    app.add_api_route("/metrics", _metrics, include_in_schema=False)
    return app


def problem_response(error: GemeinsamError, request: Request | None = None) -> JSONResponse:
    """An error of the tree as `application/problem+json`."""
    headers = {}
    if isinstance(error, RateLimited):
        headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, Unavailable):
        headers["Retry-After"] = "2"
    if isinstance(error, RequestTimeout):
        headers["Connection"] = "close"  # or the rest would be awaited
    if isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(
        error.problem(), status_code=error.status, headers=headers, media_type="application/problem+json"
    )


async def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, GemeinsamError)
    return problem_response(error, request)


async def _away(request: Request, error: Exception) -> Response:
    log.warning("answering 503: %s", type(error).__name__)
    return problem_response(Unavailable("something needed is away; try again in a moment"))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        return problem_response(NotFound())
    if isinstance(error.__cause__, GemeinsamError):  # raised while the body was read
        return problem_response(error.__cause__)
    problem = GemeinsamError(str(error.detail))
    document = problem.problem() | {"status": error.status_code, "code": "http", "title": str(error.detail)}
    return JSONResponse(
        document, status_code=error.status_code, headers=error.headers, media_type="application/problem+json"
    )


async def _not_valid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors = [
        {"field": ".".join(str(part) for part in one["loc"][1:]), "code": one["type"], "reason": one["msg"]}
        for one in error.errors()[:20]
    ]
    first = errors[0] if errors else {"field": "", "reason": "not valid"}
    invalid = Invalid(f"{first['field'] or 'body'}: {first['reason']}", field=first["field"] or None, errors=errors)
    return problem_response(invalid)


async def _metrics() -> Response:
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _serve_api_page(app: FastAPI) -> None:
    """`/docs`: the API to read and to try, from files of an installed package."""
    files = importlib.resources.files("fastapi_offline") / "static"
    app.mount("/static/api", StaticFiles(directory=str(files)), name="api-page-files")

    @app.get("/docs", include_in_schema=False)
    async def api_page(request: Request) -> HTMLResponse:
        base = request.scope.get("root_path", "")
        return HTMLResponse(
            f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{app.title}</title>"
            f"<link rel=stylesheet href={base}/static/api/swagger-ui.css></head><body><div id=swagger-ui></div>"
            f"<script src={base}/static/api/swagger-ui-bundle.js></script><script src={base}/docs/start.js></script>",
            headers={"content-security-policy": _API_PAGE_POLICY.decode()},
        )

    @app.get("/docs/start.js", include_in_schema=False)
    async def api_page_start(request: Request) -> Response:
        base = request.scope.get("root_path", "")
        script = (
            f'SwaggerUIBundle({{url: "{base}/openapi.json", dom_id: "#swagger-ui", deepLinking: true,'
            " validatorUrl: null, presets: [SwaggerUIBundle.presets.apis]});"
        )
        return Response(script, media_type="text/javascript")


class _Door:
    """Around every request: a bound on how many at once, one on the body, a span, a measure, the security headers."""

    def __init__(self, inner: Any, *, app: FastAPI, service: str, settings: ServiceSettings) -> None:
        self._inner = inner
        self._app = app
        self._service = service
        self._settings = settings
        self._open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        quiet = path.startswith(_QUIET)
        if self._open >= self._settings.http_requests_at_once and not quiet:
            await self._answer(Unavailable("too many requests at once; try again in a moment"), scope, receive, send)
            return
        if path not in self._app.state.unbounded:
            try:
                receive = self._bounded(scope, receive, self._app.state.body_bytes.get(path))
            except TooLarge as error:
                await self._answer(error, scope, receive, send)
                return
        self._open += 1
        try:
            if quiet:
                await self._inner(scope, receive, _with_headers(send, []))
            else:
                await self._traced(scope, receive, send)
        finally:
            self._open -= 1

    async def _traced(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        status: list[int] = [500]
        parent = dict(scope["headers"]).get(b"traceparent", b"").decode("latin-1") or None
        with telemetry.span(
            scope["method"], kind=SpanKind.SERVER, parent=parent, http__request__method=scope["method"]
        ) as span:
            try:
                await self._inner(scope, receive, _with_headers(send, status))
            except BaseException as error:
                telemetry.mark_failed(span, error)
                raise
            finally:
                route = getattr(scope.get("route"), "path", "none")
                span.update_name(f"{scope['method']} {route}")
                span.set_attribute("http.route", route)
                span.set_attribute("http.response.status_code", status[0])
                if status[0] >= 500:
                    telemetry.mark_failed(span, str(status[0]))
                metrics.HTTP_SECONDS.labels(self._service, scope["method"], route, status[0]).observe(
                    time.perf_counter() - started
                )

    def _bounded(self, scope: Scope, receive: Receive, own: int | None) -> Receive:
        """Receive that stops at the bound; a body announced as larger is refused before it is read."""
        most = max(own or 0, self._settings.http_body_bytes)
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced) > most:
            raise TooLarge(f"at most {most} bytes are taken here")
        seconds = self._settings.http_body_seconds * most / self._settings.http_body_bytes
        deadline = asyncio.get_running_loop().time() + seconds
        read, ended = 0, False

        async def bounded() -> MutableMapping[str, Any]:
            nonlocal read, ended
            if ended:  # what is awaited now is that the client leaves
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise RequestTimeout(f"the body did not come within {seconds:g} seconds") from None
            read += len(message.get("body", b""))
            if read > most:
                raise TooLarge(f"at most {most} bytes are taken here")
            ended = not message.get("more_body", False)
            return message

        return bounded

    async def _answer(self, error: GemeinsamError, scope: Scope, receive: Receive, send: Send) -> None:
        await problem_response(error)(scope, receive, _with_headers(send, []))


def _with_headers(send: Send, status: list[int]) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            status[:] = [message["status"]]
            present = {name for name, _ in message.get("headers", ())}
            message["headers"] = [
                *message.get("headers", ()),
                *(header for header in SECURITY_HEADERS if header[0] not in present),
            ]
        await send(message)

    return sending
