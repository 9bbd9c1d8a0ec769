"""Facts about municipalities, the topic `enrollment.municipalities`: joining, alliances, needs, approaches, funding.

The subject is the AGS of the municipality. Names of people and organisations stay with enrollment: ids stand for them.
"""

from shared.contracts.fields import types_of
from shared.contracts.municipalities.joining import (
    MANAGING_BODIES,
    MISSING,
    RETURN_REASONS,
    ConcurrenceGranted,
    ConcurrenceRefused,
    ConcurrenceRequested,
    ConcurrenceRevoked,
    DeclarationAccepted,
    DeclarationAmended,
    DeclarationCompleted,
    DeclarationReceived,
    DeclarationReminded,
    DeclarationReturned,
    DeclarationWithdrawn,
    InterestDeclared,
    ManagingBodyChanged,
    MembershipEnded,
    MembershipStarted,
    MunicipalityFact,
)
from shared.contracts.municipalities.planning import (
    PARTNER_FIELDS,
    PARTNER_ROLES,
    AlliancePartnerJoined,
    AlliancePartnerLeft,
    ApproachSubmitted,
    BausteinAdded,
    CommitmentAtRisk,
    FundingDecided,
    NeedsAnalysisSubmitted,
    PracticePublished,
    PracticeReused,
)
from shared.contracts.municipalities.sources import (
    BrakePulled,
    BrakeReleased,
    SourceResumed,
    SourceSilenced,
)

__all__ = [
    "EVENTS",
    "MANAGING_BODIES",
    "MISSING",
    "PARTNER_FIELDS",
    "PARTNER_ROLES",
    "RETURN_REASONS",
    "AlliancePartnerJoined",
    "AlliancePartnerLeft",
    "ApproachSubmitted",
    "BausteinAdded",
    "BrakePulled",
    "BrakeReleased",
    "CommitmentAtRisk",
    "ConcurrenceGranted",
    "ConcurrenceRefused",
    "ConcurrenceRequested",
    "ConcurrenceRevoked",
    "DeclarationAccepted",
    "DeclarationAmended",
    "DeclarationCompleted",
    "DeclarationReceived",
    "DeclarationReminded",
    "DeclarationReturned",
    "DeclarationWithdrawn",
    "FundingDecided",
    "InterestDeclared",
    "ManagingBodyChanged",
    "MembershipEnded",
    "MembershipStarted",
    "MunicipalityFact",
    "NeedsAnalysisSubmitted",
    "PracticePublished",
    "PracticeReused",
    "SourceResumed",
    "SourceSilenced",
]

EVENTS = types_of(MunicipalityFact)
"""Every type on the topic and its model."""
