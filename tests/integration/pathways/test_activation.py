"""A rule set takes effect on a date: everybody is evaluated anew beside live facts, killed, stopped or overtaken."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from datetime import date
from pathlib import Path

import pytest

from services.pathways import rules
from services.pathways.domain.rules import parse
from services.pathways.rules import Source
from services.pathways.store.rule_sets import Activation
from services.pathways.usecases import UseCases
from services.pathways.usecases.activations import Activations
from shared.clock import Clock
from shared.db import Database
from shared.errors import Conflict, Invalid
from shared.host import Host
from shared.migrate import migrate
from tests.integration.pathways.conftest import (
    MIGRATIONS,
    expected,
    fails_for,
    folded,
    lines_of,
    people,
    quiet,
    send,
    stored,
)

TODAY = "2020-03-01"
DAY = date.fromisoformat(TODAY)
SECOND = {
    "warning_starts = 3\ncritical_starts = 4": "warning_starts = 2\ncritical_starts = 3",
    "info_days = 30\nwarning_days = 90\ncritical_days = 180": "info_days = 14\nwarning_days = 45\ncritical_days = 400",
    "max_gap_days = 14": "max_gap_days = 30",
}
THIRD = {"warning_days = 365\ncritical_days = 540": "warning_days = 120\ncritical_days = 1000"}


def source(version: str, changes: dict[str, str]) -> Source:
    text, catalogue = rules.read()
    for before, after in {**changes, 'version = "1"': f'version = "{version}"'}.items():
        assert before in text
        text = text.replace(before, after, 1)
    return Source(text, catalogue)


def activations_on(database: Database, today: str = TODAY, *, pace: float = 100_000.0) -> Activations:
    clock = Clock(date.fromisoformat(today))
    return Activations(database, clock, UseCases(database, clock, rules.load()), first=rules.read(), pace=pace)


async def until(activations: Activations, state: str, *, done: int = 0, seconds: float = 150) -> Activation:
    """Wait until the latest activation is in a state, with so many persons done."""
    async with asyncio.timeout(seconds):
        while True:
            latest = (await activations.standing()).activations[0]
            if latest.state == state and latest.persons_done >= done:
                return latest
            await asyncio.sleep(0.05)


async def sent(host: Host) -> None:
    """Wait until the outbox is empty."""
    async with asyncio.timeout(150):
        while True:
            async with host.db.reading() as connection:
                if not await connection.fetchval("SELECT count(*) FROM outbox"):
                    return
            await asyncio.sleep(0.1)


async def test_from_its_date_on_everybody_is_evaluated_by_the_new_set_beside_live_facts(pathways, fresh_topics):
    events = people(21, 120, today=TODAY)
    half = len(events) // 2
    host = await pathways(TODAY, new_rules_persons_per_second=150)
    await pathways(TODAY, new_rules_persons_per_second=150)
    await send(fresh_topics, events[:half])
    await quiet(host, stored(events[:half]))
    activations = activations_on(host.db)
    await activations.activate(source("2", SECOND), DAY, by="ministry-1")
    await until(activations, "running", done=1)
    await send(fresh_topics, events[half:])
    done = await until(activations, "done")
    await quiet(host, stored(events))
    assert done.persons_done == done.persons_total > 100
    assert lines_of(await folded(fresh_topics)) == expected(events, TODAY, parse(*source("2", SECOND)))


async def test_what_lies_in_the_past_is_marked_as_historical_and_is_mailed_to_nobody(pathways, fresh_topics):
    events = people(22, 100, today=TODAY)
    host = await pathways(TODAY)
    await send(fresh_topics, events)
    await quiet(host, stored(events))
    before = await folded(fresh_topics)
    activations = activations_on(host.db)
    await activations.activate(source("2", SECOND), DAY, by="ministry-1")
    await until(activations, "done")
    await sent(host)
    after = await folded(fresh_topics)
    for said in after.values():
        newest = date.fromisoformat(said["steps"][-1][1])
        assert said["historical"] == ((DAY - newest).days > 30), said
        assert said["rules_version"] == "2"
        assert "(Regelwerk 2, " in said["text"]["de"]
        assert "(rule set 2, " in said["text"]["en"]
    new = [said for key, said in after.items() if key not in before]
    assert new
    assert any(said["historical"] for said in new)


async def test_it_waits_for_its_date_and_due_dates_before_it_are_judged_by_the_old_set(pathways, fresh_topics):
    events = people(23, 60, today=TODAY)
    host = await pathways("2019-11-20")
    await send(fresh_topics, events)
    await quiet(host, stored(events))
    activations = activations_on(host.db, "2019-11-20")
    await activations.activate(source("2", SECOND), date(2020, 2, 1), by="ministry-1")
    standing = await activations.standing()
    assert (standing.rules.version, standing.next.rules.version) == ("1", "2")
    assert await activations.go_on() is None
    await UseCases(host.db, Clock(), rules.load()).move_clock(DAY)
    await until(activations, "done")
    await sent(host)
    assert lines_of(await folded(fresh_topics)) == expected(events, TODAY, parse(*source("2", SECOND)))
    async with host.db.reading() as connection:
        by_old = await connection.fetchval(
            "SELECT max(business_date) FROM finding_history WHERE data::json ->> 'rules_version' = '1'"
            " AND event <> 'retracted'"
        )
        by_new = await connection.fetchval(
            "SELECT min(business_date) FROM finding_history WHERE data::json ->> 'rules_version' = '2'"
        )
    assert by_old < date(2020, 2, 1) <= by_new


async def test_who_cannot_be_evaluated_is_set_aside_and_holds_up_nobody(pathways, fresh_topics, monkeypatch):
    events = people(27, 60, today=TODAY)
    host = await pathways(TODAY)
    await send(fresh_topics, events)
    await quiet(host, stored(events))
    async with host.db.reading() as connection:
        poison = await connection.fetchval("SELECT cluster_id FROM timelines ORDER BY cluster_id OFFSET 7 LIMIT 1")
    mend = fails_for(monkeypatch, poison)
    activations = activations_on(host.db)
    await activations.activate(source("2", SECOND), DAY, by="ministry-1")
    done = await until(activations, "done")
    assert done.persons_done == done.persons_total
    aside = []
    async with asyncio.timeout(150):
        while not aside:
            await asyncio.sleep(0.1)
            async with host.db.reading() as connection:
                aside = await connection.fetch("SELECT person_id, reason FROM set_aside")
    assert [tuple(one) for one in aside] == [(poison, "ZeroDivisionError")]
    mend()
    usecases = UseCases(host.db, Clock(DAY), rules.load())
    assert await usecases.try_set_aside() == 1
    await usecases.settle()
    await quiet(host, stored(events))
    assert lines_of(await folded(fresh_topics)) == expected(events, TODAY, parse(*source("2", SECOND)))


async def test_stopped_it_stays_where_it_is_and_resumed_it_goes_on_from_there(pathways, fresh_topics):
    events = people(24, 150, today=TODAY)
    host = await pathways(TODAY, new_rules_persons_per_second=120)
    await send(fresh_topics, events)
    await quiet(host, stored(events))
    activations = activations_on(host.db)
    number = (await activations.activate(source("2", SECOND), DAY, by="ministry-1")).activation_id
    await until(activations, "running", done=1)
    await activations.change(number, "stop", by="operator-1")
    stopped = await until(activations, "stopped")
    assert 0 < stopped.persons_done < stopped.persons_total
    assert await activations.go_on() is None
    assert (await until(activations, "stopped")).reached == stopped.reached
    await activations.change(number, "resume", by="operator-1")
    await until(activations, "done")
    await sent(host)
    assert lines_of(await folded(fresh_topics)) == expected(events, TODAY, parse(*source("2", SECOND)))
    with pytest.raises(Conflict):
        await activations.change(number, "stop", by="operator-1")


async def test_a_second_set_put_on_top_takes_over_and_the_first_can_come_back(pathways, fresh_topics):
    events = people(25, 150, today=TODAY)
    host = await pathways(TODAY, new_rules_persons_per_second=150)
    await send(fresh_topics, events)
    await quiet(host, stored(events))
    activations = activations_on(host.db)
    await activations.activate(source("2", SECOND), DAY, by="ministry-1")
    await until(activations, "running", done=1)
    await activations.activate(source("3", THIRD), DAY, by="ministry-1")
    await until(activations, "done")
    await sent(host)
    states = [one.state for one in (await activations.standing()).activations]
    assert states == ["done", "superseded"]
    assert lines_of(await folded(fresh_topics)) == expected(events, TODAY, parse(*source("3", THIRD)))
    await activations.activate(rules.read(), DAY, by="ministry-1")
    await until(activations, "done")
    await sent(host)
    assert lines_of(await folded(fresh_topics)) == expected(events, TODAY)


async def test_killed_in_the_middle_another_process_goes_on(database_url, fresh_topics):
    await migrate(database_url, MIGRATIONS)
    events = people(26, 200, today=TODAY)
    environment = {
        **os.environ,
        "PATHWAYS_DATABASE_URL": database_url,
        "PATHWAYS_KAFKA": fresh_topics,
        "PATHWAYS_HTTP_PORT": "0",
        "PATHWAYS_PUBLIC_URL": "http://127.0.0.1",
        "PATHWAYS_ISSUER_URL": "http://127.0.0.1:1",
        "PATHWAYS_SESSION_SECRET": "a secret that is only good for tests",
        "PATHWAYS_TODAY": TODAY,
        "PATHWAYS_NEW_RULES_PERSONS_PER_SECOND": "100",
    }

    async def process() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.pathways", env=environment, stderr=asyncio.subprocess.DEVNULL
        )

    database = await Database.at(database_url, connections=2)
    first = await process()
    host = HostLike(database)
    try:
        await send(fresh_topics, events)
        await quiet(host, stored(events))
        activations = activations_on(database)
        await activations.activate(source("2", SECOND), DAY, by="ministry-1")
        await until(activations, "running", done=1)
        first.send_signal(signal.SIGKILL)
        await first.wait()
        left = (await activations.standing()).activations[0]
        assert left.state == "running"
        assert 0 < left.persons_done < left.persons_total
        first = await process()
        await until(activations, "done")
        await sent(host)
        assert lines_of(await folded(fresh_topics)) == expected(events, TODAY, parse(*source("2", SECOND)))
    finally:
        if first.returncode is None:
            first.send_signal(signal.SIGTERM)
            await first.wait()
        await database.close()


class HostLike:
    """The database of processes that run elsewhere."""

    def __init__(self, database: Database) -> None:
        self.db = database


async def test_a_version_is_never_given_to_other_rules_and_no_date_may_lie_in_the_past(database_url):
    await migrate(database_url, MIGRATIONS)
    database = await Database.at(database_url, connections=2)
    try:
        activations = activations_on(database)
        with pytest.raises(Conflict):
            await activations.activate(source("1", SECOND), DAY, by="m")
        planned = await activations.activate(source("2", SECOND), date(2020, 4, 1), by="m")
        with pytest.raises(Conflict):
            await activations.activate(source("2", THIRD), date(2020, 5, 1), by="m")
        with pytest.raises(Invalid):
            await activations.activate(source("4", THIRD), date(2020, 2, 29), by="m")
        with pytest.raises(Invalid):
            await activations.activate(Source("version = 3", ""), DAY, by="m")
        await activations.change(planned.activation_id, "withdraw", by="m")
        assert (await activations.standing()).next is None
    finally:
        await database.close()


def test_the_file_of_a_rule_set_may_be_read_by_its_path(tmp_path: Path):
    place = tmp_path / "2.toml"
    place.write_text(source("2", SECOND).rules, encoding="utf-8")
    assert rules.load(str(place)).version == "2"
