"""What notifications says about messages to people and systems, the topic `notifications.deliveries`."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts import vocabulary as v
from shared.contracts.fields import Area, Code, Day, EventData, Identifier, Instant, Ordinal, types_of


class Channel(StrEnum):
    """Kanal der Zustellung."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class Failure(StrEnum):
    """Warum eine Zustellung aufgegeben wurde: abgelehnt, nicht erreichbar, Empfänger abgemeldet."""

    REJECTED = "rejected"
    UNREACHABLE = "unreachable"
    UNSUBSCRIBED = "unsubscribed"


class Delivery(EventData):
    """One message to one recipient. It names the recipient by id, never by address, and no content."""

    delivery_id: Identifier
    channel: Annotated[str, Code(Channel)]
    recipient: Identifier
    municipality: Area
    about: Identifier
    """What it is about: `finding`, `digest`, or the event's thing, such as `declaration` or `workshop`."""
    person_id: Identifier | None = None
    pattern: Identifier | None = None
    anchor: Annotated[str, Field(strict=True, min_length=1, max_length=512)] | None = None
    step_severity: Annotated[str, Code(v.Severity)] | None = None
    step_on: Day | None = None
    message_id: Annotated[str, Field(strict=True, max_length=256)] | None = None
    attempts: Ordinal


class DeliverySent(Delivery):
    """The receiving server took the message (zugestellt)."""

    TYPE: ClassVar[str] = "gemeinsam.delivery.sent.v1"

    sent_at: Instant


class DeliveryFailed(Delivery):
    """The message was given up (aufgegeben)."""

    TYPE: ClassVar[str] = "gemeinsam.delivery.failed.v1"

    failed_at: Instant
    reason: Annotated[str, Code(Failure)]


EVENTS = types_of(Delivery)
"""Every event about a delivery by its type."""
