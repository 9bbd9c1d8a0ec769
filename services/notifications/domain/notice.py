"""What a municipality or its Kreis is told by e-mail about the programme: of which events, who, and by which id."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

MANAGING_BODY, DISTRICT = "managing_body", "district"
OLDEST = timedelta(days=7)  # nobody is mailed about what is over: a rebuild or a late start makes no storm

TELLING = frozenset(
    {
        "declaration.received",
        "declaration.amended",
        "declaration.returned",
        "declaration.accepted",
        "declaration.reminded",
        "concurrence.requested",
        "concurrence.granted",
        "concurrence.refused",
        "concurrence.revoked",
        "commitment.at_risk",
        "workshop.booked",
        "workshop.waitlisted",
        "workshop.promoted",
        "workshop.cancelled",
    }
)


@dataclass(frozen=True, slots=True)
class Happening:
    """An event about a municipality or a workshop as it was heard; `thing` is its type without prefix and version."""

    event_id: str
    thing: str
    subject: str
    recorded_at: datetime
    data: Mapping[str, Any]
    traceparent: str | None = None

    @property
    def municipality(self) -> str | None:
        """Whose it is."""
        found = self.data.get("municipality")
        return str(found) if found else None


@dataclass(frozen=True, slots=True)
class Contact:
    """A mail box of an area and role."""

    contact_id: int
    area: str
    role: str
    address: str
    language: str


@dataclass(frozen=True, slots=True)
class Slot:
    """When and where (AGS) a workshop is; instants in UTC."""

    workshop_id: str
    kind: str
    starts_at: datetime
    ends_at: datetime
    venue: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A message ready to be sent; `calendar` is an iCalendar text or None, `attempts` counts the present one."""

    notice_id: str
    contact: Contact
    about: str
    municipality: str
    subject: str
    body: str
    calendar: str | None
    event_id: str
    traceparent: str | None
    attempts: int = 0


def worth_mailing(happening: Happening, now: datetime) -> bool:
    """Whether somebody must know by mail: of the kinds above, about a municipality, and not long ago."""
    if happening.thing not in TELLING or happening.municipality is None:
        return False
    if happening.thing == "workshop.cancelled" and not happening.data.get("booking_id"):
        return False
    if happening.thing == "declaration.amended" and not happening.data.get("missing"):
        return False
    return now - happening.recorded_at <= OLDEST


def addressed(happening: Happening) -> tuple[tuple[str, str], ...]:
    """The areas and roles to be told: the municipality, and the Kreis where its Einvernehmen is wanted."""
    own = happening.municipality or ""
    district = (f"{own[:5]}000", DISTRICT)
    if happening.thing == "concurrence.requested":
        return (district,)
    if happening.thing == "declaration.reminded" and happening.data.get("about") == "CONCURRENCE":
        return (own, MANAGING_BODY), district
    return ((own, MANAGING_BODY),)


def notice_id(event_id: str, contact: Contact) -> str:
    """The id that a repeat of the event to the same contact has again: 26 characters, telling nothing."""
    digest = hashlib.sha256(f"{event_id}\x1f{contact.contact_id}".encode("utf-8", "surrogatepass")).digest()
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()
