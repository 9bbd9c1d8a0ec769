"""Offers of integration: published, changed, closed by who answers for them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from services.enrollment.domain import offer as rules
from services.enrollment.domain.offer import Offer
from services.enrollment.domain.reference import AreaTable
from services.enrollment.domain.submission import check_repeat, repeatable_id
from services.enrollment.store import declarations, offers
from services.enrollment.usecases.acting import check_acts_for
from services.enrollment.usecases.telling import Hand, tell
from shared.auth import Principal
from shared.clock import Clock
from shared.contracts import offers as facts
from shared.contracts.measures import CODES
from shared.db import Database
from shared.errors import Invalid, NotFound


class Offers:
    """The catalogue of offers."""

    def __init__(self, database: Database, clock: Clock, areas: AreaTable) -> None:
        self._database = database
        self._clock = clock
        self._areas = areas

    async def publish(self, principal: Principal, offer: Offer, key: str | None = None) -> Offer:
        """Publish a new offer; the same again changes nothing."""
        self._check(principal, offer)
        identity = offer.offer_id or repeatable_id("of", offer.area, key, offer)
        offer = replace(offer, offer_id=identity)
        async with self._database.transaction() as connection:
            await declarations.lock(connection, offer.area)  # two clicks at once find each other
            held = await offers.lock(connection, identity)
            if held is not None:
                return check_repeat(held, offer, "closed_on")
            await offers.put(connection, offer)
            await tell(connection, [facts.OfferPublished(**_described(offer))], self._hand(principal))
        return offer

    async def change(self, principal: Principal, offer: Offer) -> Offer:
        """Change an open offer; the same again changes nothing."""
        self._check(principal, offer)
        async with self._database.transaction() as connection:
            held = await offers.lock(connection, offer.offer_id)
            if held is None:
                raise NotFound("there is no such offer")
            check_acts_for(principal, held.area)
            rules.check_open(held)
            if held != offer:
                await offers.put(connection, offer)
                await tell(connection, [facts.OfferChanged(**_described(offer))], self._hand(principal))
        return offer

    async def close(self, principal: Principal, offer_id: str, closed_on: date | None = None) -> Offer:
        """Close an offer; again changes nothing."""
        async with self._database.transaction() as connection:
            held = await offers.lock(connection, offer_id)
            if held is None:
                raise NotFound("there is no such offer")
            check_acts_for(principal, held.area)
            if held.closed_on is not None:
                return held
            closed = replace(held, closed_on=closed_on or self._clock.today())
            await offers.put(connection, closed)
            fact = facts.OfferClosed(offer_id=offer_id, closed_on=closed.closed_on)
            await tell(connection, [fact], self._hand(principal))
        return closed

    async def listed(self, area: str | None = None) -> list[Offer]:
        """Offers, the open ones first; with `area` those there, a Kreis standing for its Gemeinden."""
        async with self._database.reading() as connection:
            return await offers.listed(connection, area)

    async def found(self, offer_id: str) -> Offer:
        """One offer; raises `NotFound`."""
        async with self._database.reading() as connection:
            held = await offers.find(connection, offer_id)
        if held is None:
            raise NotFound("there is no such offer")
        return held

    def _check(self, principal: Principal, offer: Offer) -> None:
        check_acts_for(principal, offer.area)
        self._areas.declarant(offer.area, self._clock.today(), field="area")
        if offer.type not in CODES:
            raise Invalid("this is no type of measure in the catalogue", field="type", reason="type_unknown")
        rules.check(offer)

    def _hand(self, principal: Principal) -> Hand:
        return Hand(principal.subject, self._clock.now())


def _described(offer: Offer) -> dict[str, object]:
    names = ("offer_id", "type", "provider", "area", "seats", "starts_on", "language_from", "language_to")
    return {name: value for name in names if (value := getattr(offer, name)) is not None}
