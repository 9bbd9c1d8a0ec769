"""What comes after clipping: subsumption, and M16 after that."""

from tests.oracle.raw import SEVERITIES, Finding, Step
from tests.oracle.timeline import age_limits


def subsumed_by(finding, other):
    """Whether the finding is subsumed by the other, if that begins in time."""
    if other.pattern == "M13":
        return finding.pattern == "M05" and finding.anchor in {e.id for e in other.about}
    if other.pattern == "M10":
        return finding.pattern == "M05" and finding.anchor == other.anchor
    if other.pattern == "M02":
        contains = finding.pattern == "M01" and other.anchor in {e.id for e in finding.about}
        return contains and finding.holds(other.since)
    return False


def subsume(findings):
    """The findings after subsumption; one taken over earlier is not opened again."""
    kept = list(findings)
    for other in sorted(findings, key=lambda f: f.since):
        for finding in [f for f in kept if subsumed_by(f, other)]:
            date = other.since
            if finding.since >= date:
                kept.remove(finding)
                continue
            if finding.until is None or finding.until > date:
                finding.until = date
                finding.steps = [step for step in finding.steps if step.day < date]
            other.added |= finding.evidence
    return kept


def m16(line, findings):
    """A finding of warning or more in the 180 days before the 25th or the 27th birthday."""
    limits = age_limits(line)
    if limits is None:
        return
    watched = [f for f in findings if f.pattern in {"M02", "M05", "M08", "M10", "M13", "M15"}]
    for anchor, b in (("25", limits[1]), ("27", limits[2])):
        dates, evidence = [], set()
        for x in range(b - 180, min(b - 1, line.today) + 1):
            held = [f for f in watched if f.holds(x) and SEVERITIES.index(f.severity_on(x)) >= 1]
            if held:
                dates.append(x)
                evidence = evidence.union(*(f.evidence for f in held))
        if dates:
            until = None if dates[-1] == line.today else dates[-1] + 1
            yield Finding("M16", anchor, [Step("warning", dates[0], evidence)], until)
