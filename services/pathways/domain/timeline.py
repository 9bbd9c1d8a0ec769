"""A person's timeline as seen on a day: episodes, spells, progress, and when the person is observed."""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

from services.pathways.domain.dates import LONG_AGO, OPEN, birthday
from services.pathways.domain.episodes import Episode, Seen, join, see
from services.pathways.domain.facts import Fact
from services.pathways.domain.measures import Known
from services.pathways.domain.rules import ExitFlags, Rules


class Spell(NamedTuple):
    """An employment or training that counts; `end` is OPEN without one."""

    start: int
    id: str
    end: int
    kind: str
    training: bool


class Period(NamedTuple):
    """[start, end) in which the person is observed; `returned`: it begins with a return; `reason`: why it ends."""

    start: int
    end: int
    returned: bool
    reason: str


ALWAYS = [Period(LONG_AGO, OPEN, False, "ended")]


class Timeline:
    """What the rules read. Days are ordinals; lists are in order.

    `episodes` are the countable ones, `measures` all as seen, `starts` the starts of countable episodes and spells;
    `progress` also holds a day to come on which a running spell will have lasted, if nothing new becomes known;
    `levels` are (day, highest level tested so far) where it changed; `next_on` is the earliest known date after today.
    """

    __slots__ = (
        "benefits",
        "birth",
        "contacts",
        "episodes",
        "goals",
        "implausible",
        "known",
        "levels",
        "measures",
        "next_on",
        "periods",
        "progress",
        "registrations",
        "rises",
        "spell_progress",
        "spells",
        "starts",
        "today",
    )

    def __init__(self, known: Known, today: int, rules: Rules) -> None:
        self.known = known
        self.today = today
        self.next_on = OPEN
        self.implausible: list[str] = []
        self.spells: list[Spell] = self._spells(known, rules) if known.spells else []
        joined = self._episodes(known, rules)
        self.rises: list[int] = []
        self.levels: list[tuple[int, int]] = []
        if known.tests:
            self._language(known, rules)
        self._progress(known, rules)
        self.benefits = self._dated(known.benefits, 0)
        self.goals = self._dated(known.goals, 0)
        self.registrations = self._dated(known.registrations, 0)
        self.contacts = [on for on in known.contacts if self._happened(on)]
        self.birth = _birth(known.registrations)
        self.periods = self._observe(joined, known, rules)
        self.starts = sorted([episode.start for episode in self.episodes] + [spell.start for spell in self.spells])

    def _happened(self, on: int) -> bool:
        if on <= self.today:
            return True
        if on < self.next_on:
            self.next_on = on
        return False

    def _dated(self, facts: list[Fact], place: int) -> list[Fact]:
        """Those that have happened, by their date; facts of one date stay in the order of recording."""
        if not facts:
            return facts
        happened = [fact for fact in facts if self._happened(fact.values[place])]
        if len(happened) > 1:
            happened.sort(key=lambda fact: fact.values[place])
        return happened

    def _spells(self, known: Known, rules: Rules) -> list[Spell]:
        kinds = rules.file.spells
        spells = []
        for id, (kind, start, end, training) in known.spells.items():
            if kind not in (kinds.training if training else kinds.employment) or start is None:
                continue
            end = OPEN if end is None or not self._happened(end) else end
            if not self._happened(start):
                continue
            if end < start:
                end = start
                self.implausible.append(id)
            spells.append(Spell(start, id, end, kind, training))
        spells.sort()
        return spells

    def _episodes(self, known: Known, rules: Rules) -> list[Episode]:
        """Sees the measures; returns all joined episodes, keeps the countable ones."""
        self.measures: list[Seen] = []
        parts: list[tuple[str | None, Episode]] = []
        no_show, types = rules.file.exits.no_show, rules.types
        for measure in known.measures.values():
            seen, next_on, reversed_ = see(measure, self.today, no_show)
            self.measures.append(seen)
            if next_on < self.next_on:
                self.next_on = next_on
            if reversed_:
                self.implausible.append(measure.id)
            if seen.took_place:
                kind = types.get(measure.type or "")
                if kind is not None:
                    parts.append((measure.provider, Episode(seen, kind, rules)))
        joined = join(parts, rules.file.joining.max_gap_days)
        self.episodes = [episode for episode in joined if episode.kind.countable]
        for index, episode in enumerate(self.episodes):
            episode.index = index
        return joined

    def _language(self, known: Known, rules: Rules) -> None:
        tests = []
        for test in known.tests.values():
            _, on, level, source = test.values
            rank = rules.levels.get(level)
            if source == rules.file.language.test_source and rank is not None and self._happened(on):
                tests.append((on, rank))
        tests.sort(key=_highest_first)
        first_rise = rules.levels[rules.file.language.first_rise_from]
        for on, rank in tests:
            if not self.levels:
                rise = rank >= first_rise
            elif rank > self.levels[-1][1]:
                rise = True
            else:
                continue
            self.levels.append((on, rank))
            if rise:
                self.rises.append(on)

    def _progress(self, known: Known, rules: Rules) -> None:
        progress = rules.file.progress
        days = set(self.rises)
        for certificate in known.certificates.values():
            _, on, code = certificate.values
            if code in progress.certificates and self._happened(on):
                days.add(on)
        lasted = progress.spell_days - 1
        self.spell_progress = sorted(
            {spell.start + lasted for spell in self.spells if spell.end >= spell.start + lasted}
        )
        days.update(self.spell_progress)
        self.progress = sorted(days)

    def _observe(self, joined: list[Episode], known: Known, rules: Rules) -> list[Period]:
        prefix = rules.file.observation.area_prefix
        gone = [(e.end, bool(e.flags & ExitFlags.DECEASED)) for e in joined if e.flags & ExitFlags.LEFT]
        back = [fact.values[0] for fact in self.registrations]
        for fact in known.moves:
            on, area = fact.values
            if self._happened(on):
                if area and area.startswith(prefix):
                    back.append(on)
                else:
                    gone.append((on, False))
        if self.birth is None:
            if not gone:
                return ALWAYS
            first, last = LONG_AGO, OPEN
        else:
            first = birthday(self.birth, rules.file.observation.from_age)
            last = birthday(self.birth, rules.file.observation.until_age)
        return _without(first, last, _absences(gone, sorted(back)))

    def next_progress(self, after: int) -> int:
        """The first day of progress after a day, OPEN if there is none."""
        place = bisect_right(self.progress, after)
        return self.progress[place] if place < len(self.progress) else OPEN

    def next_start(self, after: int) -> int:
        """The first start of a countable episode or a spell after a day, OPEN if there is none."""
        place = bisect_right(self.starts, after)
        return self.starts[place] if place < len(self.starts) else OPEN

    def spell_open(self, on: int) -> bool:
        """Whether a spell is open on a day."""
        return bool(self.spells) and any(spell.start <= on <= spell.end for spell in self.spells)

    def episode_open(self, on: int) -> bool:
        """Whether a countable episode is open on a day."""
        for episode in self.episodes:
            if episode.start > on:
                return False
            if episode.end >= on:
                return True
        return False


def _highest_first(test: tuple[int, int]) -> tuple[int, int]:
    """Of the tests of one day the highest decides, so that it comes first."""
    return (test[0], -test[1])


def _birth(registrations: list[Fact]) -> int | None:
    """The birth month of the latest registration that has one, also of one to come."""
    latest: Fact | None = None
    for fact in registrations:
        if fact.values[1] is not None and (latest is None or fact.values[0] >= latest.values[0]):
            latest = fact
    return latest.values[1] if latest else None


def _absences(gone: list[tuple[int, bool]], back: list[int]) -> list[tuple[int, int]]:
    """[begin, end) of each absence, by begin; after a death without end."""
    absences = []
    for begin, deceased in sorted(gone):
        place = bisect_right(back, begin)
        absences.append((begin, OPEN if deceased or place == len(back) else back[place]))
    return absences


def _without(first: int, last: int, absences: list[tuple[int, int]]) -> list[Period]:
    periods = []
    returned = False
    for begin, end in absences:
        if begin >= last:
            break
        if begin > first:
            periods.append(Period(first, begin, returned, "left"))
        if end >= first:
            first, returned = end, True
        if first >= last:
            return periods
    periods.append(Period(first, last, returned, "age_limit"))
    return periods
