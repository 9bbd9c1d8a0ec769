"""What municipal systems report about persons: one model a fact, its fields exactly those that are published."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts import vocabulary as v
from shared.contracts.fields import (
    Area,
    AreaOrNone,
    Code,
    Codes,
    Data,
    Day,
    EventData,
    Hours,
    Identifier,
    Identifiers,
    Month,
    types_of,
)
from shared.contracts.measures import CODES, CODES_AND_CATEGORIES

_MeasureType = Annotated[str, Code(CODES)]
_TypeOrCategory = Annotated[str, Code(CODES_AND_CATEGORIES)]
_Rechtskreis = Annotated[str, Code(v.Rechtskreis)]
_LegalBasis = Annotated[str, Code(v.LegalBasis)]
_Purpose = Annotated[str, Code(v.Purpose)]
_Residence = Annotated[str, Code(v.ResidenceClass)]
_Benefit = Annotated[str, Code(v.Benefit)]
_Exit = Annotated[str, Code(v.Exit)]
_Destination = Annotated[str, Code(v.Destination)]


class Fact(EventData):
    """What every fact about a person says: where it happened, under which law, on which basis, to which end."""

    municipality: Area
    rechtskreis: _Rechtskreis
    legal_basis: _LegalBasis
    purpose: _Purpose


class VaultFact(Fact):
    """What only the vault says. It is no office, so it need not name a place or a law."""

    municipality: Area | None = None  # type: ignore[assignment]
    rechtskreis: _Rechtskreis | None = None  # type: ignore[assignment]
    legal_basis: _LegalBasis | None = None  # type: ignore[assignment]
    purpose: _Purpose | None = None  # type: ignore[assignment]


class PersonRegistered(Fact):
    """A person is known to an office from this day on (Ersterfassung)."""

    TYPE: ClassVar[str] = "gemeinsam.person.registered.v1"

    registered_on: Day
    birth_month: Month | None = None
    sex: Annotated[str, Code(v.Sex)] | None = None
    residence_class: _Residence | None = None
    school_leaving: Annotated[str, Code(v.SchoolLeaving)] | None = None


class PersonMoved(Fact):
    """A person moved (Umzug); without `to_municipality`, or with one outside NRW, the person left the Land."""

    TYPE: ClassVar[str] = "gemeinsam.person.moved.v1"

    moved_on: Day
    to_municipality: AreaOrNone | None = None


class PersonMerged(VaultFact):
    """Two pseudonyms are one person: `other` goes up in the subject (Zusammenführung). Only the vault says so."""

    TYPE: ClassVar[str] = "gemeinsam.person.merged.v1"

    other: Identifier
    effective_on: Day


class PersonSplit(VaultFact):
    """A merge was wrong and is undone (Trennung). Only the vault says so."""

    TYPE: ClassVar[str] = "gemeinsam.person.split.v1"

    other: Identifier
    effective_on: Day


class PersonErased(VaultFact):
    """All about this person is to be forgotten, for good (Löschung). Only the vault says so."""

    TYPE: ClassVar[str] = "gemeinsam.person.erased.v1"

    reason: Annotated[str, Code(v.ErasureReason)]


class StatusChanged(Fact):
    """The residence class changed (Aufenthaltsklasse)."""

    TYPE: ClassVar[str] = "gemeinsam.status.changed.v1"

    changed_on: Day
    residence_class: _Residence


class BenefitChanged(Fact):
    """The benefit system changed (Leistungssystem, Rechtskreiswechsel)."""

    TYPE: ClassVar[str] = "gemeinsam.benefit.changed.v1"

    changed_on: Day
    from_benefit: _Benefit | None = None
    to_benefit: _Benefit


class NeedRecorded(Fact):
    """A need was found (Bedarf): a measure type or category."""

    TYPE: ClassVar[str] = "gemeinsam.need.recorded.v1"

    recorded_on: Day
    need: _TypeOrCategory


class GoalSet(Fact):
    """The person's own goal was agreed (Perspektive)."""

    TYPE: ClassVar[str] = "gemeinsam.goal.set.v1"

    recorded_on: Day
    goal: Annotated[str, Code(v.Goal)]


class ContactHeld(Fact):
    """Somebody talked with the person (Beratungskontakt)."""

    TYPE: ClassVar[str] = "gemeinsam.contact.held.v1"

    held_on: Day
    contact_kind: Annotated[str, Code(v.ContactKind)]
    body: Identifier


class MeasureReferred(Fact):
    """The person was assigned to a measure (Zuweisung)."""

    TYPE: ClassVar[str] = "gemeinsam.measure.referred.v1"

    measure_id: Identifier
    type: _MeasureType
    referred_on: Day
    planned_start_on: Day | None = None
    offer_id: Identifier | None = None
    bridge_to: _TypeOrCategory | None = None


class MeasureRefused(Fact):
    """The person declined the measure (Ablehnung)."""

    TYPE: ClassVar[str] = "gemeinsam.measure.refused.v1"

    measure_id: Identifier
    refused_on: Day


class MeasureNoShow(Fact):
    """The person did not appear on the first day (Nichtantritt)."""

    TYPE: ClassVar[str] = "gemeinsam.measure.no_show.v1"

    measure_id: Identifier
    no_show_on: Day


class MeasureStarted(Fact):
    """The measure began for the person (Eintritt)."""

    TYPE: ClassVar[str] = "gemeinsam.measure.started.v1"

    measure_id: Identifier
    type: _MeasureType
    provider: Identifier
    started_on: Day
    planned_end_on: Day | None = None
    hours: Hours | None = None
    offer_id: Identifier | None = None
    bridge_to: _TypeOrCategory | None = None


class MeasureExtended(Fact):
    """The planned end was moved (Verlängerung)."""

    TYPE: ClassVar[str] = "gemeinsam.measure.extended.v1"

    measure_id: Identifier
    planned_end_on: Day


class MeasureEnded(Fact):
    """The measure ended for the person (Austritt)."""

    TYPE: ClassVar[str] = "gemeinsam.measure.ended.v1"

    measure_id: Identifier
    ended_on: Day
    exit: _Exit
    destination: _Destination | None = None
    hours: Hours | None = None


class MeasureCorrected(Fact):
    """Fields of a measure with their right values (Korrektur).

    `null` and absence differ: `null` removes the value, and `ended_on: null` the end. `model_fields_set` tells which
    fields were sent.
    """

    TYPE: ClassVar[str] = "gemeinsam.measure.corrected.v1"

    measure_id: Identifier
    type: _MeasureType | None = None
    referred_on: Day | None = None
    planned_start_on: Day | None = None
    provider: Identifier | None = None
    started_on: Day | None = None
    planned_end_on: Day | None = None
    ended_on: Day | None = None
    exit: _Exit | None = None
    destination: _Destination | None = None
    hours: Hours | None = None
    offer_id: Identifier | None = None
    bridge_to: _TypeOrCategory | None = None


class MeasureCancelled(Fact):
    """The measure never took place (Absage)."""

    TYPE: ClassVar[str] = "gemeinsam.measure.cancelled.v1"

    measure_id: Identifier
    cancelled_on: Day | None = None
    reason: Annotated[str, Code(v.CancelReason)] | None = None


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


EVENTS: Mapping[str, type[Fact]] = types_of(Fact)
"""Every fact by its type. All of their codes are open lists."""

VAULT_ONLY: frozenset[str] = frozenset({PersonMerged.TYPE, PersonSplit.TYPE, PersonErased.TYPE})
"""Types that no source may send: the vault alone says them."""
