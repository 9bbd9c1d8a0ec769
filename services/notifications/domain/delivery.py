"""One message to one recipient: its identity, and when it is tried again."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from services.notifications.domain.finding import REFERRAL, Finding
from services.notifications.domain.recipient import Recipient

MOST_ATTEMPTS = 110  # with the usual pauses four days, as mail servers among themselves (RFC 5321, 4.5.4.1)
LONGEST_PAUSE_SECONDS = 3600.0
LONGEST_AWAY_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message planned: what it says, to whom, and the trace it belongs to. `attempts` counts the present one.

    `released` says that the recipient may be told all of it; until it was asked, it may not.
    """

    delivery_id: str
    person_id: str
    pattern: str
    anchor: str
    severity: str
    since: date
    step_on: date
    municipality: str
    noticed: Mapping[str, str]
    ends: Mapping[str, str]
    event_id: str
    traceparent: str | None
    recipient: Recipient
    attempts: int = 0
    released: bool = False

    @property
    def key(self) -> str:
        """Its id."""
        return self.delivery_id


def planned(finding: Finding, recipient: Recipient, traceparent: str | None) -> Delivery:
    """The delivery of one step of a finding to one recipient."""
    return Delivery(
        delivery_id(finding, recipient),
        finding.person_id,
        finding.pattern,
        finding.anchor,
        finding.severity,
        finding.since,
        finding.step_on,
        finding.municipality,
        finding.noticed,
        finding.ends,
        finding.event_id,
        traceparent,
        recipient,
    )


def delivery_id(finding: Finding, recipient: Recipient) -> str:
    """The id that a repeat of the same step to the same recipient has again: 26 characters, telling nothing.

    Of a referral there is one mail, however grave it becomes.
    """
    parts: tuple[str, ...] = (finding.person_id, finding.pattern, finding.anchor)
    if finding.pattern != REFERRAL:
        parts += (finding.severity, finding.step_on.isoformat())
    digest = hashlib.sha256(
        "\x1f".join((*parts, str(recipient.recipient_id))).encode("utf-8", "surrogatepass")
    ).digest()
    return base64.b32encode(digest[:16]).decode().rstrip("=").lower()


def pause_seconds(attempts: int, first_seconds: float, chance: float) -> float | None:
    """How long to wait after the `attempts`-th failure, None to give up.

    Doubles from `first_seconds`, at most an hour, scattered by half to either side by `chance` in [0, 1) so that what
    failed together does not come back together.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    return min(LONGEST_PAUSE_SECONDS, first_seconds * 2 ** (attempts - 1)) * (0.5 + chance)


def away_seconds(times: int, first_seconds: float, chance: float) -> float:
    """The pause before a mail server is asked again that was away `times` times in a row (at most 7.5 minutes)."""
    return min(LONGEST_AWAY_SECONDS, first_seconds * 2 ** min(times - 1, 20)) * (0.5 + chance)
