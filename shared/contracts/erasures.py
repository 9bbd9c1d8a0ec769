"""What services say of erased persons, the topic `enrollment.erasures`: the vault begins, every service answers."""

from typing import ClassVar

from shared.contracts.fields import EventData, Identifier, Instant, Ordinal, types_of


class ErasureConfirmed(EventData):
    """A service holds nothing any more of an erased person (Löschnachweis): what it removed, what it still found."""

    TYPE: ClassVar[str] = "gemeinsam.erasure.confirmed.v1"

    service: Identifier
    removed: Ordinal
    remaining: Ordinal
    confirmed_at: Instant


EVENTS = types_of(ErasureConfirmed)
"""Every event about an erasure by its type."""
