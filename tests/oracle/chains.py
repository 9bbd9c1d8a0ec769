"""M01 chain, M02 career, M03 repeat, M11 downward move, P01 step-up."""

from tests.oracle.progress import first_after, progress, stretches
from tests.oracle.raw import COMPLETED, NEUTRAL, SUCCESS, Finding, Step, earliest, gap, ids_of


def runs(episodes, belongs):
    """Maximal sequences of consecutive episodes, each but the first belonging to the one before it."""
    found = []
    for i, episode in enumerate(episodes):
        if i > 0 and belongs(i):
            found[-1].append(episode)
        else:
            found.append([episode])
    return found


def started_before(run):
    """Evidence of a run: the episodes that started before `until`."""
    return lambda since, until: ids_of([e for e in run if until is None or e.start < until])


def m01(line):
    """Run of >= 2 consecutive episodes, each but the first with gap <= 90."""
    episodes = line.episodes
    for run in runs(episodes, lambda i: gap(episodes, i) <= 90):
        if len(run) < 2:
            continue
        until = max(e.end for e in run) + 91 if all(e.end is not None for e in run) else None
        steps = [Step("info", run[1].start, set())]
        yield Finding("M01", run[0].id, steps, until, started_before(run), about=run)


def m02(line):
    """In a stretch, three, then four starts within 730 days."""
    for episodes, end in stretches(line):
        for part in runs(episodes, lambda i, all_of=episodes: all_of[i].start - all_of[i - 1].start <= 731):
            yield from career(part, end)


def career(episodes, end):
    """M02 of the starts of a stretch between two dates on which no start lies within the last 730 days."""
    steps, anchor = [], None
    for severity, wanted in (("warning", 3), ("critical", 4)):
        for j in episodes:
            counted = [e for e in episodes if j.start - 730 < e.start <= j.start]
            if len(counted) >= wanted:
                anchor = anchor or counted[0]
                steps.append(Step(severity, j.start, ids_of(counted)))
                break
    if steps:
        until = earliest(end, max(e.start for e in episodes) + 731)
        yield Finding("M02", anchor.id, steps, until, about=anchor)


def m03(line):
    """More episodes of j's group that ended without result within 730 days before j than its allowance."""
    for at, j in enumerate(line.episodes):
        such = [
            i
            for i in line.episodes[:at]
            if i.row["equivalence_group"] == j.row["equivalence_group"]
            and i.end is not None
            and i.exit not in SUCCESS | NEUTRAL
            and 0 <= j.start - i.end <= 730
        ]
        if len(such) > j.row["allowance"]:
            success = j.end if j.end is not None and j.exit in SUCCESS else None
            until = earliest(success, first_after(progress(line), j.start))
            yield Finding("M03", j.id, [Step("warning", j.start, ids_of([j, *such]))], until)


def lower_moves(line):
    """For every j that is a downward move from some i: (j, its i)."""
    moves = {}
    for i in line.episodes:
        if i.end is None or i.exit not in COMPLETED:
            continue
        later = [e for e in line.episodes if e.start > i.end]
        if later and later[0].start - i.end <= 180 and later[0].level < i.level:
            moves.setdefault(later[0].id, (later[0], []))[1].append(i)
    return moves


def m11(line):
    """After a completed episode the next one is of a lower level; warning if twice in a row."""
    moves = lower_moves(line)
    for j, such in moves.values():
        evidence = ids_of([j, *such])
        before = [i for i in such if i.id in moves]
        for i in before:
            evidence |= ids_of(moves[i.id][1])
        yield Finding("M11", j.id, [Step("warning" if before else "info", j.start, evidence)])


def p01(line):
    """Run of >= 3 consecutive episodes with strictly rising level, each but the first with gap <= 90."""
    episodes = line.episodes
    for run in runs(episodes, lambda i: gap(episodes, i) <= 90 and episodes[i].level > episodes[i - 1].level):
        if len(run) >= 3:
            yield Finding("P01", run[0].id, [Step("info", run[2].start, set())], None, started_before(run))
