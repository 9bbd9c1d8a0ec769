"""What all pages of enrollment share: rendering with the section's links, and carrying out what a form asks for."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any, cast

from babel.numbers import format_currency, format_decimal
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from services.enrollment.pages.problems import why
from services.enrollment.usecases.acting import SEES_ALL
from services.enrollment.usecases.municipalities import Municipalities
from shared.auth import Principal, Role
from shared.errors import GemeinsamError
from shared.reference import name_of
from shared.web import Web, session_of
from shared.web.texts import language_of

LINKS = (
    ("", "overview"),
    ("members", "members"),
    ("workshops", "workshops"),
    ("offers", "offers"),
    ("practices", "practices"),
    ("funding", "funding"),
    ("files", "files"),
    ("receipts", "receipts"),
    ("sources", "sources"),
    ("vault", "vault"),
)
_ONLY_FOR = {
    "funding": (Role.MINISTRY,),
    "files": (Role.EMITTER, Role.MANAGING_BODY, Role.DISTRICT, Role.OPERATOR),
    "receipts": (Role.EMITTER,),
    "sources": (Role.MANAGING_BODY, Role.DISTRICT, Role.OPERATOR),
    "vault": (Role.VAULT_CLERK, Role.CASE_MANAGER),
}
_LOCALES = {"de": "de", "en": "en_GB"}


@dataclass(frozen=True, slots=True)
class Desk:
    """The pages' web and the use cases behind them."""

    web: Web
    use: Municipalities

    def render(
        self, request: Request, template: str, *, problem: GemeinsamError | None = None, **more: Any
    ) -> Response:
        """A page with the section's links, what was done (`?said=`), and why a form could not be taken."""
        session, language = session_of(request), language_of(request)
        visitor = session.principal if session else None
        role = visitor.role if visitor else None
        links = [(path, key) for path, key in LINKS if key not in _ONLY_FOR or role in _ONLY_FOR[key]]
        return self.web.render(
            request,
            template,
            status=problem.status if problem else 200,
            links=links,
            problem=problem,
            why=why(problem, language),
            percent=lambda value: format_decimal(value, format="0.0", locale=_LOCALES[language]) + " %",
            euros=lambda value: format_currency(value, "EUR", locale=_LOCALES[language]),
            said=request.query_params.get("said", ""),
            name_of=name_of,
            today=self.use.today(),
            form_key=_form_key,
            **more,
        )

    def own(self, visitor: Principal) -> list[str]:
        """The municipalities the visitor acts for, as far as they exist today."""
        return [ags for ags in own_areas(visitor) if self.use.areas.find(ags, self.use.today())]

    def to(self, path: str, said: str) -> Response:
        """Go on to one of our pages, which then says what was done."""
        return RedirectResponse(f"{self.web.root_path}/{path}?said={said}", status_code=303)


def _form_key() -> Markup:
    return Markup('<input type="hidden" name="form_key" value="{}">').format(secrets.token_urlsafe(12))


def desk_of(request: Request) -> Desk:
    """The desk, as `routes` has put it on the application."""
    return cast(Desk, request.app.state.desk)


Pages = Annotated[Desk, Depends(desk_of)]


def page_router() -> APIRouter:
    """A router whose pages stay out of the API's document."""
    return APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


async def attempt(action: Awaitable[object], *, done: Response, again: Callable[[GemeinsamError], Any]) -> Response:
    """Carry out what a form asks for and go on; where a rule says no, show the page again with the reason."""
    try:
        await action
    except GemeinsamError as problem:
        if problem.status in (401, 403, 404) or problem.status >= 500:
            raise
        return cast(Response, await again(problem))
    return done


def own_areas(visitor: Principal) -> tuple[str, ...]:
    """The municipalities the visitor acts for."""
    return visitor.areas if visitor.role in (Role.MANAGING_BODY, Role.DISTRICT) else ()


def acts_for(visitor: Principal, ags: str) -> bool:
    """Whether the visitor's forms for the municipality would be taken."""
    return visitor.role is Role.MINISTRY or ags in own_areas(visitor)


def sees_all(visitor: Principal) -> bool:
    """Whether the visitor sees all municipalities' standing."""
    return visitor.role in SEES_ALL
