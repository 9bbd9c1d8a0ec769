"""Joining and booking on a real database: what is decided at once by several people is decided once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from services.enrollment.domain.alliance import Field, Partner, PartnerRole
from services.enrollment.domain.concurrence import ConcurrenceState
from services.enrollment.domain.declaration import Status, Submission
from services.enrollment.domain.documents import Quota
from services.enrollment.domain.funding import Scenario, Step
from services.enrollment.domain.offer import Offer
from services.enrollment.domain.registry import Entry
from services.enrollment.domain.seats import Place
from services.enrollment.domain.submission import Approach, NeedsAnalysis, Practice
from services.enrollment.domain.workshop import Slot, State
from services.enrollment.usecases.bookings import Attendee
from services.enrollment.usecases.money import Grant
from services.enrollment.usecases.municipalities import Municipalities
from shared.auth import Principal, Role
from shared.clock import Clock
from shared.db import Database
from shared.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from shared.migrate import migrate

MIGRATIONS = Path(__file__).parents[3] / "services" / "enrollment" / "migrations"
KOELN, TELGTE, WARENDORF, MUENSTER = "05315000", "05570044", "05570000", "05515000"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
MINISTRY = Principal("ministerium", Role.MINISTRY)
LAKI = Principal("laki", Role.LAKI)
JMD = Principal("jmd", Role.JMD)


def town(ags: str) -> Principal:
    return Principal(f"stelle-{ags}", Role.MANAGING_BODY, (ags,))


KREIS = Principal("kreis", Role.DISTRICT, (WARENDORF,))


class Days(Clock):
    """A clock whose today is set by the test."""

    def __init__(self, today: date) -> None:
        super().__init__(today)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    await migrate(database_url, MIGRATIONS)
    opened = await Database.at(database_url, connections=8)
    yield opened
    await opened.close()


@pytest.fixture
def clock() -> Days:
    return Days(date(2018, 10, 1))


@pytest.fixture
def here(database: Database, clock: Days) -> Municipalities:
    return Municipalities.on(database, clock)


async def declare(here: Municipalities, ags: str, **changes: object) -> Status:
    evidence = await here.declarations.upload(town(ags), ags, PDF)
    whole = Submission(
        evidence=evidence.sha256,
        signed_on=date(2018, 9, 28),
        signatory_name="A. Beispiel",
        signatory_function="Beigeordnete",
        signatory_on_board=True,
        managing_body_kind="KI",
        managing_body_name="Kommunales Integrationszentrum",
        managing_body_contact="ki@stadt.example",
    )
    standing = await here.declarations.submit(town(ags), ags, replace(whole, **changes))
    return standing.declaration.status


async def workshop_with(here: Municipalities, seats: int) -> str:
    slot = Slot(
        "Entwicklungs-Workshop",
        datetime(2018, 11, 8, 9, tzinfo=UTC),
        datetime(2018, 11, 8, 15, tzinfo=UTC),
        KOELN,
        "Rathaus",
        seats,
    )
    return (await here.workshops.offer(LAKI, slot)).workshop_id


async def topics_in_outbox(database: Database) -> list[tuple[str, str]]:
    async with database.reading() as connection:
        rows = await connection.fetch("SELECT topic, subject FROM outbox ORDER BY outbox_id")
    return [(row["topic"], row["subject"]) for row in rows]


async def test_a_city_joins_with_its_declaration_and_gets_its_mandate(here, database):
    assert await declare(here, KOELN) is Status.JOINED
    assert (await here.memberships.count()).total == 1
    told = [fact.type for fact in (await here.declarations.standing(town(KOELN), KOELN)).history]
    assert "gemeinsam.membership.started.v1" in told
    assert {("enrollment.municipalities", KOELN)} == set(await topics_in_outbox(database))
    async with database.reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM memberships WHERE ags = $1 AND until IS NULL", KOELN)


async def test_declaring_again_with_the_same_document_says_nothing_new(here, database):
    await declare(here, KOELN)
    before = await topics_in_outbox(database)
    await declare(here, KOELN)
    assert await topics_in_outbox(database) == before


async def test_two_clerks_declaring_at_once_make_one_membership(here):
    await here.declarations.upload(town(KOELN), KOELN, PDF)
    await asyncio.gather(*(declare(here, KOELN) for _ in range(6)))
    assert (await here.memberships.count()).total == 1


async def test_membership_opens_and_closes_the_mandate_for_facts_about_persons(here, database, clock):
    await declare(here, TELGTE)
    assert await mandates(database, TELGTE) == []
    await here.declarations.state_concurrence(KREIS, TELGTE, ConcurrenceState.GRANTED, decided_on=None, evidence="")
    assert await mandates(database, TELGTE) == [(date(2018, 10, 1), None)]
    clock.fixed = date(2018, 11, 1)
    await here.declarations.state_concurrence(KREIS, TELGTE, ConcurrenceState.REVOKED, decided_on=None, evidence="")
    assert await mandates(database, TELGTE) == [(date(2018, 10, 1), date(2018, 11, 1))]
    clock.fixed = date(2018, 11, 5)
    await here.declarations.state_concurrence(KREIS, TELGTE, ConcurrenceState.GRANTED, decided_on=None, evidence="")
    assert (date(2018, 11, 5), None) in await mandates(database, TELGTE)


async def mandates(database: Database, ags: str) -> list[tuple[date, date | None]]:
    async with database.reading() as connection:
        rows = await connection.fetch("SELECT since, until FROM memberships WHERE ags = $1 ORDER BY since", ags)
    return [(row["since"], row["until"]) for row in rows]


async def test_only_the_right_kreis_grants_the_einvernehmen(here):
    assert await declare(here, TELGTE) is Status.RECEIVED
    other = Principal("anderer-kreis", Role.DISTRICT, ("05562000",))
    for wrong in (other, JMD):
        with pytest.raises(Forbidden):
            await here.declarations.state_concurrence(
                wrong, TELGTE, ConcurrenceState.GRANTED, decided_on=None, evidence=""
            )
    with pytest.raises(Invalid):  # the municipality has to show it
        await here.declarations.state_concurrence(
            town(TELGTE), TELGTE, ConcurrenceState.GRANTED, decided_on=None, evidence=""
        )
    granted = await here.declarations.state_concurrence(
        KREIS, TELGTE, ConcurrenceState.GRANTED, decided_on=None, evidence=""
    )
    assert granted.declaration.status is Status.JOINED


async def test_a_kreis_does_not_declare_for_its_gemeinde_nor_a_town_for_another(here):
    for stranger in (KREIS, town(MUENSTER)):
        with pytest.raises(Forbidden):
            await here.declarations.submit(stranger, TELGTE, Submission())


async def test_a_past_day_shows_what_was_known_then(here, clock):
    await declare(here, KOELN)
    before = datetime.now(UTC)
    clock.fixed = date(2018, 11, 1)
    await here.declarations.withdraw(town(KOELN), KOELN, date(2018, 10, 20))
    day = date(2018, 10, 25)
    assert (await here.memberships.count(day)).total == 0
    assert (await here.memberships.count(day, before)).total == 1
    assert (await here.memberships.count(date(2018, 10, 10))).total == 1
    assert await here.memberships.history(date(2018, 9, 30), date(2018, 10, 21), step_days=7) == [
        (date(2018, 9, 30), 0),
        (date(2018, 10, 7), 1),
        (date(2018, 10, 14), 1),
        (date(2018, 10, 21), 0),
    ]


async def test_what_came_on_paper_is_entered_with_its_day_of_receipt(here, clock):
    clock.fixed = date(2018, 10, 20)
    evidence = await here.declarations.upload(MINISTRY, KOELN, PDF)
    paper = Submission(evidence=evidence.sha256)
    with pytest.raises(Forbidden):
        await here.declarations.submit(town(KOELN), KOELN, paper, received_on=date(2018, 10, 12))
    with pytest.raises(Invalid):
        await here.declarations.submit(MINISTRY, KOELN, paper, received_on=date(2018, 10, 21))
    standing = await here.declarations.submit(MINISTRY, KOELN, paper, received_on=date(2018, 10, 12))
    assert not standing.declaration.late
    assert standing.declaration.incomplete


async def test_two_people_booking_the_last_seat_at_the_same_moment_one_gets_it(here, database):
    await declare(here, KOELN)
    await here.declarations.declare_interest(town(MUENSTER), MUENSTER)
    workshop = await workshop_with(here, seats=1)
    wishes = [
        here.bookings.book(town(ags), workshop, ags, Attendee(f"p{number}@stadt.example", "A. Beispiel"))
        for number, ags in enumerate([KOELN, MUENSTER] * 4)
    ]
    views = await asyncio.gather(*wishes)
    places = [view.booking.place for view in views]
    assert (places.count(Place.BOOKED), places.count(Place.WAITLISTED)) == (1, 7)
    assert sorted(view.booking.position for view in views) == list(range(1, 9))
    async with database.reading() as connection:
        assert await connection.fetchval("SELECT count(*) FROM bookings WHERE place = 'BOOKED'") == 1


async def test_the_same_person_booking_many_times_at_once_has_one_booking(here):
    await declare(here, KOELN)
    workshop = await workshop_with(here, seats=3)
    wish = Attendee("Person@Stadt.example", "A. Beispiel")
    views = await asyncio.gather(*(here.bookings.book(town(KOELN), workshop, KOELN, wish) for _ in range(6)))
    assert len({view.booking.booking_id for view in views}) == 1


async def test_a_seat_given_back_goes_to_the_first_who_waits_even_if_many_give_back_at_once(here, database):
    await declare(here, KOELN)
    workshop = await workshop_with(here, seats=3)
    views = [
        await here.bookings.book(town(KOELN), workshop, KOELN, Attendee(f"p{number}@stadt.example", "X"))
        for number in range(6)
    ]
    booked = [view.booking.booking_id for view in views[:2]]
    await asyncio.gather(*(here.bookings.cancel(town(KOELN), workshop, one) for one in booked))
    now = {one.booking_id: one.place for one in await here.bookings.of_workshop(LAKI, workshop)}
    assert [now[view.booking.booking_id] for view in views] == [Place.CANCELLED] * 2 + [Place.BOOKED] * 3 + [
        Place.WAITLISTED
    ]
    async with database.reading() as connection:
        types = await connection.fetch("SELECT type FROM told_facts WHERE type LIKE '%promoted%'")
    assert len(types) == 2


async def test_a_starter_workshop_goes_from_request_to_attendance_and_makes_the_member_active(here, clock):
    with pytest.raises(Forbidden):
        await here.workshops.request(town(KOELN), KOELN)
    await declare(here, KOELN)
    requested = await here.workshops.request(town(KOELN), KOELN)
    assert requested.state is State.REQUESTED
    await here.workshops.assign(JMD, requested.workshop_id)
    slot = Slot(
        "Starterworkshop",
        datetime(2018, 10, 10, 8, tzinfo=UTC),
        datetime(2018, 10, 10, 12, tzinfo=UTC),
        KOELN,
        "Bürgerhaus",
        5,
    )
    with pytest.raises(Forbidden):
        await here.workshops.schedule(Principal("jmd-2", Role.JMD), requested.workshop_id, slot)
    await here.workshops.schedule(JMD, requested.workshop_id, slot)
    wish = Attendee("p@stadt.example", "A. Beispiel")
    booking = (await here.bookings.book(town(KOELN), requested.workshop_id, KOELN, wish)).booking
    with pytest.raises(Conflict):
        await here.workshops.hold(JMD, requested.workshop_id)
    clock.fixed = date(2018, 10, 10)
    await here.workshops.hold(JMD, requested.workshop_id)
    await here.bookings.attend(JMD, requested.workshop_id, booking.booking_id, attended=True)
    standing = await here.declarations.standing(town(KOELN), KOELN)
    assert standing.declaration.status is Status.PLANNING_ACTIVE
    assert [str(state) for _, state in await here.programme.commitments(MINISTRY)] == ["ACTIVE"]


async def test_the_way_to_funding_leads_over_an_approach_and_the_first_of_january(here, clock):
    await declare(here, KOELN)
    grant = Grant(KOELN, "F6", Decimal("50000"), date(2019, 1, 1), date(2019, 12, 31))
    with pytest.raises(Conflict):
        await here.money.decide(MINISTRY, grant)
    approach = Approach("ap-1", KOELN, date(2018, 10, 2), "Ansatz", "Worum es geht", ("B1", "B3"))
    await here.planning.submit_approach(town(KOELN), approach)
    with pytest.raises(Conflict):
        await here.money.decide(MINISTRY, grant)
    clock.fixed = date(2019, 1, 2)
    await here.money.decide(MINISTRY, grant)
    assert (await here.declarations.standing(MINISTRY, KOELN)).declaration.status is Status.FUNDED


async def test_scenarios_follow_the_number_of_members(here):
    steps = (Step(1, Decimal(100)), Step(2, Decimal(300)))
    await here.money.put_scenario(MINISTRY, Scenario("BASIS", steps))
    await declare(here, KOELN)
    assert [result.total for _, result in await here.money.scenarios(MINISTRY)] == [Decimal(100)]
    await declare(here, MUENSTER)
    assert [result.total for _, result in await here.money.scenarios(MINISTRY)] == [Decimal(600)]
    await here.money.put_scenario(MINISTRY, Scenario("BASIS", (Step(5, Decimal(1)),)))
    assert [result.total for _, result in await here.money.scenarios(MINISTRY)] == [Decimal(0)]


@pytest.mark.parametrize("role", [Role.EMITTER, Role.VAULT_CLERK, Role.OPERATOR])
async def test_whoever_has_areas_but_no_part_in_an_alliance_sees_nothing_of_it(here, role):
    await declare(here, KOELN)
    outsider = Principal("somebody", role, (KOELN,))
    for looking in (here.planning.alliance, here.planning.submissions):
        with pytest.raises(Forbidden):
            await looking(outsider, KOELN)
    manager = Principal("fallmanagement", Role.CASE_MANAGER, (KOELN,))
    assert (await here.planning.alliance(manager, KOELN)).ags == KOELN
    requested = await here.workshops.request(town(KOELN), KOELN)
    assert await here.workshops.listed(outsider) == []
    assert [one.workshop for one in await here.workshops.listed(town(KOELN))] == [requested]


async def test_an_alliance_grows_and_a_new_baustein_can_be_used(here):
    await declare(here, KOELN)
    partner = Partner("p-1", KOELN, "Jobcenter", PartnerRole.CORE_GROUP, (Field.SGB2, Field.SGB3), date(2018, 10, 1))
    seen = await here.planning.add_partner(town(KOELN), partner)
    assert Field.SGB2 not in seen.missing
    assert Field.SGB8 in seen.missing
    left = await here.planning.remove_partner(town(KOELN), KOELN, "p-1")
    assert Field.SGB2 in left.missing
    new = Entry("B6", "Wohnen", "Housing", date(2018, 10, 1))
    await here.money.put_baustein(MINISTRY, new)
    with pytest.raises(Invalid):
        await here.planning.submit_approach(town(KOELN), Approach("ap-1", KOELN, date(2018, 10, 2), "A", "B", ("B9",)))
    await here.planning.submit_approach(town(KOELN), Approach("ap-1", KOELN, date(2018, 10, 2), "A", "B", ("B6",)))


async def test_a_good_practice_is_published_and_re_used(here):
    await declare(here, KOELN)
    await declare(here, MUENSTER)
    practice = Practice("pr-1", KOELN, "Lotsen", "Wie es geht", ("B5",), date(2018, 10, 1))
    await here.planning.submit_practice(town(KOELN), practice)
    assert await here.planning.practices(town(MUENSTER)) == []
    await here.planning.publish_practice(MINISTRY, "pr-1")
    reused = await here.planning.reuse_practice(town(MUENSTER), "pr-1", MUENSTER)
    assert reused.reused_by == (MUENSTER,)
    with pytest.raises(Conflict):
        await here.planning.reuse_practice(town(KOELN), "pr-1", KOELN)


async def test_reminders_are_told_once_an_occasion(here, clock):
    await declare(here, KOELN, managing_body_contact="")
    await here.declarations.declare_interest(town(MUENSTER), MUENSTER)
    called_upon = len(list(here.areas.valid_on(clock.today())))
    assert await here.programme.remind() == called_upon - 1  # of the deadline, everybody but who has declared
    assert await here.programme.remind() == 0
    clock.fixed = date(2018, 10, 20)
    assert await here.programme.remind() == 1  # what is missing
    assert await here.programme.remind() == 0


async def test_an_idle_member_is_warned_once_and_the_end_of_the_programme_ends_its_membership(here, clock):
    await declare(here, KOELN)
    await declare(here, MUENSTER)
    await here.planning.submit_analysis(
        town(MUENSTER), NeedsAnalysis("na-1", MUENSTER, date(2018, 10, 1), 120, "Bedarfe", "Angebote", ("IK_ALLG",))
    )
    assert await here.programme.warn_of_risk() == 0
    clock.fixed = date(2018, 12, 5)
    assert await here.programme.warn_of_risk() == 1
    assert await here.programme.warn_of_risk() == 0
    clock.fixed = date(2021, 9, 1)
    assert await here.programme.close() == 2
    assert (await here.memberships.count(date(2021, 9, 1))).total == 0
    assert (await here.memberships.count(date(2021, 8, 31))).total == 2


async def test_an_offer_is_published_changed_and_closed(here, database):
    offer = Offer("of-1", "IK_ALLG", "vhs-koeln", KOELN, "Integrationskurs", "Köln", 20, date(2018, 11, 5), "A1", "B1")
    await here.offers.publish(town(KOELN), offer)
    await here.offers.change(town(KOELN), replace(offer, seats=25))
    await here.offers.change(town(KOELN), replace(offer, seats=25))
    await here.offers.close(town(KOELN), "of-1")
    with pytest.raises(Conflict):
        await here.offers.change(town(KOELN), offer)
    with pytest.raises(Forbidden):
        await here.offers.publish(town(MUENSTER), replace(offer, offer_id="of-2"))
    assert await topics_in_outbox(database) == [("enrollment.offers", "of-1")] * 3


async def said_about(database: Database, thing: str) -> list[dict[str, object]]:
    async with database.reading() as connection:
        rows = await connection.fetch(
            "SELECT data FROM told_facts WHERE type = $1 ORDER BY recorded_at", f"gemeinsam.{thing}.v1"
        )
    return [row["data"] for row in rows]


async def test_facts_carry_an_id_for_each_person_who_comes_and_enrollment_alone_the_address(here, database):
    await here.declarations.declare_interest(town(KOELN), KOELN)
    workshop = await workshop_with(here, 1)
    booked = await here.bookings.book(town(KOELN), workshop, KOELN, Attendee("Anna@stadt.example", "A. Beispiel", "en"))
    await here.bookings.substitute(
        town(KOELN), workshop, booked.booking.booking_id, Attendee("ben@stadt.example", "B. Beispiel")
    )
    first, second = await said_about(database, "workshop.booked")
    assert first["language"] == "en"
    assert second["former_attendee_id"] == first["attendee_id"] != second["attendee_id"]
    assert await here.bookings.address(str(first["attendee_id"])) == "anna@stadt.example"
    assert await here.bookings.address(str(second["attendee_id"])) == "ben@stadt.example"
    async with database.reading() as connection:
        sent = await connection.fetch("SELECT key, value, headers FROM outbox")
    assert "stadt.example" not in str([tuple(row.values()) for row in sent])
    assert "Beispiel" not in str([tuple(row.values()) for row in sent])


async def test_who_has_a_seat_is_told_of_a_new_date_and_everybody_of_a_workshop_called_off(here, database):
    await here.declarations.declare_interest(town(KOELN), KOELN)
    workshop = await workshop_with(here, 1)
    for name in ("anna", "ben"):
        await here.bookings.book(town(KOELN), workshop, KOELN, Attendee(f"{name}@stadt.example", name))
    slot = (await here.workshops.found(workshop)).workshop.slot
    await here.workshops.schedule(LAKI, workshop, replace(slot, place="Bürgerhaus"))
    moved = await said_about(database, "workshop.booked")
    assert [fact.get("rescheduled", False) for fact in moved] == [False, True]
    await here.workshops.cancel(LAKI, workshop)
    await here.workshops.cancel(LAKI, workshop)
    gone = await said_about(database, "workshop.cancelled")
    assert sorted(bool(fact.get("called_off")) for fact in gone) == [False, True, True]
    assert {booking.place for booking in await here.bookings.of_workshop(LAKI, workshop)} == {Place.CANCELLED}


async def test_names_and_addresses_go_some_time_after_the_workshop_and_attendance_stays(here, clock):
    await here.declarations.declare_interest(town(KOELN), KOELN)
    workshop = await workshop_with(here, 1)
    booked = await here.bookings.book(town(KOELN), workshop, KOELN, Attendee("anna@stadt.example", "A. Beispiel"))
    clock.fixed = date(2018, 11, 9)
    await here.workshops.hold(LAKI, workshop)
    await here.bookings.attend(LAKI, workshop, booked.booking.booking_id, attended=True)
    since = (datetime.now(UTC) - datetime(2018, 11, 8, 15, tzinfo=UTC)).days
    await here.bookings.forget(since + 2)
    assert await here.bookings.address(booked.booking.attendee_id) == "anna@stadt.example"
    await here.bookings.forget(since - 2)
    with pytest.raises(NotFound):
        await here.bookings.address(booked.booking.attendee_id)
    (kept,) = await here.bookings.of_workshop(LAKI, workshop)
    assert (kept.attendee_name, kept.attended) == ("", True)
    assert "@" not in kept.attendee


async def test_what_is_sent_twice_is_taken_once(here, database, clock):
    await declare(here, KOELN)
    clock.fixed = date(2019, 1, 2)
    by = town(KOELN)
    analysis = NeedsAnalysis("", KOELN, clock.today(), 40, "Kurse", "Beratung", ("LANG",))
    approach = Approach("", KOELN, clock.today(), "Anlaufstelle", "Für alle", ("B1",))
    practice = Practice("", KOELN, "Lotsen", "Erprobt", ("B1",), clock.today())
    offer = Offer("", "IK_JUGEND", "vhs", KOELN, "Kurs", "Köln", 20, date(2019, 3, 1))
    partner = Partner("p-1", KOELN, "Jobcenter", PartnerRole.PARTNER, (Field.SGB2,), clock.today())
    grant = Grant(KOELN, "F1", Decimal("1000.00"), date(2019, 1, 2), date(2019, 12, 31))
    for key in (None, "once"):
        made = []
        for _ in range(2):
            given = await asyncio.gather(
                here.planning.submit_analysis(by, analysis, key),
                here.planning.submit_approach(by, approach, key),
                here.planning.submit_practice(by, practice, key),
                here.offers.publish(by, offer, key),
            )
            await here.planning.add_partner(by, replace(partner, partner_id=f"p-{len(made)}-{key}"))
            made.append([*given, await here.money.decide(MINISTRY, grant, key)])
        assert made[0] == made[1]
    said = ("needs_analysis.submitted", "approach.submitted", "offer.published", "funding.decided")
    assert [len(await said_about(database, thing)) for thing in said] == [2, 2, 2, 2]
    assert len(await said_about(database, "alliance.partner_joined")) == 1


async def test_a_key_names_one_content_and_two_clicks_at_once_make_one(here, database):
    await declare(here, KOELN)
    by, today = town(KOELN), date(2018, 10, 1)
    offer = Offer("", "IK_JUGEND", "vhs", KOELN, "Kurs", "Köln", 20, date(2019, 3, 1))
    made = await asyncio.gather(*(here.offers.publish(by, offer, "k-1") for _ in range(5)))
    assert len({one.offer_id for one in made}) == 1
    assert len(await said_about(database, "offer.published")) == 1
    with pytest.raises(Conflict) as refused:
        await here.offers.publish(by, replace(offer, seats=21), "k-1")
    assert refused.value.details["reason"] == "key_reused"
    analysis = NeedsAnalysis("", KOELN, today, None, "Kurse", "", ())
    await here.planning.submit_analysis(by, analysis, "k-1")
    with pytest.raises(Conflict):
        await here.planning.submit_analysis(by, replace(analysis, needs="Wohnungen"), "k-1")


async def test_workshops_are_not_offered_or_asked_for_twice(here, database):
    first, again = await asyncio.gather(workshop_with(here, 3), workshop_with(here, 3))
    assert first == again
    await here.workshops.cancel(LAKI, first)
    assert await workshop_with(here, 3) != first
    await declare(here, KOELN)
    asked = await asyncio.gather(*(here.workshops.request(town(KOELN), KOELN) for _ in range(3)))
    assert len({one.workshop_id for one in asked}) == 1
    assert len(await said_about(database, "workshop.requested")) == 1


async def test_evidence_has_a_quota_in_number_and_in_bytes_and_the_same_bytes_are_free(database, clock):
    few = Municipalities.on(database, clock, Quota(documents=2, total_bytes=10_000))
    for number in (1, 2, 2, 1):
        await few.declarations.upload(town(KOELN), KOELN, PDF + b"%d" % number)
    with pytest.raises(TooLarge) as refused:
        await few.declarations.upload(town(KOELN), KOELN, PDF + b"3")
    assert (refused.value.field, refused.value.details["reason"]) == ("document", "documents_full")
    await few.declarations.upload(town(TELGTE), TELGTE, PDF)
    with pytest.raises(TooLarge) as refused:
        await few.declarations.upload(town(TELGTE), TELGTE, b"%PDF-" + b"x" * 9_980 + b"%%EOF")
    assert refused.value.details["reason"] == "documents_heavy"


async def test_the_database_answers_for_every_past_instant_as_it_did_then(here, clock):
    days = [date(2018, month, day) for month in (9, 10, 11) for day in (1, 15)]
    clock.fixed = date(2018, 11, 20)
    asked: list[tuple[datetime, list[set[str]]]] = []
    steps = [(KOELN, 2), (MUENSTER, 16), (KOELN, 16), (KOELN, 20), (MUENSTER, 12), (KOELN, 3)]
    for ags, day in steps:
        standing = (await here.declarations.standing(MINISTRY, ags)).declaration
        if standing.is_member:
            await here.declarations.withdraw(town(ags), ags, date(2018, 10, day))
        else:
            evidence = (await here.declarations.upload(MINISTRY, ags, PDF)).sha256
            whole = Submission(evidence, date(2018, 9, 1), "A", "B", True, "KI", "KI", "ki@stadt.example")
            await here.declarations.submit(MINISTRY, ags, whole, received_on=date(2018, 9, day))
        asked.append((datetime.now(UTC), await members_on(here, days, None)))
    assert len({str(found) for _, found in asked}) > 4
    for instant, found in asked:
        assert await members_on(here, days, instant) == found


async def members_on(here: Municipalities, days: list[date], known_at: datetime | None) -> list[set[str]]:
    return [{area.ags for area in await here.memberships.members(day, known_at)} for day in days]
