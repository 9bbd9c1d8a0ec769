"""Funding: scenarios as tables of steps over the number of members, and the gate before a decision (BR-10)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.enrollment.domain.programme import Programme
from services.enrollment.domain.reference import AreaKind
from shared.errors import Conflict, Invalid


@dataclass(frozen=True, slots=True)
class Step:
    """From so many members on, each member of the kind (none: of every kind) gets the amount in euros."""

    from_members: int
    amount: Decimal
    kind: AreaKind | None = None


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named table of steps; the amounts are data, the programme's paper names none."""

    code: str
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        keys = [(step.from_members, step.kind) for step in self.steps]
        if not keys:
            raise Invalid("a scenario has at least one step", field="steps", reason="scenario_empty")
        if len(set(keys)) != len(keys):
            raise Invalid(
                "two steps begin at the same number of members for the same kind", field="steps", reason="steps_collide"
            )
        for at, step in enumerate(self.steps):
            if step.from_members < 0 or step.amount < 0:
                raise Invalid(
                    "numbers of members and amounts are not negative", field=f"steps.{at}", reason="step_negative"
                )


@dataclass(frozen=True, slots=True)
class Decision:
    """A funding decision; the amount is in euros."""

    funding_id: str
    municipality: str
    block: str
    decided_on: date
    amount: Decimal
    granted_from: date
    granted_until: date


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """What a scenario says for a count: the amount a member of each kind, and their sum, in euros."""

    code: str
    members: int
    amount_by_kind: dict[AreaKind, Decimal]
    total: Decimal


def evaluate(scenario: Scenario, by_kind: Mapping[AreaKind, int]) -> ScenarioResult:
    """Apply the steps to the members by kind: of the steps reached, the highest for the kind, else for all kinds."""
    total_members = sum(by_kind.values())
    reached = [step for step in scenario.steps if step.from_members <= total_members]
    amounts = {kind: _amount(reached, kind) for kind in AreaKind}
    total = sum((amounts[kind] * number for kind, number in by_kind.items()), Decimal(0))
    return ScenarioResult(scenario.code, total_members, amounts, total)


def _amount(reached: Sequence[Step], kind: AreaKind) -> Decimal:
    own = [step for step in reached if step.kind is kind] or [step for step in reached if step.kind is None]
    return max(own, key=lambda step: step.from_members).amount if own else Decimal(0)


def check_decision(programme: Programme, *, joined: bool, approach: bool, decided_on: date) -> None:
    """Raise `Conflict` unless the municipality has joined, its approach lies here, and funding has begun (BR-10)."""
    if not joined:
        raise Conflict(
            "funding needs a membership on that day", field="municipality", reason="funding_needs_membership"
        )
    if not approach:
        raise Conflict(
            "funding needs a submitted approach (Handlungsansatz)",
            field="municipality",
            reason="funding_needs_approach",
        )
    if decided_on < programme.funding_from:
        raise Conflict(
            f"funding begins on {programme.funding_from.isoformat()}",
            field="decided_on",
            reason="funding_begins",
            values={"day": programme.funding_from.isoformat()},
        )
