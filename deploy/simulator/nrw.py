"""An invented North Rhine-Westphalia: who lives where, which office reports on whom, and how well it reports."""

from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import accumulate
from random import Random

from deploy.simulator.careers import Career
from deploy.simulator.casebook import BERLIN, Profile
from deploy.simulator.consents import consents
from deploy.simulator.facts import Fact, recorded, written
from deploy.simulator.fitting import workday
from deploy.simulator.programmes import HABITS, LAWS, YOUNG
from shared.contracts.vocabulary import Body
from shared.reference import asylum_benefit_rates, districts, municipalities

SEED = 2018
PROGRAMME_STARTED = date(2018, 1, 8)
HISTORY_DAYS = 1640
AGES, AGES_OF_THE_YOUNG = (18 * 12, 25 * 12), (18 * 12, 19 * 12 + 11)
LEAVING = 0.05
DUPLICATES = 0.012
CORRECTIONS = 0.03
RETRACTIONS = 0.02


@dataclass(frozen=True, slots=True)
class Office:
    """An office that reports with a system of its own: its URI as a source, its kind, and the Kreis it serves."""

    source: str
    body: Body
    district: str


@dataclass(frozen=True, slots=True)
class Person:
    """One invented person: number, profile and the office that reports on it."""

    number: int
    profile: Profile
    office: Office


def person(number: int, today: date, seed: int = SEED) -> Person:
    """The person of a number as of the day the feed began: always the same."""
    random = Random(f"{seed}/{number}")
    place = _place(random.random())
    law = random.choices(list(LAWS), list(LAWS.values()))[0]
    earliest = max(PROGRAMME_STARTED, today - timedelta(days=HISTORY_DAYS))
    span = max(1, (today - earliest).days - 1)
    registered = workday(earliest + timedelta(days=int(span * random.random() ** 0.8)), back=True)
    months = (
        registered.year * 12 + registered.month - 1 - random.randint(*(AGES_OF_THE_YOUNG if law in YOUNG else AGES))
    )
    profile = Profile(
        local_id=f"nrw-{number:06d}",
        municipality=place,
        law=law,
        birth_month=f"{months // 12:04d}-{months % 12 + 1:02d}",
        sex=random.choices(("MALE", "FEMALE", "DIVERSE"), (66, 33.6, 0.4))[0],
        registered_on=registered,
        habit=random.choices(list(HABITS), [habit.share for habit in HABITS.values()])[0],
        moves_to=_leaves_for(random, place),
    )
    return Person(number, profile, office(law, place))


def facts(one: Person, today: date, seed: int = SEED) -> list[Fact]:
    """What the office reports on the person by the evening before `today`, in the order of recording.

    Some facts come twice, some are corrected or taken back later.
    """
    random = Random(f"{seed}/{one.number}/career")
    told = list(Career(one.profile, random, today).facts())
    told += [late for fact in told for late in _second_thoughts(fact, one.office, random, today)]
    told += [fact for fact in told if random.random() < DUPLICATES]
    told += consents(one.profile, Random(f"{seed}/{one.number}/consent"), today)
    return sorted(told, key=lambda fact: (fact.time[:16], fact.id))


def office(law: str, place: str) -> Office:
    """The office that is in charge of persons under this law at this place."""
    district = place[:5] + "000"
    kind = {"ASYLBLG": Body.SOZIALAMT, "SGB8": Body.JUGENDAMT, "SGB3": Body.AGENTUR, "SCHOOL": Body.SCHOOL}.get(
        law, Body.JOBCENTER
    )
    return Office(f"//{_host(district)}.example/{kind.lower()}", kind, district)


def _second_thoughts(fact: Fact, reporter: Office, random: Random, today: date) -> Iterator[Fact]:
    later = datetime.fromisoformat(fact.time).astimezone(BERLIN) + timedelta(days=random.randint(1, 40))
    if later.date() >= today:
        return
    common = {name: fact.data[name] for name in ("municipality", "rechtskreis", "legal_basis", "purpose")}
    if fact.thing == "measure.started" and random.random() < CORRECTIONS:
        moved = date.fromisoformat(fact.data["started_on"]) + timedelta(days=random.choice((-7, -1, 1, 3)))
        right = {"measure_id": fact.data["measure_id"], "started_on": written(moved)}
        yield Fact(fact.local_id, f"{fact.id}-k", "measure.corrected", recorded(later), {**common, **right})
    if fact.thing == "contact.held" and random.random() < RETRACTIONS:
        wrong = {"retracts": {"source": reporter.source, "id": fact.id}}
        yield Fact(fact.local_id, f"{fact.id}-r", "fact.retracted", recorded(later), {**common, **wrong})


def _leaves_for(random: Random, place: str) -> str | None:
    """None: stays; else where to, the empty text for a place outside NRW."""
    if random.random() >= LEAVING:
        return None
    elsewhere = _place(random.random())
    return "" if random.random() < 0.8 or elsewhere == place else elsewhere


@cache
def _weights() -> tuple[list[str], list[float]]:
    rates = asylum_benefit_rates()
    usual = sum(rates.values()) / len(rates)
    places = sorted(municipalities())
    towns = municipalities()
    return places, list(
        accumulate(towns[ags].population * (0.5 + rates[towns[ags].district] / usual / 2) for ags in places)
    )


def _place(share: float) -> str:
    """A municipality, drawn by population and, in part, by how many receive benefits under the AsylbLG there."""
    places, sums = _weights()
    return places[min(bisect(sums, share * sums[-1]), len(places) - 1)]


@cache
def _host(district: str) -> str:
    name = districts()[district].name.lower()
    for letter, plain in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss"), (" ", "-")):
        name = name.replace(letter, plain)
    return "".join(letter for letter in name if letter.isascii() and (letter.isalnum() or letter == "-"))
