"""Login, logout, and who is looking at a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response

from shared.auth import Principal
from shared.errors import Forbidden, Unauthenticated
from shared.web.session import Session, safe_path

if TYPE_CHECKING:
    from shared.web.pages import Web


class LoginNeeded(Unauthenticated):
    """Nobody is logged in; a browser is sent to the login, a script gets 401."""


def session_of(request: Request) -> Session | None:
    """The session of a request, if there is one."""
    web: Web = request.app.state.web
    return web.cookies.session(request)


async def visitor(request: Request) -> Principal:
    """Who is logged in; raises `LoginNeeded`."""
    session = session_of(request)
    if session is None:
        raise LoginNeeded("log in to see this page")
    return session.principal


async def csrf_checked(request: Request) -> None:
    """Let a form pass only with the token of its session and from our own origin; raises `Forbidden`."""
    session = session_of(request)
    if session is None:
        raise LoginNeeded("log in to send this form")
    web: Web = request.app.state.web
    origin = request.headers.get("origin")
    # Browsers write "null" where the referrer policy hides the origin; the token decides then.
    if origin not in (None, "null", web.origin):
        raise Forbidden("this form was sent from another site")
    form = await request.form()
    if not web.cookies.csrf_holds(session, str(form.get("csrf_token", ""))):
        raise Forbidden("this form has expired: load the page again")


Visitor = Annotated[Principal, Depends(visitor)]
CsrfChecked = Depends(csrf_checked)


def routes(web: Web) -> APIRouter:
    """`/login`, `/login/callback` and `/logout` of one service."""
    router = APIRouter(include_in_schema=False)
    callback = f"{web.origin}{web.root_path}/login/callback"

    @router.get("/login")
    async def login(next: str | None = None) -> Response:
        url, under_way = await web.issuer.begin(callback, safe_path(next, web.home))
        response = RedirectResponse(url, status_code=303)
        web.cookies.remember(response, under_way)
        return response

    @router.get("/login/callback")
    async def come_back(request: Request, code: str = "", state: str = "", error: str = "") -> Response:
        under_way = web.cookies.recall(request, state)
        if under_way is None or error or not code:
            return web.say(request, "login_failed", status=401)
        try:
            principal, id_token = await web.issuer.finish(under_way, code, callback)
        except Unauthenticated:
            return web.say(request, "login_failed", status=401)
        response = RedirectResponse(under_way.next_path, status_code=303)
        web.cookies.forget(response, state)
        web.cookies.begin(response, principal, id_token)
        return response

    @router.post("/logout", dependencies=[CsrfChecked])
    async def logout(request: Request) -> Response:
        session = session_of(request)
        url = await web.issuer.end_url(session.id_token if session else None, f"{web.origin}{web.root_path}/logged-out")
        # A page that moves on, not a redirect: browsers hold `form-action 'self'` against a form's redirects too.
        response = web.render(request, "leaving.html", url=url or f"{web.root_path}/logged-out")
        web.cookies.end(response)
        return response

    @router.get("/logged-out")
    async def logged_out(request: Request) -> Response:
        return web.say(request, "logged_out")

    return router
