"""Asks enrollment where an attendee, or who runs a source, wants mail, when the mail is about to be sent."""

from __future__ import annotations

from datetime import datetime

import httpx

from services.notifications.domain.notice import SOURCE_PREFIX
from services.notifications.gateways.email import Blame, NotDelivered
from shared.inside import HEADER, sign

SECONDS = 5.0


class Attendees:
    """Enrollment's knowledge of attendees and of sources' contacts; `url` is where enrollment is reached from here."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url.rstrip("/")
        self._secret = secret

    async def address(self, attendee_id: str, at: datetime) -> str:
        """The address; raises `NotDelivered`, for good where enrollment keeps none any more."""
        kept = "source-contacts" if attendee_id.startswith(SOURCE_PREFIX) else "attendees"
        path = f"/v1/{kept}/{attendee_id}/address"
        try:
            async with httpx.AsyncClient(timeout=SECONDS) as client:
                answer = await client.get(self._url + path, headers={HEADER: sign(self._secret, path, at)})
        except httpx.HTTPError as error:
            raise NotDelivered(type(error).__name__, permanent=False, blame=Blame.ADDRESS) from None
        if answer.status_code in (404, 410):
            raise NotDelivered("attendee_forgotten", permanent=True)
        if not answer.is_success:
            raise NotDelivered(f"attendees_{answer.status_code}", permanent=False, blame=Blame.ADDRESS)
        return str(answer.json()["address"])
