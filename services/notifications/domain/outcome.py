"""How a delivery ended, as the event that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from typing import Any

from services.notifications.domain.delivery import Delivery
from services.notifications.domain.finding import REFERRAL
from shared.contracts.deliveries import Channel, DeliveryFailed, DeliverySent, Failure
from shared.contracts.envelope import Envelope, time_text

SOURCE = "//gemeinsam/notifications"


@dataclass(frozen=True, slots=True)
class Outcome:
    """`state` is `sent` or `failed`; `reason` is what the server answered, as a slug; `rejected` if it said never."""

    state: str
    at: datetime
    reason: str | None = None
    rejected: bool = False


def message_id(delivery: Delivery, sender: str) -> str:
    """The Message-ID of a delivery's mail: the same at every try."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "gemeinsam.invalid"
    return f"<{delivery.delivery_id}@{domain}>"


def event_of(delivery: Delivery, outcome: Outcome, sender: str) -> tuple[Envelope, DeliverySent | DeliveryFailed]:
    """`delivery.sent` or `delivery.failed`: the recipient by id, never an address, never a word of the mail.

    Nor whom it is about, by pseudonym or by the cause's id: the topic is not compacted, so erasure could not reach it.
    """
    common: dict[str, Any] = {
        "delivery_id": delivery.delivery_id,
        "channel": Channel.EMAIL,
        "recipient": str(delivery.recipient.recipient_id),
        "municipality": delivery.municipality,
        "about": "finding",
        "message_id": message_id(delivery, sender),
        "attempts": delivery.attempts,
    }
    if delivery.pattern == REFERRAL:
        common["about"] = "referral"
    else:
        common |= {"pattern": delivery.pattern, "step_severity": delivery.severity, "step_on": delivery.step_on}
    data: DeliverySent | DeliveryFailed
    if outcome.state == "sent":
        data = DeliverySent(**common, sent_at=outcome.at)
    else:
        reason = Failure.REJECTED if outcome.rejected else Failure.UNREACHABLE
        data = DeliveryFailed(**common, failed_at=outcome.at, reason=reason)
    envelope = Envelope(
        id=f"{delivery.delivery_id}.{outcome.state}",
        source=SOURCE,
        type=data.TYPE,
        subject=delivery.delivery_id,
        time=time_text(outcome.at),
    )
    return envelope, data
