"""What municipalities work out in the planning phase: needs analyses, approaches, good practices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class NeedsAnalysis:
    """Bedarfs- und Angebotsanalyse: `target_group` is a number of persons, `gaps` are measure types or categories.

    `needs` and `offers` are for people to read; `document` is a SHA-256 or empty.
    """

    analysis_id: str
    municipality: str
    submitted_on: date
    target_group: int | None
    needs: str
    offers: str
    gaps: tuple[str, ...]
    document: str = ""


@dataclass(frozen=True, slots=True)
class Approach:
    """Handlungsansatz: what the municipality will do, by Baustein; `document` is a SHA-256 or empty."""

    approach_id: str
    municipality: str
    submitted_on: date
    title: str
    summary: str
    bausteine: tuple[str, ...]
    document: str = ""


@dataclass(frozen=True, slots=True)
class Practice:
    """Gute Praxis: submitted by a municipality, published by the ministry, re-used by others (keys in `reused_by`)."""

    practice_id: str
    municipality: str
    title: str
    summary: str
    bausteine: tuple[str, ...]
    submitted_on: date
    published_on: date | None = None
    reused_by: tuple[str, ...] = ()
