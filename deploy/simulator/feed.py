"""Feeds a running system: the survey, the invented history, then live facts for ever."""

import time
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path

import httpx

from deploy.devstack.artifacts import cache_directory
from deploy.simulator import mvad, nrw, progress, survey, town_halls
from deploy.simulator.casebook import BERLIN
from deploy.simulator.client import System, Tally, wait_until_ready
from deploy.simulator.desks import Declined, Desks
from deploy.simulator.facts import Fact, recorded
from deploy.simulator.live import Case, Today
from deploy.simulator.registry import Registry
from deploy.simulator.seasons import Season
from deploy.simulator.workshops import Workshop
from shared.clock import Clock
from shared.contracts.vocabulary import Body

DEFAULT_PERSONS = 1500
AT_ONCE = 3
LIVE_SECONDS = 1.5
FIRST_STORIES = 80
STORIES_A_WORKSHOP = 26
FACTS_A_STORY = 30
FIRST_ACTS = 32
FACTS_AN_ACT = 4
SURVEY_OFFICE = nrw.Office(mvad.SOURCE, Body.OTHER, mvad.MUNICIPALITY)


class Feed:
    """All municipal systems of one feed. `run_file` is the running stack's; `home` keeps how far the feed is."""

    def __init__(self, run_file: Path, *, home: Path, clock: Clock, say: Callable[[str], None] = print) -> None:
        self._http = httpx.Client(timeout=120, limits=httpx.Limits(max_connections=AT_ONCE + 1))
        self._registry = Registry(run_file, self._http)
        self._path = home / "progress.json"
        self._clock = clock
        self._say = say
        self._systems: dict[str, System] = {}
        self._today: Today | None = None
        self._kept = progress.load(self._path)
        self._desks = Desks(self._http, self._registry)
        self._places = town_halls.places()
        wait_until_ready(self._http, self._registry.url)

    def send_survey(self) -> None:
        """Report the 712 young people of the survey, moved so that its last month is last month; without it, say so."""
        if self._kept.mvad_sent:
            return
        try:
            people = mvad.read(survey.text(cache_directory() / "wheels"))
        except survey.Unavailable as problem:
            self._say(f"mvad: left out: {problem}")
            return
        if self._kept.mvad_shift is None:
            self._kept.mvad_shift = mvad.shift_to(self._clock.today())
            self._save()
        shift = self._kept.mvad_shift
        facts = [fact for number, states in people.items() for fact in mvad.facts(number, states, shift)]
        tally = self._system(SURVEY_OFFICE).report(facts)
        self._kept.mvad_sent = True
        self._save()
        self._say(f"mvad: {len(people)} young people: {tally}")

    def send_history(self, persons: int) -> None:
        """Report the careers of so many invented persons up to yesterday; those sent before are not sent again."""
        anchor = self._anchor()
        # A person's facts stay together: what they say of each other is then seen at once, not finding by finding.
        by_office: dict[nrw.Office, list[Fact]] = defaultdict(list)
        for number in range(self._kept.persons_sent, persons):
            one = nrw.person(number, anchor)
            by_office[one.office] += nrw.facts(one, anchor)
        if not by_office:
            return
        total, sent = Tally(), 0
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for tally in pool.map(lambda row: self._report(*row), by_office.items()):
                total.join(tally)
                sent += 1
                if sent % 50 == 0:
                    self._say(f"nrw: {sent} of {len(by_office)} offices have reported: {total}")
        self._kept.persons_sent = persons
        self._save()
        self._say(f"nrw: {persons} persons, {len(by_office)} offices: {total}")

    def open_programme(self, stories: int = FIRST_STORIES) -> None:
        """Let so many municipalities come to the programme at once; the others follow while the system runs."""
        if self._kept.stories >= stories:
            return
        town_halls.set_dates(self._desks, self._anchor())
        while self._kept.stories < stories and self._tell_story():
            pass
        for _ in range(FIRST_ACTS):
            self.play_act()
        self._say(f"programme: {self._kept.stories} of {len(self._places)} municipalities have come")

    def _tell_story(self) -> bool:
        told = self._kept.stories
        if told >= len(self._places):
            return False
        try:
            town_halls.Story(self._desks, self._places[told], self._anchor(), self._clock.today()).play()
            if told % STORIES_A_WORKSHOP == STORIES_A_WORKSHOP - 1:
                number = told // STORIES_A_WORKSHOP
                Workshop(self._desks, number, self._clock.today()).play(self._places[max(0, told - 24) : told])
        except Declined as declined:
            self._say(f"programme: {self._places[told]} did not get on: {declined}")
        self._kept.stories += 1
        self._save()
        return True

    def go_on(self) -> None:
        """Report one live fact after another, for ever."""
        self._say(f"nrw: from now on a fact every {LIVE_SECONDS:g} seconds")
        while True:
            self.tell_live()
            time.sleep(LIVE_SECONDS)

    def tell_live(self) -> Tally:
        """Report the next live fact; now and then a municipality comes to the programme too."""
        kept = self._kept
        if self._today is None:
            cases = {int(number): Case(**case) for number, case in kept.cases.items()}
            self._today = Today(self._anchor(), kept.persons_sent, cases)
        told = self._today.tell(kept.live, kept.newcomers, self._clock.today(), self._now())
        tally = self._system(told.person.office).report([told.fact])
        self._today.cases[told.person.number] = told.case
        kept.cases[str(told.person.number)] = told.case.kept()
        kept.newcomers += told.fact.thing == "person.registered"
        kept.live += 1
        self._save()
        if kept.live % FACTS_A_STORY == 0:
            self._tell_story()
        elif kept.live % FACTS_AN_ACT == 0:
            self.play_act()
        return tally

    def play_act(self) -> str | None:
        """Do one thing in the programme; its name, if it was to be done."""
        kept = self._kept
        if not kept.stories:
            return None
        done = Season(self._desks, self._places[: kept.stories], self._clock.today()).play(kept.acts)
        kept.acts += 1
        self._save()
        return done

    def _report(self, office: nrw.Office, facts: list[Fact]) -> Tally:
        return self._system(office).report(facts)

    def _anchor(self) -> date:
        if self._kept.anchor is None:
            self._kept.anchor = self._clock.today().isoformat()
            self._save()
        return date.fromisoformat(self._kept.anchor)

    def _now(self) -> str:
        clock = self._clock.now().astimezone(BERLIN).time()
        return recorded(datetime.combine(self._clock.today(), clock, BERLIN))

    def _system(self, office: nrw.Office) -> System:
        if office.source not in self._systems:
            self._systems[office.source] = System(
                self._http,
                self._registry.url,
                source=office.source,
                token=lambda: self._registry.token(office),
            )
        return self._systems[office.source]

    def _save(self) -> None:
        progress.save(self._path, self._kept)
