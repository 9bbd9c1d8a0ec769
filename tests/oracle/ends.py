"""M04 revolving door, M06 drop-out series, P02 lasting transition."""

from tests.oracle.progress import first_after, progress
from tests.oracle.raw import DROPOUT, NEUTRAL, Finding, Step, ids_of


def comes_back(line):
    """(day, evidence) of every start and benefit change that counts as coming back."""
    back = [(e.start, e.ids) for e in line.episodes if e.category in {"LANG", "ACT", "PREVOC", "WORKOPP"}]
    for change in line.benefits:
        if change.data["to_benefit"] in {"SGB2", "ASYLBLG_GRUND", "ASYLBLG_ANALOG"}:
            back.append((change.day, {change.id}))
    return back


def m04(line):
    """Back in a measure or on benefits soon after a spell."""
    for spell in line.spells:
        if spell.end is None:
            continue
        e = spell.end
        t = min((day for day, _ in comes_back(line) if day > e), default=None)
        if t is None or not 14 < t - spell.start <= 730:
            continue
        others = [s for s in line.spells if s is not spell]
        if any(s.open_on(e + 1) or e < s.start <= t for s in others):
            continue
        n = t - spell.start
        severity = "critical" if n <= 180 else "warning" if n <= 365 else "info"
        evidence = {spell.id}.union(*(ids for day, ids in comes_back(line) if day == t))
        yield Finding("M04", spell.id, [Step(severity, t, evidence)], first_after(progress(line), t))


def m06(line):
    """Two, then three drop-outs within 540 days."""
    ended = [e for e in line.episodes if e.end is not None and e.exit not in NEUTRAL]
    ended.sort(key=lambda e: (e.end, e.id))
    run = []
    for e in [*ended, None]:
        if e is not None and e.exit in DROPOUT:
            run.append(e)
            continue
        steps = []
        for severity, wanted in (("warning", 2), ("critical", 3)):
            for k, last in enumerate(run):
                counted = [x for x in run[: k + 1] if last.end - x.end <= 540]
                if len(counted) >= wanted:
                    steps.append(Step(severity, last.end, ids_of(counted)))
                    break
        if steps:
            yield Finding("M06", run[0].id, steps, None if e is None else e.end)
        run = []


def p02(line):
    """A spell of 180, then of 365 days."""
    for spell in line.spells:
        steps = [Step("info", spell.start + d - 1, {spell.id}) for d in (180, 365) if spell.lasted(d, line.today)]
        if steps:
            yield Finding("P02", spell.id, steps)
