"""Facts about progress and consent: language, certificates, spells of work and training, retractions."""

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts import vocabulary as v
from shared.contracts.fields import Code, Codes, Data, Day, Identifier, Identifiers
from shared.contracts.persons.common import Fact


class LanguageTested(Fact):
    """A level of German was found (Sprachstand)."""

    TYPE: ClassVar[str] = "gemeinsam.language.tested.v1"

    test_id: Identifier
    tested_on: Day
    level: Annotated[str, Code(v.LanguageLevel)]
    test_source: Annotated[str, Code(v.TestSource)]


class CertificateObtained(Fact):
    """A certificate was gained (Abschluss)."""

    TYPE: ClassVar[str] = "gemeinsam.certificate.obtained.v1"

    certificate_id: Identifier
    obtained_on: Day
    certificate: Annotated[str, Code(v.Certificate)]


class EmploymentStarted(Fact):
    """Work began (Beschäftigungsbeginn)."""

    TYPE: ClassVar[str] = "gemeinsam.employment.started.v1"

    spell_id: Identifier
    started_on: Day
    kind: Annotated[str, Code(v.EmploymentKind)]


class EmploymentEnded(Fact):
    """Work ended (Beschäftigungsende)."""

    TYPE: ClassVar[str] = "gemeinsam.employment.ended.v1"

    spell_id: Identifier
    ended_on: Day
    kind: Annotated[str, Code(v.EmploymentKind)]


class TrainingStarted(Fact):
    """Vocational training or study began (Ausbildungsbeginn)."""

    TYPE: ClassVar[str] = "gemeinsam.training.started.v1"

    spell_id: Identifier
    started_on: Day
    kind: Annotated[str, Code(v.TrainingKind)]


class TrainingEnded(Fact):
    """Vocational training or study ended (Ausbildungsende)."""

    TYPE: ClassVar[str] = "gemeinsam.training.ended.v1"

    spell_id: Identifier
    ended_on: Day
    kind: Annotated[str, Code(v.TrainingKind)]


class EventReference(Data):
    """Names an event by its idempotency key."""

    source: Identifier
    id: Identifier


class FactRetracted(Fact):
    """An event of the same source was wrong and is taken back (Rücknahme)."""

    TYPE: ClassVar[str] = "gemeinsam.fact.retracted.v1"

    retracts: EventReference


class ConsentGiven(Fact):
    """The person agreed that these data may go to these recipients (Einwilligung); `purpose` is what it is for."""

    TYPE: ClassVar[str] = "gemeinsam.consent.given.v1"

    consent_id: Identifier
    categories: Annotated[tuple[str, ...], Codes(v.DataCategory), Field(min_length=1)]
    recipients: Annotated[Identifiers, Field(min_length=1)]
    valid_from: Day
    valid_to: Day | None = None


class ConsentWithdrawn(Fact):
    """The person withdrew the consent (Widerruf); it ends what flows, not what was done."""

    TYPE: ClassVar[str] = "gemeinsam.consent.withdrawn.v1"

    consent_id: Identifier
    withdrawn_on: Day
