"""Seeded timelines of invented persons as structured events: bounded, plausible careers in North Rhine-Westphalia."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

_TYPES = (
    *["IK_ALLG", "IK_JUGEND", "IK_ALPHA", "BSK_B1", "BSK_B2", "MAT", "MAT", "PERF_F", "BVB", "EQ", "AGH", "AGH_ASYL"],
    *["FIM", "JWS", "IFK", "FFM", "AV", "HSA9", "DS_F2", "DS_F4", "KIM_CM", "MBE", "FBW", "TQ", "AUSB_BETR", "EGZ"],
)
_EXITS = (
    *["COMPLETED_NO_RESULT"] * 4,
    *[
        "COMPLETED_GOAL",
        "DROPOUT_PERSON",
        "ABSENCE",
        "EXCLUDED",
        "HEALTH",
        "MOVED",
        "STATUS_CHANGE",
        "EARLY_EMPLOYMENT",
    ],
)
_AREAS = ("05315000", "05111000", "05913000", "05382060", "05974000", "05562000")
_BENEFITS = ("ASYLBLG_GRUND", "ASYLBLG_ANALOG", "SGB2", "SGB3_ALG", "NONE")
_LEVELS = ("A1", "A2", "B1", "B2")
_encoder = msgspec.json.Encoder()
FIRST_DAY = date(2018, 1, 1)


class _Person:
    """Draws one person's facts in order of their dates."""

    def __init__(self, number: int, seed: int) -> None:
        self.random = random.Random(seed * 1_000_003 + number)
        self.subject = f"P{number:07d}"
        self.area = self.random.choice(_AREAS)
        self.source = f"//{self.area}.example/jobcenter"
        self.count = 0
        self.day = FIRST_DAY + timedelta(days=self.random.randrange(900))

    def event(self, thing: str, on: date, **data: object) -> bytes:
        self.count += 1
        recorded = on + timedelta(days=self.random.choice((0, 0, 1, 3, 14)))
        common = {
            "municipality": self.area,
            "rechtskreis": "SGB2",
            "legal_basis": "SGB2_16",
            "purpose": "CASE_MANAGEMENT",
        }
        return _encoder.encode(
            {
                "specversion": "1.0",
                "id": f"{self.subject}-{self.count:03d}",
                "source": self.source,
                "type": f"gemeinsam.{thing}.v1",
                "subject": self.subject,
                "time": f"{recorded.isoformat()}T{8 + self.count % 9:02d}:{self.count % 60:02d}:00+02:00",
                "datacontenttype": "application/json",
                "data": common | {name: str(v) if isinstance(v, date) else v for name, v in data.items()},
            }
        )

    def later(self, least: int, most: int) -> date:
        self.day += timedelta(days=self.random.randint(least, most))
        return self.day

    def facts(self, wanted: int) -> Iterator[bytes]:
        born = f"{self.random.randint(1992, 2000)}-{self.random.randint(1, 12):02d}"
        yield self.event("person.registered", self.day, registered_on=self.day, birth_month=born)
        while self.count < wanted:
            draw = self.random.random()
            if draw < 0.7:
                yield from self.measure()
            elif draw < 0.8:
                yield from self.spell()
            else:
                yield self.other()

    def measure(self) -> Iterator[bytes]:
        id = f"{self.subject}-m{self.count}"
        kind = self.random.choice(_TYPES)
        if self.random.random() < 0.3:
            on = self.later(5, 30)
            yield self.event("measure.referred", on, measure_id=id, type=kind, referred_on=on)
        on = self.later(10, 70)
        planned = on + timedelta(days=self.random.choice((56, 84, 182, 300)))
        more = {"bridge_to": "VOC"} if self.random.random() < 0.1 else {}
        provider = f"T{self.random.randrange(40)}"
        yield self.event(
            "measure.started",
            on,
            measure_id=id,
            type=kind,
            provider=provider,
            started_on=on,
            planned_end_on=planned,
            **more,
        )
        if self.random.random() < 0.9:
            on = self.later(14, 200)
            exit_code = self.random.choice(_EXITS)
            yield self.event(
                "measure.ended", on, measure_id=id, ended_on=on, exit=exit_code, hours=self.random.randrange(700)
            )

    def spell(self) -> Iterator[bytes]:
        id = f"{self.subject}-s{self.count}"
        on = self.later(5, 60)
        yield self.event("employment.started", on, spell_id=id, started_on=on, kind="REGULAR")
        on = self.later(20, 250)
        yield self.event("employment.ended", on, spell_id=id, ended_on=on, kind="REGULAR")

    def other(self) -> bytes:
        on = self.later(1, 40)
        draw = self.random.randrange(5)
        if draw == 0:
            level = self.random.choice(_LEVELS)
            id = f"{self.subject}-t{self.count}"
            return self.event("language.tested", on, test_id=id, tested_on=on, level=level, test_source="test")
        if draw == 1:
            one, other = self.random.sample(_BENEFITS, 2)
            return self.event("benefit.changed", on, changed_on=on, from_benefit=one, to_benefit=other)
        if draw == 2:
            return self.event("goal.set", on, recorded_on=on, goal=self.random.choice(("TRAINING", "EMPLOYMENT")))
        if draw == 3:
            return self.event("status.changed", on, changed_on=on, residence_class="R2")
        return self.event("contact.held", on, held_on=on, contact_kind="professional", body="JOBCENTER")


def timelines(persons: int, facts_each: int = 20, seed: int = 1) -> Iterator[list[bytes]]:
    """The events of each person, one JSON line each, about `facts_each` a person."""
    for number in range(persons):
        yield list(_Person(number, seed).facts(facts_each))
