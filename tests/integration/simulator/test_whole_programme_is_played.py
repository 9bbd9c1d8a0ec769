"""The simulator plays the whole programme on a real enrollment: every kind of thing that can happen, happens."""

from collections.abc import Iterator

import asyncpg
import httpx
import pytest

from deploy.simulator import town_halls
from deploy.simulator.desks import Declined, Desks
from deploy.simulator.registry import Registry
from deploy.simulator.seasons import Season
from deploy.simulator.town_halls import Story
from deploy.simulator.workshops import Workshop
from shared.auth import Role
from shared.clock import Clock
from tests.integration.simulator.conftest import Stage

TOWNS = 40
ACTS = 64
PLAYED = {
    "interest.declared",
    "declaration.received",
    "declaration.completed",
    "declaration.accepted",
    "declaration.withdrawn",
    "concurrence.requested",
    "concurrence.granted",
    "concurrence.refused",
    "concurrence.revoked",
    "membership.started",
    "membership.ended",
    "alliance.partner_joined",
    "alliance.partner_left",
    "needs_analysis.submitted",
    "approach.submitted",
    "practice.published",
    "practice.reused",
    "funding.decided",
    "workshop.offered",
    "workshop.requested",
    "workshop.assigned",
    "workshop.booked",
    "workshop.waitlisted",
    "workshop.promoted",
    "workshop.cancelled",
    "workshop.held",
    "workshop.attended",
    "offer.published",
    "offer.changed",
    "offer.closed",
}


@pytest.fixture
def desks(stage: Stage) -> Iterator[Desks]:
    with httpx.Client(timeout=120) as http:
        yield Desks(http, Registry(stage.run_file, http))


async def happened(database_url: str) -> set[str]:
    connection = await asyncpg.connect(database_url)
    try:
        rows = await connection.fetch("SELECT DISTINCT type FROM told_facts")
    finally:
        await connection.close()
    return {row["type"].removeprefix("gemeinsam.").removesuffix(".v1") for row in rows}


async def test_everything_that_can_happen_in_the_programme_happens(desks: Desks, database_url: str) -> None:
    today, places = Clock().today(), town_halls.places()[:TOWNS]
    town_halls.set_dates(desks, today)
    for ags in places:
        Story(desks, ags, today).play()
    for number in (0, 1):
        Workshop(desks, number, today).play(places)
    done = {Season(desks, places, today).play(number) for number in range(ACTS)}
    assert {"partner_joins", "partner_leaves", "reuse", "offer_changes", "seat", "seat_given_back"} <= done
    dates = desks.ask(Role.MINISTRY, (), "GET /v1/programme")
    dates.pop("phase")
    desks.ask(Role.MINISTRY, (), "PUT /v1/programme", dates | {"funding_from": today.isoformat()})
    assert Season(desks, places, today).play(7) == "funding"
    missing = PLAYED - await happened(database_url)
    assert missing == set()
    scenarios = desks.ask(Role.MINISTRY, (), "GET /v1/funding/scenarios")
    assert {one["code"] for one in scenarios} == set(town_halls.SCENARIOS)


def test_a_rule_that_says_no_stops_a_story_and_not_the_programme(desks: Desks) -> None:
    with pytest.raises(Declined):
        desks.ask(
            Role.MANAGING_BODY, ("05315000",), "POST /v1/workshops", {"kind": "STARTER", "municipality": "05315000"}
        )
    assert Season(desks, ["05315000"], Clock().today()).play(2) is None
