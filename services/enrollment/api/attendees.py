"""`/v1/attendees/{id}/address`: for our own services alone, who mail attendees; no token opens it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from pydantic import BaseModel

from services.enrollment.api.parts import Id, Use
from shared.errors import Unauthenticated
from shared.inside import HEADER, is_signed

router = APIRouter(include_in_schema=False)


class AddressShown(BaseModel):
    """Where one attendee wants mail."""

    address: str


@router.get("/v1/attendees/{attendee_id}/address")
async def address_of_attendee(attendee_id: Id, request: Request, use: Use) -> AddressShown:
    """The address behind the id that facts carry, as long as it is kept."""
    secret = request.app.state.settings.session_secret.get_secret_value()
    path = f"/v1/attendees/{attendee_id}/address"
    if not is_signed(secret, path, request.headers.get(HEADER, ""), use.clock.now()):
        raise Unauthenticated("this is for the programme's own services")
    return AddressShown(address=await use.bookings.address(attendee_id))
