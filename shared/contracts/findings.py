"""What pathways says about persons, the topic `pathways.findings`: the last record of a key is the state."""

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts import vocabulary as v
from shared.contracts.fields import Area, Code, Day, EventData, Identifier, Identifiers, Instant, Texts, types_of

NEW_RULES = "rules:"
"""Begins the `causationid` of what is said because a rule set took effect: nothing has happened to the person."""

_Severity = Annotated[str, Code(v.Severity)]


class Finding(EventData):
    """A finding (Befund) as it stands now. Identity is (`person_id`, `pattern`, `anchor`).

    `until` is null while it holds. `steps` are the severities reached and the days they were reached on. `revision`
    counts up from 1 per identity. `historical` is true if the newest step lies more than 30 days before the business
    date: nobody is mailed for it.
    `municipality` is the responsible one, null if the person has none in the Land. `ends_with` says what would end it.
    `reason` says why it ended, once `until` is set or it was retracted.
    """

    person_id: Identifier
    pattern: Identifier
    anchor: Annotated[str, Field(strict=True, min_length=1, max_length=512)]
    severity: _Severity
    since: Day
    until: Day | None
    steps: Annotated[tuple[tuple[_Severity, Day], ...], Field(min_length=1)]
    evidence: tuple[Annotated[str, Field(strict=True, min_length=1, max_length=512)], ...]
    rules_version: Identifier
    text: Texts
    ends_with: Texts | None = None
    municipality: Area | None
    revision: Annotated[int, Field(strict=True, ge=1)]
    historical: Annotated[bool, Field(strict=True)]
    reason: Annotated[str, Code(v.EndReason)] | None = None
    acknowledged_at: Instant | None = None
    acknowledged_by: Identifier | None = None


class FindingDetected(Finding):
    """A pattern was found that was not held before (erkannt); it may be closed already."""

    TYPE: ClassVar[str] = "gemeinsam.finding.detected.v1"


class FindingEscalated(Finding):
    """The severity rose (verschärft)."""

    TYPE: ClassVar[str] = "gemeinsam.finding.escalated.v1"


class FindingRevised(Finding):
    """Something else differs from what was said before (geändert); `changed` names the fields."""

    TYPE: ClassVar[str] = "gemeinsam.finding.revised.v1"

    changed: Identifiers


class FindingResolved(Finding):
    """The finding came to its end (beendet)."""

    TYPE: ClassVar[str] = "gemeinsam.finding.resolved.v1"


class FindingRetracted(Finding):
    """The finding no longer follows from the facts (zurückgenommen); the data show what is taken back."""

    TYPE: ClassVar[str] = "gemeinsam.finding.retracted.v1"


class FindingAcknowledged(Finding):
    """A case manager has seen it (zur Kenntnis genommen): `acknowledged_at` and `acknowledged_by` are set."""

    TYPE: ClassVar[str] = "gemeinsam.finding.acknowledged.v1"


EVENTS = types_of(Finding)
"""Every event about a finding by its type."""
