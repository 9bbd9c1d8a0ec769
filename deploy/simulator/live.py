"""What happens today: one fact after another about the invented persons, decided by its number alone."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from random import Random
from typing import Any

from deploy.simulator.facts import CASE_MANAGEMENT, Fact, written
from deploy.simulator.fitting import A1, A2, B1, Situation, fitting
from deploy.simulator.nrw import SEED, Person, facts, person
from deploy.simulator.programmes import DAYS, HABITS, LADDERS, LEGAL_BASES, YOUNG

NEWCOMERS = 0.06
TRIES = 12
KNOWN_PERSONS = 5000
FIRST_NEWCOMER = 900_000
GONE = "9999-12-31"


@dataclass(frozen=True, slots=True)
class Case:
    """What an office knows of a person now: the running measure, and the last day something was noted."""

    measure: str | None = None
    noted_on: str = ""

    def kept(self) -> dict[str, Any]:
        """The form it is kept in."""
        return asdict(self)


def case_of(one: Person, anchor: date) -> Case:
    """How a career has left a person on the day before `anchor`."""
    running: dict[str, None] = {}
    for fact in facts(one, anchor):
        measure = fact.data.get("measure_id", "")
        if fact.thing == "measure.started":
            running[measure] = None
        elif fact.thing in ("measure.ended", "measure.cancelled", "measure.no_show"):
            running.pop(measure, None)
        elif fact.thing == "person.moved":
            return Case(noted_on=GONE)
    return Case(measure=next(iter(running), None))


@dataclass(frozen=True, slots=True)
class Told:
    """A live fact, who tells it, and how the case stands after it."""

    fact: Fact
    person: Person
    case: Case


class Today:
    """Decides live facts. `cases` are by number of the person; `persons` is how many came with a history."""

    def __init__(self, anchor: date, persons: int, cases: dict[int, Case]) -> None:
        self.anchor = anchor
        self.persons = min(persons, KNOWN_PERSONS)
        self.cases = cases

    def tell(self, number: int, newcomers: int, today: date, time: str) -> Told:
        """The live fact of this number; `newcomers` have come so far. `time` is when it is recorded."""
        random, when = Random(f"{SEED}/live/{number}"), (number, today, time)
        if random.random() < NEWCOMERS:
            one = self._person(FIRST_NEWCOMER + newcomers, today)
            seen = {"birth_month": one.profile.birth_month, "sex": one.profile.sex}
            return self._told(one, Case(), ("person.registered", {"registered_on": written(today), **seen}), when)
        met = [self._meet(random, newcomers) for _ in range(TRIES)]
        here = [(who, case) for who, case in met if case.noted_on != GONE] or met
        free = [(who, case) for who, case in here if case.noted_on < written(today)]
        # If everybody met has been noted today: a second talk on a day changes nothing else.
        who, case = (free or here)[0]
        one = self._person(who, today)
        return self._note(one, case, random, when) if free else self._talk(one, case, when)

    def _meet(self, random: Random, newcomers: int) -> tuple[int, Case]:
        who = random.randrange(self.persons + newcomers)
        who = who if who < self.persons else FIRST_NEWCOMER + who - self.persons
        return who, self._case(who)

    def _person(self, number: int, today: date) -> Person:
        if number < FIRST_NEWCOMER:
            return person(number, self.anchor)
        one = person(number, today)
        return replace(one, profile=replace(one.profile, local_id=f"neu-{number - FIRST_NEWCOMER:06d}"))

    def _case(self, number: int) -> Case:
        if number not in self.cases:
            known = number < FIRST_NEWCOMER
            self.cases[number] = case_of(person(number, self.anchor), self.anchor) if known else Case()
        return self.cases[number]

    def _note(self, one: Person, case: Case, random: Random, when: tuple[int, date, str]) -> Told:
        today, roll = when[1], random.random()
        if roll < 0.45:
            return self._talk(one, case, when)
        if case.measure is not None:
            why = random.choices(*_split(dict(HABITS[one.profile.habit].exits)))[0]
            ended = {"measure_id": case.measure, "ended_on": written(today), "exit": why}
            return self._told(one, Case(), ("measure.ended", ended), when)
        type_ = _suits(one, today, random)
        measure = f"{one.profile.local_id}-n{when[0]}"
        if roll < 0.6:
            referred = {"measure_id": measure, "type": type_, "referred_on": written(today)}
            return self._told(one, case, ("measure.referred", referred), when)
        planned = date.fromordinal(today.toordinal() + random.randint(*DAYS[type_]))
        started = {
            "measure_id": measure,
            "type": type_,
            "provider": f"traeger-{one.profile.municipality[:5]}-{random.randint(1, 4)}",
            "started_on": written(today),
            "planned_end_on": written(planned),
        }
        return self._told(one, Case(measure=measure), ("measure.started", started), when)

    def _talk(self, one: Person, case: Case, when: tuple[int, date, str]) -> Told:
        held = {"held_on": written(when[1]), "contact_kind": "professional", "body": str(one.office.body)}
        return self._told(one, case, ("contact.held", held), when)

    def _told(self, one: Person, case: Case, what: tuple[str, dict[str, Any]], when: tuple[int, date, str]) -> Told:
        number, today, time = when
        profile = one.profile
        common = {
            "municipality": profile.municipality,
            "rechtskreis": profile.law,
            "legal_basis": LEGAL_BASES[profile.law],
            "purpose": CASE_MANAGEMENT,
        }
        name = f"{profile.local_id}-{today:%Y%m%d}-{number}"
        fact = Fact(profile.local_id, name, what[0], time, {**common, **what[1]})
        return Told(fact, one, replace(case, noted_on=max(case.noted_on, written(today))))


def _suits(one: Person, today: date, random: Random) -> str:
    """A measure for somebody of whom no more is looked up than age and sex: language of a middling level."""
    born = one.profile.birth_month
    age = today.year - int(born[:4]) - (today.month < int(born[5:]))
    who = Situation(today, age, one.profile.sex, "UNKNOWN", random.choice((A1, A2, A2, B1)))
    ladder = LADDERS["SGB2" if one.profile.law in YOUNG and age > 20 else one.profile.law]
    return random.choice([code for step in ladder[:-1] for code in fitting(step, who)] or ["MAT"])


def _split(weights: dict[str, float]) -> tuple[list[str], list[float]]:
    return list(weights), list(weights.values())
