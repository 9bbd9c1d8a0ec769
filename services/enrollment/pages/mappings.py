"""`/mappings`: saying which column of a table means what, by a form over a sample or as text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import FormData, UploadFile

from services.enrollment.domain.file_sentences import file_sentence
from services.enrollment.domain.mapping import Flaw, MappingRefused
from services.enrollment.domain.mapping.checking import IDS
from services.enrollment.domain.person import TRAITS
from services.enrollment.domain.table import Bounds, Form, Unreadable
from services.enrollment.pages import mapping_form as forms
from services.enrollment.pages.desk import Desk, Pages, page_router
from services.enrollment.pages.files import Files
from services.enrollment.usecases.files.samples import SampleColumn, sample_of
from shared.contracts.measures import MEASURE_TYPES
from shared.errors import GemeinsamError, Invalid
from shared.web import CsrfChecked, Visitor
from shared.web.texts import Tongue, language_of

router = page_router()

LONGEST_MAPPING = 200_000
LONGEST_NAME = 60
STARTING_POINT = {
    "person": {"column": "Aktenzeichen"},
    "events": [
        {
            "type": "gemeinsam.measure.started.v1",
            "fields": {
                "municipality": {"column": "AGS", "mend_ags": True},
                "rechtskreis": {"constant": "SGB2"},
                "legal_basis": {"constant": "SGB2_16"},
                "purpose": {"constant": "CASE_MANAGEMENT"},
                "measure_id": {"column": "Nr", "prefix": "jc-"},
                "type": {"column": "Art", "codes": {"Sprachkurs": "IK_ALLG"}},
                "provider": {"column": "Träger", "codes": {"VHS": "vhs"}},
                "started_on": {"column": "Beginn"},
            },
        }
    ],
}


@router.get("/mappings/{name}")
async def mapping(request: Request, visitor: Visitor, pages: Pages, files: Files, name: str) -> Response:
    """A mapping as a form; `new` begins with a sample of the table, and so does `?name=` for one that is known."""
    emitter = await files.sources.emitter(visitor)
    if name == "new":
        return _beginning(request, pages, request.query_params.get("name", "")[:LONGEST_NAME])
    document, read = await files.mappings.found(emitter, name)
    columns = tuple(SampleColumn(column) for column in sorted(read.columns()))
    return _form(request, pages, (name, document, columns), is_saved=True)


@router.post("/mappings/sample", dependencies=[CsrfChecked])
async def sample(request: Request, visitor: Visitor, pages: Pages, files: Files) -> Response:
    """Look at a sample and show its columns to be mapped; nothing of it is kept."""
    emitter = await files.sources.emitter(visitor)
    form = await request.form()
    name = str(form.get("name", "")).strip()[:LONGEST_NAME]
    file = form.get("file")
    if not isinstance(file, UploadFile) or not file.filename:
        problem = Invalid("this field is needed", field="file", reason="field_needed")
        return _beginning(request, pages, name, problem=problem)
    try:
        columns = await sample_of(await file.read(), _reading(form), Bounds())
    except Unreadable as unreadable:
        return _beginning(request, pages, name, failure=file_sentence(unreadable.code, language_of(request)))
    document: dict[str, Any] = {"person": {"column": forms.guessed("person", columns)}}
    if name:
        document, _ = await files.mappings.found(emitter, name)
    else:
        document["file"] = {key: str(form.get(key)) for key in ("sheet",) if form.get(key)}
        document["file"] |= {"header_row": _reading(form).header_row} if _reading(form).header_row != 1 else {}
    return _form(request, pages, (name, document, columns), is_saved=bool(name))


@router.post("/mappings/form", dependencies=[CsrfChecked])
async def edit(request: Request, visitor: Visitor, pages: Pages, files: Files) -> Response:
    """Carry out a button of the form: a further fact, one less, the words of columns, or saving it all."""
    emitter = await files.sources.emitter(visitor)
    form = await request.form()
    columns, document = forms.read_columns(form), forms.document_of(form)
    name, button = str(form.get("name", "")).strip()[:LONGEST_NAME], str(form.get("do", ""))
    if button != "save":
        _change(document, button, str(form.get("add_type", "")), columns)
        return _form(request, pages, (name, document, columns))
    try:
        await files.mappings.save(emitter, name, document, by=visitor.subject)
    except MappingRefused as refused:
        problem = Invalid("the mapping has flaws", field="mapping", reason="mapping_flawed")
        return _form(request, pages, (name, document, columns), problem=problem, flaws=refused.flaws)
    except Invalid as refusal:
        return _form(request, pages, (name, document, columns), problem=refusal)
    return pages.to("files", f"mapping_saved&mapping={name}")


@router.get("/mappings/{name}/text")
async def as_text(request: Request, visitor: Visitor, pages: Pages, files: Files, name: str) -> Response:
    """A mapping to read and change as text; `new` begins one with an example."""
    emitter = await files.sources.emitter(visitor)
    document: object = STARTING_POINT
    if name != "new":
        document, _ = await files.mappings.found(emitter, name)
    written = json.dumps(document, ensure_ascii=False, indent=2)
    return _editor(request, pages, "" if name == "new" else name, written)


@router.post("/mappings", dependencies=[CsrfChecked])
async def save(request: Request, visitor: Visitor, pages: Pages, files: Files) -> Response:
    """Save a mapping that was written as text, or show it again with all that is wrong with it."""
    emitter = await files.sources.emitter(visitor)
    form = await request.form()
    written, name = str(form.get("written", ""))[:LONGEST_MAPPING], str(form.get("name", "")).strip()[:LONGEST_NAME]
    flaws: list[Flaw] = []
    problem: GemeinsamError | None = None
    try:
        await files.mappings.save(emitter, name, _parsed(written), by=visitor.subject)
    except MappingRefused as refused:
        flaws = refused.flaws
        problem = Invalid("the mapping has flaws", field="written", reason="mapping_flawed")
    except Invalid as refusal:
        problem = refusal
    if problem is None:
        return pages.to("files", f"mapping_saved&mapping={name}")
    return _editor(request, pages, name, written, problem=problem, flaws=flaws)


@router.post("/mappings/{name}/forget", dependencies=[CsrfChecked])
async def forget(request: Request, visitor: Visitor, pages: Pages, files: Files, name: str) -> Response:
    """Forget a mapping."""
    emitter = await files.sources.emitter(visitor)
    await files.mappings.forget(emitter, name)
    return pages.to("files", "mapping_forgotten")


def _beginning(
    request: Request, pages: Desk, name: str, *, problem: GemeinsamError | None = None, failure: str = ""
) -> Response:
    return pages.render(request, "mapping_new.html", problem=problem, name=name, failure=failure)


def _reading(form: FormData) -> Form:
    header = str(form.get("header_row", ""))
    row = int(header[:4]) if header.isascii() and header.isdigit() else 1
    return Form(sheet=str(form.get("sheet", "")).strip() or None, header_row=min(max(row, 1), 100))


def _change(document: dict[str, Any], button: str, type_: str, columns: Sequence[SampleColumn]) -> None:
    events: list[Any] = document.setdefault("events", [])
    place = button.removeprefix("remove.")
    if button == "add" and type_ in forms.TYPES:
        events.append(forms.proposed(type_, columns))
    elif place.isascii() and place.isdigit() and int(place[:4]) < len(events):
        del events[int(place[:4])]


def _form(
    request: Request,
    pages: Desk,
    shown: tuple[str, dict[str, Any], Sequence[SampleColumn]],
    *,
    problem: GemeinsamError | None = None,
    flaws: Sequence[Flaw] = (),
    is_saved: bool = False,
) -> Response:
    name, document, columns = shown
    language = language_of(request)
    events = [
        {"type": event["type"], "when": forms.conditions_of(event), "rows": forms.rows_of(event, columns)}
        for event in document.get("events", ())
    ]
    tongue, whole = pages.web.tongue(language), forms.filled_up(document)
    return pages.render(
        request,
        "mapping_form.html",
        problem=problem,
        name=name,
        document=whole,
        columns=columns,
        has_words=any(column.words for column in columns),
        events=events,
        types=forms.TYPES,
        traits=TRAITS,
        date_formats=list(dict.fromkeys((*forms.DATE_FORMATS, *whole["date_formats"]))),
        own_ids=IDS,
        flaws=flaws,
        flawed={_path(flaw.field) for flaw in flaws},
        anchor=_anchor,
        place=lambda field: _place(field, document, tongue),
        sentence=lambda code: file_sentence(code, language),
        code_name=lambda code: _code_name(code, language),
        is_saved=is_saved,
    )


def _path(field: str) -> str:
    """A flaw's place as the form's fields are called."""
    parts = field.split(".")
    return f"e.{parts[1]}.f.{parts[3]}" if parts[0] == "events" and len(parts) > 3 else field


def _anchor(field: str) -> str:
    parts = field.split(".")
    if parts[0] == "events" and len(parts) > 3:
        return f"e-{parts[1]}-{parts[3]}"
    if parts[0] == "events":
        return f"e-{parts[1]}" if len(parts) > 1 else "further"
    return parts[0] if parts[0] in ("person", "date_formats", "snapshot") else "whole"


def _place(field: str, document: dict[str, Any], t: Tongue) -> str:
    parts = field.split(".")
    if parts[0] == "events" and len(parts) > 1:
        event = t(f"event.{document['events'][int(parts[1])]['type']}")
        name = f"map.field.{parts[3]}" if len(parts) > 3 else ""
        return event if not name else f"{event}: {t(name) if t.knows(name) else parts[3]}"
    names = (f"field.{parts[0]}", f"map.{parts[0]}")
    return next((t(name) for name in names if t.knows(name)), field)


def _code_name(code: str, language: str) -> str:
    known = MEASURE_TYPES.get(code)
    if known is None:
        return code
    return f"{known.name_de if language == 'de' else known.name_en} ({code})"


def _editor(
    request: Request,
    pages: Desk,
    name: str,
    written: str,
    *,
    problem: GemeinsamError | None = None,
    flaws: Sequence[Flaw] = (),
) -> Response:
    language = language_of(request)
    return pages.render(
        request,
        "mapping.html",
        problem=problem,
        name=name,
        written=written,
        flaws=flaws,
        sentence=lambda code: file_sentence(code, language),
    )


def _parsed(written: str) -> object:
    try:
        return json.loads(written)
    except (ValueError, RecursionError):
        raise Invalid("the mapping is not valid JSON", field="written", reason="mapping_no_json") from None
