"""`/funding`: the ministry's scenarios, decisions, registries, commitments and dates."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from services.enrollment.domain.funding import Scenario, Step
from services.enrollment.domain.programme import Programme
from services.enrollment.domain.reference import AreaKind
from services.enrollment.domain.registry import LAND, Entry
from services.enrollment.pages.desk import Desk, Pages, attempt, page_router
from services.enrollment.pages.forms import Sent
from services.enrollment.usecases.money import Grant
from shared.auth import Principal, Role, require
from shared.errors import GemeinsamError, Invalid
from shared.web import CsrfChecked, Visitor

router = page_router()

DATES = (
    "begins_on",
    "deadline_on",
    "development_from",
    "development_until",
    "planning_until",
    "funding_from",
    "ends_on",
)
STEPS, MOST_STEPS = 4, 40  # rows the form begins with, and has at most


@router.get("/funding")
async def funding(request: Request, visitor: Visitor, pages: Pages, scenario: str = "") -> Response:
    """All the ministry sets and decides; with `scenario` the form holds that scenario's steps."""
    require(visitor, Role.MINISTRY)
    held = next((one for one, _ in await pages.use.money.scenarios(visitor) if one.code == scenario), None)
    return await _show(request, visitor, pages, sent=_as_form(held) if held else None)


def _as_form(scenario: Scenario) -> dict[str, str]:
    form = {"code": scenario.code, "rows": str(max(STEPS, len(scenario.steps) + 1))}
    for row, step in enumerate(scenario.steps):
        values = {"from_members": str(step.from_members), "amount": f"{step.amount:f}", "kind": str(step.kind or "")}
        form |= {f"{name}_{row}": value for name, value in values.items()}
    return form


async def _show(
    request: Request,
    visitor: Principal,
    pages: Desk,
    *,
    problem: GemeinsamError | None = None,
    sent: dict[str, str] | None = None,
) -> Response:
    require(visitor, Role.MINISTRY)
    sent = sent or {}
    programme, phase = await pages.use.programme.current()
    standings = await pages.use.declarations.listed(visitor)
    return pages.render(
        request,
        "funding.html",
        problem=problem,
        sent=sent,
        programme=programme,
        phase=phase,
        dates=DATES,
        scenarios=await pages.use.money.scenarios(visitor),
        decisions=await pages.use.money.decisions(visitor),
        blocks=await pages.use.money.blocks(),
        bausteine=await pages.use.money.bausteine(),
        commitments=await pages.use.programme.commitments(visitor),
        members=[one.area for one in standings if one.declaration.is_member],
        kinds=list(AreaKind),
        steps=range(_rows(sent.get("rows", ""))),
        filling=bool(sent.get("rows")),
    )


async def _attempt(
    request: Request, visitor: Principal, pages: Desk, *, sent: Sent, act: Awaitable[None], said: str
) -> Response:
    return await attempt(
        act,
        done=pages.to("funding", said),
        again=lambda problem: _show(request, visitor, pages, problem=problem, sent=sent.values()),
    )


@router.post("/funding/scenario", dependencies=[CsrfChecked])
async def set_scenario(request: Request, visitor: Visitor, pages: Pages) -> Response:
    """Set a scenario's steps, or show the form again with more rows: by the button pressed."""
    sent = await Sent.read(request)
    values = sent.values()
    if sent.text("act") == "more":
        more = min(MOST_STEPS, _rows(values.get("rows", "")) + STEPS)
        return await _show(request, visitor, pages, sent=values | {"rows": str(more)})

    async def act() -> None:
        await pages.use.money.put_scenario(visitor, Scenario(_code(sent), tuple(_steps(sent))))

    return await _attempt(request, visitor, pages, sent=sent, act=act(), said="scenario_set")


def _rows(text: str) -> int:
    return min(MOST_STEPS, max(STEPS, int(text))) if text.isascii() and text.isdigit() and len(text) < 4 else STEPS


def _code(sent: Sent) -> str:
    code = sent.needed("code").upper()
    if not code.isascii() or not code.replace("_", "").isalnum() or len(code) > 20:
        raise Invalid("a code is letters, digits and _, at most 20", field="code", reason="code_malformed")
    return code


def _steps(sent: Sent) -> list[Step]:
    steps = []
    for row in range(_rows(sent.text("rows"))):
        members = sent.number(f"from_members_{row}", 10_000)
        if members is None:
            continue
        kind = next((kind for kind in AreaKind if str(kind) == sent.text(f"kind_{row}")), None)
        steps.append(Step(members, sent.amount(f"amount_{row}"), kind))
    return steps


@router.post("/funding/decision", dependencies=[CsrfChecked])
async def decide(request: Request, visitor: Visitor, pages: Pages) -> Response:
    """Decide on funding."""
    sent = await Sent.read(request)

    async def act() -> None:
        grant = Grant(
            municipality=sent.ags("municipality"),
            block=sent.needed("block"),
            amount=sent.amount("amount"),
            granted_from=sent.needed_day("granted_from"),
            granted_until=sent.needed_day("granted_until"),
        )
        await pages.use.money.decide(visitor, grant, sent.key())

    return await _attempt(request, visitor, pages, sent=sent, act=act(), said="funding_decided")


@router.post("/funding/registry", dependencies=[CsrfChecked])
async def add_entry(request: Request, visitor: Visitor, pages: Pages) -> Response:
    """Add a Baustein or a funding block."""
    sent = await Sent.read(request)

    async def act() -> None:
        entry = Entry(
            _code(sent),
            sent.needed("title_de"),
            sent.needed("title_en"),
            sent.needed_day("valid_from"),
            sent.day("valid_to"),
            scope=LAND,
        )
        if sent.text("registry") == "block":
            await pages.use.money.put_block(visitor, entry)
        else:
            await pages.use.money.put_baustein(visitor, entry)

    return await _attempt(request, visitor, pages, sent=sent, act=act(), said="entry_added")


@router.post("/funding/programme", dependencies=[CsrfChecked])
async def set_programme(request: Request, visitor: Visitor, pages: Pages) -> Response:
    """Set the programme's dates."""
    sent = await Sent.read(request)

    async def act() -> None:
        held, _ = await pages.use.programme.current()
        changed: dict[str, Any] = {name: sent.needed_day(name) for name in DATES}
        for name in ("reminder_days", "at_risk_days"):
            days = sent.number(name, 366)
            changed |= {} if days is None else {name: days}
        changed |= {name: sent.text(name) for name in ("contact", "reply_to")}
        wanted: Programme = replace(held, **changed)
        await pages.use.programme.set(visitor, wanted)

    return await _attempt(request, visitor, pages, sent=sent, act=act(), said="programme_set")
