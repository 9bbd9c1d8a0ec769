"""The local alliance (Bündnis): its partners, their roles, and which Rechtskreise are missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.errors import Conflict


class PartnerRole(StrEnum):
    """Partner, member of the Bündniskerngruppe, Geschäftsführende Stelle, Teilhabemanagement with steering tasks."""

    PARTNER = "PARTNER"
    CORE_GROUP = "CORE_GROUP"
    MANAGING_BODY = "MANAGING_BODY"
    PARTICIPATION_MANAGEMENT = "PARTICIPATION_MANAGEMENT"


class Field(StrEnum):
    """The Rechtskreis a partner stands for, or the civil society."""

    SGB2 = "SGB2"
    SGB3 = "SGB3"
    SGB8 = "SGB8"
    AUFENTHG = "AUFENTHG"
    ASYLBLG = "ASYLBLG"
    SCHOOL = "SCHOOL"
    CIVIL_SOCIETY = "CIVIL_SOCIETY"
    OTHER = "OTHER"


# The Rechtskreise the programme's paper names, and the civil society it wants included.
WANTED = (Field.SGB2, Field.SGB3, Field.SGB8, Field.AUFENTHG, Field.ASYLBLG, Field.CIVIL_SOCIETY)


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner organisation from `joined_on` to the day before `left_on`."""

    partner_id: str
    municipality: str
    organisation: str
    role: PartnerRole
    fields: tuple[Field, ...]
    joined_on: date
    left_on: date | None = None

    def present(self, on: date) -> bool:
        """Whether the partner belongs to the alliance on that day."""
        return self.joined_on <= on and (self.left_on is None or on < self.left_on)


def missing_fields(partners: Iterable[Partner], on: date) -> tuple[Field, ...]:
    """The wanted Rechtskreise (and the civil society) nobody stands for on that day."""
    there = {field for partner in partners if partner.present(on) for field in partner.fields}
    return tuple(field for field in WANTED if field not in there)


def check_partner(partners: Iterable[Partner], joining: Partner) -> None:
    """Raise `Conflict` for a second Geschäftsführende Stelle or an organisation that is in the alliance already."""
    for partner in partners:
        if not partner.present(joining.joined_on):
            continue
        if partner.organisation.casefold() == joining.organisation.casefold():
            raise Conflict(
                "this organisation belongs to the alliance already", field="organisation", reason="partner_known"
            )
        if partner.role is joining.role is PartnerRole.MANAGING_BODY:
            raise Conflict("there is one Geschäftsführende Stelle at a time", field="role", reason="one_managing_body")
