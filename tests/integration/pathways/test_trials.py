"""A rule set tried in the background: left by a dead process it is taken again, and only protected numbers are kept."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from services.pathways import rules
from services.pathways.domain.whatif import ALL
from services.pathways.rules import Source
from services.pathways.store import trials as store
from services.pathways.usecases.trials import Trials
from shared.auth import Principal, Role
from shared.clock import Clock
from shared.db import Database
from shared.errors import Forbidden, Invalid, NotFound, RateLimited
from tests.integration.pathways.careers import PEOPLE, TODAY, settle

MINISTRY = Principal("ministry-1", Role.MINISTRY)
SCIENCE = Principal("science-1", Role.SCIENCE)


def other() -> Source:
    text, catalogue = rules.read()
    return Source(
        text.replace('version = "1"', 'version = "2"').replace("critical_starts = 4", "critical_starts = 9"), catalogue
    )


@pytest.fixture
async def database(database_url: str):
    database = await Database.at(database_url, connections=3)
    await settle(database_url, database)
    yield database
    await database.close()


@pytest.fixture
def trials(database: Database) -> Trials:
    return Trials(database, Clock(TODAY), rules.load())


async def test_a_trial_is_done_in_the_background_and_keeps_no_small_number(trials: Trials, database: Database) -> None:
    number = await trials.ask(MINISTRY, other())
    assert [trial.state for trial in await trials.listed(SCIENCE)] == ["waiting"]
    assert await trials.try_next()
    assert not await trials.try_next()
    trial, lines = await trials.one(SCIENCE, number)
    assert (trial.state, trial.version, trial.held_version, trial.evaluated_on) == ("done", "2", "1", TODAY)
    assert trial.persons_done == trial.persons_total == len(PEOPLE)
    assert any(line.pattern == ALL for line in lines)
    for line in lines:
        for shown in (line.before, line.gained, line.lost, line.moved):
            assert shown is None or shown == 0 or shown >= 5
    async with database.reading() as connection:
        held = await connection.fetchval("SELECT count(*) FROM findings WHERE state <> 'retracted'")
        said = await connection.fetchval(
            "SELECT count(*) FROM finding_history WHERE data::json ->> 'rules_version' = '2'"
        )
    assert held > 0
    assert said == 0, "nothing follows from a trial"


async def test_a_trial_whose_process_is_gone_is_taken_again(trials: Trials, database: Database) -> None:
    number = await trials.ask(MINISTRY, other())
    now = datetime.now().astimezone()
    async with database.transaction() as connection:
        assert await store.take(connection, now - timedelta(minutes=5), timedelta(minutes=1))
    assert await trials.try_next()
    assert (await trials.one(MINISTRY, number))[0].state == "done"


async def test_who_may_not_and_what_cannot_be_is_refused(trials: Trials) -> None:
    for role in (Role.CASE_MANAGER, Role.DISTRICT, Role.OPERATOR, Role.EMITTER):
        with pytest.raises(Forbidden):
            await trials.ask(Principal("x", role), other())
        with pytest.raises(Forbidden):
            await trials.listed(Principal("x", role))
    with pytest.raises(Invalid):
        await trials.ask(MINISTRY, Source("version = 2", ""))
    with pytest.raises(NotFound):
        await trials.one(MINISTRY, 4711)
    for _ in range(5):
        await trials.ask(MINISTRY, other())
    with pytest.raises(RateLimited):
        await trials.ask(MINISTRY, other())
