"""Seeded random timelines, small and full of edges: dates exactly at, before and after every number of the rules."""

import random
from datetime import date

from tests.oracle import days, scenes
from tests.oracle.days import day

EDGES = [
    *(0, 0, 0, 1, 1, 2, 5, 7, 13, 14, 15, 16, 28, 29, 30, 31, 32, 41, 42, 43, 44, 45, 46, 58, 59, 60, 61, 62, 74),
    *(75, 76, 88, 89, 90, 91, 92, 118, 119, 120, 121, 150, 178, 179, 180, 181, 182, 200, 270, 330, 363, 364, 365, 366),
    *(367, 400, 450, 538, 539, 540, 541, 600, 660, 728, 729, 730, 731, 732, 733, 1093, 1094, 1095, 1096, 1300),
]
TYPES = {
    "LANG": ["IK_ALLG", "IK_JUGEND", "EOK", "BSK_B1", "BSK_B2", "DS_F2"],
    "SCHOOL": ["HSA9", "IFK", "FOR", "BFS2"],
    "ACT": ["MAT", "MAG", "P16H", "JWS"],
    "PREVOC": ["BVB", "EQ", "DS_F4"],
    "WORKOPP": ["AGH", "FIM"],
    "VOC": ["ASA", "ABH", "AUSB_BETR", "AUSB_SCHUL", "TQ"],
    "EMPSUB": ["EGZ", "P16E"],
    "COUNSEL": ["JSA", "THM"],
    "BENEFIT": ["BAB"],
    "unknown": ["NEW_ONE", "LANG"],
}
BRIDGES = [
    "LANG",
    "VOC",
    "EMPSUB",
    "PREVOC",
    "AUSB_BETR",
    "AUSB_SCHUL",
    "MAT",
    "BVB",
    "COUNSEL",
    "JSA",
    "BAB",
    "NOWHERE",
]
EXITS = [
    *("DROPOUT_PERSON", "DROPOUT_PERSON", "EXCLUDED", "ABSENCE", "COMPLETED_GOAL", "COMPLETED_NO_RESULT"),
    *("COMPLETED_NO_RESULT", "COMPLETED_NO_RESULT", "EARLY_EMPLOYMENT", "EARLY_TRAINING", "EARLY_SCHOOL", "HEALTH"),
    *("DEPARTED_VOLUNTARY", "DEPORTED", "DECEASED", "PARENTAL", "CHILDCARE", "WORK_BAN", "DETAINED", "MOVED"),
    *("STATUS_CHANGE", "PROVIDER_CANCELLED", "TRANSFER", "UNKNOWN", "NO_SHOW", "ODD"),
]
USUAL_EXITS = ["COMPLETED_NO_RESULT", "COMPLETED_NO_RESULT", "DROPOUT_PERSON", "EXCLUDED", "COMPLETED_GOAL", "HEALTH"]
DESTINATIONS = ["EMP_UNSUB", "TRAIN_COMPANY", "TRAIN_SCHOOL", "BAE", "STUDY", "JOBSEEKING", "OTHER_MEASURE", "ODD"]
BENEFITS = ["NONE", "ASYLBLG_GRUND", "ASYLBLG_ANALOG", "SGB2", "SGB2", "SGB3_ALG", "SGB8", "SGB12", "EARNINGS", "ODD"]
LEVELS = ["A0", "A1", "A2", "B1", "B1", "B2", "C1", "C2", "D9"]
KINDS = {
    "employment": ["REGULAR", "REGULAR", "SUBSIDISED", "SELF", "MINIJOB", "COMPANY", "ODD"],
    "training": ["COMPANY", "SCHOOL", "STUDY", "REGULAR", "ODD"],
}
CERTIFICATES = ["HSA9", "HSA10", "FOR", "FHR", "AHR", "VOC", "TQ"]
HOURS = [0, 100, 300, 449.5, 450, 450.5, 500, 600, 899, 900, 901]
ODD_NAMES = {"m1": "\uff5e", "m2": "\U00010400", "m3": "ä", "m4": "Z", "m5": "m10", "s1": "m1", "t1": "m1"}
TODAYS = ["2020-03-01", "2020-02-29", "2021-03-01", "2019-12-31", "2024-02-28", "2020-10-01"]
THEMES = {
    "any": dict.fromkeys(
        [
            "measure",
            "spell",
            "benefit",
            "test",
            "certificate",
            "registered",
            "moved",
            "contact",
            "goal",
            "referral",
            "correction",
            "odd_end",
            "retraction",
            "cancelled",
            "no_show",
            "extended",
            "other_fact",
            "merge",
            "again",
        ],
        2,
    ),
    "chain": {"measure": 14, "spell": 1, "certificate": 1, "correction": 1, "registered": 1, "retraction": 1},
    "joining": {"joining": 12, "correction": 2, "no_show": 1, "odd_end": 2, "cancelled": 1, "extended": 2, "moved": 1},
    "language": {"course": 10, "test": 5, "goal": 4, "spell": 2, "registered": 1, "correction": 1},
    "regime": {"broken": 7, "benefit": 5, "measure": 3, "spell": 2, "registered": 2, "moved": 1, "retraction": 1},
    "comebacks": {"comeback": 9, "spell": 2, "measure": 2, "benefit": 1, "certificate": 1, "registered": 1, "moved": 1},
    "repeats": {"repeat": 12, "certificate": 1, "spell": 1, "registered": 1, "moved": 1, "correction": 1},
    "spells": {"spell": 9, "odd_spell": 3, "measure": 5, "benefit": 3, "moved": 1, "registered": 1},
    "away": {"moved": 6, "registered": 5, "measure": 8, "spell": 2, "benefit": 1, "contact": 1, "referral": 2},
    "age": {"registered": 4, "measure": 8, "spell": 1, "benefit": 2, "contact": 1, "moved": 1, "test": 1},
    "referrals": {
        "referral": 8,
        "no_show": 4,
        "cancelled": 3,
        "refused": 3,
        "measure": 3,
        "odd_end": 3,
        "registered": 2,
    },
    "fields": {"measure": 4, "correction": 9, "odd_end": 3, "extended": 2, "again": 3, "retraction": 4, "spell": 1},
    "groups": {"merge": 6, "split": 3, "measure": 7, "registered": 2, "spell": 1, "retraction": 3, "erased": 0.3},
    "dropouts": {"dropout": 12, "spell": 1, "moved": 1, "registered": 1, "retraction": 1},
    "overlap": {"overlap": 12, "certificate": 1, "correction": 1, "moved": 1},
    "loop": {"loop": 10, "certificate": 2, "spell": 2, "moved": 1, "registered": 1},
    "bridges": {"bridge": 9, "spell": 3, "measure": 4, "benefit": 3, "certificate": 1, "registered": 1},
    "ladder": {"ladder": 10, "certificate": 2, "registered": 1, "moved": 1},
}


def iso(number):
    """The date, at most the last of the calendar and at least the first."""
    return days.iso(min(max(number, 1), day("9999-12-31")))


class Maker:
    """Makes the facts of one timeline; every choice comes from one random generator."""

    def __init__(self, rng, today):
        self.rng, self.today, self.facts = rng, day(today), []
        self.dates = [min(max(self.today - rng.choice(EDGES) - rng.choice([0, 0, *EDGES]), 400), day("9990-01-01"))]
        self.subjects = ["A"] if rng.random() < 0.8 else ["A", "B"]
        self.theme = rng.choice(list(THEMES))
        if self.theme == "groups":
            self.subjects = ["A", "B", "C", "D"][: rng.choice([2, 2, 3, 4])]
        self.sources = ["S1"] if rng.random() < 0.6 else ["S1", "S2"]
        self.extreme = rng.random() < 0.02
        self.measures, self.spells, self.last_start, self.last_end = 0, 0, None, None

    def make(self, most):
        """Between 1 and `most` facts, a few more where one thing needs several."""
        wanted = self.rng.randint(1, most)
        weights = THEMES[self.theme]
        if self.rng.random() < 0.5:
            scenes.play(self)
            wanted = self.rng.choice([0, 0, 0, wanted])
        if len(self.facts) < wanted and self.rng.random() < 0.55:
            self.registered()
        while len(self.facts) < wanted:
            name = self.rng.choices(list(weights), list(weights.values()))[0]
            getattr(self, name)()
        self.rng.shuffle(self.facts)
        if self.rng.random() < 0.05:
            self.rename()
        return self.facts

    def rename(self):
        """Give things names whose order depends on how text is compared."""
        for fact in self.facts:
            for name in ("measure_id", "spell_id", "test_id"):
                if name in fact["data"]:
                    fact["data"][name] = ODD_NAMES.get(fact["data"][name], fact["data"][name])

    def iso(self, number):
        """The date of a day number, kept within the calendar."""
        return iso(number)

    def date(self, *, after=None, spread=None):
        """A date an edge away from one already there, from `after`, or from today."""
        rng = self.rng
        if self.extreme and rng.random() < 0.15:
            return rng.choice(["0001-01-01", "0001-02-15", "9999-12-31", "9999-10-02"])
        edges = EDGES if spread is None else [x for x in EDGES if x <= spread]
        if after is not None:
            found = after + rng.choice(edges)
        elif rng.random() < 0.2:
            found = self.today + rng.choice([-1, -1, -1, 1]) * rng.choice(EDGES)
        else:
            found = rng.choice(self.dates) + rng.choice([1, 1, 1, -1]) * rng.choice(edges)
        found = min(max(found, 1), day("9999-12-31"))
        if found > self.today + 200 or (found > self.today and rng.random() < 0.6):
            found = self.today - rng.choice(EDGES[:40])
        self.dates.append(max(found, 1))
        return iso(max(found, 1))

    def time(self):
        """When it was recorded; often the same instant in another spelling."""
        rng = self.rng
        if rng.random() < 0.35:
            return rng.choice(
                [
                    *("2020-01-01T10:00:00Z", "2020-01-01T11:00:00+01:00", "2020-01-01T10:00:00.0Z"),
                    *("2020-01-01T10:00:00.000000001Z", "2020-01-01T10:00:00.0000000001Z", "2020-01-01T05:00:00-05:00"),
                    *("2019-12-31T23:30:00Z", "2020-06-30T22:30:00Z", "2020-01-01T10:00:00.000000002Z"),
                ]
            )
        return f"20{rng.randint(18, 22)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}T{rng.randint(0, 23):02}:00:00Z"

    def say(self, kind, data, *, subject=None):
        """One fact."""
        rng = self.rng
        event = {
            "specversion": "1.0",
            "id": f"f{len(self.facts):02}" if rng.random() < 0.97 else f"f{rng.randint(0, 4):02}",
            "source": rng.choice(self.sources),
            "type": f"gemeinsam.{kind}.v1",
            "subject": subject or rng.choice(self.subjects),
            "time": self.time(),
            "data": {name: value for name, value in data.items() if value is not ...},
        }
        self.facts.append(event)
        return event

    def maybe(self, share, value):
        """The value, or now and then null, or nothing at all."""
        x = self.rng.random()
        return value if x < share else None if x < share + 0.03 else ...

    def new_measure(self):
        """A fresh measure id, now and then one that is there."""
        self.measures += self.rng.random() < 0.93 or self.measures == 0
        return f"m{self.measures}"

    def any_measure(self):
        """A measure id that is probably there."""
        return f"m{self.rng.randint(1, max(1, self.measures))}"

    def type(self, *categories):
        """A measure type, of the categories if given, seldom of any other."""
        if categories and self.rng.random() < 0.95:
            return self.rng.choice(TYPES[self.rng.choice(categories)])
        names = [name for name in TYPES if self.rng.random() < 0.9 or name not in ("unknown", "BENEFIT")]
        return self.rng.choice(TYPES[self.rng.choice(names)])

    def run(self, types, *, start=None, length=None, provider=..., exits=USUAL_EXITS, ended=0.8, **more):
        """A measure that starts, and mostly ends."""
        rng, measure_id = self.rng, self.new_measure()
        start = start or self.date()
        exits = exits if rng.random() < 0.8 else EXITS
        self.say(
            "measure.started",
            {
                "measure_id": measure_id,
                "type": types,
                "provider": rng.choice(["P1", "P2", "P3"]) if provider is ... else provider,
                "started_on": start,
                "planned_end_on": self.maybe(0.15, self.date(after=day(start))) if rng.random() < 0.5 else ...,
                "hours": self.maybe(0.9, rng.choice(HOURS)) if rng.random() < 0.1 else ...,
                **more,
            },
        )
        self.last_start, self.last_end = day(start), None
        if rng.random() < ended:
            end = iso(min(day(start) + (rng.choice(EDGES) if length is None else length), day("9999-12-31")))
            self.dates.append(day(end))
            self.last_end = day(end)
            self.say(
                "measure.ended",
                {
                    "measure_id": measure_id,
                    "ended_on": end,
                    "exit": rng.choice(exits),
                    "destination": self.maybe(0.9, rng.choice(DESTINATIONS)) if rng.random() < 0.15 else ...,
                    "hours": self.maybe(0.9, rng.choice(HOURS)) if rng.random() < 0.1 else ...,
                },
            )

    def near(self, spread=130):
        """A start soon after the last end or start."""
        base = self.last_end or self.last_start
        return self.date() if base is None else self.date(after=base, spread=spread)

    def measure(self):
        """Any measure."""
        self.run(self.type(), start=self.near() if self.rng.random() < 0.5 else None)

    def joining(self):
        """Parts of one type and provider around 14 days apart."""
        rng = self.rng
        base = self.last_end or self.last_start
        start = None if base is None or rng.random() < 0.2 else iso(max(1, base + rng.choice([-20, 0, 1, 13, 14, 15])))
        provider = rng.choice(["P1", "P1", "P1", "P1", "P2"])
        types = rng.choice(["MAT", "MAT", "MAT", "BVB", "JSA", "IK_ALLG"])
        self.run(types, start=start, provider=provider, length=rng.choice([0, 5, 20, 60, 90, 200]))

    def course(self):
        """A language course."""
        rng = self.rng
        more = {} if rng.random() < 0.5 else {"hours": rng.choice(HOURS)}
        self.run(self.type("LANG"), length=rng.choice([14, 30, 60, 90, 180, 364, 365, 366]), **more)

    def dropout(self):
        """A measure that somebody drops out of."""
        exits = ["DROPOUT_PERSON", "EXCLUDED", "ABSENCE", "DROPOUT_PERSON", "HEALTH", "COMPLETED_NO_RESULT"]
        self.run(self.type(), exits=exits, ended=0.95, length=self.rng.choice([0, 14, 30, 60, 120, 180, 270]))

    def overlap(self):
        """A measure beside the last one."""
        rng = self.rng
        start = None if self.last_start is None else self.date(after=self.last_start, spread=62)
        self.run(self.type("VOC", "ACT", "PREVOC", "SCHOOL"), start=start, length=rng.choice([12, 13, 14, 15, 30, 60]))

    def loop(self):
        """A long measure of the kind that holds up."""
        length = self.rng.choice([100, 180, 200, 263, 364, 365, 366, 539, 540, 541])
        self.run(self.type("ACT", "PREVOC", "WORKOPP"), length=length, start=self.near(400))

    def bridge(self):
        """A measure that is a bridge to something, which perhaps begins around the days that count."""
        rng, bridge = self.rng, self.rng.choice(BRIDGES)
        self.run(self.type(), bridge_to=bridge, start=self.near(120), length=rng.choice([0, 30, 90]))
        after = (self.last_end or self.last_start) + rng.choice([0, 1, 29, 58, 59, 60, 61, 89, 179, 180, 181])
        if rng.random() < 0.4 and after < self.today + 20:
            self.run(rng.choice(TYPES.get(bridge, [bridge])), start=iso(after), length=rng.choice([0, 30]))
        elif rng.random() < 0.4 and after < self.today + 20:
            self.spells += 1
            thing = rng.choice(["employment", "training"])
            data = {"started_on": iso(after), "kind": rng.choice(KINDS[thing])}
            self.say(f"{thing}.started", {"spell_id": f"s{self.spells}", **data})

    def broken(self):
        """A measure that ends around a change of benefit, and perhaps a start around the numbers after it."""
        rng = self.rng
        self.run(self.type(), ended=0.95, length=rng.choice([0, 30, 60, 180]))
        changed = (self.last_end or self.today - 200) + rng.choice([-46, -45, -44, -1, 0, 1, 13, 14, 15])
        data = {"from_benefit": self.maybe(0.6, rng.choice(BENEFITS)), "to_benefit": rng.choice(BENEFITS)}
        self.say("benefit.changed", {"changed_on": iso(max(changed, 1)), **data})
        if rng.random() < 0.5:
            half = {"from_benefit": self.maybe(0.6, rng.choice(BENEFITS)), "to_benefit": rng.choice(BENEFITS)}
            when = max(1, changed - rng.choice([0, 1, 30, 59, 60, 61, 62, 200]))
            self.say("benefit.changed", {"changed_on": iso(when), **half})
        if rng.random() < 0.5:
            start = iso(
                min(max(1, changed + rng.choice([-1, 0, 1, 58, 59, 60, 61, 118, 119, 120, 121])), self.today + 50)
            )
            self.run(self.type(), start=start, length=rng.choice([0, 1, 30, 61, 200]))

    def repeat(self):
        """One of few groups again, around the two years."""
        rng = self.rng
        base = self.last_end or self.last_start
        start = None if base is None else self.date(after=base, spread=rng.choice([62, 732]))
        types = rng.choice(["MAT", "MAT", "IK_ALLG", "IK_JUGEND", "ASA", "ABH", "AGH"])
        exits = ["COMPLETED_NO_RESULT", "DROPOUT_PERSON", "COMPLETED_NO_RESULT", "COMPLETED_GOAL", "HEALTH"]
        self.run(types, start=start, exits=exits, length=rng.choice([0, 30, 60, 180]))

    def comeback(self):
        """A spell, and a start or a benefit some days after its end."""
        rng, start, thing = self.rng, self.date(), self.rng.choice(["employment", "training"])
        end = min(day(start) + rng.choice([0, 5, 13, 14, 15, 89, 100, 178, 300, 364]), self.today + 20)
        self.spells += 1
        kind = rng.choice(KINDS[thing][:3])
        self.say(f"{thing}.started", {"spell_id": f"s{self.spells}", "started_on": start, "kind": kind})
        data = {"spell_id": f"s{self.spells}", "ended_on": iso(max(end, 1)), "kind": kind}
        self.say(f"{thing}.ended", data)
        back = iso(min(max(day(start) + rng.choice(EDGES), end + rng.choice([0, 1, 2]), 1), self.today + 20))
        self.dates.append(day(back))
        if rng.random() < 0.5:
            self.say("benefit.changed", {"changed_on": back, "to_benefit": rng.choice(BENEFITS)})
        else:
            self.run(self.type(), start=back)

    def ladder(self):
        """A measure of a higher or lower level soon after the last."""
        category = self.rng.choice(["LANG", "SCHOOL", "PREVOC", "VOC", "EMPSUB", "ACT"])
        exits = ["COMPLETED_GOAL", "COMPLETED_NO_RESULT", "EARLY_SCHOOL"]
        self.run(self.type(category), start=self.near(182), exits=exits, length=self.rng.choice([0, 20, 60, 90]))

    def referral(self):
        """A referral, mostly followed by something."""
        rng, measure_id, when = self.rng, self.new_measure(), self.date()
        types = self.type("LANG", "ACT", "COUNSEL")
        bridge = self.maybe(0.9, rng.choice(BRIDGES)) if rng.random() < 0.3 else ...
        self.say(
            "measure.referred", {"measure_id": measure_id, "type": types, "referred_on": when, "bridge_to": bridge}
        )
        if rng.random() < 0.4:
            start = self.date(after=day(when), spread=182)
            data = {"measure_id": measure_id, "type": types, "provider": "P1", "started_on": start}
            self.say("measure.started", data)

    def correction(self):
        """A correction of some fields, with null now and then."""
        rng = self.rng
        values = {
            "type": self.type,
            "bridge_to": lambda: rng.choice(BRIDGES),
            "referred_on": self.date,
            "provider": lambda: rng.choice(["P1", "P2"]),
            "started_on": self.date,
            "planned_end_on": self.date,
            "ended_on": self.date,
            "exit": lambda: rng.choice(EXITS),
            "destination": lambda: rng.choice(DESTINATIONS),
            "hours": lambda: rng.choice(HOURS),
        }
        names = rng.sample(list(values), rng.choice([1, 1, 1, 2, 3]))
        if rng.random() < 0.3:
            names = ["ended_on", *(name for name in ("exit", "destination") if rng.random() < 0.3)]
        data = {name: None if rng.random() < 0.35 else values[name]() for name in names}
        self.say("measure.corrected", {"measure_id": self.any_measure(), **data})

    def odd_end(self):
        """An end by itself: a second one, one before the start, a no-show."""
        data = {"measure_id": self.any_measure(), "ended_on": self.date(), "exit": self.rng.choice([*EXITS, "NO_SHOW"])}
        self.say("measure.ended", {**data, "destination": self.maybe(0.2, self.rng.choice(DESTINATIONS))})

    def extended(self):
        """An extension."""
        self.say("measure.extended", {"measure_id": self.any_measure(), "planned_end_on": self.date()})

    def cancelled(self):
        """A cancellation, with or without its date."""
        self.say("measure.cancelled", {"measure_id": self.any_measure(), "cancelled_on": self.maybe(0.6, self.date())})

    def no_show(self):
        """A no-show."""
        self.say("measure.no_show", {"measure_id": self.any_measure(), "no_show_on": self.date()})

    def refused(self):
        """A refusal."""
        self.say("measure.refused", {"measure_id": self.any_measure(), "refused_on": self.date()})

    def again(self):
        """A fact that is there, said again with one thing changed."""
        if not self.facts:
            return
        rng, old = self.rng, self.rng.choice(self.facts)
        new = {**old, "data": dict(old["data"]), "time": self.time()}
        if rng.random() < 0.5:
            new["id"] = f"f{len(self.facts):02}"
        if rng.random() < 0.3:
            new["source"] = rng.choice(["S1", "S2"])
        for name in [n for n in new["data"] if n.endswith("_on") and rng.random() < 0.7]:
            new["data"][name] = self.date()
        if rng.random() < 0.3:
            new["time"] = old["time"]
        self.facts.append(new)

    def spell(self):
        """A spell, around the numbers that count."""
        rng, thing, start = self.rng, self.rng.choice(["employment", "training"]), self.date()
        self.spells += 1
        kind = rng.choice(KINDS[thing])
        self.say(f"{thing}.started", {"spell_id": f"s{self.spells}", "started_on": start, "kind": kind})
        if rng.random() < 0.65:
            self.odd_spell(thing=thing, kind=kind, start=day(start), spell_id=f"s{self.spells}")

    def odd_spell(self, *, thing=None, kind=None, start=None, spell_id=None):
        """An end or a second statement of a spell."""
        rng = self.rng
        spell_id = spell_id or f"s{rng.randint(1, max(1, self.spells))}"
        if thing is None or rng.random() < 0.1:
            thing = rng.choice(["employment", "training"])
            kind = rng.choice(KINDS[thing])
        end = self.date() if start is None else self.date(after=start)
        word, name = ("ended", "ended_on") if start is not None or rng.random() < 0.6 else ("started", "started_on")
        self.say(f"{thing}.{word}", {"spell_id": spell_id, name: end, "kind": kind})

    def benefit(self):
        """A change of benefit, from either office."""
        source = self.maybe(0.5, self.rng.choice(BENEFITS))
        to = self.rng.choice(BENEFITS)
        self.say("benefit.changed", {"changed_on": self.date(), "from_benefit": source, "to_benefit": to})

    def test(self):
        """A language test, mostly of the source that counts."""
        rng = self.rng
        test_id, kind = f"t{rng.randint(1, 6)}", rng.choice(["test"] * 6 + ["placement", "estimate", "odd"])
        data = {"test_id": test_id, "tested_on": self.date(), "level": rng.choice(LEVELS), "test_source": kind}
        self.say("language.tested", data)

    def certificate(self):
        """A certificate."""
        code = self.rng.choice([*CERTIFICATES, "OTHER", "ODD"])
        name = f"c{self.rng.randint(1, 5)}"
        self.say("certificate.obtained", {"certificate_id": name, "obtained_on": self.date(), "certificate": code})

    def registered(self):
        """A registration, often with a birth month that makes an age limit fall among the dates."""
        rng, month = self.rng, ...
        if rng.random() < (0.9 if self.theme in ("age", "groups") else 0.45):
            limit = date.fromordinal(
                min(max(rng.choice([*self.dates, self.today]) + rng.choice([0, 30, 60, 180, 300]), 11000), 3650000)
            )
            year = limit.year - rng.choice([18, 25, 27, 27, 25, 22])
            month = f"{year:04}-{limit.month:02}" if rng.random() < 0.95 else None
        self.say("person.registered", {"registered_on": self.date(), "birth_month": month})

    def moved(self):
        """A move out of the land, back, or within it."""
        to = self.rng.choice([..., None, "", "09162000", "05315000", "05913000"])
        self.say("person.moved", {"moved_on": self.date(), "to_municipality": to})

    def contact(self):
        """A contact."""
        self.say("contact.held", {"held_on": self.date(), "contact_kind": "professional", "body": "JMD"})

    def goal(self):
        """A goal."""
        goal = self.rng.choice(["TRAINING"] * 4 + ["EMPLOYMENT", "SCHOOL", "STUDY", "LANGUAGE", "ODD"])
        self.say("goal.set", {"recorded_on": self.date(), "goal": goal})

    def other_fact(self):
        """Something no rule looks at, or of an unknown type."""
        kind, data = self.rng.choice(
            [
                ("status.changed", {"changed_on": self.date(), "residence_class": "X"}),
                ("need.recorded", {"recorded_on": self.date(), "need": "LANG"}),
                ("hobby.found", {"measure_id": "m1", "started_on": "2019-01-01"}),
                ("consent.withdrawn", {"consent_id": "k1", "withdrawn_on": self.date()}),
            ]
        )
        self.say(kind, data)

    def retraction(self):
        """A retraction of some fact, now and then of a retraction or of another source's."""
        if not self.facts:
            return
        named = self.rng.choice(self.facts[-6:])
        event = self.say("fact.retracted", {"retracts": {"source": named["source"], "id": named["id"]}})
        if self.rng.random() < 0.85:
            event["source"] = named["source"]

    def pair(self):
        """Two pseudonyms, seldom one twice."""
        names = [*self.subjects, *(["E"] if self.rng.random() < 0.1 else [])]
        return self.rng.choice(self.subjects), self.rng.choice(names)

    def merge(self):
        """A merge of two pseudonyms."""
        subject, other = self.pair()
        if len(self.subjects) == 1 or subject != other:
            self.say("person.merged", {"other": other, "effective_on": self.date()}, subject=subject)
        else:
            self.measure()

    def split(self):
        """A split, named either way round."""
        subject, other = self.pair()
        self.say("person.split", {"other": other, "effective_on": self.date()}, subject=subject)

    def erased(self):
        """An erasure."""
        self.say("person.erased", {"reason": "REQUEST"})


def timeline(seed, *, today, most=12):
    """Facts of one random timeline; the same seed and today give the same facts."""
    return Maker(random.Random(seed), today).make(most)
