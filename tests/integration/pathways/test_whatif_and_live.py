"""Another rule set over stored timelines, and the stream that tells an open worklist to look again."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import date
from pathlib import Path

import pytest

from services.pathways import matrix, rules
from services.pathways.commands.whatif import document, table
from services.pathways.domain.facts import decode
from services.pathways.domain.rules import BadRules
from services.pathways.pages.worklist_pages import SharedVersions, _changes
from services.pathways.usecases.referrals import Referrals
from services.pathways.usecases.whatif import WhatIf
from services.pathways.usecases.worklist import Worklist
from shared.auth import Principal, Role
from shared.clock import Clock
from shared.db import Database
from tests.integration.pathways.careers import CAREER, GAP, KOELN, PEOPLE, TODAY, WAITING, facts, settle, take

MANAGER = Principal("manager-1", Role.CASE_MANAGER, (KOELN,), "JOBCENTER")


@pytest.fixture
async def database(database_url: str):
    database = await Database.at(database_url, connections=3)
    await settle(database_url, database)
    yield database
    await database.close()


def changed_rules(room: Path, before: str, after: str) -> str:
    text = Path("services/pathways/rules/1.toml").read_text(encoding="utf-8")
    assert before in text
    place = room / "new.toml"
    place.write_text(text.replace(before, after).replace('version = "1"', 'version = "2"'), encoding="utf-8")
    return str(place)


async def test_another_rule_set_is_held_against_the_one_in_force(database: Database, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    new = changed_rules(tmp_path, "warning_starts = 3\ncritical_starts = 4", "warning_starts = 5\ncritical_starts = 6")
    difference = await WhatIf(database, Clock(TODAY), rules.load()).compare(
        rules.load(new), processes=2, tell=lambda done, total: told.append((done, total))
    )
    assert (difference.today, difference.persons) == (TODAY, len(PEOPLE))
    assert told[-1] == (len(PEOPLE), len(PEOPLE))
    found = difference.by("pattern")
    assert found["M02"] == {"before": 1, "open_before": 1, "lost": 1}
    assert found["M01"]["moved"] == 1  # no longer part of the career
    assert difference.by("municipality")[KOELN]["lost"] == 1
    read = json.loads(json.dumps(document(difference)))
    assert {"pattern": "M02", "municipality": KOELN, "before": 1, "open_before": 1, "lost": 1} in read["cells"]
    assert "M02 Measure career" in table(difference)


async def test_the_same_rule_set_makes_no_difference(database: Database) -> None:
    difference = await WhatIf(database, Clock(TODAY), rules.load()).compare(rules.load(), processes=1)
    assert not {cell.what for cell in difference.counts.findings} & {"gained", "lost", "moved"}
    for row in difference.by("pattern").values():
        assert (row["before"], row.get("open_before")) == (row["after"], row.get("open_after"))


async def test_a_rule_set_that_cannot_be_used_is_refused(database: Database, tmp_path: Path) -> None:
    with pytest.raises(BadRules):
        rules.load(changed_rules(tmp_path, "days = 365", "days = -1"))
    assert rules.load().version == "1"


async def test_an_open_worklist_hears_of_every_change_once(database: Database) -> None:
    worklist = Worklist(database, Clock(TODAY), matrix.load())
    stream = _changes(worklist, MANAGER, await worklist.version(MANAGER))

    async def next_event() -> str:
        async for block in stream:
            if b"event: changed" in block:
                return re.findall(rb"id: (.*)\n", block)[0].decode()
        raise AssertionError("the stream ended")

    waiting = asyncio.create_task(next_event())
    await take(
        database, TODAY, *facts(GAP, ["started m9 AUSB_BETR 2024-05-20"], municipality=KOELN, rechtskreis="SGB2")
    )
    first = await asyncio.wait_for(waiting, 20)
    assert first == await worklist.version(MANAGER)
    waiting = asyncio.create_task(next_event())
    await worklist.assign(MANAGER, [(CAREER, "M02", "m1")], "manager-1")
    assert await asyncio.wait_for(waiting, 20) != first
    await stream.aclose()


async def test_many_open_pages_ask_for_the_version_once(database: Database) -> None:
    class Counting(Worklist):
        asked = 0

        async def version(self, reader: Principal) -> str:
            self.asked += 1
            return await super().version(reader)

    worklist = Counting(database, Clock(TODAY), matrix.load())
    shared = SharedVersions(worklist)
    versions = await asyncio.gather(*(shared.version(MANAGER) for _ in range(20)))
    assert set(versions) == {await worklist.version(MANAGER)}
    assert worklist.asked < 10


async def test_the_day_before_it_was_known_shows_less(database: Database) -> None:
    from services.pathways.usecases.timeline import Timelines

    timelines = Timelines(database, Clock(TODAY), rules.load(), matrix.load())
    then = await timelines.look(MANAGER, CAREER, reason="CASE_WORK", known_on=date(2022, 2, 6))
    assert [item.kind for item in then.story.items if item.kind == "episode"] == []
    assert (then.today, then.known_on, then.recorded_from) == (date(2022, 2, 6), date(2022, 2, 6), date(2021, 9, 6))
    now = await timelines.look(MANAGER, CAREER, reason="CASE_WORK", known_on=date(2030, 1, 1))
    assert now.known_on is None


async def test_a_referral_is_warned_of_before_it_begins_and_no_more_once_it_is_called_off(database: Database) -> None:
    referrals = Referrals(database, Clock(TODAY), rules.load(), matrix.load())

    async def hinted() -> list[tuple[str, str, list[str]]]:
        await referrals.check_open()
        return [(hint.person_id, hint.severity, hint.patterns) for hint in await referrals.hints(MANAGER)]

    assert await hinted() == []
    referred = facts(CAREER, ["referred m8 MAT 2024-05-27"], municipality=KOELN, rechtskreis="SGB2")
    await take(database, TODAY, *referred)
    assert await hinted() == [(CAREER, "warning", ["M03"])]
    assert await referrals.check_open() == 0
    other = Principal("school", Role.CASE_MANAGER, (KOELN,), "SCHOOL")
    assert await referrals.hints(other) == []
    data = json.dumps({"measure_id": "m8", "cancelled_on": "2024-06-01", "rechtskreis": "SGB2"}).encode()
    event = "gemeinsam.measure.cancelled.v1"
    off = decode("//koeln.example/jobcenter", "off", event, CAREER, "2024-06-01T08:00:00Z", data)
    await take(database, TODAY, off)
    assert await hinted() == []


async def test_a_referral_that_does_no_harm_is_not_warned_of(database: Database) -> None:
    referrals = Referrals(database, Clock(TODAY), rules.load(), matrix.load())
    referred = facts(WAITING, ["referred m8 BSK_A2 2024-05-27"], municipality=KOELN, rechtskreis="SGB2")
    await take(database, TODAY, *referred)
    assert await referrals.check_open() == 2
    assert await referrals.hints(MANAGER) == []
