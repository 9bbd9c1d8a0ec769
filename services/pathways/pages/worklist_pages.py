"""The worklist page, the stream that says when it changed, and the forms that act on findings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from services.pathways.pages.asked import PAGE_SIZE, SEVERITIES, Asked
from services.pathways.pages.rooms import Rooms, sentence
from services.pathways.pages.words import Words
from services.pathways.usecases.access import READERS_OF_LISTS, READERS_OF_PERSONS, areas_of
from services.pathways.usecases.meanings import meanings
from services.pathways.usecases.worklist import ORDERS, REASONS, SHOWS, Worklist, identity_of
from shared.auth import Principal, Role
from shared.contracts.fields import IS_IDENTIFIER
from shared.errors import Invalid
from shared.reference import name_of
from shared.web import CsrfChecked, Visitor, Web
from shared.web.session import safe_path
from shared.web.texts import Tongue, language_of

_STREAM_SECONDS = 25.0  # then the browser comes back by itself: no connection outlives a deploy for long
_LOOK_SECONDS = 2.0
_MOST_AT_ONCE = 200


def routes(app: FastAPI, web: Web, rooms: Rooms) -> None:
    """`/`, `/live`, `/worklist` and `/worklist/hand-over`."""
    shared = SharedVersions(rooms.worklist)

    @app.get("/", response_class=HTMLResponse, include_in_schema=False)
    async def page(request: Request, visitor: Visitor) -> Response:
        if visitor.role not in READERS_OF_LISTS:
            return RedirectResponse(f"{web.root_path}/patterns", status_code=303)
        return web.render(request, "worklist.html", **await _shown(request, web, rooms, visitor))

    @app.get("/live", include_in_schema=False)
    async def live(request: Request, visitor: Visitor, version: str = "") -> Response:
        seen = request.headers.get("last-event-id") or version
        await rooms.worklist.version(visitor)  # refuses who may not, before the stream begins
        return StreamingResponse(
            _changes(shared, visitor, seen),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    @app.post("/worklist", include_in_schema=False, dependencies=[CsrfChecked])
    async def act(request: Request, visitor: Visitor) -> Response:
        form = await request.form()
        keys = [identity_of(str(key)) for key in form.getlist("finding")[:_MOST_AT_ONCE]]
        action = str(form.get("action", ""))
        if not keys:
            return _back(web, form, ("problem", "finding"))
        try:
            count = await _carry_out(rooms.worklist, visitor, keys, action, form)
        except Invalid as error:
            return _back(web, form, ("problem", error.field or ""))
        return _back(web, form, ("done", f"{'assign' if action == 'take' else action}.{count}"))

    @app.post("/worklist/hand-over", include_in_schema=False, dependencies=[CsrfChecked])
    async def hand_over(request: Request, visitor: Visitor) -> Response:
        form = await request.form()
        try:
            to = _login_in(form, "to")
            count = await rooms.worklist.hand_over(visitor, _login_in(form, "from") or "", to or "")
        except Invalid as error:
            return _back(web, form, ("problem", error.field or ""))
        return _back(web, form, ("done", f"hand_over.{count}"))


async def _shown(request: Request, web: Web, rooms: Rooms, visitor: Principal) -> dict[str, Any]:
    tongue = web.tongue(language_of(request))
    words = Words(tongue)
    asked = Asked.of(request.query_params)
    version = await rooms.worklist.version(visitor)
    page = await rooms.worklist.page(
        visitor, asked.filters(visitor), order=asked.order, limit=PAGE_SIZE, offset=asked.offset
    )
    known = sorted(((area, name_of(area)) for area in areas_of(visitor)), key=lambda pair: pair[1])
    return {
        "asked": asked,
        "page": page,
        "version": version,
        "words": words,
        "areas": ", ".join(name_of(area) for area in visitor.areas),
        "municipalities": [pair for pair in known if pair[0] not in visitor.areas or not pair[0].endswith("000")]
        or known,
        "colleagues": await rooms.worklist.colleagues(visitor),
        "shows": SHOWS,
        "orders": ORDERS,
        "severities": SEVERITIES,
        "patterns": list(meanings()),
        "reasons": REASONS,
        "may_act": visitor.role == Role.CASE_MANAGER,
        "may_look": visitor.role in READERS_OF_PERSONS,
        "may_hand_over": visitor.role in (Role.CASE_MANAGER, Role.MANAGING_BODY),
        "hints": await rooms.referrals.hints(visitor) if visitor.role in READERS_OF_PERSONS else [],
        "name_of": name_of,
        "sentence": sentence,
        "usual": Asked(),
        "in_two_weeks": page.today + timedelta(days=14),
        "patterns_of": lambda hint: ", ".join(words.pattern(pattern) for pattern in hint.patterns),
        "tomorrow": page.today + timedelta(days=1),
        "in_a_year": page.today + timedelta(days=366),
        "done": done_text(tongue, request),
        "problem": problem_text(tongue, request),
    }


async def _carry_out(
    worklist: Worklist, visitor: Principal, keys: list[tuple[str, str, str]], action: str, form: Any
) -> int:
    if action == "take":
        return await worklist.assign(visitor, keys, visitor.subject)
    if action == "assign":
        to = _login_in(form, "assign_to")
        if to is None:
            raise Invalid("assign_to is missing", field="assign_to")
        return await worklist.assign(visitor, keys, to)
    if action == "release":
        return await worklist.assign(visitor, keys, None)
    if action == "bring_back":
        return await worklist.mute(visitor, keys, None)
    if action == "acknowledge":
        return await worklist.acknowledge(visitor, keys, str(form.get("reason", "")))
    if action == "mute":
        try:
            until = date.fromisoformat(str(form.get("until", "")))
        except ValueError:
            raise Invalid("until must be a date", field="until") from None
        return await worklist.mute(visitor, keys, until)
    raise Invalid("action must be take, assign, release, acknowledge, mute or bring_back", field="action")


def _login_in(form: Any, field: str) -> str | None:
    given = str(form.get(field, "")).strip()
    if given and not IS_IDENTIFIER(given):
        raise Invalid(f"{field} must be a login: letters, digits and . _ : / -", field=field)
    return given or None


def _back(web: Web, form: Any, said: tuple[str, str]) -> Response:
    """To the page the form came from, which then says what was done, or what was wrong."""
    back = urlsplit(safe_path(str(form.get("back", "")), web.home))
    query = [pair for pair in parse_qsl(back.query) if pair[0] not in ("done", "problem")] + [said]
    return RedirectResponse(f"{back.path}?{urlencode(query)}", status_code=303)


def done_text(tongue: Tongue, request: Request) -> str:
    """What was done, as the address says after a form; empty otherwise."""
    action, _, count = request.query_params.get("done", "").partition(".")
    if not tongue.knows(f"done.{action}") or not count.isdigit():
        return ""
    return tongue(f"done.{action}", count=count[:6])


def problem_text(tongue: Tongue, request: Request) -> str:
    """What was wrong with a form, as the address says after it; empty otherwise."""
    name = f"problem.{request.query_params.get('problem', '')}"
    return tongue(name) if tongue.knows(name) else ""


class SharedVersions:
    """Asks for the version of the list of some areas once, however many pages wait for it at that moment."""

    def __init__(self, worklist: Worklist) -> None:
        self._worklist = worklist
        self._asked: dict[tuple[str, ...], tuple[float, asyncio.Task[str]]] = {}

    async def version(self, reader: Principal) -> str:
        """As the worklist says it, or said it less than half the time between two looks ago."""
        at, asking = self._asked.get(reader.areas, (0.0, None))
        if asking is None or time.monotonic() - at > _LOOK_SECONDS / 2:
            asking = asyncio.create_task(self._worklist.version(reader))
            self._asked[reader.areas] = (time.monotonic(), asking)
        return await asyncio.shield(asking)  # one page that is closed does not end it for the others


async def _changes(worklist: Worklist | SharedVersions, visitor: Principal, seen: str) -> AsyncIterator[bytes]:
    """The event stream of one page: an event whenever the reader's worklist differs from what was seen."""
    until = time.monotonic() + _STREAM_SECONDS
    yield b"retry: 1000\n\n"
    while time.monotonic() < until:
        version = await worklist.version(visitor)
        if version != seen:
            seen = version
            yield f"event: changed\nid: {version}\ndata: {version}\n\n".encode()
        await asyncio.sleep(_LOOK_SECONDS)
