"""What is known of one person on one date: measures, episodes, spells, tests, certificates, changes."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

from tests.oracle.days import berlin_day, birthday, day
from tests.oracle.holding import rank
from tests.oracle.reading import kind_of

FIELDS = {
    "type": ("measure.referred", "measure.started"),
    "bridge_to": ("measure.referred", "measure.started"),
    "referred_on": ("measure.referred",),
    "provider": ("measure.started",),
    "started_on": ("measure.started",),
    "planned_end_on": ("measure.started", "measure.extended"),
    "ended_on": ("measure.ended",),
    "exit": ("measure.ended",),
    "destination": ("measure.ended",),
    "hours": ("measure.started", "measure.ended"),
}
EXITS = {
    *("DROPOUT_PERSON", "EXCLUDED", "ABSENCE", "COMPLETED_GOAL", "COMPLETED_NO_RESULT", "EARLY_EMPLOYMENT"),
    *("EARLY_TRAINING", "EARLY_SCHOOL", "DEPARTED_VOLUNTARY", "DEPORTED", "DECEASED", "HEALTH", "PARENTAL"),
    *("CHILDCARE", "WORK_BAN", "DETAINED", "MOVED", "STATUS_CHANGE", "PROVIDER_CANCELLED", "TRANSFER", "NO_SHOW"),
}
COUNTABLE = {"LANG", "SCHOOL", "ACT", "PREVOC", "WORKOPP", "VOC", "EMPSUB"}
SPELL_KINDS = {
    *(("employment", kind) for kind in ("REGULAR", "SUBSIDISED", "SELF")),
    *(("training", kind) for kind in ("COMPANY", "SCHOOL", "STUDY")),
}


def catalogue():
    """Row of the catalogue by measure type; numbers as numbers, empty as None."""
    path = Path(__file__).with_name("catalogue.csv")
    rows = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            for name in ("level", "max_days", "allowance"):
                row[name] = int(row[name]) if row[name] else None
            rows[row["type"]] = row
    return rows


CATALOGUE = catalogue()


@dataclass
class Measure:
    """A measure as reported, as far as it has happened by today; days are numbers."""

    id: str
    type: str | None
    bridge_to: str | None
    referred: int | None
    provider: str | None
    start: int | None
    planned_end: int | None
    end: int | None
    exit: str
    destination: str | None
    hours: float
    no_shows: list
    refused: int | None
    cancelled: int | None

    @property
    def took_place(self):
        """Started, not cancelled, and after every no-show."""
        if self.start is None or self.cancelled is not None:
            return False
        return all(self.start > no_show for no_show in self.no_shows)


@dataclass
class Episode:
    """A joined episode; `ids` are the measures it is made of."""

    id: str
    type: str
    start: int
    end: int | None
    exit: str
    destination: str | None
    bridge_to: str | None
    planned_end: int | None
    hours: float
    ids: set

    @property
    def row(self):
        """Its row of the catalogue."""
        return CATALOGUE[self.type]

    @property
    def category(self):
        """Category by the catalogue."""
        return self.row["category"]

    @property
    def level(self):
        """Level by the catalogue."""
        return self.row["level"]

    def open_on(self, x):
        """started_on <= x and no end or ended_on >= x."""
        return self.start <= x and (self.end is None or self.end >= x)


@dataclass
class Spell:
    """An employment or training that counts."""

    id: str
    thing: str
    kind: str
    start: int
    end: int | None

    def open_on(self, x):
        """The same as for an episode."""
        return self.start <= x and (self.end is None or self.end >= x)

    def lasted(self, days, x):
        """len(started_on, min(ended_on or x, x)) >= d."""
        last = x if self.end is None else min(self.end, x)
        return last - self.start + 1 >= days


@dataclass
class Change:
    """A fact without an id of its own: its day, its event id, its data; the list is in order."""

    day: int
    id: str
    data: dict


@dataclass
class Timeline:
    """All that has happened by today."""

    today: int
    measures: list = field(default_factory=list)
    joined: list = field(default_factory=list)
    spells: list = field(default_factory=list)
    tests: list = field(default_factory=list)
    certificates: list = field(default_factory=list)
    registered: list = field(default_factory=list)
    moved: list = field(default_factory=list)
    benefits: list = field(default_factory=list)
    goals: list = field(default_factory=list)
    contacts: list = field(default_factory=list)
    birth_month: str | None = None

    @property
    def episodes(self):
        """Countable joined episodes in the order (`started_on`, `id`)."""
        return [e for e in self.joined if e.category in COUNTABLE]


def latest_value(facts, name, kinds):
    """Value of a field by the latest fact that says it; a correction's null removes it."""
    value = None
    for fact in sorted(facts, key=rank):
        data = fact["data"]
        if kind_of(fact) in kinds and data.get(name) is not None:
            value = data[name]
        if kind_of(fact) == "measure.corrected" and name in data:
            value = data[name]
        if kind_of(fact) == "measure.corrected" and name in ("exit", "destination"):
            removes_end = "ended_on" in data and data["ended_on"] is None
            if removes_end and data.get(name) is None:
                value = None
    return value


def of_kind(facts, *kinds):
    """Facts of these kinds in the order (`time`, `source`, `id`)."""
    return sorted((fact for fact in facts if kind_of(fact) in kinds), key=rank)


def happened(text, today):
    """Day number of a date that is known and not after today."""
    if text is None or day(text) > today:
        return None
    return day(text)


def measure(measure_id, facts, today):
    """The measure the facts are about."""
    known = {name: latest_value(facts, name, kinds) for name, kinds in FIELDS.items()}
    end = happened(known["ended_on"], today)
    exit_code = (known["exit"] if known["exit"] in EXITS else "UNKNOWN") if end is not None else "UNKNOWN"
    destination = known["destination"] if end is not None else None
    no_shows = [happened(f["data"]["no_show_on"], today) for f in of_kind(facts, "measure.no_show")[-1:]]
    if exit_code == "NO_SHOW":
        no_shows.append(end)
        end, exit_code, destination = None, "UNKNOWN", None
    start = happened(known["started_on"], today)
    if start is not None and end is not None and end < start:
        end = start
    planned_end = None if known["planned_end_on"] is None else day(known["planned_end_on"])
    if start is not None and planned_end is not None and planned_end < start:
        planned_end = None
    refusals = of_kind(facts, "measure.refused")
    return Measure(
        id=measure_id,
        type=known["type"],
        bridge_to=known["bridge_to"],
        referred=happened(known["referred_on"], today),
        provider=known["provider"],
        start=start,
        planned_end=planned_end,
        end=end,
        exit=exit_code,
        destination=destination,
        hours=known["hours"] or 0,
        no_shows=[x for x in no_shows if x is not None],
        refused=happened(refusals[-1]["data"]["refused_on"], today) if refusals else None,
        cancelled=cancellation(of_kind(facts, "measure.cancelled")),
    )


def cancellation(facts):
    """Day of the latest cancellation: `cancelled_on`, else the date of `time`; always seen."""
    if not facts:
        return None
    said = facts[-1]["data"].get("cancelled_on")
    return day(said) if said is not None else berlin_day(facts[-1]["time"])


def alone(m):
    """The episode of one measure."""
    return Episode(
        id=m.id,
        type=m.type,
        start=m.start,
        end=m.end,
        exit=m.exit,
        destination=m.destination,
        bridge_to=m.bridge_to,
        planned_end=m.planned_end,
        hours=m.hours,
        ids={m.id},
    )


def join(measures):
    """Joined episodes of all categories, in the order (`started_on`, `id`)."""
    taken = sorted((m for m in measures if m.took_place and m.type in CATALOGUE), key=lambda m: (m.start, m.id))
    joined = [alone(m) for m in taken if m.provider is None]
    for pair in {(m.type, m.provider) for m in taken if m.provider is not None}:
        current = None
        for part in [alone(m) for m in taken if (m.type, m.provider) == pair]:
            if current is not None and (current.end is None or part.start - current.end <= 14):
                add(current, part)
            else:
                current = part
                joined.append(current)
    return sorted(joined, key=lambda e: (e.start, e.id))


def add(whole, part):
    """Join the next part to the whole."""
    if whole.end is not None and (part.end is None or part.end >= whole.end):
        whole.end, whole.exit, whole.destination = part.end, part.exit, part.destination
    ends = [x for x in (whole.planned_end, part.planned_end) if x is not None]
    whole.planned_end = max(ends) if ends else None
    whole.hours += part.hours
    whole.ids |= part.ids


def by_name(facts, name):
    """Facts by what they are about."""
    things = {}
    for fact in facts:
        things.setdefault(fact["data"][name], []).append(fact)
    return things


def spell(spell_id, facts, today):
    """The spell the facts are about, or None if it has not begun or its kind does not count."""
    facts = sorted(facts, key=rank)
    start = happened(latest_value(facts, "started_on", ("employment.started", "training.started")), today)
    end = happened(latest_value(facts, "ended_on", ("employment.ended", "training.ended")), today)
    thing, kind = kind_of(facts[-1]).split(".")[0], facts[-1]["data"]["kind"]
    if start is None or (thing, kind) not in SPELL_KINDS:
        return None
    return Spell(spell_id, thing, kind, start, max(end, start) if end is not None else None)


def changes(facts, kind, name, today):
    """Facts of a kind in the order of their dates, then (`time`, `source`, `id`)."""
    found = [f for f in of_kind(facts, kind) if happened(f["data"][name], today) is not None]
    found.sort(key=lambda f: (day(f["data"][name]), rank(f)))
    return [Change(day(f["data"][name]), f["id"], f["data"]) for f in found]


def latest_birth_month(facts):
    """That of the latest fact that has one, of whatever date."""
    having = [f for f in of_kind(facts, "person.registered") if f["data"].get("birth_month") is not None]
    if not having:
        return None
    return max(having, key=lambda f: (day(f["data"]["registered_on"]), rank(f)))["data"]["birth_month"]


def timeline(facts, today):
    """The timeline of one merge group's facts as it stands on `today` (a day number)."""
    measures = by_name([f for f in facts if kind_of(f).startswith("measure.")], "measure_id")
    spells = by_name([f for f in facts if kind_of(f).startswith(("employment.", "training."))], "spell_id")
    tests = by_name(of_kind(facts, "language.tested"), "test_id")
    certificates = by_name(of_kind(facts, "certificate.obtained"), "certificate_id")
    known = [measure(name, about, today) for name, about in measures.items()]
    found = [spell(name, about, today) for name, about in spells.items()]
    return Timeline(
        today=today,
        measures=known,
        joined=join(known),
        spells=sorted((s for s in found if s is not None), key=lambda s: (s.start, s.id)),
        tests=[f[-1]["data"] for f in tests.values() if happened(f[-1]["data"]["tested_on"], today)],
        certificates=[f[-1]["data"] for f in certificates.values() if happened(f[-1]["data"]["obtained_on"], today)],
        registered=changes(facts, "person.registered", "registered_on", today),
        moved=changes(facts, "person.moved", "moved_on", today),
        benefits=changes(facts, "benefit.changed", "changed_on", today),
        goals=changes(facts, "goal.set", "recorded_on", today),
        contacts=changes(facts, "contact.held", "held_on", today),
        birth_month=latest_birth_month(facts),
    )


def age_limits(line):
    """(18th, 25th, 27th birthday) as day numbers, or None."""
    if line.birth_month is None:
        return None
    return tuple(birthday(line.birth_month, years) for years in (18, 25, 27))
