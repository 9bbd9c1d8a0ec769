"""What the patterns mean: all on one page, and one page each. Everybody who is logged in may read them."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from services.pathways.pages.picture import Picture, numbered
from services.pathways.pages.rooms import Rooms, ends, said
from services.pathways.pages.words import Words
from services.pathways.usecases.meanings import Meaning, example_of, meanings, parameters, rule_of
from shared.errors import NotFound
from shared.web import Visitor, Web
from shared.web.texts import language_of

_CODES = {"categories": "category", "benefits": "benefit", "allowed_with_anything": "category"}


def routes(app: FastAPI, web: Web, rooms: Rooms) -> None:
    """`/patterns` and `/patterns/{pattern}`."""

    @app.get("/patterns", response_class=HTMLResponse, include_in_schema=False)
    async def every(request: Request, visitor: Visitor) -> Response:
        language = language_of(request)
        return web.render(
            request,
            "patterns.html",
            all=list(meanings().values()),
            version=rooms.rules.version,
            rule_of=lambda meaning: rule_of(meaning, rooms.rules, language),
        )

    @app.get("/patterns/{pattern}", response_class=HTMLResponse, include_in_schema=False)
    async def one(request: Request, visitor: Visitor, pattern: str) -> Response:
        meaning = meanings().get(pattern)
        if meaning is None:
            raise NotFound("there is no such pattern")
        return web.render(request, "pattern.html", **_values(request, web, rooms, meaning))


def _values(request: Request, web: Web, rooms: Rooms, meaning: Meaning) -> dict[str, Any]:
    language = language_of(request)
    tongue = web.tongue(language)
    words = Words(tongue)
    example = example_of(meaning, rooms.rules)
    shown = [found.finding for found in example.findings if found.finding]
    anchor = next((finding.anchor for finding in shown if finding.pattern == meaning.pattern), "")
    findings = numbered(example.findings, f"{meaning.pattern}/{anchor}")
    numbers = [
        (words.code("parameter", name), _in_words(words, name, value))
        for name, value in parameters(rooms.rules, meaning.pattern).items()
    ]
    return {
        "meaning": meaning,
        "rule": rule_of(meaning, rooms.rules, language),
        "version": rooms.rules.version,
        "words": words,
        "example": example,
        "findings": findings,
        "others": sorted({finding.pattern for finding in shown} - {meaning.pattern}),
        "picture": Picture(tongue, words, rooms.rules).of(example.story, findings, today=example.today.toordinal()),
        "numbers": numbers,
        "said": lambda text: said(text, language),
        "ends": lambda text: ends(text, language),
    }


def _in_words(words: Words, name: str, value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key}: {said}" for key, said in value.items())
    if not isinstance(value, list | tuple):
        return str(value)
    if name == "patterns":
        return ", ".join(words.pattern(entry) for entry in value)
    return ", ".join(words.code(_CODES.get(name, name), str(entry)) for entry in value)
