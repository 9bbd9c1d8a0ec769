"""Every fact about a person by its type, and which of them the vault alone says."""

from collections.abc import Mapping

from shared.contracts.fields import types_of
from shared.contracts.persons.common import Fact
from shared.contracts.persons.life import (
    BenefitChanged,
    ContactHeld,
    GoalSet,
    NeedRecorded,
    PersonErased,
    PersonMerged,
    PersonMoved,
    PersonRegistered,
    PersonReleased,
    PersonRestricted,
    PersonSplit,
    StatusChanged,
)
from shared.contracts.persons.measure import (
    MeasureCancelled,
    MeasureCorrected,
    MeasureEnded,
    MeasureExtended,
    MeasureNoShow,
    MeasureReferred,
    MeasureRefused,
    MeasureStarted,
)
from shared.contracts.persons.progress import (
    CertificateObtained,
    ConsentGiven,
    ConsentWithdrawn,
    EmploymentEnded,
    EmploymentStarted,
    EventReference,
    FactRetracted,
    LanguageTested,
    TrainingEnded,
    TrainingStarted,
)

__all__ = [
    "EVENTS",
    "VAULT_ONLY",
    "BenefitChanged",
    "CertificateObtained",
    "ConsentGiven",
    "ConsentWithdrawn",
    "ContactHeld",
    "EmploymentEnded",
    "EmploymentStarted",
    "EventReference",
    "Fact",
    "FactRetracted",
    "GoalSet",
    "LanguageTested",
    "MeasureCancelled",
    "MeasureCorrected",
    "MeasureEnded",
    "MeasureExtended",
    "MeasureNoShow",
    "MeasureReferred",
    "MeasureRefused",
    "MeasureStarted",
    "NeedRecorded",
    "PersonErased",
    "PersonMerged",
    "PersonMoved",
    "PersonRegistered",
    "PersonReleased",
    "PersonRestricted",
    "PersonSplit",
    "StatusChanged",
    "TrainingEnded",
    "TrainingStarted",
]

EVENTS: Mapping[str, type[Fact]] = types_of(Fact)
"""Every fact by its type. All of their codes are open lists."""

VAULT_ONLY: frozenset[str] = frozenset(
    {PersonMerged.TYPE, PersonSplit.TYPE, PersonErased.TYPE, PersonRestricted.TYPE, PersonReleased.TYPE}
)
"""Types that no source may send: the vault alone says them."""
