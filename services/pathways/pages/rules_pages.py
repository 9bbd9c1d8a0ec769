"""The pages about rule sets: trying one on the stored pathways, and putting one in force from a date."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.datastructures import FormData, UploadFile

from services.pathways.domain.protection import LAND, THRESHOLD, Line
from services.pathways.domain.rules import BadRules, catalogue_name
from services.pathways.domain.whatif import ALL, NOWHERE
from services.pathways.pages.rooms import Rooms
from services.pathways.pages.words import Words
from services.pathways.rules import Source, packaged_catalogue
from services.pathways.store.trials import Trial
from services.pathways.usecases.activations import ACTIONS
from services.pathways.usecases.trials import MAY_TRY, district_of
from shared.auth import Role, require
from shared.errors import GemeinsamError, Invalid, NotFound
from shared.reference import districts, name_of
from shared.web import CsrfChecked, Visitor, Web
from shared.web.texts import Tongue, language_of

MAY_DECIDE = (Role.MINISTRY, Role.OPERATOR)
_MOST_BYTES = 500_000


def routes(app: FastAPI, web: Web, rooms: Rooms) -> None:
    """`/whatif…` and `/rules…`."""
    _whatif_routes(app, web, rooms)
    _rules_routes(app, web, rooms)


def _whatif_routes(app: FastAPI, web: Web, rooms: Rooms) -> None:
    async def overview(request: Request, visitor: Visitor, problem: GemeinsamError | None = None) -> Response:
        trials = await rooms.trials.listed(visitor)
        standing = await rooms.activations.standing()
        values = {"trials": trials, "standing": standing, "problem": _lines(problem)}
        return web.render(request, "whatif.html", status=problem.status if problem else 200, **values)

    @app.get("/whatif", response_class=HTMLResponse, include_in_schema=False)
    async def listed(request: Request, visitor: Visitor) -> Response:
        return await overview(request, visitor)

    @app.post("/whatif", include_in_schema=False, dependencies=[CsrfChecked])
    async def ask(request: Request, visitor: Visitor) -> Response:
        require(visitor, *MAY_TRY)
        try:
            source = await _source(await request.form(), rooms, web.tongue(language_of(request)))
            number = await rooms.trials.ask(visitor, source)
        except GemeinsamError as problem:
            return await overview(request, visitor, problem)
        return RedirectResponse(f"{web.root_path}/whatif/{number}", status_code=303)

    @app.get("/whatif/{number}", response_class=HTMLResponse, include_in_schema=False)
    async def one(request: Request, visitor: Visitor, number: int, area: str = LAND) -> Response:
        trial, lines = await rooms.trials.one(visitor, number)
        tongue = web.tongue(language_of(request))
        return web.render(request, "trial.html", **_trial_values(tongue, trial, lines, area))

    @app.get("/whatif/{number}/json", include_in_schema=False)
    async def as_json(visitor: Visitor, number: int) -> Response:
        trial, lines = await rooms.trials.one(visitor, number)
        if trial.state != "done":
            raise NotFound("this trial is not done")
        name = f"whatif-{trial.trial_id}-{trial.version}.json"
        headers = {"Cache-Control": "no-store", "Content-Disposition": f'attachment; filename="{name}"'}
        return JSONResponse(_document(trial, lines), headers=headers)


def _rules_routes(app: FastAPI, web: Web, rooms: Rooms) -> None:
    async def overview(request: Request, visitor: Visitor, problem: GemeinsamError | None = None) -> Response:
        require(visitor, *MAY_DECIDE)
        standing = await rooms.activations.standing()
        values = {
            "standing": standing,
            "problem": _lines(problem),
            "running": any(one.state == "running" for one in standing.activations),
            "tomorrow": standing.today + timedelta(days=1),
            "done": _done(web.tongue(language_of(request)), request),
        }
        return web.render(request, "rules.html", status=problem.status if problem else 200, **values)

    @app.get("/rules", response_class=HTMLResponse, include_in_schema=False)
    async def show(request: Request, visitor: Visitor) -> Response:
        return await overview(request, visitor)

    @app.post("/rules", include_in_schema=False, dependencies=[CsrfChecked])
    async def activate(request: Request, visitor: Visitor) -> Response:
        require(visitor, *MAY_DECIDE)
        form = await request.form()
        try:
            source = await _source(form, rooms, web.tongue(language_of(request)))
            found = await rooms.activations.activate(source, _day(form), by=visitor.subject)
        except GemeinsamError as problem:
            return await overview(request, visitor, problem)
        said = urlencode({"version": found.version, "on": found.effective_on.isoformat()})
        return RedirectResponse(f"{web.root_path}/rules?{said}", status_code=303)

    @app.post("/rules/{number}", include_in_schema=False, dependencies=[CsrfChecked])
    async def change(request: Request, visitor: Visitor, number: int) -> Response:
        require(visitor, *MAY_DECIDE)
        action = str((await request.form()).get("action", ""))
        try:
            if action not in ACTIONS:
                raise Invalid(f"action must be one of {', '.join(ACTIONS)}", field="action")
            await rooms.activations.change(number, action, by=visitor.subject)
        except GemeinsamError as problem:
            return await overview(request, visitor, problem)
        return RedirectResponse(f"{web.root_path}/rules?changed=1", status_code=303)


async def _source(form: FormData, rooms: Rooms, tongue: Tongue) -> Source:
    """The rule set a form sends or names. Raises `Invalid`, `NotFound`."""
    text = await _text(form, "rules")
    version = str(form.get("version", ""))
    if text is None and version:
        return await rooms.activations.source_of(version)
    if text is None:
        raise Invalid(tongue("rules.missing"), field="rules")
    try:
        catalogue = await _text(form, "catalogue")
        return Source(text, packaged_catalogue(catalogue_name(text)) if catalogue is None else catalogue)
    except BadRules as error:
        raise Invalid("; ".join(error.errors), field="rules") from None


async def _text(form: FormData, field: str) -> str | None:
    """The text of an uploaded file; None if none was chosen."""
    file = form.get(field)
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    content = await file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise Invalid(f"a file may have {_MOST_BYTES} bytes at most", field=field)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("the file is not UTF-8 text", field=field) from None


def _day(form: FormData) -> date:
    try:
        return date.fromisoformat(str(form.get("on", "")))
    except ValueError:
        raise Invalid("on must be a date", field="on") from None


def _lines(problem: GemeinsamError | None) -> list[str]:
    return (
        [f"{problem.field}: {text}" if problem.field else text for text in problem.detail.split("; ")]
        if problem
        else []
    )


def _done(tongue: Tongue, request: Request) -> str:
    """What was done, as the address says after a form; empty otherwise."""
    asked = request.query_params
    if "changed" in asked:
        return tongue("rules.changed")
    try:
        on = date.fromisoformat(asked.get("on", ""))
    except ValueError:
        return ""
    return tongue("rules.activated", version=asked.get("version", "")[:40], date=tongue.date(on))


def _trial_values(tongue: Tongue, trial: Trial, lines: list[Line], area: str) -> dict[str, Any]:
    words = Words(tongue)
    areas = sorted({line.area for line in lines} | {LAND}, key=_place)
    shown = area if area in areas else LAND
    found = sorted((line for line in lines if line.area == shown), key=lambda line: (line.pattern == ALL, line.pattern))

    def pattern_name(pattern: str) -> str:
        return tongue("whatif.all_patterns") if pattern == ALL else f"{pattern} {words.pattern(pattern)}"

    return {
        "trial": trial,
        "left": _left(tongue, trial),
        "threshold": THRESHOLD,
        "area": shown,
        "area_name": _name(tongue, shown),
        "choices": [(key, _name(tongue, key)) for key in areas],
        "by_pattern": [(pattern_name(line.pattern), line) for line in found],
        "by_area": [
            (_name(tongue, line.area), line, _depth(line.area))
            for line in sorted((line for line in lines if line.pattern == ALL), key=lambda line: _place(line.area))
            if _depth(line.area) < 2 or district_of(line.area) == district_of(shown)
        ],
    }


def _left(tongue: Tongue, trial: Trial) -> str:
    """About how long a trial will still take; empty where that cannot be said."""
    if trial.state != "running" or not trial.alive_at or not trial.persons_done or not trial.persons_total:
        return ""
    spent = (trial.alive_at - trial.asked_at).total_seconds()
    left = spent / trial.persons_done * (trial.persons_total - trial.persons_done)
    unit, number = ("seconds", round(left)) if left < 120 else ("minutes", round(left / 60))
    return tongue("whatif.left", left=tongue(f"whatif.{unit}", n=number))


def _name(tongue: Tongue, area: str) -> str:
    if area in (LAND, NOWHERE):
        return tongue("whatif.land" if area == LAND else "whatif.nowhere")
    return name_of(area)


def _depth(area: str) -> int:
    """0 the Land, 1 a Kreis (or outside the Land), 2 a Gemeinde in a Kreis."""
    return 0 if area == LAND else 1 if area == NOWHERE or area in districts() else 2


def _place(area: str) -> tuple[int, str, bool, str]:
    """The Land, then each Kreis with its Gemeinden, by name; at last who has left."""
    if area in (LAND, NOWHERE):
        return (0 if area == LAND else 2, "", False, "")
    district = district_of(area)
    return (1, name_of(district) + district, area != district, name_of(area))


def _document(trial: Trial, lines: list[Line]) -> dict[str, Any]:
    """The outcome as it may be passed on; null is a suppressed number, an empty pattern all of them."""
    return {
        "today": trial.evaluated_on.isoformat() if trial.evaluated_on else None,
        "persons": trial.persons_total,
        "rules_in_force": trial.held_version,
        "rules_tried": trial.version,
        "threshold": THRESHOLD,
        "cells": [{**line._asdict(), "pattern": line.pattern or None, "area": line.area or None} for line in lines],
    }
