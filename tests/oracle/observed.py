"""When a person is observed, and findings clipped to it."""

from dataclasses import dataclass, replace
from itertools import pairwise

from tests.oracle.raw import LEFT, Step
from tests.oracle.timeline import age_limits

EVER = 10**9
EVENTS = {"M03", "M04", "M06", "M11", "P01", "P02"}


@dataclass
class Period:
    """[first, end) and whether it begins with a return."""

    first: int
    end: int
    by_return: bool


def in_nrw(change):
    """Whether the move is to a municipality in NRW."""
    return (change.data.get("to_municipality") or "").startswith("05")


def absences(line):
    """[begin, return) of every absence."""
    begins = [(c.day, False) for c in line.moved if not in_nrw(c)]
    begins += [(e.end, e.exit == "DECEASED") for e in line.joined if e.end is not None and e.exit in LEFT]
    returns = [c.day for c in line.registered] + [c.day for c in line.moved if in_nrw(c)]
    for begin, for_ever in begins:
        later = [] if for_ever else [x for x in returns if x > begin]
        yield begin, min(later, default=EVER)


def periods(line):
    """Observed periods in order."""
    limits = age_limits(line)
    first, end = (-EVER, EVER) if limits is None else (limits[0], limits[2])
    away = list(absences(line))
    bounds = sorted({first, end, *(x for pair in away for x in pair if first < x < end)})
    found = []
    for begin, stop in pairwise(bounds):
        if any(a <= begin < b for a, b in away):
            continue
        if found and found[-1].end == begin:
            found[-1].end = stop
        else:
            found.append(Period(begin, stop, any(b == begin for _, b in away)))
    return found


def as_of(finding, today):
    """The finding with only the steps reached and an until that has come; None if there is nothing left."""
    until = finding.until if finding.until is not None and finding.until <= today else None
    steps = [s for s in finding.steps if s.day <= today and (until is None or s.day < until)]
    return replace(finding, steps=steps, until=until) if steps else None


def clip(raw, observed, today):
    """The finding as made: in the first observed period in which it holds (events: a step lies); else None."""
    finding = as_of(raw, today)
    if finding is None:
        return None
    finding.raw_since = finding.since
    clipped = clip_event(finding, observed) if finding.pattern in EVENTS else clip_state(finding, observed)
    return clipped and as_of(clipped, today)


def clip_event(finding, observed):
    """Only the steps in the first period in which one lies."""
    for p in observed:
        steps = [s for s in finding.steps if p.first <= s.day < p.end]
        if steps:
            return replace(finding, steps=steps, until=p.end if finding.until is None else min(finding.until, p.end))
    return None


def clip_state(finding, observed):
    """Steps before the period become one on its first day; whoever returns is new."""
    for p in observed:
        holds = finding.since < p.end and (finding.until is None or finding.until > p.first)
        if not holds:
            continue
        if p.by_return and finding.since < p.first:
            return None
        before = [s for s in finding.steps if s.day < p.first]
        steps = [s for s in finding.steps if p.first <= s.day < p.end]
        if before:
            steps.insert(0, Step(before[-1].severity, p.first, set().union(*(s.evidence for s in before))))
        return replace(finding, steps=steps, until=p.end if finding.until is None else min(finding.until, p.end))
    return None
