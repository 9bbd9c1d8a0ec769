"""What all facts about persons say."""

from typing import Annotated

from shared.contracts import vocabulary as v
from shared.contracts.fields import Area, Code, EventData

_Rechtskreis = Annotated[str, Code(v.Rechtskreis)]
_LegalBasis = Annotated[str, Code(v.LegalBasis)]
_Purpose = Annotated[str, Code(v.Purpose)]


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
