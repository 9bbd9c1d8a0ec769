"""What is said of a referral before it begins: once, in its trace, taken back when it is over, and forgotten."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from services.pathways import matrix, rules
from services.pathways.domain.facts import Fact, decode
from services.pathways.store.referrals import Referral
from services.pathways.usecases import Heard, UseCases, rebuilding
from services.pathways.usecases import referrals as usecase
from services.pathways.usecases.referrals import Referrals
from shared.auth import Principal, Role
from shared.clock import Clock
from shared.contracts.referrals import EVENTS
from shared.db import Database
from shared.messaging.records import Batch
from tests.integration.pathways.careers import CAREER, KOELN, PEOPLE, TODAY, facts, settle

MANAGER = Principal("manager-1", Role.CASE_MANAGER, (KOELN,), "JOBCENTER")
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.at(database_url, connections=2)
    await settle(database_url, database)
    yield database
    await database.close()


def referred(planned: str | None = "2024-06-17", *, on: str = "2024-05-27") -> Fact:
    data: dict[str, Any] = {"measure_id": "m8", "type": "MAT", "referred_on": on, "planned_start_on": planned}
    return fact("measure.referred", **{name: value for name, value in data.items() if value})


def fact(event: str, second: int = 0, **data: Any) -> Fact:
    content = json.dumps({"municipality": KOELN, "rechtskreis": "SGB2", **data}).encode()
    time = f"2024-06-02T08:00:{second:02d}Z"
    return decode("//koeln.example/jobcenter", f"{event}-{second}", f"gemeinsam.{event}.v1", CAREER, time, content)


async def hear(database: Database, *known: Fact, today: date = TODAY) -> None:
    usecases = UseCases(database, Clock(today), rules.load())
    await usecases.take_facts(Batch([Heard(one, TRACE) for one in known], []))
    await Referrals(database, Clock(today), rules.load(), matrix.load()).check_open()


async def said(database: Database) -> list[tuple[str, dict[str, Any] | None, dict[str, str]]]:
    """What waits to go out about referrals, in order: the event, its data and its headers; it is taken out."""
    async with database.transaction() as connection:
        rows = await connection.fetch(
            "WITH gone AS (DELETE FROM outbox WHERE topic = 'pathways.referrals' RETURNING outbox_id, value, headers)"
            " SELECT value, headers FROM gone ORDER BY outbox_id"
        )
    found = []
    for row in rows:
        headers = json.loads(row["headers"])
        if row["value"] is None:
            found.append(("tombstone", None, headers))
            continue
        EVENTS[headers["ce_type"]].model_validate_json(row["value"])
        found.append((headers["ce_type"].split(".")[2], json.loads(row["value"]), headers))
    return found


async def test_a_referral_that_would_do_harm_is_warned_of_once_and_in_its_trace(database: Database) -> None:
    await hear(database, referred())
    ((event, data, headers),) = await said(database)
    assert (event, headers["traceparent"], headers["ce_causationid"]) == ("warned", TRACE, "measure.referred-0")
    assert data == {
        "person_id": CAREER,
        "measure_id": "m8",
        "type": "MAT",
        "referred_on": "2024-05-27",
        "planned_start_on": "2024-06-17",
        "municipality": KOELN,
        "severity": "warning",
        "patterns": ["M03"],
        "historical": False,
    }
    await hear(database, fact("contact.held", held_on="2024-06-01", contact_kind="professional", body="JC"))
    assert await said(database) == []


@pytest.mark.parametrize(
    ("event", "data"),
    [
        ("measure.cancelled", {"cancelled_on": "2024-06-01"}),
        ("measure.refused", {"refused_on": "2024-06-01"}),
        ("measure.started", {"type": "MAT", "provider": "p9", "started_on": "2024-06-01"}),
        ("measure.corrected", {"type": "JMD_CM"}),
    ],
)
async def test_it_is_taken_back_when_there_is_nothing_to_warn_of_any_more(
    database: Database, event: str, data: dict[str, Any]
) -> None:
    await hear(database, referred())
    await said(database)
    await hear(database, fact(event, 1, measure_id="m8", **data))
    assert [(event, data) for event, data, _ in await said(database)] == [
        ("cleared", {"person_id": CAREER, "measure_id": "m8"})
    ]


async def test_what_was_called_off_by_mistake_is_warned_of_again(database: Database) -> None:
    await hear(database, referred())
    await hear(database, fact("measure.cancelled", 1, measure_id="m8"))
    retracts = {"source": "//koeln.example/jobcenter", "id": "measure.cancelled-1"}
    await hear(database, fact("fact.retracted", 2, retracts=retracts))
    assert [event for event, _, _ in await said(database)] == ["warned", "cleared", "warned"]


async def test_a_corrected_start_is_said(database: Database) -> None:
    await hear(database, referred())
    await hear(database, fact("measure.corrected", 1, measure_id="m8", planned_start_on="2024-07-01"))
    starts = [data["planned_start_on"] for _, data, _ in await said(database) if data]
    assert starts == ["2024-06-17", "2024-07-01"]


async def test_days_that_go_by_are_no_news_and_old_referrals_are_historical(database: Database) -> None:
    await hear(database, referred(None))
    assert [data["planned_start_on"] for _, data, _ in await said(database) if data] == [None]
    await UseCases(database, Clock(date(2024, 7, 3)), rules.load()).move_clock(date(2024, 7, 3))
    await Referrals(database, Clock(date(2024, 7, 3)), rules.load(), matrix.load()).check_open()
    assert await said(database) == []
    await hear(database, msgspec.structs.replace(referred(on="2024-05-01"), id="later"), today=date(2024, 7, 3))
    assert [data["historical"] for _, data, _ in await said(database) if data] == [True]


async def test_what_should_have_begun_is_no_news(database: Database) -> None:
    await hear(database, referred("2024-06-01"))
    assert [data["historical"] for _, data, _ in await said(database) if data] == [True]


async def test_one_that_cannot_be_checked_stands_as_it_is_and_holds_up_nobody(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hear(database, referred())
    look_at = usecase.look_at

    def failing(referral: Referral, *given: Any) -> Any:
        if referral.measure_id == "m8":
            raise ZeroDivisionError
        return look_at(referral, *given)

    monkeypatch.setattr(usecase, "look_at", failing)
    tomorrow = TODAY + timedelta(days=1)
    other = fact("measure.referred", 5, measure_id="m9", type="MAT", referred_on="2024-05-28")
    await hear(database, other, today=tomorrow)
    assert [data["measure_id"] for _, data, _ in await said(database) if data] == ["m8", "m9"]
    monkeypatch.setattr(usecase, "look_at", look_at)
    await hear(database, fact("measure.cancelled", 6, measure_id="m8"), today=tomorrow)
    assert [(event, data["measure_id"]) for event, data, _ in await said(database) if data] == [("cleared", "m8")]


async def test_erasure_removes_what_was_said(database: Database) -> None:
    await hear(database, referred())
    await said(database)
    await hear(
        database,
        decode("//vault", "e", "gemeinsam.person.erased.v1", CAREER, "2024-06-02T09:00:00Z", b'{"reason":"REQUEST"}'),
    )
    assert [event for event, _, _ in await said(database)] == ["tombstone"]


async def test_after_a_rebuild_only_the_difference_is_said(database: Database) -> None:
    await hear(database, referred())
    ((_, data, headers),) = await said(database)
    content = json.dumps(data, separators=(",", ":")).encode()
    await rebuilding.forget_all(database)
    await rebuilding.hold_warnings(database, [(content, headers["ce_type"], f"{CAREER}/m8")])
    await settle_again(database)
    await hear(database, referred())
    assert await said(database) == []


async def settle_again(database: Database) -> None:
    """The person's facts come once more, from the topic."""
    municipality, rechtskreis, lines = PEOPLE[CAREER]
    usecases = UseCases(database, Clock(TODAY), rules.load())
    known = facts(CAREER, lines, municipality=municipality, rechtskreis=rechtskreis)
    await usecases.store_facts(Batch([Heard(one, None) for one in [*known, referred()]], []))
