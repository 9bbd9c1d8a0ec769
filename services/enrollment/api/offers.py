"""`/v1/offers`: offers of integration with seats, place and language levels."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from services.enrollment.api.parts import PROBLEMS, Ags, Code, Day, Id, Key, Line, Sent, Use
from services.enrollment.domain.offer import Offer
from shared.contracts.vocabulary import LanguageLevel
from shared.http import Bearer

router = APIRouter(prefix="/v1/offers", tags=["offers"], responses=PROBLEMS)


class OfferSent(Sent):
    """An offer: `type` is a measure type of the catalogue, `provider` an identifier, no name."""

    type: Code
    provider: Code
    area: Ags
    title: Line
    place: Line
    seats: Annotated[int, Field(ge=0, le=100_000)]
    starts_on: Day
    language_from: LanguageLevel | None = None
    language_to: LanguageLevel | None = None

    def offer(self, offer_id: str) -> Offer:
        """As the rules read it."""
        values = self.model_dump()
        levels = {name: str(values[name]) if values[name] else None for name in ("language_from", "language_to")}
        return Offer(offer_id=offer_id, **values | levels)


class ClosingSent(Sent):
    """The first day on which nobody is taken any more; today if left out."""

    closed_on: Day | None = None


@router.get("")
async def list_offers(use: Use, principal: Bearer, area: Annotated[Ags | None, Query()] = None) -> list[Offer]:
    """Offers, the open ones first; with `area` those there, a Kreis standing for its Gemeinden."""
    return await use.offers.listed(area)


@router.post("", status_code=201)
async def publish_offer(sent: OfferSent, use: Use, principal: Bearer, key: Key = None) -> Offer:
    """Publish an offer."""
    return await use.offers.publish(principal, sent.offer(""), key)


@router.get("/{offer_id}")
async def show_offer(offer_id: Id, use: Use, principal: Bearer) -> Offer:
    """One offer."""
    return await use.offers.found(offer_id)


@router.put("/{offer_id}")
async def change_offer(offer_id: Id, sent: OfferSent, use: Use, principal: Bearer) -> Offer:
    """Change an open offer; the same again changes nothing."""
    return await use.offers.change(principal, sent.offer(offer_id))


@router.post("/{offer_id}/closing")
async def close_offer(offer_id: Id, sent: ClosingSent, use: Use, principal: Bearer) -> Offer:
    """Close an offer."""
    return await use.offers.close(principal, offer_id, sent.closed_on)
