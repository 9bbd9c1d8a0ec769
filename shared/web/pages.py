"""Makes pages: templates, static files with a hash in the name, and errors a person can read."""

from __future__ import annotations

import hashlib
import mimetypes
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.exceptions import HTTPException

from shared.clock import Clock
from shared.errors import BadRequest, GemeinsamError, NotFound, Unavailable
from shared.settings import ServiceSettings
from shared.web import login
from shared.web.navigation import ENTRIES
from shared.web.oidc import Issuer
from shared.web.session import SESSION_SECONDS, SessionCookies
from shared.web.texts import LANGUAGE_COOKIE, LANGUAGES, Texts, Tongue, language_of
from shared.web.translations import TEXTS

HERE = Path(__file__).parent
_YEAR_SECONDS = 31_536_000
Handler = Callable[[Any, Any], Any]


class Web:
    """The pages of one service: what they share, and the service's own `room` (templates in it, files in `static/`)."""

    def __init__(self, settings: ServiceSettings, clock: Clock, *, room: Path, texts: Texts) -> None:
        self.origin = settings.public_url.rstrip("/")
        self.root_path = settings.root_path.rstrip("/")
        self.home = f"{self.root_path}/"
        self.issuer = Issuer(settings.issuer_url, settings.client_id)
        self._secure = self.origin.startswith("https://")
        self.cookies = SessionCookies(settings.session_secret.get_secret_value(), secure=self._secure)
        self.files = StaticFiles(HERE / "static", room / "static")
        self._clock = clock
        self._texts = {language: {**TEXTS[language], **texts[language]} for language in LANGUAGES}
        self._templates = Environment(
            loader=FileSystemLoader([room, HERE / "templates"]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def tongue(self, language: str) -> Tongue:
        """The texts of a language."""
        return Tongue(language, self._texts[language])

    def render(self, request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A page in the reader's language, never stored by caches: it may show what only this reader may see."""
        language = language_of(request)
        page = self._templates.get_template(template).render(self._surroundings(request, language) | values)
        response = HTMLResponse(page, status, headers={"Cache-Control": "no-store"})
        if request.query_params.get("lang") == language:
            response.set_cookie(
                LANGUAGE_COOKIE, language, max_age=_YEAR_SECONDS, path="/", samesite="lax", secure=self._secure
            )
        return response

    def say(self, request: Request, message: str, *, status: int = 200, detail: str = "") -> HTMLResponse:
        """A page with one message (`<message>.title` and `<message>.text` of the texts)."""
        return self.render(request, "message.html", status=status, message=message, detail=detail)

    def path_of(self, request: Request) -> str:
        """The path and query the browser asked for, the service's prefix included."""
        path = request.scope["path"]
        if not path.startswith(self.home):
            path = self.root_path + path
        query = request.url.query
        return quote(path) + (f"?{query}" if query else "")

    def _surroundings(self, request: Request, language: str) -> dict[str, Any]:
        session = self.cookies.session(request)
        here = self.path_of(request)

        def csrf() -> Markup:
            token = self.cookies.csrf_token(session) if session else ""
            return Markup('<input type="hidden" name="csrf_token" value="{}">').format(token)

        return {
            "t": self.tongue(language),
            "language": language,
            "other_language": next(other for other in LANGUAGES if other != language),
            "here": here,
            "in_language": lambda other: _with_parameter(request, self.root_path, "lang", other),
            "visitor": session.principal if session else None,
            "fixed_date": self._clock.fixed,
            "navigation": [(path, key, here.startswith(path)) for path, key in ENTRIES],
            "root": self.root_path,
            "static": lambda name: f"{self.root_path}/static/{self.files.named(name)}",
            "csrf": csrf,
        }


class StaticFiles:
    """The files of a service by names that hold their hash: cached for ever, renewed by a new name."""

    def __init__(self, *directories: Path) -> None:
        self._names: dict[str, str] = {}
        self._contents: dict[str, tuple[bytes, str]] = {}
        for directory in directories:
            for path in sorted(directory.glob("*")) if directory.is_dir() else ():
                content = path.read_bytes()
                named = f"{path.stem}.{hashlib.sha256(content).hexdigest()[:10]}{path.suffix}"
                self._names[path.name] = named
                self._contents[named] = (content, mimetypes.guess_type(path.name)[0] or "application/octet-stream")

    def named(self, name: str) -> str:
        """The name with the hash; an unknown file is an error in our code and raises KeyError."""
        return self._names[name]

    def response(self, named: str) -> Response:
        """The file; raises `NotFound`."""
        found = self._contents.get(named)
        if found is None:
            raise NotFound("there is no such file")
        content, kind = found
        return Response(
            content, media_type=kind, headers={"Cache-Control": f"public, max-age={_YEAR_SECONDS}, immutable"}
        )


def install(app: FastAPI, settings: ServiceSettings, clock: Clock, *, room: Path, texts: Texts) -> Web:
    """Give a service its login, static files and readable errors; returns what renders its pages."""
    web = Web(settings, clock, room=room, texts=texts)
    app.state.web = web
    app.include_router(login.routes(web))

    @app.get("/static/{named}", include_in_schema=False)
    async def static(named: str) -> Response:
        return web.files.response(named)

    for kind, usual in list(app.exception_handlers.items()):
        if isinstance(kind, type) and kind is not RequestValidationError:
            app.add_exception_handler(kind, _for_people(web, usual))
    return web


def _for_people(web: Web, usual: Handler) -> Handler:
    """Errors as a page where a browser asked for one; everybody else gets the usual answer."""

    async def answer(request: Request, error: Exception) -> Response:
        if "text/html" in request.headers.get("accept", "") and not _is_api(request):
            if isinstance(error, login.LoginNeeded):
                next_path = web.path_of(request) if request.method == "GET" else web.home
                return RedirectResponse(f"{web.root_path}/login?{urlencode({'next': next_path})}", status_code=303)
            known = _known(error)
            message = f"error_{known.slug}"
            if not web.tongue(LANGUAGES[0]).knows(f"{message}.title"):
                message = "error"
            status = error.status_code if isinstance(error, HTTPException) else known.status
            return web.say(request, message, status=status, detail=known.detail)
        found = usual(request, error)
        return await found if isinstance(found, Awaitable) else found

    return answer


def _is_api(request: Request) -> bool:
    return request.scope["path"].removeprefix(request.scope.get("root_path", "")).startswith("/v1/")


def _known(error: Exception) -> GemeinsamError:
    """The error of our tree that an error of the framework or of a connection means."""
    if isinstance(error, GemeinsamError):
        return error
    if isinstance(error, HTTPException):
        return NotFound() if error.status_code == 404 else BadRequest(str(error.detail))
    return Unavailable()


def _with_parameter(request: Request, root_path: str, name: str, value: str) -> str:
    kept = [(key, said) for key, said in request.query_params.multi_items() if key != name]
    path = request.scope["path"]
    if not path.startswith(f"{root_path}/"):
        path = root_path + path
    return f"{quote(path)}?{urlencode([*kept, (name, value)])}"


__all__ = ["SESSION_SECONDS", "StaticFiles", "Web", "install"]
