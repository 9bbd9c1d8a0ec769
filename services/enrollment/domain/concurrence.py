"""The Einvernehmen of the Kreis (BR-5): who stated what, and what holds when the two sides contradict each other."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.errors import Conflict


class ConcurrenceState(StrEnum):
    """What is known of the Einvernehmen."""

    NONE = "NONE"
    GRANTED = "GRANTED"
    REFUSED = "REFUSED"
    REVOKED = "REVOKED"


class Side(StrEnum):
    """Who stated it; the Kreis itself outranks what the municipality says of it."""

    DISTRICT = "DISTRICT"
    MUNICIPALITY = "MUNICIPALITY"


@dataclass(frozen=True, slots=True)
class Concurrence:
    """The statement that holds. `evidence` is a document's SHA-256 or empty, `decided_on` a day in Europe/Berlin.

    `contradicted` is set while a statement of the municipality and one of the Kreis do not agree: the ministry looks.
    """

    state: ConcurrenceState = ConcurrenceState.NONE
    stated_by: Side | None = None
    decided_on: date | None = None
    evidence: str = ""
    contradicted: bool = False


def state_concurrence(held: Concurrence, stated: Concurrence) -> Concurrence:
    """What holds after a new statement; the same as `held` where it says nothing new.

    Raises `Conflict` where something is revoked that was not granted, or the municipality states other than a grant.
    """
    if stated.stated_by is Side.MUNICIPALITY and stated.state is not ConcurrenceState.GRANTED:
        raise Conflict(
            "only the Kreis refuses or revokes its Einvernehmen", field="decision", reason="only_the_kreis_refuses"
        )
    if stated.state is ConcurrenceState.REVOKED and held.state is not ConcurrenceState.GRANTED:
        raise Conflict("only a granted Einvernehmen can be revoked", field="decision", reason="not_granted")
    if held.state is ConcurrenceState.NONE:
        return stated
    if stated.stated_by is Side.MUNICIPALITY and held.stated_by is Side.DISTRICT:
        return _claim_against_the_district(held)
    if (held.state, held.stated_by) == (stated.state, stated.stated_by):
        return held
    return _replacing(held, stated)


def _claim_against_the_district(held: Concurrence) -> Concurrence:
    if held.state is ConcurrenceState.GRANTED:
        return held
    return _marked(held)


def _replacing(held: Concurrence, stated: Concurrence) -> Concurrence:
    claimed_and_denied = (
        held.stated_by is Side.MUNICIPALITY
        and stated.stated_by is Side.DISTRICT
        and stated.state is ConcurrenceState.REFUSED
    )
    return _marked(stated) if claimed_and_denied else stated


def _marked(concurrence: Concurrence) -> Concurrence:
    return Concurrence(
        concurrence.state, concurrence.stated_by, concurrence.decided_on, concurrence.evidence, contradicted=True
    )
