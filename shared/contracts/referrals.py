"""What pathways says of referrals before they begin, the topic `pathways.referrals`: the last record is the state."""

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts import vocabulary as v
from shared.contracts.fields import Area, Code, Day, EventData, Identifier, Identifiers, types_of
from shared.contracts.measures import CODES


class ReferralWord(EventData):
    """A word on a referral: identity is (`person_id`, `measure_id`). It is no finding, and not part of any."""

    person_id: Identifier
    measure_id: Identifier


class ReferralWarned(ReferralWord):
    """The start of a referred measure would make or worsen a finding (Hinweis vor dem Beginn).

    `patterns` are those findings' and `severity` is the gravest; `planned_start_on` is null as long as no start is
    known. `municipality` is the responsible one. `historical` is true if the referral lies more than 30 days before
    the business date or its planned start has passed: nobody is mailed for it.
    """

    TYPE: ClassVar[str] = "gemeinsam.referral.warned.v1"

    type: Annotated[str, Code(CODES)]
    referred_on: Day
    planned_start_on: Day | None
    municipality: Area
    severity: Annotated[str, Code(v.Severity)]
    patterns: Annotated[Identifiers, Field(min_length=1)]
    historical: Annotated[bool, Field(strict=True)]


class ReferralCleared(ReferralWord):
    """There is nothing to warn of any more: it began, was called off or corrected, or the rules find no harm in it."""

    TYPE: ClassVar[str] = "gemeinsam.referral.cleared.v1"


EVENTS = types_of(ReferralWord)
"""Every event about a referral by its type."""
