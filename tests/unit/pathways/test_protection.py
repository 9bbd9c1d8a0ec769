"""No small number can be read from what is shown of a comparison, nor found from the sums."""

from __future__ import annotations

import random
from collections import Counter
from fractions import Fraction

import pytest

from services.pathways.domain.protection import LAND, SHOWN, THRESHOLD, Line, protect
from services.pathways.domain.whatif import ALL, NOWHERE, Cell, Counts

PLACES = ["05314000", "05315000", "05374004", "05374008", "05374012", "05382004", "05382008", NOWHERE]
PATTERNS = ["M01", "M02", "M05", "M07"]


def district_of(place: str) -> str:
    return place[:5] + "000"


def invented(seed: int) -> Counts:
    """Counts of invented persons with findings in random cells."""
    rng = random.Random(seed)
    findings: Counter[Cell] = Counter()
    persons: Counter[Cell] = Counter()
    for _ in range(rng.randint(5, 150)):
        place = rng.choice(PLACES)
        what = rng.choice(SHOWN)
        has = {pattern: rng.randint(1, 2) for pattern in rng.sample(PATTERNS, rng.randint(1, 3))}
        for pattern, number in has.items():
            findings[Cell(what, pattern, place)] += number
            persons[Cell(what, pattern, place)] += 1
        persons[Cell(what, ALL, place)] += 1
    return Counts(findings, persons)


def by_key(lines: list[Line]) -> dict[tuple[str, str], Line]:
    return {(line.pattern, line.area): line for line in lines}


def test_findings_of_few_persons_are_suppressed_however_many_they_are():
    findings = Counter({Cell("before", "M01", "05315000"): 40, Cell("before", "M02", "05315000"): 9})
    persons = Counter({Cell("before", "M01", "05315000"): 30, Cell("before", "M02", "05315000"): 3})
    persons[Cell("before", ALL, "05315000")] = 31
    shown = by_key(protect(Counts(findings, persons), district_of))
    assert shown["M02", "05315000"].before is None
    assert shown["M01", "05315000"].before is None, "it would follow from the sum of both"
    assert shown[ALL, "05315000"].before == 49


def test_what_is_large_enough_everywhere_is_shown_and_adds_up():
    counts = Counts()
    for what, number in zip(SHOWN, (30, 10, 20, 7), strict=True):
        for pattern in ("M01", "M02"):
            for place in ("05374004", "05374008"):
                counts.findings[Cell(what, pattern, place)] = number
                counts.persons[Cell(what, pattern, place)] = number
        for place in ("05374004", "05374008"):
            counts.persons[Cell(what, ALL, place)] = number
    shown = by_key(protect(counts, district_of))
    assert shown["M01", "05374004"] == Line("M01", "05374004", 30, 10, 20, 7, 20)
    assert shown[ALL, LAND] == Line(ALL, LAND, 120, 40, 80, 28, 80)


@pytest.mark.parametrize("seed", range(40))
def test_nothing_suppressed_follows_from_all_that_is_shown_together(seed: int):
    counts = invented(seed)
    lines = protect(counts, district_of)
    for what in SHOWN:
        shown = {(line.pattern, line.area): getattr(line, what) for line in lines}
        unknown = sorted(key for key, number in shown.items() if number is None)
        for key in determined(unknown, equations(shown)):
            exact = sum(n for c, n in counts.findings.items() if (c.what, c.pattern, c.municipality) == (what, *key))
            pytest.fail(f"{what} of {key} is {exact} and follows from the rest")


def equations(shown: dict[tuple[str, str], int | None]) -> list[dict[tuple[str, str], int]]:
    """Each sum as coefficients of what is not shown: total - parts = something known."""
    found = []
    for pattern, area in shown:
        parts = []
        if pattern == ALL:
            parts.append([key for key in shown if key[1] == area and key[0] != ALL])
        if area == LAND:
            tops = [k for k in shown if k[0] == pattern and k[1] != LAND and k[1] in (NOWHERE, district_of(k[1]))]
            parts.append(tops)
        elif area == district_of(area):
            parts.append([k for k in shown if k[0] == pattern and k[1] not in (LAND, area) and area[:5] == k[1][:5]])
        for keys in parts:
            row = {key: -1 for key in keys if shown[key] is None}
            if shown[pattern, area] is None:
                row[pattern, area] = 1
            if row and keys:
                found.append(row)
    return found


def determined(unknown: list[tuple[str, str]], rows: list[dict[tuple[str, str], int]]) -> list[tuple[str, str]]:
    """The unknowns that have one value only, by elimination."""
    matrix = [[Fraction(row.get(key, 0)) for key in unknown] for row in rows]
    pivots: list[int] = []
    top = 0
    for column in range(len(unknown)):
        pivot = next((r for r in range(top, len(matrix)) if matrix[r][column]), None)
        if pivot is None:
            continue
        matrix[top], matrix[pivot] = matrix[pivot], matrix[top]
        scale = matrix[top][column]
        matrix[top] = [value / scale for value in matrix[top]]
        for other in range(len(matrix)):
            if other != top and matrix[other][column]:
                factor = matrix[other][column]
                matrix[other] = [a - factor * b for a, b in zip(matrix[other], matrix[top], strict=True)]
        pivots.append(column)
        top += 1
    return [unknown[column] for row, column in enumerate(pivots) if sum(1 for value in matrix[row] if value) == 1]


def test_the_threshold_is_that_of_the_programme():
    assert THRESHOLD == 5
