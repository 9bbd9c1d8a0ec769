"""`/vault`: look behind a case number, decide near matches, erase a person and see the services' proofs."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, TypeVar, cast

from fastapi import Depends, Request
from fastapi.responses import Response

from services.enrollment.domain.access import ABOUT
from services.enrollment.domain.vault import Decision, DecisionReason, LookReason
from services.enrollment.pages.desk import Desk, Pages, attempt, page_router
from services.enrollment.pages.forms import Sent
from services.enrollment.usecases.answering import Answering
from services.enrollment.usecases.clerks import Clerks
from services.enrollment.usecases.erasing import Erasing
from services.enrollment.usecases.restricting import Restricting
from services.enrollment.usecases.separating import Separating
from shared.auth import Principal, Role, require
from shared.contracts.vocabulary import ErasureReason, RestrictionReason
from shared.errors import GemeinsamError, Invalid
from shared.web import CsrfChecked, Visitor

router = page_router()
_Code = TypeVar("_Code", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Trust:
    """The use cases behind the pages of the vault."""

    clerks: Clerks
    erasing: Erasing
    answering: Answering
    restricting: Restricting
    separating: Separating


def trust_of(request: Request) -> Trust:
    """As the wiring has put it on the application."""
    return cast(Trust, request.app.state.trust)


Vault = Annotated[Trust, Depends(trust_of)]


@router.get("/vault")
async def desk(request: Request, visitor: Visitor, pages: Pages, vault: Vault) -> Response:
    """Where to look behind a case number; for clerks also what waits and who was erased."""
    return await _desk(request, visitor, (pages, vault))


async def _desk(
    request: Request, visitor: Principal, behind: tuple[Desk, Trust], problem: GemeinsamError | None = None
) -> Response:
    pages, vault = behind
    require(visitor, Role.VAULT_CLERK, Role.CASE_MANAGER)
    is_clerk = visitor.role is Role.VAULT_CLERK
    return pages.render(
        request,
        "vault.html",
        problem=problem,
        is_clerk=is_clerk,
        pairs=await vault.clerks.waiting(visitor) if is_clerk else [],
        erasures=await vault.erasing.newest(visitor) if is_clerk else [],
        restrictions=await vault.restricting.in_force(visitor) if is_clerk else [],
        look_reasons=list(LookReason),
    )


@router.post("/vault/person", dependencies=[CsrfChecked])
async def look(request: Request, visitor: Visitor, pages: Pages, vault: Vault) -> Response:
    """Who a case number stands for; a form that is sent, so that no case number stands in an address."""
    sent = await Sent.read(request)
    try:
        person = await vault.clerks.person(visitor, sent.needed("case").upper(), _code(LookReason, sent, "look_reason"))
    except GemeinsamError as problem:
        if problem.status in (401, 403):
            raise
        return await _desk(request, visitor, (pages, vault), problem)
    return pages.render(
        request,
        "vault_person.html",
        person=person,
        is_clerk=visitor.role is Role.VAULT_CLERK,
        erasure_reasons=list(ErasureReason),
        restriction_reasons=list(RestrictionReason),
        decision_reasons=list(DecisionReason),
    )


@router.post("/vault/report", dependencies=[CsrfChecked])
async def report(request: Request, visitor: Visitor, pages: Pages, vault: Vault) -> Response:
    """Everything held about a person, to be printed and handed over."""
    sent = await Sent.read(request)
    answer = await vault.answering.answer(visitor, sent.needed("case"))
    return pages.render(request, "vault_report.html", answer=answer, about=ABOUT)


@router.post("/vault/separation", dependencies=[CsrfChecked])
async def separate(request: Request, visitor: Visitor, pages: Pages, vault: Vault) -> Response:
    """Give the records of some sources a case number of their own."""
    sent = await Sent.read(request)

    async def act() -> None:
        reason = _code(DecisionReason, sent, "decision_reason")
        await vault.separating.separate(visitor, sent.needed("case"), sent.texts("sources"), reason)

    return await attempt(
        act(),
        done=pages.to("vault", "person_separated"),
        again=lambda problem: _desk(request, visitor, (pages, vault), problem),
    )


@router.post("/vault/restriction", dependencies=[CsrfChecked])
async def restrict(request: Request, visitor: Visitor, pages: Pages, vault: Vault) -> Response:
    """Restrict the processing of a person's data."""
    sent = await Sent.read(request)

    async def act() -> None:
        reason = _code(RestrictionReason, sent, "restriction_reason")
        await vault.restricting.restrict(visitor, sent.needed("case"), reason)

    return await attempt(
        act(),
        done=pages.to("vault", "person_restricted"),
        again=lambda problem: _desk(request, visitor, (pages, vault), problem),
    )


@router.post("/vault/release", dependencies=[CsrfChecked])
async def release(request: Request, visitor: Visitor, pages: Pages, vault: Vault) -> Response:
    """Lift the restriction of a person."""
    sent = await Sent.read(request)
    return await attempt(
        vault.restricting.release(visitor, sent.needed("case")),
        done=pages.to("vault", "person_released"),
        again=lambda problem: _desk(request, visitor, (pages, vault), problem),
    )


@router.post("/vault/erasure", dependencies=[CsrfChecked])
async def erase(request: Request, visitor: Visitor, pages: Pages, vault: Vault) -> Response:
    """Erase a person for good."""
    sent = await Sent.read(request)

    async def act() -> None:
        if not sent.ticked("final"):
            raise Invalid("this field is needed", field="final", reason="field_needed")
        await vault.erasing.erase(visitor, sent.needed("case"), _code(ErasureReason, sent, "erasure_reason"))

    return await attempt(
        act(),
        done=pages.to("vault", "person_erased"),
        again=lambda problem: _desk(request, visitor, (pages, vault), problem),
    )


@router.get("/vault/pairs/{one}/{other}")
async def pair(request: Request, visitor: Visitor, pages: Pages, vault: Vault, one: str, other: str) -> Response:
    """Both sides of a pair, and what can be decided."""
    return await _pair(request, visitor, (pages, vault), (one, other))


async def _pair(
    request: Request,
    visitor: Principal,
    behind: tuple[Desk, Trust],
    pair_of: tuple[str, str],
    problem: GemeinsamError | None = None,
) -> Response:
    pages, vault = behind
    sides = await vault.clerks.sides(visitor, *pair_of)
    return pages.render(request, "vault_pair.html", problem=problem, sides=sides, reasons=list(DecisionReason))


@router.post("/vault/pairs/{one}/{other}", dependencies=[CsrfChecked])
async def decide(request: Request, visitor: Visitor, pages: Pages, vault: Vault, one: str, other: str) -> Response:
    """Decide a pair."""
    sent = await Sent.read(request)

    async def act() -> None:
        decision = _code(Decision, sent, "decision")
        reason = _code(DecisionReason, sent, "decision_reason")
        await vault.clerks.decide(visitor, (one, other), decision=decision, reason=reason)

    return await attempt(
        act(),
        done=pages.to("vault", "pair_decided"),
        again=lambda problem: _pair(request, visitor, (pages, vault), (one, other), problem),
    )


def _code(codes: type[_Code], sent: Sent, name: str) -> _Code:
    try:
        return codes(sent.needed(name))
    except ValueError:
        raise Invalid("this field is needed", field=name, reason="field_needed") from None
