"""Facts about a person: known, moved, merged, residence, benefits, needs, goals, contacts."""

from typing import Annotated, ClassVar

from shared.contracts import vocabulary as v
from shared.contracts.fields import AreaOrNone, Code, Day, Identifier, Month
from shared.contracts.measures import CODES_AND_CATEGORIES
from shared.contracts.persons.common import Fact, VaultFact

_TypeOrCategory = Annotated[str, Code(CODES_AND_CATEGORIES)]
_Residence = Annotated[str, Code(v.ResidenceClass)]
_Benefit = Annotated[str, Code(v.Benefit)]


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


class PersonRestricted(VaultFact):
    """The data are kept and used for nothing until released (Einschränkung, Art. 18 DSGVO). Only the vault says so."""

    TYPE: ClassVar[str] = "gemeinsam.person.restricted.v1"

    reason: Annotated[str, Code(v.RestrictionReason)]


class PersonReleased(VaultFact):
    """The restriction is lifted (Aufhebung der Einschränkung). Only the vault says so."""

    TYPE: ClassVar[str] = "gemeinsam.person.released.v1"


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
