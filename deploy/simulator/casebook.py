"""How an office writes down what it knows of one person: under which law, how late, with which id."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from deploy.simulator.facts import CASE_MANAGEMENT, Fact, recorded, written
from deploy.simulator.fitting import workday
from deploy.simulator.programmes import LEGAL_BASES, Weights

BERLIN = ZoneInfo("Europe/Berlin")


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


@dataclass(frozen=True, slots=True)
class Stay:
    """One measure as it will run; `whole` says that it goes on to its planned end."""

    measure: str
    type: str
    started: date
    planned: date
    exit: str

    @property
    def whole(self) -> bool:
        """Whether it is not left early."""
        return self.exit.startswith("COMPLETED")


class Casebook:
    """Makes facts about one person; `law` is the Rechtskreis it is under now."""

    def __init__(self, profile: Profile, random: Random, today: date) -> None:
        self.profile = profile
        self.random = random
        self.today = today
        self.law = profile.law
        self._facts = 0

    def contact(self, day: date) -> Fact:
        """A talk on a day."""
        body = {"SGB2": "JOBCENTER", "ASYLBLG": "SOZIALAMT", "SGB8": "JUGENDAMT"}.get(self.law, "KI")
        kind = "volunteer" if self.random.random() < 0.15 else "professional"
        return self.fact("contact.held", day, {"held_on": written(day), "contact_kind": kind, "body": body})

    def provider(self) -> str:
        """One of the providers of the district."""
        return f"traeger-{self.profile.municipality[:5]}-{self.random.randint(1, 4)}"

    def pick(self, weights: Weights) -> str:
        """One of the codes, by weight."""
        return self.random.choices(list(weights), list(weights.values()))[0]

    def fact(self, thing: str, day: date, data: dict[str, Any]) -> Fact:
        """What happened on a day, told on it or up to two months later, on a working day."""
        self._facts += 1
        delay = self.random.choices((0, 3, 14, 60), (62, 20, 14, 4))[0]
        told = workday(day + timedelta(days=self.random.randint(0, delay)))
        at = datetime.combine(told, time(self.random.randint(8, 16), self.random.randint(0, 59)), BERLIN)
        common = {
            "municipality": self.profile.municipality,
            "rechtskreis": self.law,
            "legal_basis": LEGAL_BASES[self.law],
            "purpose": CASE_MANAGEMENT,
        }
        name = f"{self.profile.local_id}-{self._facts:03d}"
        return Fact(self.profile.local_id, name, thing, recorded(at), {**common, **data})
