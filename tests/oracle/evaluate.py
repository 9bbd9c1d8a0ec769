"""The findings of all persons, when they next differ, and what changed between two results."""

from tests.oracle.after import m16, subsume
from tests.oracle.chains import m01, m02, m03, m11, p01
from tests.oracle.days import day, iso
from tests.oracle.ends import m04, m06, p02
from tests.oracle.gaps import m05, m09, m10, m13, m15
from tests.oracle.holding import groups
from tests.oracle.observed import clip, periods
from tests.oracle.raw import SEVERITIES
from tests.oracle.stays import m07, m08, m12, m14
from tests.oracle.timeline import timeline

RULES = [m01, m02, m03, m04, m05, m06, m07, m08, m09, m10, m11, m12, m13, m14, m15, p01, p02]


def one_of_each_identity(findings):
    """Of two findings with one identity (two sources, one id) that with the earlier `since`."""
    kept = {}
    for f in sorted(findings, key=lambda f: (f.since, f.raw_since)):
        kept.setdefault((f.pattern, f.anchor), f)
    return list(kept.values())


def person(facts, today):
    """Findings of one merge group's facts on `today` (a day number)."""
    line = timeline(facts, today)
    observed = periods(line)
    clipped = [clip(raw, observed, today) for rule in RULES for raw in rule(line)]
    made = subsume(one_of_each_identity([f for f in clipped if f is not None]))
    return made + list(m16(line, made))


def written(person_id, f):
    """The finding as `evaluate FILE` writes it."""
    return {
        "person_id": person_id,
        "pattern": f.pattern,
        "anchor": f.anchor,
        "severity": f.steps[-1].severity,
        "since": iso(f.since),
        "until": iso(f.until),
        "steps": [[s.severity, iso(s.day)] for s in sorted(f.steps, key=order)],
        "evidence": sorted(f.evidence),
        "rules_version": "1",
    }


def order(step):
    """Steps by date, the lesser first."""
    return step.day, SEVERITIES.index(step.severity)


def evaluate(events, today):
    """All findings of the events (dicts that can be read) on `today` (YYYY-MM-DD), sorted as in a file."""
    found = []
    for head, _, facts in groups(events):
        if facts is not None:
            found += [written(head, f) for f in person(facts, day(today))]
    return sorted(found, key=lambda f: (f["person_id"], f["pattern"], f["anchor"]))


def next_due(events, today, horizon):
    """Per person the first later day, up to so many days on, on which the result differs, by trying each."""
    dues = {}
    for head, subjects, facts in groups(events):
        for subject in subjects:
            dues[subject] = None
        if facts is None or head not in subjects:
            continue
        now = [written(head, f) for f in person(facts, day(today))]
        for x in range(day(today) + 1, min(day(today) + horizon, day("9999-12-31")) + 1):
            if same(now) != same([written(head, f) for f in person(facts, x)]):
                dues[head] = iso(x)
                break
    return dues


def same(findings):
    """Findings in a form in which their order plays no part."""
    return sorted(findings, key=lambda f: (f["person_id"], f["pattern"], f["anchor"]))


def differences(before, after):
    """(event, person_id, pattern, anchor) for each identity that changed, exactly one each."""
    old = {(f["person_id"], f["pattern"], f["anchor"]): f for f in before}
    new = {(f["person_id"], f["pattern"], f["anchor"]): f for f in after}
    changed = []
    for identity in sorted(old.keys() | new.keys()):
        a, b = old.get(identity), new.get(identity)
        if a == b:
            continue
        changed.append([event_of(a, b), *identity])
    return changed


def event_of(a, b):
    """The first that applies of detected, retracted, resolved, escalated, revised."""
    if a is None:
        return "detected"
    if b is None:
        return "retracted"
    if a["until"] is None and b["until"] is not None:
        return "resolved"
    if SEVERITIES.index(b["severity"]) > SEVERITIES.index(a["severity"]):
        return "escalated"
    return "revised"
