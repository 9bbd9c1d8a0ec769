"""What services say of erased persons, the topic `enrollment.erasures`: the vault begins, every service answers."""

from typing import ClassVar

from shared.contracts.fields import Day, EventData, Identifier, Instant, Ordinal, types_of


class _AboutErasure(EventData):
    service: Identifier


class ErasureConfirmed(_AboutErasure):
    """A service holds nothing any more of an erased person (Löschnachweis): what it removed, what it still found."""

    TYPE: ClassVar[str] = "gemeinsam.erasure.confirmed.v1"

    removed: Ordinal
    remaining: Ordinal
    confirmed_at: Instant


class RetentionEnded(_AboutErasure):
    """A person's time is over (Ablauf der Aufbewahrungsfrist): a service asks the vault to erase the person.

    `left_on` is the day the person left the cohort, from which the period is counted.
    """

    TYPE: ClassVar[str] = "gemeinsam.retention.ended.v1"

    left_on: Day


EVENTS = types_of(_AboutErasure)
"""Every event about an erasure by its type."""
