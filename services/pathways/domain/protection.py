"""Disclosure control of what-if: small numbers are suppressed, and so much more that none follows from a sum.

Counted are persons: a cell is suppressed if its findings are those of one to four persons. Along each sum (all patterns
of an area, the Gemeinden of a Kreis, the Kreise of the Land) at least two parts are suppressed or none, and together
they reach the threshold. `after` is not a number of its own here: it is shown where it follows from the others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from services.pathways.domain.whatif import ALL, NOWHERE, Cell, Counts

THRESHOLD = 5
LAND = "LAND"
SHOWN = ("before", "gained", "lost", "moved")


class Line(NamedTuple):
    """A row as it may be shown: numbers of findings, None where suppressed."""

    pattern: str
    area: str
    before: int | None
    gained: int | None
    lost: int | None
    moved: int | None
    after: int | None


class Sum(NamedTuple):
    """A cell that is the sum of others."""

    total: Cell
    parts: Sequence[Cell]


def protect(counts: Counts, district_of: Callable[[str], str]) -> list[Line]:
    """The rows that hold anything, by pattern (ALL: all of them) and area (Gemeinde, Kreis, LAND)."""
    findings, persons = _summed(counts, district_of)
    hidden = {cell for cell, number in persons.items() if 0 < number < THRESHOLD}
    _close(_sums(findings, district_of), findings, hidden)
    rows = sorted({(cell.pattern, cell.municipality) for cell in findings})

    def shown(what: str, pattern: str, area: str) -> int | None:
        cell = Cell(what, pattern, area)
        return None if cell in hidden else findings[cell]

    lines = []
    for pattern, area in rows:
        before, gained, lost, moved = (shown(what, pattern, area) for what in SHOWN)
        known = before is not None and gained is not None and lost is not None
        after = before + gained - lost if known else None  # type: ignore[operator]
        lines.append(Line(pattern, area, before, gained, lost, moved, after))
    return lines


def _areas_above(place: str, district_of: Callable[[str], str]) -> set[str]:
    return {LAND} if place == NOWHERE else {LAND, district_of(place)}


def _summed(counts: Counts, district_of: Callable[[str], str]) -> tuple[Counter[Cell], Counter[Cell]]:
    """Findings and persons of every cell and of every sum above it."""
    findings: Counter[Cell] = Counter()
    persons: Counter[Cell] = Counter()
    for cell, number in counts.findings.items():
        if cell.what in SHOWN:
            for area in {cell.municipality} | _areas_above(cell.municipality, district_of):
                findings[Cell(cell.what, cell.pattern, area)] += number
                findings[Cell(cell.what, ALL, area)] += number
    for cell, number in counts.persons.items():
        if cell.what in SHOWN:
            # A person is in one municipality, so those of an area may be added up; those of patterns may not.
            for area in {cell.municipality} | _areas_above(cell.municipality, district_of):
                persons[Cell(cell.what, cell.pattern, area)] += number
    return findings, persons


def _sums(findings: Counter[Cell], district_of: Callable[[str], str]) -> list[Sum]:
    """All sums: of patterns in an area, of areas for a pattern."""
    by_area: dict[Cell, set[Cell]] = defaultdict(set)
    for cell in findings:
        if cell.pattern != ALL:
            by_area[cell._replace(pattern=ALL)].add(cell)
        if cell.municipality != LAND:
            above = LAND if cell.municipality == NOWHERE else district_of(cell.municipality)
            if above == cell.municipality:
                above = LAND
            by_area[cell._replace(municipality=above)].add(cell)
    sums = []
    for total, cells in by_area.items():
        patterns = sorted(cell for cell in cells if cell.municipality == total.municipality)
        areas = sorted(cell for cell in cells if cell.municipality != total.municipality)
        sums += [Sum(total, parts) for parts in (patterns, areas) if parts]
    return sums


def _close(sums: Sequence[Sum], findings: Counter[Cell], hidden: set[Cell]) -> None:
    """Suppress further cells until no sum gives one away; closing one may open another that shares the cell."""
    touching: dict[Cell, list[Sum]] = defaultdict(list)
    for one in sums:
        for cell in (one.total, *one.parts):
            touching[cell].append(one)
    waiting = [one for one in sums if any(cell in hidden for cell in (one.total, *one.parts))]
    while waiting:
        one = waiting.pop()
        chosen = _to_hide(one, findings, hidden)
        if chosen is not None:
            hidden.add(chosen)
            waiting += touching[chosen]


def _to_hide(one: Sum, findings: Counter[Cell], hidden: set[Cell]) -> Cell | None:
    """A cell to suppress besides, the smallest there is; None if the sum gives nothing away."""
    unknown = [part for part in one.parts if part in hidden]
    if one.total in hidden:
        if unknown:
            return None
    elif not unknown or (len(unknown) > 1 and sum(findings[part] for part in unknown) >= THRESHOLD):
        return None
    others = [part for part in one.parts if part not in hidden and findings[part]]
    if others:
        return min(others, key=lambda part: (findings[part], part))
    return None if one.total in hidden else one.total
