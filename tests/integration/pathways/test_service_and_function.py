"""The service says what the function says, whatever the order, the batches, the processes and the repeats."""

from __future__ import annotations

import asyncio

from services.pathways import rules
from services.pathways.usecases import UseCases
from shared.clock import Clock
from shared.contracts.topics import ERASURES
from tests.integration.pathways.conftest import expected, folded, lines_of, people, quiet, send, stored

TODAY = "2020-03-01"


async def test_folding_the_topic_gives_what_evaluate_gives(pathways, fresh_topics):
    events = people(1, 150, today=TODAY)
    host = await pathways(TODAY)
    await send(fresh_topics, events)
    await quiet(host, stored(events))
    assert lines_of(await folded(fresh_topics)) == expected(events, TODAY)


async def test_small_batches_repeats_and_a_second_process_change_nothing(pathways, fresh_topics):
    events = people(2, 120, today=TODAY)
    host = await pathways(TODAY, batch_records=7)
    await send(fresh_topics, events[: len(events) // 2])
    await pathways(TODAY, batch_records=13)
    await send(fresh_topics, events[len(events) // 2 :])
    await send(fresh_topics, events[::3])
    await quiet(host, stored(events))
    assert lines_of(await folded(fresh_topics)) == expected(events, TODAY)


async def test_a_clock_set_forward_says_the_same_as_one_that_goes_day_by_day(pathways, fresh_topics):
    events = people(3, 60, today=TODAY)
    host = await pathways("2019-10-01")
    await send(fresh_topics, events)
    await quiet(host, stored(events))
    jump = UseCases(host.db, Clock(), rules.load())
    from datetime import date

    await jump.move_clock(date.fromisoformat(TODAY))
    await quiet(host, stored(events))
    assert lines_of(await folded(fresh_topics)) == expected(events, TODAY)
    async with host.db.reading() as connection:
        on = await connection.fetch("SELECT DISTINCT business_date FROM finding_history ORDER BY 1")
    assert len(on) > 20


async def test_revisions_count_up_without_a_gap_and_history_keeps_all_of_them(pathways, fresh_topics):
    events = people(4, 80, today=TODAY)
    host = await pathways(TODAY, batch_records=3)
    await send(fresh_topics, events)
    await quiet(host, stored(events))
    async with host.db.reading() as connection:
        gaps = await connection.fetch(
            "SELECT f.person_id, f.pattern, f.anchor FROM findings f JOIN finding_history h"
            " USING (person_id, pattern, anchor) GROUP BY 1, 2, 3, f.revision HAVING count(*) <> f.revision"
        )
    assert gaps == []


async def test_many_processes_meet_the_same_new_persons(pathways, fresh_topics):
    events = people(5, 40, today=TODAY)
    hosts = await asyncio.gather(*(pathways(TODAY, batch_records=5) for _ in range(2)))
    await send(fresh_topics, events)
    await quiet(hosts[0], stored(events))
    assert lines_of(await folded(fresh_topics)) == expected(events, TODAY)


async def test_everybody_erased_is_answered_for_whether_at_once_or_behind(pathways, fresh_topics):
    events = people(39, 100, today=TODAY)
    erased = {event["subject"] for event in events if event["type"] == "gemeinsam.person.erased.v1"}
    assert erased
    host = await pathways(TODAY, catch_up_from=10, batch_records=20)
    await send(fresh_topics, events)
    async with asyncio.timeout(60):
        while (proofs := await folded(fresh_topics, ERASURES)).keys() != {f"{person}/pathways" for person in erased}:
            await asyncio.sleep(0.2)
    assert {proof["remaining"] for proof in proofs.values()} == {0}
    async with host.db.reading() as connection:
        for table in ("findings", "finding_history", "referrals"):
            left = await connection.fetch(f"SELECT 1 FROM {table} WHERE person_id = ANY($1::text[])", list(erased))
            assert left == [], table
