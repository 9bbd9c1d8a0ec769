"""Facts and findings become counts and protected indicators, however often and in whatever order they come."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.reporting.domain.indicators import OPEN, PERSONS, RUNNING, Cell, open_of
from services.reporting.subscribers import fact_heard, finding_heard
from services.reporting.usecases import UseCases
from shared.clock import Clock
from shared.contracts.envelope import Envelope, to_headers
from shared.db import Database
from shared.messaging import erasures
from shared.messaging.erasures import Confirmation
from shared.messaging.records import Batch, Record, Unreadable
from shared.migrate import migrate
from shared.reference import LAND

MIGRATIONS = Path("services/reporting/migrations")
SOURCE = "//koeln.example/jobcenter"
KOELN, BONN = "05315000", "05314000"
TODAY = date(2026, 6, 1)


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    await migrate(database_url, MIGRATIONS)
    database = await Database.at(database_url, connections=6)
    yield database
    await database.close()


@pytest.fixture
def reporting(db: Database) -> UseCases:
    return UseCases(db, Clock(TODAY), complementary=False)


def fact(person: str, kind: str, number: int, **data: Any) -> Record:
    envelope = Envelope(
        f"{person}-{number}",
        SOURCE,
        f"gemeinsam.{kind}.v1",
        person,
        f"2026-01-01T10:{number // 60:02d}:{number % 60:02d}Z",
    )
    value = json.dumps({"municipality": KOELN} | data).encode()
    key = f"{person}/{SOURCE}/{envelope.id}".encode()
    return Record("enrollment.persons", 0, number, key, value, to_headers(envelope))


def career(person: str, municipality: str = KOELN) -> list[Record]:
    return [
        fact(person, "person.registered", 1, registered_on="2026-01-01", municipality=municipality),
        fact(person, "measure.started", 2, measure_id="m1", type="AGH", provider="p", started_on="2026-02-01"),
        fact(person, "measure.started", 3, measure_id="m2", type="IK_ALLG", provider="p", started_on="2026-03-01"),
        fact(person, "measure.ended", 4, measure_id="m1", ended_on="2026-04-01", exit="COMPLETED_GOAL"),
    ]


def finding(person: str, revision: int = 1, *, kind: str = "detected", **changed: Any) -> Record:
    data = {
        "person_id": person,
        "pattern": "M05",
        "anchor": "m1",
        "severity": "warning",
        "since": "2026-03-01",
        "until": None,
        "municipality": KOELN,
        "revision": revision,
    } | changed
    envelope = Envelope(f"f{revision}", "//p", f"gemeinsam.finding.{kind}.v1", person, "2026-05-01T06:00:00Z")
    key = f"{person}/{data['pattern']}/{data['anchor']}".encode()
    return Record("pathways.findings", 0, 0, key, json.dumps(data).encode(), to_headers(envelope))


def facts(*records: Record) -> Batch[Any]:
    return Batch([one for one in map(fact_heard, records) if one], [])


def findings(*records: Record) -> Batch[Any]:
    return Batch([one for one in map(finding_heard, records) if one], [])


async def counted(reporting: UseCases) -> dict[tuple[str, str], int]:
    await reporting.publish()
    board = await reporting.board()
    return {(cell.indicator, cell.area): number for cell, (number, _) in board.cells.items() if number}


async def said(db: Database) -> dict[str, dict[str, Any]]:
    """The topic folded: the last value of each cell."""
    async with db.reading() as connection:
        rows = await connection.fetch("SELECT key, value FROM outbox ORDER BY outbox_id")
    return {row["key"].decode(): json.loads(row["value"]) for row in rows}


async def test_facts_are_counted_by_municipality_kreis_and_land(reporting: UseCases) -> None:
    records = [record for number in range(6) for record in career(f"P{number}", KOELN if number else "05570044")]
    await reporting.project_facts(facts(*records))
    assert await counted(reporting) == {
        (PERSONS, KOELN): 5,
        (RUNNING, KOELN): 5,
        (PERSONS, "05570044"): 1,
        (RUNNING, "05570044"): 1,
        (PERSONS, "05570000"): 1,
        (RUNNING, "05570000"): 1,
        (PERSONS, LAND): 6,
        (RUNNING, LAND): 6,
    }


@pytest.mark.parametrize("seed", range(6))
async def test_any_order_and_any_repeat_gives_the_same_counts(reporting: UseCases, seed: int) -> None:
    chance = random.Random(seed)
    records = [record for number in range(8) for record in career(f"P{number}")] + [
        fact("P1", "person.moved", 5, moved_on="2026-05-01", to_municipality=BONN),
        fact("P2", "measure.corrected", 5, measure_id="m1", ended_on=None),
        fact("P3", "fact.retracted", 5, retracts={"source": SOURCE, "id": "P3-3"}),
        fact("P4", "person.merged", 5, other="P5", effective_on="2026-05-01"),
        fact("P6", "person.merged", 5, other="P7", effective_on="2026-05-01"),
        fact("P6", "person.split", 6, other="P7", effective_on="2026-05-02"),
    ]
    records += chance.sample(records, 10)
    chance.shuffle(records)
    for part in _parts(records, 7):
        await reporting.project_facts(facts(*part))
    found = await counted(reporting)
    # P4 and P5 are one person with the measures m1 and m2 of both, of which m2 runs.
    assert (found[PERSONS, LAND], found[PERSONS, KOELN], found[PERSONS, BONN]) == (7, 6, 1)
    assert found[RUNNING, LAND] == 7
    assert found[RUNNING, BONN] == 1


def _parts(records: list[Record], size: int) -> list[list[Record]]:
    return [records[start : start + size] for start in range(0, len(records), size)]


async def test_batches_of_merged_persons_at_once_count_them_once(reporting: UseCases) -> None:
    merges = [fact(f"A{n}", "person.merged", 9, other=f"B{n}", effective_on="2026-05-01") for n in range(10)]
    lanes = [
        [record for n in range(10) for record in career(f"A{n}")],
        [record for n in range(10) for record in career(f"B{n}")],
        merges,
    ]

    async def feed(records: list[Record]) -> None:
        for part in _parts(records, 3):
            await reporting.project_facts(facts(*part))

    await asyncio.gather(*(feed(lane) for lane in lanes))
    assert (await counted(reporting))[PERSONS, LAND] == 10


async def test_erasure_takes_the_person_out_for_good(reporting: UseCases, db: Database) -> None:
    records = career("P1") + career("P2")
    await reporting.project_facts(facts(*records))
    erased = fact("P1", "person.erased", 9, reason="REQUEST")
    tombstones = [Record(r.topic, 0, 0, r.key, None, {}) for r in career("P1")]
    await reporting.project_facts(facts(erased, *tombstones))
    await reporting.project_facts(facts(*career("P1")))
    assert (await counted(reporting))[PERSONS, LAND] == 1
    async with db.reading() as connection:
        assert await connection.fetchval("SELECT ledger FROM persons WHERE person_id = 'P1'") == "[]"


async def test_a_tombstone_takes_back_its_record_alone(reporting: UseCases) -> None:
    records = career("P1")
    await reporting.project_facts(facts(*records))
    await reporting.project_facts(facts(Record("enrollment.persons", 0, 0, records[2].key, None, {})))
    found = await counted(reporting)
    assert found[PERSONS, LAND] == 1
    assert (RUNNING, LAND) not in found


async def test_a_measure_of_the_future_runs_when_its_day_has_come(db: Database) -> None:
    clock = Clock(TODAY)
    reporting = UseCases(db, clock, complementary=False)
    later = fact("P1", "measure.started", 5, measure_id="m9", type="AGH", provider="p", started_on="2026-06-10")
    await reporting.project_facts(facts(*career("P1"), later))
    assert (await counted(reporting))[RUNNING, LAND] == 1
    clock.fixed = date(2026, 6, 10)
    assert await reporting.look_again() == 1
    assert (await counted(reporting))[RUNNING, LAND] == 2
    assert await reporting.look_again() <= 1


async def test_the_last_revision_of_a_finding_counts(reporting: UseCases) -> None:
    await reporting.project_findings(
        findings(*(finding(f"P{n}") for n in range(6)), finding("P0", 3, kind="escalated", severity="critical"))
    )
    await reporting.project_findings(findings(finding("P0", 2, kind="revised")))
    await reporting.project_findings(findings(finding("P1", 2, kind="resolved", until="2026-05-20")))
    await reporting.project_findings(findings(finding("P2", 2, kind="retracted")))
    await reporting.project_findings(findings(finding("P2", 1)))
    found = await counted(reporting)
    assert found[OPEN, KOELN] == 4
    assert found[open_of("critical", "M05"), LAND] == 1
    assert found[open_of("warning"), LAND] == 3


async def test_an_erased_finding_is_forgotten(reporting: UseCases, db: Database) -> None:
    await reporting.project_findings(findings(finding("P0")))
    await reporting.project_findings(findings(Record("pathways.findings", 0, 0, b"P0/M05/m1", None, {})))
    async with db.reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM findings") == 0


async def test_only_protected_values_go_out_and_only_when_they_change(reporting: UseCases, db: Database) -> None:
    await reporting.project_facts(facts(*(record for n in range(3) for record in career(f"P{n}"))))
    await reporting.publish()
    cell = f"{PERSONS}|{KOELN}|now"
    first = await said(db)
    assert (first[cell]["value"], first[cell]["suppressed"]) == (None, True)
    assert all(one["value"] in (None, 0) for one in first.values())
    await reporting.project_facts(facts(*career("P3")))
    assert await reporting.publish() > 0
    assert len(await said(db)) == len(first), "from 3 to 4 nothing is to be seen outside"
    assert (await reporting.board()).cells[Cell(PERSONS, KOELN)] == (4, None)
    await reporting.project_facts(facts(*career("P4")))
    await reporting.publish()
    assert (await said(db))[cell]["value"] == 5
    assert await reporting.publish() == 0


async def test_what_falls_to_zero_is_said(reporting: UseCases, db: Database) -> None:
    await reporting.project_findings(findings(*(finding(f"P{n}") for n in range(5))))
    await reporting.publish()
    await reporting.project_findings(findings(*(finding(f"P{n}", 2, kind="retracted") for n in range(5))))
    await reporting.publish()
    assert (await said(db))[f"{OPEN}|{KOELN}|now"]["value"] == 0


async def test_the_version_grows_with_every_change(reporting: UseCases) -> None:
    before = await reporting.version()
    await reporting.project_findings(findings(finding("P0")))
    await reporting.publish()
    assert await reporting.version() == before + 1


def test_records_that_are_no_events_are_refused_by_reason() -> None:
    good = career("P1")[1]
    cases = {
        "foreign_key": Record(good.topic, 0, 0, b"P2/x/y", good.value, good.headers),
        "missing": Record(good.topic, 0, 0, good.key, good.value, {"ce_specversion": "1.0"}),
        "not_json": Record(good.topic, 0, 0, good.key, b"\xff{", good.headers),
        "unreadable": Record(good.topic, 0, 0, good.key, b'{"started_on": 5}', good.headers),
    }
    for reason, record in cases.items():
        with pytest.raises(Unreadable) as error:
            fact_heard(record)
        assert error.value.reason == reason


def test_types_of_a_later_release_are_passed_over() -> None:
    unknown = fact("P1", "person.knighted", 1)
    assert fact_heard(unknown) is None
    assert finding_heard(finding("P1", kind="celebrated")) is None


async def test_the_vaults_word_forgets_a_person_for_good_and_is_answered(reporting: UseCases, db: Database) -> None:
    await reporting.project_facts(facts(*career("P1"), *career("P2")))
    await reporting.project_findings(findings(finding("P1"), finding("P2")))
    asked = Confirmation("P1", erasures.FIRST, 7, 0, Clock().now())
    await reporting.forget(Batch([asked], []))
    await reporting.forget(Batch([asked, Confirmation("P2", "pathways", 7, 0, Clock().now())], []))
    await reporting.project_facts(facts(*career("P1")))
    await reporting.project_findings(findings(finding("P1", 2), finding("P2", 2)))
    async with db.reading() as connection:
        for table in ("findings", "contributions"):
            rows = await connection.fetch(f"SELECT DISTINCT person_id FROM {table}")
            assert [row["person_id"] for row in rows] == ["P2"], table
        said = await connection.fetch(
            "SELECT key, value FROM outbox WHERE topic = 'enrollment.erasures' ORDER BY outbox_id"
        )
    assert [row["key"] for row in said] == [b"P1/reporting"] * 2
    proofs = [json.loads(row["value"]) for row in said]
    assert [proof["remaining"] for proof in proofs] == [0, 0]
    assert proofs[0]["removed"] > proofs[1]["removed"] == 0


async def test_a_merge_that_comes_after_the_vaults_word_brings_no_row_back(reporting: UseCases, db: Database) -> None:
    await reporting.project_facts(facts(*career("P1"), *career("P2")))
    await reporting.forget(Batch([Confirmation("P1", erasures.FIRST, 7, 0, Clock().now())], []))
    await reporting.project_facts(facts(fact("P2", "person.merged", 5, other="P1", effective_on="2026-05-01")))
    async with db.reading() as connection:
        assert await connection.fetch("SELECT one, other_one FROM links") == []
    await reporting.project_facts(facts(fact("P2", "person.merged", 6, other="P3", effective_on="2026-05-01")))
    async with db.reading() as connection:
        assert [tuple(row) for row in await connection.fetch("SELECT one, other_one FROM links")] == [("P2", "P3")]


async def test_a_restricted_person_counts_nowhere_until_it_is_released(reporting: UseCases) -> None:
    await reporting.project_facts(facts(*career("P1"), *career("P2")))
    assert (await counted(reporting))[(PERSONS, KOELN)] == 2
    await reporting.project_facts(facts(fact("P1", "person.restricted", 10, reason="OBJECTION")))
    assert (await counted(reporting))[(PERSONS, KOELN)] == 1
    await reporting.project_facts(facts(fact("P1", "contact.held", 11, held_on="2026-05-01")))
    assert (await counted(reporting))[(PERSONS, KOELN)] == 1
    await reporting.project_facts(facts(fact("P1", "person.released", 12)))
    assert (await counted(reporting))[(PERSONS, KOELN)] == 2
    assert (await counted(reporting))[(RUNNING, KOELN)] == 2
