"""M07 overstay, M08 holding loop, M12 language plateau, M14 overlap."""

from itertools import pairwise

from tests.oracle.progress import LEVELS, first_after, highest_tested, rises, spell_progress, stretches, tests
from tests.oracle.raw import HOLDING_CATEGORIES, Finding, Step, earliest, ids_of


def m07(line):
    """Not ended by due = min(planned end + 30, start + max_days)."""
    for e in line.episodes:
        planned = None if e.planned_end is None else e.planned_end + 30
        longest = None if e.row["max_days"] is None else e.start + e.row["max_days"]
        due = earliest(planned, longest)
        if due is None or (e.end is not None and e.end <= due):
            continue
        until = None if e.end is None else e.end + 1
        yield Finding("M07", e.id, [Step("warning", due, e.ids), Step("critical", due + 90, e.ids)], until)


def days_inside(episodes, today):
    """The distinct dates inside the episodes, in order, each produced once."""
    x = None
    for e in sorted(episodes, key=lambda e: e.start):
        last = today if e.end is None else min(e.end, today)
        first = e.start if x is None else max(e.start, x + 1)
        yield from range(first, last + 1)
        x = last if x is None else max(x, last)


def m08(line):
    """365, then 540 distinct dates within 1095 days inside episodes of the stretch that hold somebody up."""
    for episodes, end in stretches(line):
        holding = [e for e in episodes if e.category in HOLDING_CATEGORIES]
        steps, window, wanted = [], [], {"warning": 365, "critical": 540}
        for x in days_inside(holding, line.today):
            window.append(x)
            if window[0] <= x - 1095:
                window.pop(0)
            for severity in [s for s in wanted if len(window) >= wanted[s]]:
                del wanted[severity]
                steps.append(Step(severity, x, ids_of(with_a_day(holding, x))))
            if not wanted:
                break
        if steps:
            yield Finding("M08", holding[0].id, steps, end)


def with_a_day(episodes, x):
    """The episodes with a day in (x - 1095, x]."""
    return [e for e in episodes if e.start <= x and (e.end is None or e.end > x - 1095)]


def m12(line):
    """Language episodes without a rise, and the language below the target."""
    bounds = [None, *rises(line), None]
    for begin, end in pairwise(bounds):
        courses = [
            e
            for e in line.episodes
            if e.category == "LANG" and (begin is None or begin <= e.start) and (end is None or e.start < end)
        ]
        if not courses:
            continue
        reached = plateau_reached(courses)
        changes = [c.day for c in line.goals] + [when for when, _ in tests(line)]
        possible = sorted({reached, *(x for x in changes if x > reached)})
        warned = next((x for x in possible if (end is None or x < end) and below_target(line, x)), None)
        if warned is not None:
            until = earliest(end, first_after(spell_progress(line), warned))
            yield Finding("M12", courses[0].id, [Step("warning", warned, set())], until, started_up_to(courses))


def started_up_to(courses):
    """Evidence of M12: the language episodes since then that started up to `since`."""
    return lambda since, until: ids_of([e for e in courses if e.start <= since])


def plateau_reached(courses):
    """End of the 2nd ended one, 900 hours in the ended ones, or start of the first + 365: the earliest."""
    ends = sorted(e.end for e in courses if e.end is not None)
    second = ends[1] if len(ends) >= 2 else None
    enough = [x for x in ends if sum(e.hours for e in courses if e.end is not None and e.end <= x) >= 900]
    return earliest(second, courses[0].start + 365, *enough)


def below_target(line, x):
    """Whether the highest level tested by x is below the target then in force."""
    known = [c for c in line.goals if c.data["goal"] in ("TRAINING", "EMPLOYMENT", "SCHOOL", "STUDY", "LANGUAGE")]
    goals = [c.data["goal"] for c in known if c.day <= x]
    target = "B2" if goals and goals[-1] == "TRAINING" else "B1"
    highest = highest_tested(line, x)
    return highest is None or highest < LEVELS.index(target)


def allowed(a, b):
    """LANG with anything; VOC with VOC of another type."""
    if "LANG" in (a.category, b.category):
        return True
    return a.category == b.category == "VOC" and a.type != b.type


def m14(line):
    """Two episodes side by side for 14 days; of several earlier ones that with the most common days."""
    for at, later in enumerate(line.episodes):
        pairs = []
        for earlier in line.episodes[:at]:
            end = earliest(later.end, earlier.end)
            common = (line.today if end is None else min(end, line.today)) - later.start + 1
            if common >= 14 and not allowed(earlier, later):
                pairs.append((common, earlier, end))
        if pairs:
            most = max(common for common, _, _ in pairs)
            _, earlier, end = next(pair for pair in pairs if pair[0] == most)
            step = Step("info", later.start + 13, ids_of([earlier, later]))
            yield Finding("M14", later.id, [step], None if end is None else end + 1)
