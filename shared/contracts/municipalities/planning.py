"""Facts about what a municipality does: alliance, needs, approaches, practices, funding, commitment."""

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.fields import Area, Code, Codes, Day, Identifier, Identifiers
from shared.contracts.municipalities.joining import MunicipalityFact

PARTNER_FIELDS = ("SGB2", "SGB3", "SGB8", "AUFENTHG", "ASYLBLG", "SCHOOL", "CIVIL_SOCIETY", "OTHER")
PARTNER_ROLES = ("PARTNER", "CORE_GROUP", "MANAGING_BODY", "PARTICIPATION_MANAGEMENT")

_Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]


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
