"""What a vault clerk may decide about two pseudonyms, and for which reasons people look behind one."""

from __future__ import annotations

from enum import StrEnum

from services.enrollment.domain.identity import Standing
from shared.errors import Conflict


class Decision(StrEnum):
    """What a clerk decides: one person, two people (for good), or two people after all."""

    MERGE = "merge"
    APART = "apart"
    SPLIT = "split"


class DecisionReason(StrEnum):
    """Worauf sich die Entscheidung stützt: Unterlagen, Auskunft der Stelle, Auskunft der Person, falsche Merkmale."""

    DOCUMENTS = "DOCUMENTS"
    OFFICE_ASKED = "OFFICE_ASKED"
    PERSON_ASKED = "PERSON_ASKED"
    WRONG_TRAITS = "WRONG_TRAITS"


class LookReason(StrEnum):
    """Warum jemand hinter ein Pseudonym sieht: Fallarbeit, Abgleich, Anliegen der Person, Berichtigung."""

    CASE_WORK = "CASE_WORK"
    MATCHING = "MATCHING"
    PERSON_ASKED = "PERSON_ASKED"
    CORRECTION = "CORRECTION"


STATE_AFTER = {Decision.MERGE: "merged", Decision.APART: "apart", Decision.SPLIT: "apart"}
_POSSIBLE = {"waiting": (Decision.MERGE, Decision.APART), "merged": (Decision.SPLIT,), "apart": (Decision.MERGE,)}


def possible(state: str) -> tuple[Decision, ...]:
    """What can be decided about a pair in this state."""
    return _POSSIBLE[state]


def check(decision: Decision, state: str, pair: tuple[str, str], *, standing: Standing, limit: int) -> None:
    """Raise Conflict if this cannot be decided about the pair: already so, or a person beyond the limit."""
    if decision not in possible(state):
        raise Conflict("this pair has been decided meanwhile", field="decision", reason="pair_decided")
    one, other = pair
    if decision is Decision.MERGE and len(standing.group(one) | standing.group(other)) > limit:
        raise Conflict(
            f"a person has at most {limit} case numbers",
            field="decision",
            reason="too_many_numbers",
            values={"limit": limit},
        )
