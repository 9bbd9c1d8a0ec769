"""The page of one person: the drawn pathway, findings, pre-check, table; and the question for the reason to look."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from services.pathways.domain.precheck import Alternative, Plan
from services.pathways.domain.rules import Rules
from services.pathways.pages.picture import Picture, numbered, resting_on
from services.pathways.pages.rooms import Rooms, ends, said, sentence
from services.pathways.pages.words import Words
from services.pathways.pages.worklist_pages import done_text, problem_text
from services.pathways.usecases.access import READERS_OF_PERSONS, REASONS
from services.pathways.usecases.precheck import Checked
from services.pathways.usecases.timeline import Person
from services.pathways.usecases.worklist import REASONS as FINDING_REASONS
from shared.auth import Principal, require
from shared.contracts.fields import IS_IDENTIFIER
from shared.errors import Invalid
from shared.reference import name_of
from shared.web import CsrfChecked, Visitor, Web, session_of
from shared.web.session import safe_path
from shared.web.texts import language_of

REASON_COOKIE = "gemeinsam-reason"


def routes(app: FastAPI, web: Web, rooms: Rooms) -> None:
    """`/persons`, `/persons/{pseudonym}` and its reason."""

    @app.get("/persons", include_in_schema=False)
    async def find(visitor: Visitor, case: str = "") -> Response:
        require(visitor, *READERS_OF_PERSONS)
        wanted = case.strip().upper() if "-" in case or case.isupper() else case.strip()
        return RedirectResponse(f"{web.root_path}/persons/{quote(wanted[:80], safe='')}", status_code=303)

    @app.get("/persons/{pseudonym}", response_class=HTMLResponse, include_in_schema=False)
    async def show(request: Request, visitor: Visitor, pseudonym: str) -> Response:
        require(visitor, *READERS_OF_PERSONS)
        reason = reason_of(request)
        if reason is None:
            return _ask(request, web, pseudonym, web.path_of(request))
        person = await rooms.timelines.look(visitor, pseudonym, reason=reason, known_on=_known_on(request))
        plan, checked, error = await _checked(request, rooms, visitor, person)
        values = _values(request, web, rooms, person, checked)
        return web.render(
            request, "person.html", reason=reason, asked_plan=plan, checked=checked, plan_error=error, **values
        )

    @app.get("/persons/{pseudonym}/reason", response_class=HTMLResponse, include_in_schema=False)
    async def change_reason(request: Request, visitor: Visitor, pseudonym: str, back: str = "") -> Response:
        require(visitor, *READERS_OF_PERSONS)
        return _ask(request, web, pseudonym, back)

    @app.post("/persons/{pseudonym}/reason", include_in_schema=False, dependencies=[CsrfChecked])
    async def choose_reason(request: Request, visitor: Visitor, pseudonym: str) -> Response:
        require(visitor, *READERS_OF_PERSONS)
        form = await request.form()
        reason = str(form.get("reason", ""))
        if reason not in REASONS:
            raise Invalid("choose a reason", field="reason")
        here = f"{web.root_path}/persons/{quote(pseudonym, safe='')}"
        response = RedirectResponse(safe_path(str(form.get("back", "")), here), status_code=303)
        session = session_of(request)
        assert session is not None
        value = f"{session.session_id[:12]}.{reason}"
        secure = web.origin.startswith("https://")
        response.set_cookie(REASON_COOKIE, value, path="/", httponly=True, samesite="lax", secure=secure)
        return response


def reason_of(request: Request) -> str | None:
    """The reason this session has chosen for looking at persons."""
    session = session_of(request)
    login, _, reason = request.cookies.get(REASON_COOKIE, "").partition(".")
    if session is None or login != session.session_id[:12] or reason not in REASONS:
        return None
    return reason


def _ask(request: Request, web: Web, pseudonym: str, back: str) -> Response:
    person = quote(pseudonym, safe="")
    back = safe_path(back, f"{web.root_path}/persons/{person}")
    return web.render(
        request, "reason.html", person=person, back=back, reasons=REASONS, chosen=reason_of(request) or REASONS[0]
    )


def _known_on(request: Request) -> date | timedelta | None:
    """The day of the slider: `known` counts days from the first recorded fact; an ISO date is taken too."""
    given = request.query_params.get("known", "")
    if not given:
        return None
    if given.isascii() and given.isdigit() and len(given) < 6:
        return timedelta(days=int(given))
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise Invalid("known must be a date", field="known") from None


async def _checked(
    request: Request, rooms: Rooms, visitor: Principal, person: Person
) -> tuple[dict[str, str], Checked | None, tuple[str | None, str] | None]:
    """What the form of the pre-check holds, what came of it, and what is wrong with it as (field, sentence)."""
    names = ("type", "starts_on", "planned_end_on", "provider")
    given = {name: request.query_params.get(name, "").strip()[:80] for name in names}
    if not given["type"]:
        given["starts_on"] = (person.business_date + timedelta(days=14)).isoformat()
        return given, None, None
    try:
        return given, await rooms.prechecks.check(visitor, person.person_id, plan_of(given)), None
    except Invalid as error:
        return given, None, (error.field, error.detail)


def plan_of(given: dict[str, str]) -> Plan:
    """The plan in a form; raises `Invalid` naming the field."""
    dates: dict[str, date | None] = {}
    for field in ("starts_on", "planned_end_on"):
        try:
            dates[field] = date.fromisoformat(given[field]) if given[field] else None
        except ValueError:
            raise Invalid(f"{field} must be a date", field=field) from None
    starts_on = dates["starts_on"]
    if starts_on is None:
        raise Invalid("starts_on is missing", field="starts_on")
    if given["provider"] and not IS_IDENTIFIER(given["provider"]):
        raise Invalid("provider must be an identifier: letters, digits and . _ : / -", field="provider")
    return Plan(given["type"], starts_on, dates["planned_end_on"], given["provider"] or None)


def _values(request: Request, web: Web, rooms: Rooms, person: Person, checked: Checked | None) -> dict[str, Any]:
    language = language_of(request)
    tongue = web.tongue(language)
    words = Words(tongue)
    findings = numbered(person.findings, request.query_params.get("select", ""))
    here = f"{web.root_path}/persons/{quote(person.person_id, safe='')}"
    kept = {name: value for name, value in request.query_params.items() if name == "known" and value}
    link = f"{here}?{urlencode({**kept, 'select': ''})}"
    picture = Picture(tongue, words, person.rules).of(
        person.story, findings, today=person.today.toordinal(), link=link, checked=checked
    )

    def endings(alternative: Alternative) -> str:
        return ", ".join(words.pattern(finding.pattern) for finding in alternative.effects.ends)

    last = (person.business_date - person.recorded_from).days
    return {
        "person": person,
        "words": words,
        "findings": findings,
        "open": [one for one in findings if one.shown.open],
        "closed": [one for one in findings if not one.shown.open],
        "masked": [shown for shown in person.findings if shown.finding is None and shown.open],
        "chosen": next((one for one in findings if one.selected), None),
        "resting_on": lambda item: resting_on(item, findings),
        "picture": picture,
        "link": link,
        "unselect": here + (f"?{urlencode(kept)}" if kept else ""),
        "said": lambda text: said(text, language),
        "ends": lambda text: ends(text, language),
        "endings": endings,
        "reasons": FINDING_REASONS,
        "catalogue": _catalogue(person.rules),
        "alternatives": _by_category(checked),
        "sentence": sentence,
        "name_of": name_of,
        "span_days": max(last, 0),
        "known_days": (person.known_on - person.recorded_from).days if person.known_on else max(last, 0),
        "tomorrow": person.business_date + timedelta(days=1),
        "in_a_year": person.business_date + timedelta(days=366),
        "done": done_text(tongue, request),
        "problem": problem_text(tongue, request),
    }


def _by_category(checked: Checked | None) -> list[tuple[str, list[Alternative]]]:
    """The kinds of measure that would make no warning by category, those that end most findings first."""
    by_category: dict[str, list[Alternative]] = {}
    for alternative in checked.alternatives if checked else ():
        by_category.setdefault(alternative.kind.category, []).append(alternative)
    return sorted(by_category.items(), key=lambda pair: -len(pair[1][0].effects.ends))


def _catalogue(rules: Rules) -> list[tuple[str, list[str]]]:
    """The types of measure by category, in the order of the catalogue."""
    by_category: dict[str, list[str]] = {}
    for kind in rules.types.values():
        by_category.setdefault(kind.category, []).append(kind.code)
    return list(by_category.items())
