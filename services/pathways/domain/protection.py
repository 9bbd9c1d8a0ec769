"""Disclosure control of what-if: small numbers are suppressed, and so much more that none follows from a sum.

Counted are persons: a cell is suppressed if its findings are those of one to four persons. Along each sum (all patterns
of an area, the Gemeinden of a Kreis, the Kreise of the Land) at least two parts are suppressed or none, and together
they reach the threshold. `after` is not a number of its own here: it is shown where it follows from the others.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from services.pathways.domain.whatif import ALL, NOWHERE, Cell, Counts

THRESHOLD = 5
LAND = "LAND"
_PRIME, _MULTIPLIER = 2_147_483_647, 48_271  # the minimal standard generator runs through all numbers below
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
    sums = _sums(findings, district_of)
    _close(sums, findings, hidden)
    while given_away := _given_away(sums, hidden):
        known = len(hidden)
        _open_up(given_away, sums, findings, hidden)
        if len(hidden) == known:  # nothing beside them is left to suppress: then nothing is shown at all
            hidden |= {cell for cell, number in findings.items() if number}
            break
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


def _open_up(given_away: set[Cell], sums: Sequence[Sum], findings: Counter[Cell], hidden: set[Cell]) -> None:
    """Suppress the smallest cell beside each of those that several sums together give away, and close again."""
    for one in sums:
        cells = [one.total, *one.parts]
        if not given_away.isdisjoint(cells):
            others = [cell for cell in cells if cell not in hidden and findings[cell]]
            if others:
                hidden.add(min(others, key=lambda cell: (findings[cell], cell)))
    _close(sums, findings, hidden)


def _given_away(sums: Sequence[Sum], hidden: set[Cell]) -> set[Cell]:
    """The suppressed cells that follow from all sums together, though from none alone.

    A cell can be anything as long as some change of the suppressed cells leaves every sum as it is and changes it. Such
    a change is drawn as if at random (modulo a large prime): what it leaves alone has one value only.
    """
    rows: list[dict[Cell, int]] = []
    for one in sums:
        row = {part: _PRIME - 1 for part in one.parts if part in hidden}
        if one.total in hidden:
            row[one.total] = 1
        if row:
            rows.append(row)
    solved = _echelon(rows)
    draw = len(hidden)
    change: dict[Cell, int] = {}
    for pivot, row in reversed(solved):
        rest = 0
        for cell, factor in row.items():
            if cell != pivot:
                draw = draw * _MULTIPLIER % _PRIME
                rest += factor * change.setdefault(cell, draw)
        change[pivot] = -rest * pow(row[pivot], -1, _PRIME) % _PRIME
    return {cell for cell, value in change.items() if value == 0}


def _echelon(rows: list[dict[Cell, int]]) -> list[tuple[Cell, dict[Cell, int]]]:
    """Gaussian elimination modulo the prime: rows with their pivots, none of which stands in a later row."""
    where: dict[Cell, set[int]] = defaultdict(set)
    for number, row in enumerate(rows):
        for cell in row:
            where[cell].add(number)
    solved = []
    waiting = [(len(row), number) for number, row in enumerate(rows)]
    heapify(waiting)
    done: set[int] = set()
    while waiting:
        length, number = heappop(waiting)
        row = rows[number]
        if number in done or length != len(row) or not row:
            continue  # it has changed since, and waits again with its new length
        done.add(number)
        pivot = min(row, key=lambda cell: (len(where[cell]), cell))
        for cell in row:
            where[cell].discard(number)
        for other in list(where[pivot]):
            _subtract(rows[other], row, pivot, where=where, number=other)
            heappush(waiting, (len(rows[other]), other))
        solved.append((pivot, row))
    return solved


def _subtract(
    row: dict[Cell, int], pivot_row: dict[Cell, int], pivot: Cell, *, where: dict[Cell, set[int]], number: int
) -> None:
    """Take so much of the pivot's row from another that the pivot is gone from it."""
    factor = row[pivot] * pow(pivot_row[pivot], -1, _PRIME) % _PRIME
    for cell, value in pivot_row.items():
        left = (row.get(cell, 0) - factor * value) % _PRIME
        if left:
            row[cell] = left
            where[cell].add(number)
        elif cell in row:
            del row[cell]
            where[cell].discard(number)


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
