"""What is counted, under which names, and how counts of Gemeinden add up to Kreise and the Land."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.reference import LAND, district_of

PERSONS = "persons"
RUNNING = "measures.running"
OPEN = "findings.open"
SEVERITIES = ("info", "warning", "critical")
DEFINITION_VERSION = "1"
PERIOD = "now"


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One number of the table: an indicator in an area (AGS of 8 digits)."""

    indicator: str
    area: str


def open_of(severity: str, pattern: str | None = None) -> str:
    """The indicator of open findings of a severity, of one pattern or of all."""
    return ".".join(part for part in (OPEN, pattern, severity) if part)


@dataclass(frozen=True, slots=True)
class Counted:
    """So many in a municipality: persons, running measures, or (with pattern and severity) open findings."""

    municipality: str
    number: int
    pattern: str | None = None
    severity: str | None = None


def cells(persons: Iterable[Counted], running: Iterable[Counted], findings: Iterable[Counted]) -> dict[Cell, int]:
    """All cells from the counts by municipality: each counts for itself, its Kreis and the Land."""
    numbers: Counter[Cell] = Counter()
    for counted in persons:
        _add(numbers, PERSONS, counted)
    for counted in running:
        _add(numbers, RUNNING, counted)
    for counted in findings:
        assert counted.severity is not None
        _add(numbers, OPEN, counted)
        _add(numbers, open_of(counted.severity), counted)
        _add(numbers, open_of(counted.severity, counted.pattern), counted)
    return dict(numbers)


def _add(numbers: Counter[Cell], indicator: str, counted: Counted) -> None:
    for area in {counted.municipality, district_of(counted.municipality), LAND}:
        numbers[Cell(indicator, area)] += counted.number


def parts_of(known: Mapping[Cell, int]) -> dict[Cell, list[Cell]]:
    """Each cell that is a sum of others with those others: the Land of Kreise, a Kreis of its Gemeinden."""
    sums: dict[Cell, list[Cell]] = {}
    for cell in known:
        if cell.area == LAND:
            continue
        district = district_of(cell.area)
        above = LAND if cell.area == district else district
        sums.setdefault(Cell(cell.indicator, above), []).append(cell)
    return sums
