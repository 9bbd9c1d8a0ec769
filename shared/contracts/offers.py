"""Facts about offers of integration, the topic `enrollment.offers`. The subject is the offer."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts import vocabulary as v
from shared.contracts.fields import Area, Code, Data, Day, Identifier
from shared.contracts.measures import CODES


class OfferFact(Data):
    """What every fact about an offer says: which one."""

    TYPE: ClassVar[str] = ""

    offer_id: Identifier


class _Described(OfferFact):
    """What is on: type of measure, provider, area, seats, begin and, for language courses, from and to which level."""

    type: Annotated[str, Code(CODES)]
    provider: Identifier
    area: Area
    seats: Annotated[int, Field(ge=0)]
    starts_on: Day
    language_from: Annotated[str, Code(v.LanguageLevel)] | None = None
    language_to: Annotated[str, Code(v.LanguageLevel)] | None = None


class OfferPublished(_Described):
    """An offer can be taken up (Angebot veröffentlicht)."""

    TYPE: ClassVar[str] = "gemeinsam.offer.published.v1"


class OfferChanged(_Described):
    """An offer reads like this from now on."""

    TYPE: ClassVar[str] = "gemeinsam.offer.changed.v1"


class OfferClosed(OfferFact):
    """An offer takes nobody any more from this day on."""

    TYPE: ClassVar[str] = "gemeinsam.offer.closed.v1"

    closed_on: Day


EVENTS: Mapping[str, type[OfferFact]] = MappingProxyType(
    {model.TYPE: model for model in (OfferPublished, OfferChanged, OfferClosed)}
)
"""Every type on the topic and its model."""
