"""`/v1/funding`, `/v1/bausteine`, `/v1/commitments`: scenarios, decisions, registries, duties of members."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field, StringConstraints

from services.enrollment.api.memberships import AsOf, KnownAt
from services.enrollment.api.parts import PROBLEMS, Ags, Day, Key, Line, Sent, Use
from services.enrollment.domain.funding import Decision, Scenario, ScenarioResult, Step
from services.enrollment.domain.reference import AreaKind
from services.enrollment.domain.registry import LAND, Entry
from services.enrollment.usecases.money import Grant
from shared.http import Bearer

router = APIRouter(prefix="/v1", tags=["funding"], responses=PROBLEMS)

Amount = Annotated[Decimal, Field(ge=0, le=Decimal("999999999.99"), decimal_places=2)]
EntryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,19}$")]


class StepSent(Sent):
    """From so many members on, each member of the kind (every kind if left out) gets the amount in euros."""

    from_members: Annotated[int, Field(ge=0, le=10_000)]
    amount: Amount
    kind: AreaKind | None = None


class ScenarioSent(Sent):
    """The table of steps."""

    steps: list[StepSent] = Field(min_length=1, max_length=200)


class ScenarioShown(BaseModel):
    """A scenario and what it says for the number of members; amounts in euros."""

    code: str
    steps: list[Step]
    members: int
    amount_by_kind: dict[str, Decimal]
    total: Decimal


class GrantSent(Sent):
    """A funding decision to be taken; `block` is a code of the registry of funding blocks."""

    municipality: Ags
    block: EntryCode
    amount: Amount
    granted_from: Day
    granted_until: Day


class EntrySent(Sent):
    """A Baustein or funding block; `scope` is the Land (`05000000`) or a municipality."""

    title_de: Line
    title_en: Line
    valid_from: Day
    valid_to: Day | None = None


class BausteinSent(EntrySent):
    """A Baustein, for the whole Land or one municipality."""

    scope: Ags = LAND


class CommitmentShown(BaseModel):
    """How a member stands to its duty in the planning phase."""

    municipality: str
    due_on: date
    standing: str
    activities: list[tuple[str, date]]


@router.get("/funding/scenarios")
async def list_scenarios(
    use: Use, principal: Bearer, as_of: AsOf = None, known_at: KnownAt = None
) -> list[ScenarioShown]:
    """Every scenario over the members on a day, as known at an instant."""
    return [_scenario(*found) for found in await use.money.scenarios(principal, as_of, known_at)]


@router.put("/funding/scenarios/{code}")
async def set_scenario(code: EntryCode, sent: ScenarioSent, use: Use, principal: Bearer) -> ScenarioShown:
    """Set a scenario's table of steps: the amounts are data, no formula is built in."""
    steps = tuple(Step(step.from_members, step.amount, step.kind) for step in sent.steps)
    await use.money.put_scenario(principal, Scenario(code, steps))
    found = await use.money.scenarios(principal)
    return next(_scenario(*one) for one in found if one[0].code == code)


@router.get("/funding/decisions")
async def list_decisions(
    use: Use, principal: Bearer, municipality: Annotated[Ags | None, Query()] = None
) -> list[Decision]:
    """Funding decisions: all for the ministry, its own for a municipality."""
    return await use.money.decisions(principal, municipality)


@router.post("/funding/decisions", status_code=201)
async def decide_funding(sent: GrantSent, use: Use, principal: Bearer, key: Key = None) -> Decision:
    """Decide on funding for a member with an approach, not before funding begins."""
    return await use.money.decide(principal, Grant(**sent.model_dump()), key)


@router.get("/bausteine")
async def list_bausteine(use: Use, principal: Bearer) -> list[Entry]:
    """The registry of Bausteine."""
    return await use.money.bausteine()


@router.put("/bausteine/{code}")
async def put_baustein(code: EntryCode, sent: BausteinSent, use: Use, principal: Bearer) -> Entry:
    """Add a Baustein while the programme runs, or change its titles and validity."""
    return await use.money.put_baustein(principal, Entry(code=code, **sent.model_dump()))


@router.get("/funding/blocks")
async def list_blocks(use: Use, principal: Bearer) -> list[Entry]:
    """The registry of funding blocks (Förderbausteine)."""
    return await use.money.blocks()


@router.put("/funding/blocks/{code}")
async def put_block(code: EntryCode, sent: EntrySent, use: Use, principal: Bearer) -> Entry:
    """Add a funding block, or change its titles and validity."""
    return await use.money.put_block(principal, Entry(code=code, **sent.model_dump()))


@router.get("/commitments")
async def list_commitments(use: Use, principal: Bearer) -> list[CommitmentShown]:
    """How every member stands to its duty to take part in the planning phase."""
    return [
        CommitmentShown(
            municipality=commitment.ags,
            due_on=commitment.due_on,
            standing=str(standing),
            activities=[(str(activity), day) for activity, day in commitment.activities],
        )
        for commitment, standing in await use.programme.commitments(principal)
    ]


def _scenario(scenario: Scenario, result: ScenarioResult) -> ScenarioShown:
    return ScenarioShown(
        code=scenario.code,
        steps=list(scenario.steps),
        members=result.members,
        amount_by_kind={str(kind): amount for kind, amount in result.amount_by_kind.items()},
        total=result.total,
    )
