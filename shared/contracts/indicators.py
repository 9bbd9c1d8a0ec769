"""What reporting says, the topic `reporting.indicators`: the protected value of each cell, and nothing unprotected."""

from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.fields import Area, Code, EventData, Identifier, Instant, Number, Ordinal, types_of


class Method(StrEnum):
    """Verfahren der Geheimhaltung."""

    NONE = "none"
    SUPPRESSION = "suppression"
    ROUNDING = "rounding"
    CELL_KEY = "cell_key"


class IndicatorPublished(EventData):
    """One cell: an indicator for an area and a period, as it may be shown to anybody.

    `value` is null exactly if `suppressed`. Area `05000000` is the Land. `period` is a day, a month, a year or `now`.
    `threshold` is the smallest number of persons that is shown. `as_of` is the instant up to which facts were counted.
    """

    TYPE: ClassVar[str] = "gemeinsam.indicator.published.v1"

    indicator: Identifier
    area: Area
    period: Identifier
    value: Number | None
    suppressed: Annotated[bool, Field(strict=True)]
    method: Annotated[str, Code(Method)]
    threshold: Ordinal
    definition_version: Identifier
    as_of: Instant


def cell(indicator: str, area: str, period: str) -> str:
    """The subject and the record key of a cell."""
    return f"{indicator}|{area}|{period}"


EVENTS = types_of(IndicatorPublished)
"""Every event about an indicator by its type."""
