"""`/offers`: the catalogue of offers, and the forms to publish, change and close one."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from services.enrollment.domain.offer import LEVELS, Offer
from services.enrollment.pages.desk import Desk, Pages, acts_for, attempt, own_areas, page_router
from services.enrollment.pages.forms import Sent
from shared.auth import Principal
from shared.contracts.measures import MEASURE_TYPES
from shared.errors import GemeinsamError
from shared.reference import districts
from shared.web import CsrfChecked, Visitor

router = page_router()


@router.get("/offers")
async def listed(request: Request, visitor: Visitor, pages: Pages, area: str = "", change: str = "") -> Response:
    """Offers of an area, by default of one's own."""
    sent = None
    if change:
        sent = _values(await pages.use.offers.found(change))
    return await _list(request, visitor, pages, area=area, sent=sent)


async def _list(
    request: Request,
    visitor: Principal,
    pages: Desk,
    *,
    area: str = "",
    problem: GemeinsamError | None = None,
    sent: dict[str, str] | None = None,
) -> Response:
    own = own_areas(visitor)
    known = set(districts()) | set(own)
    chosen = area if area in known else ""
    return pages.render(
        request,
        "offers.html",
        problem=problem,
        sent=sent or {},
        offers=await pages.use.offers.listed(chosen or None),
        area=chosen,
        areas=sorted(districts().values(), key=lambda one: one.name),
        own=own,
        acts=lambda ags: acts_for(visitor, ags),
        measures=MEASURE_TYPES,
        levels=LEVELS,
    )


@router.post("/offers", dependencies=[CsrfChecked])
async def publish(request: Request, visitor: Visitor, pages: Pages) -> Response:
    """Publish an offer, or change the one named."""
    sent = await Sent.read(request)
    offer_id = sent.text("offer_id")

    async def act() -> None:
        if offer_id:
            await pages.use.offers.change(visitor, _offer(sent, offer_id))
        else:
            await pages.use.offers.publish(visitor, _offer(sent, ""), sent.key())

    return await attempt(
        act(),
        done=pages.to("offers", "offer_changed" if offer_id else "offer_published"),
        again=lambda problem: _list(request, visitor, pages, problem=problem, sent=sent.values()),
    )


@router.post("/offers/{offer_id}/close", dependencies=[CsrfChecked])
async def close(request: Request, visitor: Visitor, pages: Pages, offer_id: str) -> Response:
    """Close an offer today."""
    return await attempt(
        pages.use.offers.close(visitor, offer_id),
        done=pages.to("offers", "offer_closed"),
        again=lambda problem: _list(request, visitor, pages, problem=problem),
    )


def _offer(sent: Sent, offer_id: str) -> Offer:
    return Offer(
        offer_id=offer_id,
        type=sent.needed("type"),
        provider=sent.needed("provider"),
        area=sent.ags("area"),
        title=sent.needed("title"),
        place=sent.needed("place"),
        seats=sent.number("seats", 100_000) or 0,
        starts_on=sent.needed_day("starts_on"),
        language_from=sent.text("language_from") or None,
        language_to=sent.text("language_to") or None,
    )


def _values(offer: Offer) -> dict[str, str]:
    return {name: str(getattr(offer, name) or "") for name in Offer.__slots__}
