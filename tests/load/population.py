"""Seeded careers for the load tests: plausible people with about twenty facts each, bounded in number.

Deterministic per person: `person(number)` gives the same events in any process and order.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

Event = dict[str, Any]

FIRST_DAY = date(2016, 1, 1)
TODAY = date(2020, 12, 31)
_TYPES = ("IK_ALLG", "BSK_B1", "MAT", "BVB", "AGH", "AV", "HSA9", "EQ", "JWS", "FIM", "AUSB_BETR", "PERF_F")
_EXITS = (
    "COMPLETED_GOAL",
    "COMPLETED_NO_RESULT",
    "COMPLETED_NO_RESULT",
    "DROPOUT_PERSON",
    "ABSENCE",
    "TRANSFER",
    "HEALTH",
)
_LEVELS = ("A1", "A2", "B1", "B2")
_DISTRICTS = ("05315000", "05111000", "05913000", "05113000", "05370000", "05566000", "05774000")


class _Person:
    def __init__(self, number: int) -> None:
        self._random = random.Random(number)
        self.name = f"P{number:07d}"
        self._count = 0
        self.events: list[Event] = []
        self._area = self._random.choice(_DISTRICTS)

    def say(self, thing: str, on: date, **data: Any) -> None:
        if on > TODAY:
            return
        self._count += 1
        self.events.append(
            {
                "specversion": "1.0",
                "id": f"{self.name}-{self._count}",
                "source": f"//{self._area}.example/jobcenter",
                "type": f"gemeinsam.{thing}.v1",
                "subject": self.name,
                "time": f"{on.isoformat()}T10:00:00+01:00",
                "data": {
                    "municipality": self._area,
                    "rechtskreis": "SGB2",
                    "legal_basis": "SGB2_16",
                    "purpose": "CASE_MANAGEMENT",
                    **data,
                },
            }
        )

    def live(self) -> list[Event]:
        pick = self._random
        on = FIRST_DAY + timedelta(pick.randrange(500))
        self.say(
            "person.registered",
            on,
            registered_on=on.isoformat(),
            birth_month=f"{pick.randrange(1993, 2000)}-0{pick.randrange(1, 10)}",
        )
        on += timedelta(pick.randrange(10, 120))
        self.say("contact.held", on, held_on=on.isoformat(), contact_kind="professional", body="JOBCENTER")
        for number in range(pick.randrange(4, 8)):
            on = self._measure(number, on + timedelta(pick.randrange(5, 160)))
            if pick.random() < 0.35:
                self._test(number, on)
            if pick.random() < 0.3:
                on = self._work(number, on + timedelta(pick.randrange(1, 60)))
            if pick.random() < 0.3:
                self.say("contact.held", on, held_on=on.isoformat(), contact_kind="volunteer", body="JMD")
        return self.events

    def _measure(self, number: int, on: date) -> date:
        pick = self._random
        measure, kind = f"{self.name}-m{number}", pick.choice(_TYPES)
        start, end = on + timedelta(pick.randrange(5, 70)), on + timedelta(pick.randrange(90, 330))
        self.say("measure.referred", on, measure_id=measure, type=kind, referred_on=on.isoformat())
        self.say(
            "measure.started", start, measure_id=measure, type=kind, provider=f"p{pick.randrange(200)}",
            started_on=start.isoformat(), planned_end_on=end.isoformat(),
        )  # fmt: skip
        self.say("measure.ended", end, measure_id=measure, ended_on=end.isoformat(), exit=pick.choice(_EXITS))
        return end

    def _test(self, number: int, on: date) -> None:
        self.say(
            "language.tested", on, test_id=f"{self.name}-t{number}", tested_on=on.isoformat(),
            level=_LEVELS[min(3, number // 2)], test_source="test",
        )  # fmt: skip

    def _work(self, number: int, on: date) -> date:
        end = on + timedelta(self._random.randrange(20, 400))
        spell = {"spell_id": f"{self.name}-s{number}", "kind": "REGULAR"}
        self.say("employment.started", on, started_on=on.isoformat(), **spell)
        self.say("employment.ended", end, ended_on=end.isoformat(), **spell)
        self.say("benefit.changed", end, changed_on=end.isoformat(), to_benefit="SGB2")
        return end


def person(number: int) -> list[Event]:
    """All events of one person, by date."""
    return _Person(number).live()


def people(count: int) -> Iterator[list[Event]]:
    """The events of so many persons, one list a person."""
    return (person(number) for number in range(count))


def stream(count: int) -> list[Event]:
    """The events of so many persons as a live system meets them: by time of recording, everybody mixed."""
    events = [event for one in people(count) for event in one]
    events.sort(key=lambda event: (event["time"], event["id"]))
    return events
