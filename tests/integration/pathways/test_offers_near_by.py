"""Offers from the topic to the pre-check: the later word wins, seats are counted, what is closed is gone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from services.pathways import matrix, rules
from services.pathways.domain.facts import decode
from services.pathways.domain.precheck import Plan
from services.pathways.subscribers import told
from services.pathways.usecases.offers import Offers
from services.pathways.usecases.precheck import Prechecks
from shared.auth import Principal, Role
from shared.clock import Clock
from shared.contracts.envelope import Envelope, to_headers
from shared.db import Database
from shared.messaging.records import Batch, Record, Unreadable
from tests.integration.pathways.careers import KOELN, TODAY, WAITING, settle, take

MANAGER = Principal("manager-1", Role.CASE_MANAGER, (KOELN,), "JOBCENTER")
PLAN = Plan("AGH", date(2024, 6, 17))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = await Database.at(database_url, connections=2)
    await settle(database_url, database)
    yield database
    await database.close()


def said(event: str, offer_id: str, *, second: int = 0, **data: Any) -> Record:
    described = {"type": "IK_ALLG", "provider": "vhs", "area": KOELN, "seats": 1, "starts_on": "2024-07-01"}
    content = {"offer_id": offer_id, **(data if event == "closed" else described | data)}
    envelope = Envelope(
        f"{offer_id}-{event}-{second}",
        "//gemeinsam/enrollment",
        f"gemeinsam.offer.{event}.v1",
        offer_id,
        f"2024-05-01T10:00:{second:02d}Z",
    )
    return Record("enrollment.offers", 0, 0, b"k", json.dumps(content).encode(), to_headers(envelope))


async def tell(database: Database, *records: Record) -> None:
    events = [event for event in map(told, records) if event is not None]
    await Offers(database).take(Batch(events, []))


async def near(database: Database, person: str = WAITING) -> list[tuple[str, int]]:
    prechecks = Prechecks(database, Clock(TODAY), rules.load(), matrix.load(None))
    checked = await prechecks.check(MANAGER, person, PLAN)
    return [(one.offer.offer_id, one.offer.free) for one in checked.offers]


async def test_the_later_word_on_an_offer_wins_whatever_comes_again(database: Database) -> None:
    words = [said("published", "o1"), said("changed", "o1", second=1, seats=4)]
    await tell(database, *words)
    assert await near(database) == [("o1", 4)]
    closed = said("closed", "o1", second=2, closed_on="2024-05-02")
    await tell(database, closed)
    await tell(database, *words)
    assert await near(database) == []


async def test_an_offer_that_closes_later_is_open_until_then(database: Database) -> None:
    await tell(database, said("published", "o1"), said("closed", "o1", second=1, closed_on="2024-06-20"))
    assert await near(database) == [("o1", 1)]


async def test_a_referral_takes_a_seat_until_it_comes_to_nothing(database: Database) -> None:
    await tell(database, said("published", "o1"))

    async def waiting(event: str, **data: Any) -> None:
        content = json.dumps({"measure_id": "m9", "municipality": KOELN, "rechtskreis": "SGB2", **data}).encode()
        fact = decode(
            "//koeln.example/jobcenter", event, f"gemeinsam.{event}.v1", WAITING, f"{TODAY}T08:00:00Z", content
        )
        await take(database, TODAY, fact)

    await waiting("measure.referred", type="IK_ALLG", referred_on="2024-05-20", offer_id="o1")
    assert await near(database) == []
    await waiting("measure.refused", refused_on="2024-05-27")
    assert await near(database) == [("o1", 1)]


async def test_offers_begin_between_today_and_four_months_after_the_plan_and_lie_around(database: Database) -> None:
    await tell(
        database,
        said("published", "past", starts_on="2024-06-02"),
        said("published", "late", starts_on="2024-11-01"),
        said("published", "next", area="05362020"),
        said("published", "far", area="05711000"),
    )
    assert await near(database) == [("next", 1)]


def test_what_cannot_be_read_is_refused_and_what_is_newer_is_left() -> None:
    with pytest.raises(Unreadable):
        told(said("published", "o1", seats="many"))
    newer = said("published", "o1")
    newer.headers["ce_type"] = "gemeinsam.offer.praised.v1"
    assert told(newer) is None
