"""Facts about municipalities, the topic `enrollment.municipalities`: joining, alliances, needs, approaches, funding.

The subject is the AGS of the municipality. Names of people and organisations stay with enrollment: ids stand for them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.fields import Area, Code, Codes, Data, Day, Identifier, Identifiers

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
PARTNER_FIELDS = ("SGB2", "SGB3", "SGB8", "AUFENTHG", "ASYLBLG", "SCHOOL", "CIVIL_SOCIETY", "OTHER")
PARTNER_ROLES = ("PARTNER", "CORE_GROUP", "MANAGING_BODY", "PARTICIPATION_MANAGEMENT")

_Missing = Annotated[tuple[str, ...], Codes(MISSING)]
_ManagingBody = Annotated[str, Code(MANAGING_BODIES)]
_Side = Annotated[str, Code(("DISTRICT", "MUNICIPALITY"))]
_Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class MunicipalityFact(Data):
    """What every fact about a municipality says: whose it is."""

    TYPE: ClassVar[str] = ""

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


class AlliancePartnerJoined(MunicipalityFact):
    """An organisation joined the local alliance (Bündnis)."""

    TYPE: ClassVar[str] = "gemeinsam.alliance.partner_joined.v1"

    partner_id: Identifier
    role: Annotated[str, Code(PARTNER_ROLES)]
    stands_for: Annotated[tuple[str, ...], Codes(PARTNER_FIELDS)]
    joined_on: Day


class AlliancePartnerLeft(MunicipalityFact):
    """An organisation left the local alliance; `left_on` is the first day without it."""

    TYPE: ClassVar[str] = "gemeinsam.alliance.partner_left.v1"

    partner_id: Identifier
    left_on: Day


class NeedsAnalysisSubmitted(MunicipalityFact):
    """An analysis of needs and offers was handed in (Bedarfs- und Angebotsanalyse)."""

    TYPE: ClassVar[str] = "gemeinsam.needs_analysis.submitted.v1"

    analysis_id: Identifier
    submitted_on: Day
    target_group: Annotated[int, Field(ge=0)] | None = None
    gaps: Identifiers | None = None


class ApproachSubmitted(MunicipalityFact):
    """A municipal approach was handed in (Handlungsansatz): the gate to funding."""

    TYPE: ClassVar[str] = "gemeinsam.approach.submitted.v1"

    approach_id: Identifier
    submitted_on: Day
    bausteine: Identifiers | None = None


class PracticePublished(MunicipalityFact):
    """A good practice of the municipality was published for the others."""

    TYPE: ClassVar[str] = "gemeinsam.practice.published.v1"

    practice_id: Identifier
    published_on: Day
    bausteine: Identifiers | None = None


class PracticeReused(MunicipalityFact):
    """The municipality uses a good practice of another one."""

    TYPE: ClassVar[str] = "gemeinsam.practice.reused.v1"

    practice_id: Identifier
    reused_on: Day
    origin: Area


class FundingDecided(MunicipalityFact):
    """The Land decided on funding; amounts in euros."""

    TYPE: ClassVar[str] = "gemeinsam.funding.decided.v1"

    funding_id: Identifier
    block: Identifier
    decided_on: Day
    amount: _Amount
    granted_from: Day
    granted_until: Day


class BausteinAdded(MunicipalityFact):
    """A Baustein was added to the programme; for the whole Land the municipality is `05000000`."""

    TYPE: ClassVar[str] = "gemeinsam.baustein.added.v1"

    baustein: Identifier
    valid_from: Day


class CommitmentAtRisk(MunicipalityFact):
    """A member has not taken part yet, and the planning phase ends on `due_on`."""

    TYPE: ClassVar[str] = "gemeinsam.commitment.at_risk.v1"

    due_on: Day


class SourceSilenced(MunicipalityFact):
    """An emitting system has not reported for longer than its rhythm."""

    TYPE: ClassVar[str] = "gemeinsam.source.silenced.v1"

    source: Annotated[str, Field(max_length=200)]
    silent_since: Day


class SourceResumed(MunicipalityFact):
    """An emitting system reports again."""

    TYPE: ClassVar[str] = "gemeinsam.source.resumed.v1"

    source: Annotated[str, Field(max_length=200)]
    resumed_on: Day


class BrakePulled(MunicipalityFact):
    """A delivery of a source would change implausibly much: it waits for a person to look."""

    TYPE: ClassVar[str] = "gemeinsam.brake.pulled.v1"

    source: Annotated[str, Field(max_length=200)]
    import_id: Identifier
    pulled_on: Day
    share: Annotated[float, Field(ge=0, le=1)]


class BrakeReleased(MunicipalityFact):
    """A person looked at the delivery and let it pass or threw it away."""

    TYPE: ClassVar[str] = "gemeinsam.brake.released.v1"

    source: Annotated[str, Field(max_length=200)]
    import_id: Identifier
    released_on: Day
    decision: Annotated[str, Code(("PASSED", "DISCARDED"))]


EVENTS: Mapping[str, type[MunicipalityFact]] = MappingProxyType(
    {
        model.TYPE: model
        for model in (
            InterestDeclared,
            DeclarationReceived,
            DeclarationCompleted,
            DeclarationAmended,
            DeclarationAccepted,
            DeclarationReturned,
            DeclarationWithdrawn,
            DeclarationReminded,
            ConcurrenceRequested,
            ConcurrenceGranted,
            ConcurrenceRefused,
            ConcurrenceRevoked,
            ManagingBodyChanged,
            MembershipStarted,
            MembershipEnded,
            AlliancePartnerJoined,
            AlliancePartnerLeft,
            NeedsAnalysisSubmitted,
            ApproachSubmitted,
            PracticePublished,
            PracticeReused,
            FundingDecided,
            BausteinAdded,
            CommitmentAtRisk,
            SourceSilenced,
            SourceResumed,
            BrakePulled,
            BrakeReleased,
        )
    }
)
"""Every type on the topic and its model."""
