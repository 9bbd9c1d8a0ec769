"""Who is told about what happens in an area."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.notifications.domain.finding import Finding, at_least


@dataclass(frozen=True, slots=True)
class Recipient:
    """A mail box of an area; `area` is a Gemeinde, a kreisfreie Stadt or a Kreis, `min_severity` the least it wants.

    `body` is the kind of office (Stelle) it reads as: what it may be told depends on it.
    """

    recipient_id: int
    area: str
    role: str
    address: str
    language: str
    min_severity: str
    body: str


def areas_of(municipality: str) -> tuple[str, ...]:
    """The areas whose recipients may be told of a finding there, the most specific first."""
    district = f"{municipality[:5]}000"
    return (municipality,) if municipality == district else (municipality, district)


def told(finding: Finding, by_area: Mapping[str, Sequence[Recipient]]) -> list[Recipient]:
    """The recipients who are told of a finding worth telling.

    The most specific area that has recipients at all decides: a Kreis is told for those of its Gemeinden that have
    nobody, and is not told again what a Gemeinde is told. The municipality chooses the least severity.
    """
    for area in areas_of(finding.municipality):
        if recipients := by_area.get(area):
            return [one for one in recipients if at_least(finding.severity, one.min_severity)]
    return []
