"""Facts about joining: interest, declaration, Einvernehmen, managing body, membership."""

from typing import Annotated, ClassVar

from shared.contracts.fields import Area, Code, Codes, Day, EventData, Identifier

MISSING = (
    "EVIDENCE_MISSING",
    "SIGNED_ON_MISSING",
    "SIGNATORY_MISSING",
    "SIGNATORY_FUNCTION_MISSING",
    "SIGNATORY_NOT_ON_BOARD",
    "MANAGING_BODY_MISSING",
    "MANAGING_BODY_NAME_MISSING",
    "MANAGING_BODY_CONTACT_MISSING",
)
RETURN_REASONS = (
    "EVIDENCE_UNREADABLE",
    "EVIDENCE_UNSIGNED",
    "SIGNATORY_UNCONFIRMED",
    "MANAGING_BODY_UNCLEAR",
    "CONCURRENCE_CONTRADICTED",
)
MANAGING_BODIES = ("KI", "REGIONALES_BILDUNGSBUERO", "KAOA_KOORDINIERUNG", "JUGENDAMT", "SOZIALAMT", "OTHER")

_Missing = Annotated[tuple[str, ...], Codes(MISSING)]
_ManagingBody = Annotated[str, Code(MANAGING_BODIES)]
_Side = Annotated[str, Code(("DISTRICT", "MUNICIPALITY"))]


class MunicipalityFact(EventData):
    """What every fact about a municipality says: whose it is."""

    municipality: Area


class InterestDeclared(MunicipalityFact):
    """The municipality is interested; it may book development workshops (Interessenbekundung)."""

    TYPE: ClassVar[str] = "gemeinsam.interest.declared.v1"

    declared_on: Day


class DeclarationReceived(MunicipalityFact):
    """A declaration to join was received (Beitrittserklärung); `missing` says what the form check did not find."""

    TYPE: ClassVar[str] = "gemeinsam.declaration.received.v1"

    received_on: Day
    late: bool
    concurrence_pending: bool
    missing: _Missing | None = None
    managing_body_kind: _ManagingBody | None = None


class DeclarationCompleted(MunicipalityFact):
    """Nothing is missing in the declaration any more."""

    TYPE: ClassVar[str] = "gemeinsam.declaration.completed.v1"

    completed_on: Day


class DeclarationAmended(MunicipalityFact):
    """The declaration was changed by a further submission; `missing` is what is still not there."""

    TYPE: ClassVar[str] = "gemeinsam.declaration.amended.v1"

    amended_on: Day
    missing: _Missing | None = None


class DeclarationAccepted(MunicipalityFact):
    """The declaration holds: by rule, being complete and in time, or by the ministry's decision."""

    TYPE: ClassVar[str] = "gemeinsam.declaration.accepted.v1"

    accepted_on: Day
    decided_by: Annotated[str, Code(("RULE", "MINISTRY"))]
    late: bool


class DeclarationReturned(MunicipalityFact):
    """The ministry sent the declaration back, for these reasons."""

    TYPE: ClassVar[str] = "gemeinsam.declaration.returned.v1"

    returned_on: Day
    reasons: Annotated[tuple[str, ...], Codes(RETURN_REASONS)]


class DeclarationWithdrawn(MunicipalityFact):
    """Interest, declaration or membership was withdrawn."""

    TYPE: ClassVar[str] = "gemeinsam.declaration.withdrawn.v1"

    withdrawn_on: Day


class DeclarationReminded(MunicipalityFact):
    """Something is still to be done by `due_on`: to declare at all, to complete, to settle the Einvernehmen."""

    TYPE: ClassVar[str] = "gemeinsam.declaration.reminded.v1"

    about: Annotated[str, Code(("DEADLINE", "COMPLETION", "CONCURRENCE"))]
    due_on: Day
    missing: _Missing | None = None


class ConcurrenceRequested(MunicipalityFact):
    """A kreisangehörige municipality has declared: its Kreis is asked for the Einvernehmen."""

    TYPE: ClassVar[str] = "gemeinsam.concurrence.requested.v1"

    district: Area
    requested_on: Day


class ConcurrenceGranted(MunicipalityFact):
    """The Einvernehmen of the Kreis is there."""

    TYPE: ClassVar[str] = "gemeinsam.concurrence.granted.v1"

    district: Area
    decided_on: Day
    stated_by: _Side
    contradicted: bool


class ConcurrenceRefused(MunicipalityFact):
    """The Kreis refuses its Einvernehmen."""

    TYPE: ClassVar[str] = "gemeinsam.concurrence.refused.v1"

    district: Area
    decided_on: Day
    stated_by: _Side
    contradicted: bool


class ConcurrenceRevoked(MunicipalityFact):
    """The Kreis takes its Einvernehmen back."""

    TYPE: ClassVar[str] = "gemeinsam.concurrence.revoked.v1"

    district: Area
    decided_on: Day
    stated_by: _Side
    contradicted: bool


class ManagingBodyChanged(MunicipalityFact):
    """Another body is in charge of the Geschäftsführung from this day on."""

    TYPE: ClassVar[str] = "gemeinsam.managing_body.changed.v1"

    changed_on: Day
    managing_body_kind: _ManagingBody


class MembershipStarted(MunicipalityFact):
    """The municipality is a member from this day on: facts about persons are taken for it."""

    TYPE: ClassVar[str] = "gemeinsam.membership.started.v1"

    membership_id: Identifier
    started_on: Day


class MembershipEnded(MunicipalityFact):
    """From this day on the municipality is no member, and its mandate for facts about persons has ended."""

    TYPE: ClassVar[str] = "gemeinsam.membership.ended.v1"

    membership_id: Identifier
    ended_on: Day
    reason: Annotated[str, Code(("WITHDRAWN", "CONCURRENCE_LOST", "PROGRAMME_ENDED"))]
