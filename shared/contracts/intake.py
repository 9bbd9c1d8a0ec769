"""What a source that sends over Kafka is told, on its own topic `intake.<source>.replies`."""

from typing import Annotated, ClassVar

from pydantic import Field

from shared.contracts.fields import EventData, Identifier, Ordinal, Prose, types_of


class FactRefused(EventData):
    """A record of the source was refused (abgelehnt): where it lies, which field is wrong, and why.

    `id` is the event's own, where it stood in a header. The receipt of its batch is read over HTTP; `row` counts in it.
    """

    TYPE: ClassVar[str] = "gemeinsam.fact.refused.v1"

    partition: Ordinal
    offset: Ordinal
    id: Identifier | None = None
    field: Annotated[str, Field(strict=True, min_length=1, max_length=200)]
    code: Identifier
    sentence_de: Prose
    sentence_en: Prose
    receipt: Identifier
    row: Ordinal


EVENTS = types_of(FactRefused)
"""Every event about what a source has sent by its type."""
