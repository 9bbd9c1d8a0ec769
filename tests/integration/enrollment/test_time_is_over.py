"""A service says that a person's time is over: the vault erases the person, unless it is restricted or unknown."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from services.enrollment.usecases.erasing import Erasing
from services.enrollment.usecases.restricting import Restricting
from services.enrollment.usecases.speaking import Voice
from shared.auth import Principal, Role
from shared.clock import Clock
from shared.contracts.vocabulary import RestrictionReason
from shared.db import Database
from shared.messaging import erasures
from shared.messaging.erasures import Ended
from shared.messaging.records import Batch, Record
from shared.migrate import migrate

PERSON, OTHER = "K7QM-2XW9-4TRD", "B3HN-8VKE-0P5C"
CLERK = Principal("clerk", Role.VAULT_CLERK, ())
VOICE = Voice(Clock(), secrets.randbits)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    await migrate(database_url, Path("services/enrollment/migrations"))
    database = await Database.at(database_url, connections=2)
    async with database.transaction() as connection:
        await connection.execute("INSERT INTO vault.persons (pseudonym) VALUES ($1), ($2)", PERSON, OTHER)
    yield database
    await database.close()


def request(person: str) -> Ended:
    """As it comes over the topic."""
    said = erasures.request(Ended(person, "pathways", date(2027, 1, 31), datetime(2030, 2, 1, tzinfo=UTC)))
    heard = erasures.heard_or_asked(Record(said.topic, 0, 0, said.key.encode(), said.value, said.headers))
    assert isinstance(heard, Ended)
    assert said.key == f"{person}/pathways", "the service's own confirmation replaces it"
    assert erasures.heard(Record(said.topic, 0, 0, said.key.encode(), said.value, said.headers)) is None
    return heard


async def marks(db: Database) -> list[tuple[str, str, str]]:
    async with db.reading() as connection:
        return [tuple(row) for row in await connection.fetch("SELECT pseudonym, reason, asked_by FROM vault.erasures")]


async def test_whose_time_is_over_is_erased_once_with_the_reason(db: Database) -> None:
    erasing = Erasing(db, VOICE)
    for _ in range(2):
        await erasing.keep_answers(Batch([request(PERSON), request(PERSON), request("NEVER-GIVEN")], []))
    assert await marks(db) == [(PERSON, "RETENTION_ENDED", "retention")]


async def test_a_restricted_person_is_kept_until_the_restriction_is_lifted(db: Database) -> None:
    restricting, erasing = Restricting(db, VOICE), Erasing(db, VOICE)
    await restricting.restrict(CLERK, PERSON, RestrictionReason.LEGAL_CLAIMS)
    await erasing.keep_answers(Batch([request(PERSON), request(OTHER)], []))
    assert await marks(db) == [(OTHER, "RETENTION_ENDED", "retention")]
    await restricting.release(CLERK, PERSON)
    await erasing.keep_answers(Batch([request(PERSON)], []))
    assert len(await marks(db)) == 2
