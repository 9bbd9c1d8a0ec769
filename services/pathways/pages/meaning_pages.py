"""What the patterns mean: all on one page, and one page each. Everybody who is logged in may read them."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from services.pathways.pages.picture import Picture, numbered
from services.pathways.pages.rooms import Rooms, ends, said
from services.pathways.pages.words import Words
from services.pathways.usecases.activations import Standing
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
        standing = await rooms.activations.standing()
        return web.render(
            request,
            "patterns.html",
            all=list(meanings().values()),
            standing=standing,
            rule_of=lambda meaning: rule_of(meaning, standing.rules, language),
        )

    @app.get("/patterns/{pattern}", response_class=HTMLResponse, include_in_schema=False)
    async def one(request: Request, visitor: Visitor, pattern: str) -> Response:
        meaning = meanings().get(pattern)
        if meaning is None:
            raise NotFound("there is no such pattern")
        return web.render(request, "pattern.html", **_values(request, web, await rooms.activations.standing(), meaning))


def _values(request: Request, web: Web, standing: Standing, meaning: Meaning) -> dict[str, Any]:
    rules = standing.rules
    language = language_of(request)
    tongue = web.tongue(language)
    words = Words(tongue)
    example = example_of(meaning, rules)
    shown = [found.finding for found in example.findings if found.finding]
    anchor = next((finding.anchor for finding in shown if finding.pattern == meaning.pattern), "")
    findings = numbered(example.findings, f"{meaning.pattern}/{anchor}")
    then = parameters(standing.next.rules, meaning.pattern) if standing.next else {}
    numbers = [
        (words.code("parameter", name), _in_words(words, name, value), _in_words(words, name, then.get(name, value)))
        for name, value in parameters(rules, meaning.pattern).items()
    ]
    return {
        "meaning": meaning,
        "rule": rule_of(meaning, rules, language),
        "standing": standing,
        "words": words,
        "example": example,
        "findings": findings,
        "others": sorted({finding.pattern for finding in shown} - {meaning.pattern}),
        "picture": Picture(tongue, words, rules).of(example.story, findings, today=example.today.toordinal()),
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
