"""`POST /v1/persons`: pseudonyms for the persons a source knows by its own record numbers."""

from __future__ import annotations

from typing import Any

import jiter
import msgspec
from fastapi import FastAPI, Request, Response
from pydantic import BaseModel, Field

from services.enrollment.domain.lines import LineCutter
from services.enrollment.domain.person import TRAITS, PersonRow, RowRefused, person_row
from services.enrollment.domain.sentences import language_of, sentence
from services.enrollment.usecases.persons import Persons
from services.enrollment.usecases.registering import Registering
from services.enrollment.usecases.sources import Sources
from shared.contracts.envelope import LINES
from shared.errors import BadRequest, TooLarge, UnsupportedMediaType
from shared.http import Bearer

Doors = tuple[Persons, Registering]
"""The vault's doors for records without and with traits."""

_ROW = {
    "type": "object",
    "required": ["local_id"],
    "properties": {
        "local_id": {"type": "string", "maxLength": 80},
        "traits": {"type": "object", "properties": {name: {"type": "string", "maxLength": 200} for name in TRAITS}},
    },
}


class PersonAnswer(BaseModel):
    """The answer to one row: the pseudonym, or why there is none."""

    local_id: str | None = None
    pseudonym: str | None = Field(default=None, examples=["K7QM-2XW9-4TRD"])
    traits_kept: bool | None = Field(default=None, description="false if traits came along; they were only checked")
    row: int | None = Field(default=None, description="of a row that cannot be used: its number, counted from 1")
    field: str | None = None
    code: str | None = None
    sentence: str | None = None


class PersonAnswers(BaseModel):
    """The answers in the order of the rows, where the rows came as an object."""

    persons: list[PersonAnswer]


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "array", "items": _ROW}},
            LINES: {"schema": {"type": "string", "description": "one row a line"}},
        },
    }
}


def routes(app: FastAPI, doors: Doors, sources: Sources, *, most_rows: int) -> None:
    """Hang the vault's door on the application."""
    persons, registering = doors

    @app.post(
        "/v1/persons",
        tags=["persons"],
        openapi_extra=_BODY,
        responses={200: {"model": list[PersonAnswer] | PersonAnswers}},
    )
    async def issue_pseudonyms(request: Request, principal: Bearer) -> Response:
        """The pseudonym of each row `{local_id, traits?}`, the same again for the same source and `local_id`.

        Rows come as an array, as `{"persons": [...]}` or as lines, and are answered in the same form and order. A
        record that agrees with a known person's in the AZR number and one other trait gets that person's pseudonym;
        near matches are decided by a human later. Traits are kept encrypted and given to nobody. A row that cannot be
        used is answered with field and reason.
        """
        emitter = await sources.emitter(principal)
        rows, form = _rows(await request.body(), _media_type(request))
        if len(rows) > most_rows:
            raise TooLarge(f"at most {most_rows} rows are taken at once")
        read = [_read(row, registering.is_open()) for row in rows]
        known = [row for row in read if isinstance(row, PersonRow)]
        traits = {row.local_id: row.traits for row in known if row.traits is not None}
        issued = await registering.pseudonyms(emitter, traits) if traits else {}
        issued |= await persons.pseudonyms(emitter, [row.local_id for row in known if row.local_id not in issued])
        language = language_of(request.headers.get("accept-language"))
        return _answer([_row(number, row, issued, language) for number, row in enumerate(read, 1)], form)


def _media_type(request: Request) -> str:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in ("application/json", LINES):
        raise UnsupportedMediaType(f"read here: application/json, {LINES}")
    return media_type


def _rows(body: bytes, media_type: str) -> tuple[list[Any], str]:
    try:
        if media_type == LINES:
            cutter = LineCutter()
            lines = cutter.feed(body) + cutter.finish()
            return [_parsed(line.raw or b"") for line in lines], "lines"
        document = _parsed(body)
    except ValueError:
        raise BadRequest("the body is not valid JSON") from None
    if isinstance(document, list):
        return document, "array"
    if isinstance(document, dict) and isinstance(document.get("persons"), list):
        return document["persons"], "object"
    raise BadRequest("expected: an array of rows, or an object with the array `persons`")


def _parsed(raw: bytes) -> Any:
    return jiter.from_json(raw, catch_duplicate_keys=True, allow_inf_nan=False)


def _read(row: object, may_keep_traits: bool) -> PersonRow | RowRefused:
    try:
        read = person_row(row)
    except RowRefused as refused:
        return refused
    return read if may_keep_traits or read.traits is None else RowRefused("traits", "vault_without_key")


def _row(number: int, row: PersonRow | RowRefused, issued: dict[str, str], language: str) -> dict[str, Any]:
    if isinstance(row, RowRefused):
        text = sentence(row.field, row.code, language)
        return {"row": number, "field": row.field, "code": row.code, "sentence": text}
    return {"local_id": row.local_id, "pseudonym": issued[row.local_id]}


def _answer(rows: list[dict[str, Any]], form: str) -> Response:
    if form == "lines":
        return Response(b"".join(msgspec.json.encode(row) + b"\n" for row in rows), media_type=LINES)
    return Response(msgspec.json.encode({"persons": rows} if form == "object" else rows), media_type="application/json")
