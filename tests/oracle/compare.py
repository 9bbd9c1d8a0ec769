"""Run both implementations on random timelines and list the differences, made small.

`python -m tests.oracle.compare --seed S --count N [--next-due] [--most FACTS] [--tangled]`; exit status 1 if any.
"""

import argparse
import json
import random
import sys
from dataclasses import dataclass

from tests.oracle import engine, shrink, tangles
from tests.oracle.days import day, iso
from tests.oracle.evaluate import evaluate
from tests.oracle.holding import groups
from tests.oracle.timelines import EDGES, TODAYS, timeline

BATCH = 400
LAST = day("9999-12-31")


@dataclass
class Difference:
    """A timeline on which the two differ."""

    facts: list
    today: str
    what: str
    service: object
    oracle: object

    def text(self):
        """Facts, one a line, and both answers."""
        facts = "\n".join(json.dumps(fact) for fact in self.facts)
        answers = f"service: {json.dumps(self.service)}\noracle:  {json.dumps(self.oracle)}"
        return f"{self.what} on {self.today}\n{facts}\n{answers}"


def days_of(rng, today):
    """The days to compare on: today, some before and after it, seldom the ends of the calendar."""
    days = [day(today), *(day(today) + rng.choice([-1, 1, 1]) * rng.choice(EDGES) for _ in range(3))]
    if rng.random() < 0.1:
        days.append(rng.choice([LAST, LAST - 100, 1, 60]))
    return [iso(min(max(x, 1), LAST)) for x in dict.fromkeys(days)]


def findings_differ(timelines, today):
    """Differences in the findings on one day."""
    for facts, service in zip(timelines, engine.ask(timelines, today), strict=True):
        oracle = evaluate(facts, today)
        if service != oracle:
            yield Difference(facts, today, "findings", service, oracle)


def asked(facts):
    """Every pseudonym that has a fact, and whether it is the one its group is evaluated under."""
    return {subject: subject == head for head, subjects, _ in groups(facts) for subject in subjects}


def looked_at(rng, today, due):
    """Days between today and the due date, or far on, on which nothing may have changed yet."""
    first, last = day(today) + 1, min(LAST, day(today) + 5000) if due is None else day(due) - 1
    some = [*range(first, first + 2), last, last - 1, *(first + x - 1 for x in rng.sample(EDGES, 8))]
    some += [rng.randint(first, last) for _ in range(6)] if first <= last else []
    return sorted({x for x in some if first <= x <= last})


def dues_differ(timelines, today, rng):
    """Where next_due is missing, not after today, or too late."""
    for facts, lines in zip(timelines, engine.ask(timelines, today, "--next-due"), strict=True):
        dues = {line["person_id"]: line["next_due"] for line in lines}
        heads = asked(facts)
        if list(dues) != sorted(heads) or any(dues[p] is not None for p in dues if not heads.get(p)):
            yield Difference(facts, today, "next_due lines", lines, heads)
            continue
        for person, due in dues.items():
            if due is not None and due <= today:
                yield Difference(facts, today, "next_due not after today", lines, None)
            yield from too_late(facts, today, person, looked_at(rng, today, due))


def too_late(facts, today, person, days):
    """The first of the days on which the person's findings differ from today's, if any."""
    now = [f for f in evaluate(facts, today) if f["person_id"] == person]
    for x in days:
        then = [f for f in evaluate(facts, iso(x)) if f["person_id"] == person]
        if then != now:
            yield Difference(facts, today, f"next_due of {person} too late, differs on {iso(x)}", now, then)
            return


def compare(seed, count, *, most=12, next_due=False, make=timeline):
    """All differences in `count` timelines, each on several days."""
    for begin in range(0, count, BATCH):
        rng = random.Random(f"{seed}/{begin}")
        today = rng.choice(TODAYS)
        numbers = range(begin, min(begin + BATCH, count))
        timelines = [make(f"{seed}/{n}", today=today, most=rng.choice([4, 8, most])) for n in numbers]
        for x in days_of(rng, today):
            yield from findings_differ(timelines, x)
            if next_due:
                yield from dues_differ(timelines, x, rng)


def main():
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--most", type=int, default=12, help="facts in a timeline")
    parser.add_argument("--next-due", action="store_true")
    parser.add_argument("--tangled", action="store_true", help="few days and ids, everything meets everything")
    parser.add_argument("--stop", type=int, default=5, help="differences to show")
    options = parser.parse_args()
    shown, seen = 0, set()
    make = tangles.timeline if options.tangled else timeline
    for difference in compare(options.seed, options.count, most=options.most, next_due=options.next_due, make=make):
        if id(difference.facts) in seen:
            continue
        seen.add(id(difference.facts))
        if difference.what == "findings":
            difference = shrink.smaller(difference)
        print(difference.text(), flush=True)
        shown += 1
        if shown == options.stop:
            break
    print(f"{shown} differences in {options.count} timelines")
    sys.exit(bool(shown))


if __name__ == "__main__":
    main()
