"""Answering a person who asks what is held about them (Art. 15 DSGVO): from the vault, the log and all services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.enrollment.domain.access import event_name, words
from services.enrollment.domain.vault import LookReason
from services.enrollment.gateways.holdings import Holdings, Told
from services.enrollment.gateways.memory import Memory
from services.enrollment.store import identities
from services.enrollment.store.identities import Looked
from services.enrollment.usecases.clerks import Clerks, Person
from shared.auth import Principal, Role, require
from shared.db import Database


@dataclass(frozen=True, slots=True)
class Line:
    """One event in plain German: what it is called, who said it and when, and what it says."""

    name: str
    source: str
    recorded_at: datetime
    says: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything held: who the person is to the sources, each event, who looked, and what each service holds."""

    person: Person
    lines: Sequence[Line]
    looks: Sequence[Looked]
    told: Sequence[Told]


class Answering:
    """The report for the person; itself a look that is written down."""

    def __init__(self, database: Database, clerks: Clerks, memory: Memory, holdings: Holdings) -> None:
        self._database = database
        self._clerks = clerks
        self._memory = memory
        self._holdings = holdings

    async def answer(self, clerk: Principal, pseudonym: str) -> Answer:
        """All that is held of a person under all its case numbers; raises as `Clerks.person`, or Unavailable."""
        require(clerk, Role.VAULT_CLERK)
        person = await self._clerks.person(clerk, pseudonym, LookReason.PERSON_ASKED)
        group = {pseudonym, *person.others}
        remembered = await self._memory.of(group)
        async with self._database.reading() as connection:
            looks = await identities.looks_at(connection, group)
        lines = [
            Line(event_name(one.head.type), one.head.source, one.head.recorded_at, words(one.data))
            for one in remembered
        ]
        return Answer(person, lines, looks, await self._holdings.of(sorted(group)))
