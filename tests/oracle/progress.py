"""Rises, progress and stretches."""

from itertools import pairwise

from tests.oracle.days import day

LEVELS = ["A0", "A1", "A2", "B1", "B2", "C1", "C2"]
CERTIFICATES = {"HSA9", "HSA10", "FOR", "FHR", "AHR", "VOC", "TQ"}


def tests(line):
    """(day, level as a number) of the tests that count."""
    return [
        (day(t["tested_on"]), LEVELS.index(t["level"]))
        for t in line.tests
        if t["test_source"] == "test" and t["level"] in LEVELS
    ]


def highest_tested(line, x):
    """The highest level tested up to and on x, or None."""
    return max((level for when, level in tests(line) if when <= x), default=None)


def rises(line):
    """Dates with a test above the highest level tested on all earlier dates; a first test only from B1 up."""
    found = []
    for x in sorted({when for when, _ in tests(line)}):
        before = highest_tested(line, x - 1)
        best = max(level for when, level in tests(line) if when == x)
        if best > before if before is not None else best >= LEVELS.index("B1"):
            found.append(x)
    return found


def spell_progress(line):
    """started_on + 89 of every spell that lasted 90 days."""
    return sorted({s.start + 89 for s in line.spells if s.lasted(90, line.today)})


def progress(line):
    """All turning points, each date once."""
    obtained = {day(c["obtained_on"]) for c in line.certificates if c["certificate"] in CERTIFICATES}
    return sorted({*rises(line), *obtained, *spell_progress(line)})


def first_after(dates, x):
    """The first of the dates after x, or None."""
    return min((d for d in dates if d > x), default=None)


def stretches(line):
    """(episodes, end of the stretch) with turning point <= start < next turning point."""
    bounds = [None, *progress(line), None]
    for begin, end in pairwise(bounds):
        inside = [e for e in line.episodes if (begin is None or begin <= e.start) and (end is None or e.start < end)]
        yield inside, end
