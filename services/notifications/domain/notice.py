"""What a municipality or its Kreis is told by e-mail about the programme: of which events, who, and by which id."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

MANAGING_BODY, DISTRICT, JMD, MINISTRY, ATTENDEE = "managing_body", "district", "jmd", "ministry", "attendee"
OPERATOR, SOURCE_CONTACT = "operator", "source_contact"
SOURCE_PREFIX = "source-"  # of the ids by which enrollment knows whom to write to at a source
LAND = "05000000"
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
        "source.silenced",
        "source.resumed",
        "brake.pulled",
        "workshop.requested",
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
    """Who is written to: a mail box of an area and role, or, with `attendee_id`, one person who goes to a workshop.

    An attendee's address is not known here. `former` says that somebody else goes in the attendee's place now.
    """

    contact_id: int | None
    area: str
    role: str
    address: str
    language: str
    attendee_id: str | None = None
    former: bool = False

    @property
    def key(self) -> str:
        """What tells contacts apart."""
        return str(self.contact_id) if self.contact_id is not None else f"{self.attendee_id}{'/former' * self.former}"


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

    @property
    def key(self) -> str:
        """Its id."""
        return self.notice_id


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
    """The areas and roles to be told: who must act, or was waiting for it.

    The municipality; its Kreis where the Einvernehmen is wanted; the ministry where it decides (what came late, what is
    contradicted); the Jugendmigrationsdienst, of the place or of its Kreis, where a starter workshop is asked for; the
    operator, once for each silence of a source.
    """
    own, data = happening.municipality or "", happening.data
    district, ministry = (f"{own[:5]}000", DISTRICT), (LAND, MINISTRY)
    if happening.thing == "workshop.requested":
        return tuple((area, JMD) for area in dict.fromkeys((own, f"{own[:5]}000")))
    if happening.thing == "concurrence.requested":
        return (district,)
    told = ((own, MANAGING_BODY),)
    if happening.thing in ("source.silenced", "source.resumed"):
        return (*told, (LAND, OPERATOR)) if data.get("source_id") else told
    if happening.thing == "declaration.reminded" and data.get("about") == "CONCURRENCE":
        return *told, district
    if (happening.thing == "declaration.received" and data.get("late")) or data.get("contradicted"):
        return *told, ministry
    return told


def attendees(happening: Happening) -> tuple[Contact, ...]:
    """Who is written to where only enrollment knows: who comes to a workshop and who came before, who runs a source."""
    data, own = happening.data, happening.municipality or ""
    if happening.thing.startswith("source.") and data.get("source_id"):
        return (Contact(None, own, SOURCE_CONTACT, "", "de", str(data["source_id"])),)
    if not happening.thing.startswith("workshop."):
        return ()
    named = [(data.get("attendee_id"), data.get("language"), False)]
    named.append((data.get("former_attendee_id"), data.get("former_language"), True))
    return tuple(
        Contact(None, own, ATTENDEE, "", "en" if language == "en" else "de", str(attendee), former)
        for attendee, language, former in named
        if attendee
    )


def notice_id(event_id: str, contact: Contact) -> str:
    """The id that a repeat of the event to the same contact has again: 26 characters, telling nothing."""
    digest = hashlib.sha256(f"{event_id}\x1f{contact.key}".encode("utf-8", "surrogatepass")).digest()
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()
