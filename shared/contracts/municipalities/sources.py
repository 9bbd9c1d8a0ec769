"""Facts about the systems that report from a municipality: silent ones, and deliveries held back."""

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.fields import Code, Day, Identifier
from shared.contracts.municipalities.joining import MunicipalityFact


class SourceSilenced(MunicipalityFact):
    """An emitting system has not reported for longer than its rhythm.

    There is a fact for each of its areas; `source_id` stands on one of them, for whoever tells all areas' readers once.
    """

    TYPE: ClassVar[str] = "gemeinsam.source.silenced.v1"

    source: Annotated[str, Field(max_length=200)]
    silent_since: Day
    source_id: Identifier | None = None


class SourceResumed(MunicipalityFact):
    """An emitting system reports again; `source_id` as on `source.silenced`."""

    TYPE: ClassVar[str] = "gemeinsam.source.resumed.v1"

    source: Annotated[str, Field(max_length=200)]
    resumed_on: Day
    source_id: Identifier | None = None


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
