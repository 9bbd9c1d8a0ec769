"""Offers of integration: what is on, where, for whom by language level, and with how many seats."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from shared.errors import Conflict, Invalid

LEVELS = ("A0", "A1", "A2", "B1", "B2", "C1", "C2")


@dataclass(frozen=True, slots=True)
class Offer:
    """One offer. `type` is a measure type's code, `provider` an identifier, `area` an AGS, `place` for people."""

    offer_id: str
    type: str
    provider: str
    area: str
    title: str
    place: str
    seats: int
    starts_on: date
    language_from: str | None = None
    language_to: str | None = None
    closed_on: date | None = None


def check(offer: Offer) -> None:
    """Raise `Invalid` for negative seats, an unknown level, or levels the wrong way round."""
    if offer.seats < 0:
        raise Invalid("seats are not negative", field="seats", reason="seats_negative")
    for name in ("language_from", "language_to"):
        level = getattr(offer, name)
        if level is not None and level not in LEVELS:
            raise Invalid(f"a language level is one of {', '.join(LEVELS)}", field=name, reason="level_unknown")
    lower, upper = offer.language_from, offer.language_to
    if lower and upper and LEVELS.index(lower) > LEVELS.index(upper):
        raise Invalid("the lower language level comes first", field="language_to", reason="levels_swapped")


def check_open(offer: Offer) -> None:
    """Raise `Conflict` where a closed offer would be changed."""
    if offer.closed_on is not None:
        raise Conflict("the offer is closed", field="offer_id", reason="offer_closed")
