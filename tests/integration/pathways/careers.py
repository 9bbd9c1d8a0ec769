"""A handful of invented persons with pathways as they happen, and pathways' use cases to put them in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import msgspec

from services.pathways import rules
from services.pathways.domain.example import facts_of
from services.pathways.domain.facts import Fact
from services.pathways.usecases import Heard, UseCases
from shared.clock import Clock
from shared.db import Database
from shared.messaging.records import Batch
from shared.migrate import migrate

TODAY = date(2024, 6, 3)
KOELN, BONN = "05315000", "05314000"
CAREER, GAP, WAITING, CLEAR, FOREIGN = (
    "K7QM-2XW9-4TRD",
    "B3HN-8VKE-0P5C",
    "ZR4A-61TG-YJ9F",
    "QF2W-77MB-HX3K",
    "D9CE-5PNA-TT8V",
)
PEOPLE: dict[str, tuple[str, str, list[str]]] = {
    CAREER: (
        KOELN,
        "SGB2",
        [
            "registered r1 2001-04 2021-09-06",
            "contact k1 2021-10-04",
            "benefit b1 SGB2 2021-09-06",
            "test t1 A2 2022-01-17",
            "started m1 IK_ALLG 2022-02-07",
            "ended m1 2022-08-26 COMPLETED_NO_RESULT",
            "started m2 MAT 2022-10-10",
            "ended m2 2023-01-27 COMPLETED_NO_RESULT",
            "job s1 MINIJOB 2023-01-16",
            "started m3 AGH 2023-03-06",
            "ended m3 2023-09-29 COMPLETED_NO_RESULT",
            "contact k2 2023-10-12",
            "started m4 MAT 2023-12-04 until 2024-04-26",
        ],
    ),
    GAP: (
        KOELN,
        "SGB2",
        [
            "registered r1 2002-11 2022-08-01",
            "contact k1 2022-08-15",
            "started m1 BVB 2022-09-05",
            "ended m1 2023-06-30 COMPLETED_GOAL",
            "started m2 EQ 2023-08-07 bridge AUSB_BETR",
            "ended m2 2024-03-01 PROVIDER_CANCELLED",
        ],
    ),
    WAITING: (
        KOELN,
        "SGB2",
        ["registered r1 2003-06 2024-01-08", "contact k1 2024-01-22", "referred m1 IK_ALLG 2024-04-02"],
    ),
    CLEAR: (
        KOELN,
        "SGB2",
        [
            "registered r1 2000-02 2022-04-04",
            "contact k1 2022-04-20",
            "started m1 IK_ALLG 2022-05-02",
            "ended m1 2022-12-16 COMPLETED_GOAL",
            "test t1 B1 2022-12-16",
            "started m2 BVB 2023-01-16",
            "ended m2 2023-07-28 EARLY_TRAINING",
            "training s1 COMPANY 2023-08-01",
        ],
    ),
    FOREIGN: (BONN, "SGB2", ["registered r1 2003-01 2024-01-02"]),
}


def facts(person: str, lines: Iterable[str], *, municipality: str, rechtskreis: str) -> list[Fact]:
    """The facts of a person from lines as `domain.example` reads them; ids are the person's own."""
    return [
        msgspec.structs.replace(
            fact,
            subject=person,
            source="//koeln.example/jobcenter",
            municipality=municipality,
            rechtskreis=rechtskreis,
            id=fact.id if ":" not in fact.id else f"{person}:{fact.id}",
        )
        for fact in facts_of(lines)
    ]


async def take(database: Database, today: date, *known: Fact) -> None:
    """Hand facts to the service as if they had come from the topic."""
    usecases = UseCases(database, Clock(today), rules.load())
    await usecases.take_facts(Batch([Heard(fact, None) for fact in known], []))


async def settle(url: str, database: Database, today: date = TODAY) -> None:
    """Bring the database up to date and put all the people into it."""
    await migrate(url, Path("services/pathways/migrations"))
    known = []
    for person, (municipality, rechtskreis, lines) in PEOPLE.items():
        known += facts(person, lines, municipality=municipality, rechtskreis=rechtskreis)
    await take(database, today, *known)
