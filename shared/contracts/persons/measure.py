"""Facts about measures: from the referral to the end, and their corrections."""

from typing import Annotated, ClassVar

from shared.contracts import vocabulary as v
from shared.contracts.fields import Code, Day, Hours, Identifier
from shared.contracts.measures import CODES, CODES_AND_CATEGORIES
from shared.contracts.persons.common import Fact

_MeasureType = Annotated[str, Code(CODES)]
_TypeOrCategory = Annotated[str, Code(CODES_AND_CATEGORIES)]
_Exit = Annotated[str, Code(v.Exit)]
_Destination = Annotated[str, Code(v.Destination)]


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
