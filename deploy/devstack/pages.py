"""What the stack's own small pages share: templates, German or English, the product's styles, strict headers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import uvicorn
from jinja2 import Environment, FileSystemLoader, select_autoescape
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from deploy.devstack.options import PROJECT
from deploy.devstack.ports import HOST

STATIC = PROJECT / "shared" / "web" / "static"
LANGUAGES = ("de", "en")

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(),
    trim_blocks=True,
    lstrip_blocks=True,
)


def _in_language(request: Request, language: str) -> str:
    """The same page in another language."""
    return "?" + str(request.url.include_query_params(lang=language).query)


def language_of(request: Request) -> str:
    """`?lang=` first, then what was chosen before, then what the browser asks for; German otherwise."""
    asked = [request.query_params.get("lang"), request.cookies.get("stack-lang")]
    asked += [part.split(";")[0].strip()[:2] for part in request.headers.get("accept-language", "").split(",")]
    return next((language for language in asked if language in LANGUAGES), "de")


def render(request: Request, template: str, *, status: int = 200, forms_to: str = "'self'", **values: Any) -> Response:
    """A page; the template says each text in both languages with `t("deutsch", "english")`."""
    language = language_of(request)
    place = LANGUAGES.index(language)

    def t(*texts: str) -> str:
        return texts[place]

    html = _templates.get_template(template).render(
        t=t, language=language, other={name: _in_language(request, name) for name in LANGUAGES}, **values
    )
    response = HTMLResponse(html, status_code=status)
    response.headers["content-security-policy"] = (
        f"default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action {forms_to}"
    )
    response.headers["x-content-type-options"] = "nosniff"
    response.headers["referrer-policy"] = "same-origin"
    response.headers["cache-control"] = "no-store"
    if request.query_params.get("lang") in LANGUAGES:
        response.set_cookie("stack-lang", language, max_age=31_536_000, httponly=True, samesite="lax")
    return response


def style_routes() -> list[BaseRoute]:
    """The product's style sheet and mark, and the few rules of these pages."""
    return [
        Route("/stack/styles.css", _file(STATIC / "styles.css"), name="styles"),
        Route("/stack/mark.svg", _file(STATIC / "mark.svg"), name="mark"),
        Route("/stack/stack.css", _file(Path(__file__).parent / "templates" / "stack.css"), name="stack-styles"),
    ]


def _file(path: Path) -> Callable[[Request], Response]:
    def answer(_: Request) -> Response:
        return FileResponse(path, headers={"cache-control": "max-age=300", "x-content-type-options": "nosniff"})

    return answer


def application(routes: list[BaseRoute], middleware: list[Middleware] | None = None, **more: Any) -> Starlette:
    """A small application with the pages' styles."""
    return Starlette(routes=[*routes, *style_routes()], middleware=middleware or [], **more)


def serve(app: Any, port: int, *, host: str = HOST) -> None:
    """Serve an application until SIGTERM, by default to this machine only; open streams are cut after two seconds."""
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
        backlog=2048,
    )
