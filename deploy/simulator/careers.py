"""One invented person's way from registration to the day before today, as the facts an office would report."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from deploy.simulator.facts import CASE_MANAGEMENT, Fact, recorded, written
from deploy.simulator.programmes import (
    BENEFITS,
    BRIDGES,
    CERTIFICATES,
    DAYS,
    HABITS,
    LADDERS,
    LANGUAGE,
    LEGAL_BASES,
    RESIDENCE,
    Habit,
    Weights,
)

BERLIN = ZoneInfo("Europe/Berlin")
LEVELS = ("A0", "A1", "A2", "B1", "B2", "C1")
POSITIVE = {"EARLY_EMPLOYMENT": "EMP_UNSUB", "EARLY_TRAINING": "TRAIN_COMPANY"}


@dataclass(frozen=True, slots=True)
class Profile:
    """Who the person is for an office: place, law, age, since when, and which kind of career (`programmes.HABITS`)."""

    local_id: str
    municipality: str
    law: str
    birth_month: str
    sex: str
    registered_on: date
    habit: str
    moves_to: str | None


class Career:
    """Writes the facts of one person up to and without `today`; the same `random` gives the same facts."""

    def __init__(self, profile: Profile, random: Random, today: date) -> None:
        self.profile = profile
        self.random = random
        self.today = today
        self._day = profile.registered_on
        self._measures = 0
        self._facts = 0
        self._step = 0
        self._level = random.choices((0, 1, 2), (5, 3, 2))[0]
        self._last_type: str | None = None

    def facts(self) -> Iterator[Fact]:
        """All facts in the order they happened in; those recorded after yesterday are not told yet."""
        yield from (fact for fact in self._life() if fact.time[:10] < written(self.today))

    def _life(self) -> Iterator[Fact]:
        yield from self._arrival()
        habit = HABITS[self.profile.habit]
        gone_on = self._leaving_day()
        if self.profile.habit == "unreached":
            self._day += timedelta(days=self.random.randint(120, 700))
        while self._day < min(self.today, gone_on):
            self._wait(habit)
            if self._day < min(self.today, gone_on):
                yield from self._measure(habit)
        if gone_on < self.today:
            data = {"moved_on": written(gone_on)} | ({"to_municipality": to} if (to := self.profile.moves_to) else {})
            yield self._fact("person.moved", gone_on, data)

    def _leaving_day(self) -> date:
        if self.profile.moves_to is None:
            return date.max
        return self.profile.registered_on + timedelta(days=self.random.randint(200, 1200))

    def _arrival(self) -> Iterator[Fact]:
        who, day = self.profile, self.profile.registered_on
        residence = self._pick(RESIDENCE.get(who.law, RESIDENCE[""]))
        seen = {"birth_month": who.birth_month, "sex": who.sex, "residence_class": residence}
        school = self._pick({"NONE": 25, "PRIMARY": 35, "HSA9": 20, "FOR": 10, "UNKNOWN": 10})
        yield self._fact("person.registered", day, {"registered_on": written(day), **seen, "school_leaving": school})
        if BENEFITS[who.law] != "NONE":
            yield self._fact("benefit.changed", day, {"changed_on": written(day), "to_benefit": BENEFITS[who.law]})
        if who.habit == "unreached":
            return
        soon = day + timedelta(days=self.random.randint(2, 60))
        if soon < self.today:
            yield self._contact(soon)
            yield self._fact("need.recorded", soon, {"recorded_on": written(soon), "need": LADDERS[who.law][0][0]})
            goal = self._pick({"TRAINING": 40, "EMPLOYMENT": 30, "LANGUAGE": 20, "SCHOOL": 8, "STUDY": 2})
            yield self._fact("goal.set", soon, {"recorded_on": written(soon), "goal": goal})

    def _contact(self, day: date) -> Fact:
        body = {"SGB2": "JOBCENTER", "ASYLBLG": "SOZIALAMT", "SGB8": "JUGENDAMT"}.get(self.profile.law, "KI")
        kind = "volunteer" if self.random.random() < 0.15 else "professional"
        return self._fact("contact.held", day, {"held_on": written(day), "contact_kind": kind, "body": body})

    def _wait(self, habit: Habit) -> None:
        low, high = self.random.choices([gap[1:] for gap in habit.gaps], [gap[0] for gap in habit.gaps])[0]
        self._day += timedelta(days=self.random.randint(low, high))

    def _measure(self, habit: Habit) -> Iterator[Fact]:
        self._measures += 1
        measure = f"{self.profile.local_id}-m{self._measures}"
        type_ = self._next_type(habit)
        started, length = self._day, self.random.randint(*DAYS[type_])
        planned = started + timedelta(days=length)
        if self.random.random() < 0.6:
            refused = yield from self._referral(measure, type_, started)
            if refused:
                return
        bridge = {"bridge_to": BRIDGES[type_]} if type_ in BRIDGES and self.random.random() < 0.6 else {}
        data = {"type": type_, "provider": self._provider(), "started_on": written(started)}
        data |= {"planned_end_on": written(planned), **bridge}
        yield self._fact("measure.started", started, {"measure_id": measure, **data})
        yield from self._course(measure, started, planned)
        if self.random.random() < 0.02:
            self._day = self.today  # nobody reports the end: the office has forgotten it
            return
        yield from self._end(habit, measure, type_, started=started, planned=planned)

    def _next_type(self, habit: Habit) -> str:
        if self._last_type is not None and self.random.random() < habit.again:
            return self._last_type
        self._last_type = self.random.choice(LADDERS[self.profile.law][self._step])
        return self._last_type

    def _provider(self) -> str:
        return f"traeger-{self.profile.municipality[:5]}-{self.random.randint(1, 4)}"

    def _referral(self, measure: str, type_: str, started: date) -> Generator[Fact, None, bool]:
        referred = max(self.profile.registered_on, started - timedelta(days=self.random.randint(5, 75)))
        planned = {"planned_start_on": written(started)}
        data = {"measure_id": measure, "type": type_, "referred_on": written(referred)}
        yield self._fact("measure.referred", referred, data | planned)
        what = self._pick({"": 90, "measure.refused": 4, "measure.no_show": 3, "measure.cancelled": 3})
        fields = {"measure.refused": "refused_on", "measure.no_show": "no_show_on", "measure.cancelled": "cancelled_on"}
        if what:
            yield self._fact(what, started, {"measure_id": measure, fields[what]: written(started)})
        return bool(what)

    def _course(self, measure: str, started: date, planned: date) -> Iterator[Fact]:
        middle = started + (planned - started) / 2
        if self.random.random() < 0.35 and middle < self.today:
            yield self._contact(middle)
        if self.random.random() < 0.08 and planned - timedelta(days=14) < self.today:
            later = planned + timedelta(days=self.random.randint(14, 60))
            told = planned - timedelta(days=14)
            yield self._fact("measure.extended", told, {"measure_id": measure, "planned_end_on": written(later)})

    def _end(self, habit: Habit, measure: str, type_: str, *, started: date, planned: date) -> Iterator[Fact]:
        why = self._pick(habit.exits)
        whole = why.startswith("COMPLETED")
        share = 1.0 if whole else self.random.uniform(0.1, 0.9)
        ended = started + timedelta(days=max(3, round((planned - started).days * share)))
        self._day = ended
        if ended >= self.today:
            return
        destination = POSITIVE.get(why) or ("OTHER_MEASURE" if whole else "JOBSEEKING")
        finds_work = why == "COMPLETED_GOAL" and self._step >= 3 and self.random.random() < 0.5
        if finds_work:
            destination = "EMP_UNSUB"
        data = {"measure_id": measure, "ended_on": written(ended), "exit": why, "destination": destination}
        yield self._fact("measure.ended", ended, data | self._hours(type_, ended - started))
        yield from self._result(measure, type_, why, ended)
        if why == "COMPLETED_GOAL" and self.random.random() < habit.climbs:
            self._step = min(self._step + 1, len(LADDERS[self.profile.law]) - 1)
        if finds_work or why in POSITIVE:
            yield from self._work(habit, trains=why == "EARLY_TRAINING")

    def _hours(self, type_: str, length: timedelta) -> dict[str, float]:
        return {"hours": float(length.days * 3)} if type_ in LANGUAGE else {}

    def _result(self, measure: str, type_: str, why: str, ended: date) -> Iterator[Fact]:
        if type_ in LANGUAGE and why.startswith("COMPLETED") and self.random.random() < 0.75:
            rises = self.random.random() < (0.85 if why == "COMPLETED_GOAL" else 0.2)
            self._level = min(self._level + rises, len(LEVELS) - 1)
            source = "test" if self.random.random() < 0.8 else "placement"
            data = {"test_id": f"{measure}-t", "tested_on": written(ended), "level": LEVELS[self._level]}
            yield self._fact("language.tested", ended, {**data, "test_source": source})
        if type_ in CERTIFICATES and why == "COMPLETED_GOAL":
            data = {"certificate_id": f"{measure}-c", "obtained_on": written(ended), "certificate": CERTIFICATES[type_]}
            yield self._fact("certificate.obtained", ended, data)

    def _work(self, habit: Habit, *, trains: bool) -> Iterator[Fact]:
        started = self._day + timedelta(days=self.random.randint(1, 12))
        if started >= self.today:
            return
        thing = "training" if trains else "employment"
        kind = "COMPANY" if trains else self._pick({"REGULAR": 80, "SUBSIDISED": 8, "MINIJOB": 12})
        spell = {"spell_id": f"{self.profile.local_id}-s{self._measures}"}
        yield self._fact(f"{thing}.started", started, {**spell, "started_on": written(started), "kind": kind})
        self._day = started + timedelta(days=self.random.randint(*habit.work_days))
        if self._day < self.today:
            yield self._fact(f"{thing}.ended", self._day, {**spell, "ended_on": written(self._day), "kind": kind})

    def _pick(self, weights: Weights) -> str:
        return self.random.choices(list(weights), list(weights.values()))[0]

    def _fact(self, thing: str, day: date, data: dict[str, Any]) -> Fact:
        self._facts += 1
        delay = self.random.choices((0, 3, 14, 60), (62, 18, 14, 6))[0]
        told = day + timedelta(days=self.random.randint(0, delay))
        at = datetime.combine(told, time(self.random.randint(8, 16), self.random.randint(0, 59)), BERLIN)
        common = {
            "municipality": self.profile.municipality,
            "rechtskreis": self.profile.law,
            "legal_basis": LEGAL_BASES[self.profile.law],
            "purpose": CASE_MANAGEMENT,
        }
        name = f"{self.profile.local_id}-{self._facts:03d}"
        return Fact(self.profile.local_id, name, thing, recorded(at), {**common, **data})
