"""M05 follow-up gap, M09 access delay, M10 bridge to nowhere, M13 change of regime, M15 never reached."""

from tests.oracle.progress import first_after, progress
from tests.oracle.raw import (
    LEFT,
    UNAVAILABLE,
    Finding,
    Step,
    anything_open,
    earliest,
    ids_of,
    positive,
    start_of_anything,
)
from tests.oracle.timeline import CATALOGUE, COUNTABLE

FAMILIES = {
    "ASYLBLG_GRUND": "ASYLBLG",
    "ASYLBLG_ANALOG": "ASYLBLG",
    "SGB2": "SGB2",
    "SGB3_ALG": "SGB3",
    "SGB8": "SGB8",
    "SGB12": "SGB12",
}


def m05(line):
    """An episode ended and nothing followed."""
    for e in sorted({e.end for e in line.episodes if e.end is not None}):
        ended = [episode for episode in line.episodes if episode.end == e]
        last = ended[-1]
        if any(positive(x) or x.exit in LEFT for x in ended) or anything_open(line, e + 1, but=last):
            continue
        if any(x.exit in UNAVAILABLE for x in ended):
            timers = (("info", 180), ("warning", 365))
        else:
            timers = (("info", 30), ("warning", 90), ("critical", 180))
        steps = [Step(severity, e + days, last.ids) for severity, days in timers]
        yield Finding("M05", last.id, steps, start_of_anything(line, e + 1), about=last)


def m09(line):
    """A referral without a start."""
    for m in line.measures:
        if m.referred is None or m.type not in CATALOGUE:
            continue
        r = m.referred
        own = m.start if m.took_place else None
        others = [o.start for o in line.measures if o is not m and o.type == m.type and o.took_place and o.start >= r]
        until = earliest(own, *others, m.refused, *m.no_shows, m.cancelled)
        warning = 42 if CATALOGUE[m.type]["equivalence_group"] == "IK" else 60
        steps = [Step("warning", r + warning, {m.id}), Step("critical", r + 90, {m.id})]
        yield Finding("M09", m.id, steps, until)


def bridged(line, e):
    """Starts, of other episodes and of spells, of the category or type the episode is a bridge to."""
    starts = [o.start for o in line.episodes if o is not e and e.bridge_to in (o.category, o.type)]
    for s in line.spells:
        counts_as = {"EMPSUB"} if s.thing == "employment" else {"VOC"}
        if s.thing == "training" and s.kind == "COMPANY":
            counts_as.add("AUSB_BETR")
        if s.thing == "training" and s.kind == "SCHOOL":
            counts_as.add("AUSB_SCHUL")
        if e.bridge_to in counts_as:
            starts.append(s.start)
    return starts


def m10(line):
    """What the episode should lead to has not begun 60 days after its end."""
    for e in line.episodes:
        category = CATALOGUE[e.bridge_to]["category"] if e.bridge_to in CATALOGUE else e.bridge_to
        if category not in COUNTABLE or e.end is None or e.exit in LEFT | UNAVAILABLE or positive(e):
            continue
        starts = bridged(line, e)
        if any(e.start <= x <= e.end + 59 for x in starts):
            continue
        until = earliest(*(x for x in starts if x >= e.end + 60), first_after(progress(line), e.end))
        steps = [Step("warning", e.end + 60, e.ids), Step("critical", e.end + 180, e.ids)]
        yield Finding("M10", e.id, steps, until, about=e)


def family_before(changes, at):
    """The family the change comes from: its own from_benefit's, else found by walking back."""
    own = FAMILIES.get(changes[at].data.get("from_benefit"))
    if own is not None:
        return own
    for earlier in reversed(changes[:at]):
        if earlier.data["to_benefit"] in FAMILIES:
            return FAMILIES[earlier.data["to_benefit"]]
        if changes[at].day - earlier.day > 60:
            return None
        if earlier.data.get("from_benefit") in FAMILIES:
            return FAMILIES[earlier.data["from_benefit"]]
    return None


def m13(line):
    """A measure ended with a change of benefit family, and nothing followed."""
    for at, change in enumerate(line.benefits):
        t, source, target = change.day, family_before(line.benefits, at), FAMILIES.get(change.data["to_benefit"])
        if source is None or target is None or source == target:
            continue
        window = [e for e in line.episodes if e.end is not None and t - 14 <= e.end <= t + 45]
        such = [e for e in window if not positive(e) and e.exit not in LEFT | UNAVAILABLE]
        if not such or anything_open(line, t + 60):
            continue
        if any(t <= e.start <= t + 59 for e in line.episodes + line.spells):
            continue
        evidence = {change.id} | ids_of(such)
        steps = [Step("warning", t + 60, evidence)]
        if not any(t <= e.start <= t + 119 for e in line.episodes + line.spells):
            steps.append(Step("critical", t + 120, evidence))
        yield Finding("M13", change.id, steps, start_of_anything(line, t + 60), about=window)


def m15(line):
    """Registered, and no contact, referral, start or spell."""
    for registration in line.registered:
        t = registration.day
        here = [m for m in line.measures if m.took_place]
        signs = [c.day for c in line.contacts] + [m.referred for m in line.measures if m.referred is not None]
        signs += [m.start for m in here] + [s.start for s in line.spells]
        open_on_t = any(m.start <= t and (m.end is None or m.end >= t) for m in here)
        open_on_t = open_on_t or any(s.open_on(t) for s in line.spells)
        until = t if open_on_t else earliest(*(x for x in signs if x >= t))
        steps = [Step("warning", t + 90, {registration.id}), Step("critical", t + 180, {registration.id})]
        yield Finding("M15", registration.id, steps, until)
