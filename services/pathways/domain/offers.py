"""Which offers near by suit a person: area, language level, free seats, start, and no warning by the rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, timedelta
from enum import IntEnum
from typing import NamedTuple

from services.pathways.domain.precheck import Effects

WAIT = timedelta(days=120)
"""How long after the planned start an offer may begin and still be named."""
_MOST = 8


class Offer(NamedTuple):
    """An open offer; `free` seats are those not known to be taken, levels None where any will do."""

    offer_id: str
    type: str
    provider: str
    area: str
    free: int
    starts_on: date
    language_from: str | None
    language_to: str | None


class Distance(IntEnum):
    """How far an offer is: in the same municipality, in the same Kreis or for all of it, in one that borders on it."""

    MUNICIPALITY = 0
    DISTRICT = 1
    NEIGHBOUR = 2


class Wanted(NamedTuple):
    """For whom and when: `level` is the highest rank tested, None if it may not be known; `near` the Kreise around."""

    municipality: str
    near: Collection[str]
    level: int | None
    starts_on: date


class Near(NamedTuple):
    """An offer that suits, how far it is, and what it would do to the findings."""

    offer: Offer
    distance: Distance
    effects: Effects


def fitting(
    offers: Iterable[Offer], wanted: Wanted, *, ranks: Mapping[str, int], tried: Callable[[str], Effects | None]
) -> list[Near]:
    """The offers that suit, the nearest first, of those the one that begins closest to the plan.

    `tried` says what a type of measure would do, None for one the catalogue does not have.
    """
    found = []
    for offer in offers:
        distance = _distance(offer.area, wanted)
        if distance is None or offer.free < 1 or not _speaks(offer, wanted.level, ranks):
            continue
        effects = tried(offer.type)
        if effects is not None and not effects.concerns:
            found.append(Near(offer, distance, effects))
    found.sort(key=lambda one: (one.distance, abs((one.offer.starts_on - wanted.starts_on).days), one.offer.offer_id))
    return found[:_MOST]


def _distance(area: str, wanted: Wanted) -> Distance | None:
    if area == wanted.municipality:
        return Distance.MUNICIPALITY
    if area[:5] == wanted.municipality[:5]:
        return Distance.DISTRICT
    return Distance.NEIGHBOUR if f"{area[:5]}000" in wanted.near else None


def _speaks(offer: Offer, level: int | None, ranks: Mapping[str, int]) -> bool:
    """Whether a level is enough to begin and the offer leads above it; who was never tested begins at the bottom."""
    if level is None:
        return True
    enough = offer.language_from is None or ranks.get(offer.language_from, 0) <= level
    return enough and (offer.language_to is None or level < ranks.get(offer.language_to, level))
