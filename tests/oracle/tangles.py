"""Random timelines that are tangled on purpose: few days, few ids, few instants, so that everything meets everything.

Every date is one of a handful of days that lie exactly on, before or after each other's edges (and, for a third of the
persons, on an 18th, 25th or 27th birthday); a thing is spoken of many times; any mixture of kinds of facts comes.
"""

import random
from datetime import date

from tests.oracle.days import day, iso
from tests.oracle.timeline import CATALOGUE
from tests.oracle.timelines import EDGES, THEMES, Maker

KINDS = sorted({name for theme in THEMES.values() for name in theme})
HEAVY = ["measure", "spell", "correction", "again", "retraction", "odd_end", "moved", "registered"]
GROUPS = ["merge", "split", "retraction", "erased"]
INSTANTS = [
    *("2020-02-29T23:30:00Z", "2020-03-01T00:30:00+01:00", "2020-03-01T00:00:00.5Z", "2020-03-01T00:00:00.50Z"),
    *("2020-03-29T00:59:60Z", "2020-03-29T01:00:00Z", "2020-10-25T00:30:00Z"),
]


class Tangle(Maker):
    """Makes the facts of one tangled timeline."""

    def __init__(self, rng, today):
        super().__init__(rng, today)
        first = self.today - rng.choice([0, 30, 90, 180, 365, 730, 1095]) - rng.choice(EDGES)
        self.days = {first}
        for _ in range(rng.randint(3, 9)):
            self.days.add(rng.choice(sorted(self.days)) + rng.choice([1, 1, 1, -1]) * rng.choice(EDGES))
        if rng.random() < 0.3:
            self.days |= {self.today + rng.choice([0, 1, 14, 60, 90])}
        self.days = sorted(x for x in self.days if x > 400)
        self.subjects = ["A", "B", "C", "D", "E"][: rng.choice([1, 1, 1, 2, 3, 5])]
        self.weights = {name: rng.choice([1, 3, 9]) for name in rng.sample(KINDS, rng.randint(3, 9))}
        self.weights |= {name: rng.choice([2, 6]) for name in rng.sample(HEAVY, 3)}
        if len(self.subjects) > 1:
            self.weights |= {name: rng.choice([1, 4]) for name in GROUPS[: rng.randint(1, 3)]}
        self.weights["erased"] = 0.2 if rng.random() < 0.1 else 0

    def make(self, most):
        """Between 3 and `most` facts."""
        rng, wanted = self.rng, self.rng.randint(3, max(3, most))
        if rng.random() < 0.35:
            self.born()
        while len(self.facts) < wanted:
            name = rng.choices(list(self.weights), list(self.weights.values()))[0]
            getattr(self, name)()
            if len(self.facts) > 2 * most:
                break
        rng.shuffle(self.facts)
        return self.facts

    def born(self):
        """A registration that puts a birthday on, or a month beside, one of the days."""
        rng = self.rng
        limit = date.fromordinal(rng.choice(self.days) + rng.choice([0, 0, 30, -30, 180]))
        month = f"{limit.year - rng.choice([18, 25, 27]):04}-{limit.month:02}"
        on = iso(rng.choice(self.days) - rng.choice([0, 0, 400]))
        self.say("person.registered", {"registered_on": on, "birth_month": month})
        self.days.append(limit.replace(day=1).toordinal())

    def date(self, *, after=None, spread=None):
        """One of the few days, sometimes the day before or after it; from `after` on, if one is."""
        rng = self.rng
        days = [x for x in self.days if after is None or x >= after] or [after]
        found = max(1, rng.choice(days) + rng.choice([0, 0, 0, 0, 1, -1]))
        return iso(min(found, day("9999-12-31")))

    def time(self):
        """One of few instants, in different spellings."""
        return self.rng.choice(INSTANTS) if self.rng.random() < 0.6 else super().time()

    def type(self, *categories):
        """Any type of the catalogue, of the categories if given, or one of those that the edges are made for."""
        rng = self.rng
        if rng.random() < 0.5:
            return super().type(*categories)
        return rng.choice([code for code, row in CATALOGUE.items() if not categories or row["category"] in categories])

    def new_measure(self):
        """One of few measures, often one that is there."""
        self.measures += self.measures == 0 or (self.measures < 6 and self.rng.random() < 0.6)
        return f"m{self.rng.randint(1, self.measures)}" if self.rng.random() < 0.3 else f"m{self.measures}"


def timeline(seed, *, today, most=12):
    """Facts of one tangled timeline; the same seed and today give the same facts."""
    return Tangle(random.Random(seed), today).make(most)
