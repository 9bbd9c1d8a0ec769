"""One invented person's way from registration to the day before today, as the facts an office would report."""

from collections import Counter
from collections.abc import Generator, Iterator
from datetime import date, timedelta
from random import Random

from deploy.simulator.casebook import Casebook, Profile, Stay
from deploy.simulator.facts import Fact, written
from deploy.simulator.fitting import A1, A2, B1, B2, Situation, entry, fitting, planned_end, workday
from deploy.simulator.programmes import (
    BENEFITS,
    BRIDGES,
    CERTIFICATES,
    DAYS,
    DETOUR,
    FIRST_STEPS_OF_LANGUAGE,
    HABITS,
    LADDERS,
    LANGUAGE,
    RESIDENCE,
    YOUNG,
    Habit,
)

LEVELS = ("A0", "A1", "A2", "B1", "B2", "C1")
POSITIVE = {"EARLY_EMPLOYMENT": "EMP_UNSUB", "EARLY_TRAINING": "TRAIN_COMPANY"}
AWAY = frozenset({"PARENTAL", "HEALTH"})
TRAINING_BEGINS = range(7, 12)
RECOGNISED = 0.3
FORGOTTEN = 0.04
FORGOTTEN_DAYS = 300
LOST_REFERRALS = 0.02
UNCOORDINATED = 0.12


class Career(Casebook):
    """Writes the facts of one person up to and without `today`; the same `random` gives the same facts."""

    def __init__(self, profile: Profile, random: Random, today: date) -> None:
        super().__init__(profile, random, today)
        self._day = profile.registered_on
        self._measures = 0
        self._step = 0
        self._taken: Counter[str] = Counter()
        self._level = random.choices((0, 1, 2), (6, 3, 1))[0]
        self._school = self.pick({"NONE": 25, "PRIMARY": 35, "HSA9": 20, "FOR": 10, "UNKNOWN": 10})
        self._last_type: str | None = None
        self._gone_on = date.max
        self._came_about = True

    def facts(self) -> Iterator[Fact]:
        """All facts in the order they happened in; those recorded after yesterday are not told yet."""
        yield from (fact for fact in self._life() if fact.time[:10] < written(self.today))

    def _life(self) -> Iterator[Fact]:
        yield from self._arrival()
        habit = HABITS[self.profile.habit]
        gone_on = self._gone_on = self._leaving_day()
        changes_on = self._change_day()
        if self.profile.habit == "unreached":
            self._day += timedelta(days=self.random.randint(120, 700))
        while self._day < min(self.today, gone_on):
            if changes_on <= self._day:
                yield from self._change_of_law()
                changes_on = date.max
            yield from self._next_measure(habit, until=min(self.today, gone_on))
        if gone_on < self.today:
            data = {"moved_on": written(gone_on)} | ({"to_municipality": to} if (to := self.profile.moves_to) else {})
            yield self.fact("person.moved", gone_on, data)

    def _leaving_day(self) -> date:
        if self.profile.moves_to is None:
            return date.max
        return workday(self.profile.registered_on + timedelta(days=self.random.randint(200, 1200)))

    def _change_day(self) -> date:
        """When somebody comes under the SGB II: once protected, or at 21 from youth welfare and school; else never."""
        if self.law == "ASYLBLG" and self.random.random() < RECOGNISED:
            return self.profile.registered_on + timedelta(days=self.random.randint(150, 900))
        if self.law in YOUNG:
            born = self.profile.birth_month
            return date(int(born[:4]) + 21, int(born[5:]), 1)
        return date.max

    def _change_of_law(self) -> Iterator[Fact]:
        """The change of Rechtskreis after a measure has ended; some wait long until the new office offers anything."""
        self._day = workday(self._day + timedelta(days=self.random.randint(1, 10)))
        if self._day >= self.today:
            return
        before, self.law = self.law, "SGB2"
        on = {"changed_on": written(self._day)}
        if before == "ASYLBLG":
            yield self.fact("status.changed", self._day, {**on, "residence_class": "SCHUTZ"})
        benefits = {"from_benefit": BENEFITS[before], "to_benefit": BENEFITS[self.law]}
        yield self.fact("benefit.changed", self._day, {**on, **benefits})
        if self.random.random() < 0.6:
            self._day += timedelta(days=self.random.randint(60, 200))

    def _arrival(self) -> Iterator[Fact]:
        who, day = self.profile, self.profile.registered_on
        residence = self.pick(RESIDENCE.get(who.law, RESIDENCE[""]))
        seen = {"birth_month": who.birth_month, "sex": who.sex, "residence_class": residence}
        yield self.fact(
            "person.registered", day, {"registered_on": written(day), **seen, "school_leaving": self._school}
        )
        if BENEFITS[who.law] != "NONE":
            yield self.fact("benefit.changed", day, {"changed_on": written(day), "to_benefit": BENEFITS[who.law]})
        if who.habit == "unreached":
            return
        self._day = soon = workday(day + timedelta(days=self.random.randint(2, 40)))
        if soon < self.today:
            yield self.contact(soon)
            yield self.fact("need.recorded", soon, {"recorded_on": written(soon), "need": "LANG"})
            goal = self.pick({"TRAINING": 30, "EMPLOYMENT": 42, "LANGUAGE": 20, "SCHOOL": 7, "STUDY": 1})
            yield self.fact("goal.set", soon, {"recorded_on": written(soon), "goal": goal})

    def _wait(self, habit: Habit) -> None:
        low, high = self.random.choices([gap[1:] for gap in habit.gaps], [gap[0] for gap in habit.gaps])[0]
        self._day += timedelta(days=self.random.randint(low, high))

    def _next_measure(self, habit: Habit, *, until: date) -> Iterator[Fact]:
        """The next measure, or, where it lies ahead, at most the referral to it."""
        since = self._day
        self._wait(habit)
        type_ = self._next_type(habit)
        started = entry(type_, self._day)
        days = self.random.randint(*DAYS[type_])
        self._measures += 1
        measure = f"{self.profile.local_id}-m{self._measures}"
        stay = Stay(measure, type_, started, planned_end(type_, started, days), self._exit(habit, type_))
        comes = True
        if self.random.random() < 0.6:
            comes = yield from self._referral(stay, since)
        self._day, self._came_about = started, comes
        if comes and started < until:
            yield from self._measure(habit, stay)

    def _next_type(self, habit: Habit) -> str:
        """A measure of the step reached that suits the person; where none does, one of another step, upwards first."""
        ladder, who = LADDERS[self.law], self._situation()
        again = [self._last_type] if self._last_type and self._may_again(self._last_type) else []
        if again and self.random.random() < habit.again and fitting(again, who):
            return again[0]
        if self._step < FIRST_STEPS_OF_LANGUAGE and (
            self._level >= B1 or sum(self._taken[code] for code in LANGUAGE) > 3
        ):
            self._step = FIRST_STEPS_OF_LANGUAGE
        if self._step == DETOUR and self.random.random() >= habit.detours:
            self._step += 1
        order = [*range(self._step, len(ladder)), *range(self._step - 1, -1, -1)]
        for step in order:
            if step == DETOUR and step != self._step and self.random.random() >= habit.detours:
                continue
            if known := [code for code in fitting(ladder[step], who) if self._may_again(code)]:
                self._last_type = self.random.choice(known)
                return self._last_type
        self._last_type = ladder[DETOUR][0]
        return self._last_type

    def _may_again(self, code: str) -> bool:
        """Nobody is sent into one measure for ever: thrice into a course of language, twice into anything else."""
        return self._taken[code] < (3 if code in LANGUAGE else 2)

    def _situation(self) -> Situation:
        born = self.profile.birth_month
        months = (self._day.year - int(born[:4])) * 12 + self._day.month - int(born[5:])
        return Situation(self._day, months // 12, self.profile.sex, self._school, self._level)

    def _exit(self, habit: Habit, type_: str) -> str:
        """How the measure will end; nobody goes from a first language course straight into work or training."""
        why = self.pick(habit.exits)
        if why == "EARLY_TRAINING" and (self._level < B1 or type_ in LANGUAGE):
            return "COMPLETED_GOAL"
        if why == "EARLY_EMPLOYMENT" and self._level < A2:
            return "COMPLETED_NO_RESULT"
        return why

    def _referral(self, stay: Stay, since: date) -> Generator[Fact, None, bool]:
        """The referral before a start; answers whether the measure comes about."""
        ahead = self.random.choices(((4, 28), (29, 58), (59, 95)), (68, 21, 11))[0]
        earliest = since - timedelta(days=35) if self._came_about else since  # looked for while the last one runs
        referred = workday(max(earliest, stay.started - timedelta(days=self.random.randint(*ahead))))
        referred = min(max(referred, self.profile.registered_on), stay.started)
        if referred >= self._gone_on:
            return False
        data = {"measure_id": stay.measure, "type": stay.type, "referred_on": written(referred)}
        if self.random.random() < LOST_REFERRALS:  # nothing is ever heard of it again, and another one is found
            data["measure_id"] += "-v"
        yield self.fact("measure.referred", referred, data | {"planned_start_on": written(stay.started)})
        what = self.pick({"": 91, "measure.refused": 4, "measure.no_show": 3, "measure.cancelled": 2})
        fields = {"measure.refused": "refused_on", "measure.no_show": "no_show_on", "measure.cancelled": "cancelled_on"}
        if what and stay.started < min(self.today, self._gone_on):
            on = {fields[what]: written(stay.started)}
            yield self.fact(what, stay.started, {"measure_id": data["measure_id"], **on})
        return not what

    def _measure(self, habit: Habit, stay: Stay) -> Iterator[Fact]:
        bridge = {"bridge_to": BRIDGES[stay.type]} if stay.type in BRIDGES and self.random.random() < 0.6 else {}
        data = {"type": stay.type, "provider": self.provider(), "started_on": written(stay.started)}
        data |= {"planned_end_on": written(stay.planned), **bridge}
        yield self.fact("measure.started", stay.started, {"measure_id": stay.measure, **data})
        self._taken[stay.type] += 1
        middle = workday(stay.started + (stay.planned - stay.started) / 2)
        if self.random.random() < 0.35 and middle < self.today:
            yield self.contact(middle)
        if self.random.random() < UNCOORDINATED and stay.type in LADDERS[self.law][DETOUR]:
            yield from self._beside(stay)
        due = stay.planned
        if stay.whole and self.random.random() < 0.1 and stay.planned < self._gone_on:
            due = workday(due + timedelta(days=self.random.randint(14, 60)), back=True)
            told = workday(stay.planned - timedelta(days=14), back=True)
            yield self.fact("measure.extended", told, {"measure_id": stay.measure, "planned_end_on": written(due)})
        if self.random.random() < FORGOTTEN and timedelta() < self.today - due < timedelta(days=FORGOTTEN_DAYS):
            self._day = self.today  # nobody has reported the end so far
            return
        yield from self._end(habit, stay, due)

    def _beside(self, stay: Stay) -> Iterator[Fact]:
        """A second measure that another office has placed into the same weeks, unaware of the first."""
        others = [code for code in LADDERS[self.law][DETOUR] if code != stay.type]
        known = fitting(others, self._situation())
        started = workday(stay.started + timedelta(days=self.random.randint(10, 40)))
        if not known or started >= min(self.today, self._gone_on):
            return
        measure, type_ = f"{stay.measure}-b", self.random.choice(known)
        planned = planned_end(type_, started, DAYS[type_][0])
        data = {"type": type_, "provider": self.provider(), "started_on": written(started)}
        yield self.fact("measure.started", started, {"measure_id": measure, **data, "planned_end_on": written(planned)})
        over = min(planned, self._gone_on)
        if over < self.today:
            ended = {"ended_on": written(over), "exit": "COMPLETED_NO_RESULT", "destination": "OTHER_MEASURE"}
            yield self.fact("measure.ended", over, {"measure_id": measure, **ended})

    def _end(self, habit: Habit, stay: Stay, due: date) -> Iterator[Fact]:
        share = 1.0 if stay.whole else self.random.uniform(0.15, 0.9)
        ended = workday(stay.started + timedelta(days=max(4, round((due - stay.started).days * share))), back=True)
        self._day = ended
        why = stay.exit
        if ended > self._gone_on:
            self._day = ended = self._gone_on
            why = "MOVED"
        if ended >= self.today:
            return
        if why == "EARLY_TRAINING" and ended.month not in TRAINING_BEGINS:
            why = "EARLY_EMPLOYMENT"
        destination = POSITIVE.get(why) or ("OTHER_MEASURE" if why.startswith("COMPLETED") else "JOBSEEKING")
        chance = 0.7 if stay.type in CERTIFICATES and self._step == 4 else 0.45 if self._step >= 3 else 0.0
        finds_work = why == "COMPLETED_GOAL" and self.random.random() < chance
        if finds_work:
            destination = "EMP_UNSUB"
        data = {"measure_id": stay.measure, "ended_on": written(ended), "exit": why, "destination": destination}
        hours = {"hours": float((ended - stay.started).days * 3)} if stay.type in LANGUAGE else {}
        yield self.fact("measure.ended", ended, data | hours)
        yield from self._result(stay, why, ended)
        if why == "COMPLETED_GOAL" and self.random.random() < habit.climbs:
            self._step = min(self._step + 1, len(LADDERS[self.law]) - 1)
        if finds_work or why in POSITIVE:
            yield from self._work(habit, trains=why == "EARLY_TRAINING")
        elif why in AWAY:
            self._day += timedelta(days=self.random.randint(90, 330))

    def _result(self, stay: Stay, why: str, ended: date) -> Iterator[Fact]:
        if stay.type in LANGUAGE and why.startswith("COMPLETED"):
            self._level = self._level_after(stay.type, why == "COMPLETED_GOAL")
            if self.random.random() < (0.94 if stay.type != "EOK" else 0.4):
                source = "test" if self.random.random() < 0.93 else "placement"
                data = {"test_id": f"{stay.measure}-t", "tested_on": written(ended), "level": LEVELS[self._level]}
                yield self.fact("language.tested", ended, {**data, "test_source": source})
        if stay.type in CERTIFICATES and why == "COMPLETED_GOAL":
            name = CERTIFICATES[stay.type]
            self._school = name if name in ("HSA9", "HSA10", "FOR") else self._school
            data = {"certificate_id": f"{stay.measure}-c", "obtained_on": written(ended), "certificate": name}
            yield self.fact("certificate.obtained", ended, data)

    def _level_after(self, type_: str, reached: bool) -> int:
        """The level a finished course ends with: the integration course aims at B1 and mostly ends there or at A2."""
        aims = {"EOK": A1, "FFM": A2, "BSK_A2": A2, "BSK_B2": B2}.get(type_, B1)
        if reached:
            falls_short = type_.startswith("IK") and self.random.random() < 0.35
            return max(self._level, min(self._level + 3, aims - falls_short))
        return max(self._level, min(self._level + (self.random.random() < 0.4), aims))

    def _work(self, habit: Habit, *, trains: bool) -> Iterator[Fact]:
        started = workday(self._day + timedelta(days=self.random.randint(1, 12)))
        if started >= self.today:
            self._day = self.today
            return
        thing = "training" if trains else "employment"
        kind = "COMPANY" if trains else self.pick({"REGULAR": 82, "SUBSIDISED": 8, "MINIJOB": 10})
        spell = {"spell_id": f"{self.profile.local_id}-s{self._measures}"}
        yield self.fact(f"{thing}.started", started, {**spell, "started_on": written(started), "kind": kind})
        lasts = self.random.randint(*habit.work_days) + (300 if trains and habit.climbs > 0.9 else 0)
        lasts = min(lasts, 200) if kind == "MINIJOB" else lasts
        self._day = workday(started + timedelta(days=lasts), back=True)
        if self._day < self.today:
            yield self.fact(f"{thing}.ended", self._day, {**spell, "ended_on": written(self._day), "kind": kind})
