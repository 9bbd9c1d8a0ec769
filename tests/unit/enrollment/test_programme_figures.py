"""Members in two times, shares, commitments, funding steps, alliances, offers and evidence."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.enrollment.domain import alliance, documents, funding, offer
from services.enrollment.domain.commitment import Activity, Commitment, Standing
from services.enrollment.domain.membership import Membership, count, history, members
from services.enrollment.domain.programme import PAPER, Phase, programme_from, received_on, to_document
from services.enrollment.domain.reference import Area, AreaKind, AreaTable, area_table
from shared import reference
from shared.errors import Conflict, Invalid, TooLarge, UnsupportedMediaType

TABLE = area_table(reference.districts().values(), reference.municipalities().values())
DAY = date(2025, 1, 1)
KREIS, INSIDE, OUTSIDE, CITY = "05570000", "05570044", "05566008", "05315000"


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2018, 10, day, hour, tzinfo=UTC)


def test_the_table_has_everybody_who_may_join():
    areas = list(TABLE.valid_on(DAY))
    assert len(areas) == 30 + 1 + 396
    assert sum(area.needs_concurrence for area in areas) == 396 - 22 - 1
    aachen = TABLE.find("05334002", DAY)
    assert aachen is not None
    assert not aachen.needs_concurrence


def test_a_key_counts_only_while_it_is_valid_and_only_in_nrw():
    old = Area("05999001", "Alt", AreaKind.KREISANGEHOERIG, KREIS, 1, valid_to=date(2015, 1, 1))
    new = Area("05999001", "Neu", AreaKind.KREISANGEHOERIG, KREIS, 2, valid_from=date(2015, 1, 1))
    table = AreaTable([old, new])
    assert table.declarant("05999001", date(2014, 12, 31)).name == "Alt"
    assert table.declarant("05999001", date(2015, 1, 1)).name == "Neu"
    for ags in ("09162000", "05999002"):
        with pytest.raises(Invalid):
            table.declarant(ags, DAY)
    with pytest.raises(Invalid):
        TABLE.declarant(CITY, date(1999, 1, 1))


def test_a_past_day_gives_what_was_known_then():
    versions = [
        Membership("m1", CITY, date(2018, 10, 1), None, at(2), at(20)),
        Membership("m1", CITY, date(2018, 10, 1), date(2018, 10, 10), at(20)),
    ]
    assert members(versions, date(2018, 10, 15), at(15)) == {CITY}  # nobody knew yet that it had ended
    assert members(versions, date(2018, 10, 15), at(21)) == set()
    assert members(versions, date(2018, 10, 9), at(21)) == {CITY}
    assert members(versions, date(2018, 10, 9), at(1)) == set()  # entered later than it began
    assert history(versions, [date(2018, 10, 1), date(2018, 10, 2)]) == [(date(2018, 10, 1), 0), (date(2018, 10, 2), 1)]


def test_a_gemeinde_inside_its_joined_kreis_is_counted_once():
    one = count(TABLE, [KREIS], as_of=DAY, known_at=at(1))
    both = count(TABLE, [KREIS, INSIDE], as_of=DAY, known_at=at(1))
    assert both.total == 2
    assert both.share_of_population == one.share_of_population
    assert both.share_of_municipalities.part == len(TABLE.within(KREIS, DAY))
    assert both.by_kind[AreaKind.KREIS] == both.by_kind[AreaKind.KREISANGEHOERIG] == 1
    more = count(TABLE, [KREIS, INSIDE, OUTSIDE], as_of=DAY, known_at=at(1))
    assert more.share_of_municipalities.part == both.share_of_municipalities.part + 1


@given(st.sets(st.sampled_from([area.ags for area in TABLE.valid_on(DAY)])))
def test_shares_lie_between_nothing_and_everybody(joined):
    figures = count(TABLE, joined, as_of=DAY, known_at=at(1))
    assert figures.total == len(joined) == sum(figures.by_kind.values())
    for share in (figures.share_of_areas, figures.share_of_municipalities, figures.share_of_population):
        assert 0 <= share.part <= share.whole
    assert count(TABLE, [], as_of=DAY, known_at=at(1)).share_of_population.percent == 0.0


def test_the_whole_land_is_a_hundred_per_cent():
    everybody = [area.ags for area in TABLE.valid_on(DAY)]
    assert count(TABLE, everybody, as_of=DAY, known_at=at(1)).share_of_population.percent == 100.0


def test_the_deadline_is_the_end_of_the_day_in_berlin():
    assert not PAPER.is_late(received_on(datetime(2018, 10, 15, 21, 59, tzinfo=UTC)))
    assert PAPER.is_late(received_on(datetime(2018, 10, 15, 22, 0, tzinfo=UTC)))


def test_the_phases_follow_each_other_and_the_programme_survives_storage():
    assert [
        PAPER.phase(day) for day in (date(2018, 8, 31), date(2018, 12, 31), date(2019, 1, 1), date(2022, 1, 1))
    ] == [
        Phase.BEFORE,
        Phase.PLANNING,
        Phase.IMPLEMENTATION,
        Phase.CLOSED,
    ]
    assert programme_from(to_document(PAPER)) == PAPER
    with pytest.raises(Invalid):
        programme_from({"deadline_on": "2030-01-01"})


def test_a_member_without_activity_is_at_risk_thirty_days_before_the_planning_phase_ends():
    idle = Commitment(CITY, PAPER.planning_until)
    days = (date(2018, 11, 30), date(2018, 12, 1), date(2018, 12, 31), date(2019, 1, 1))
    assert [idle.standing(PAPER, day) for day in days] == [
        Standing.OPEN,
        Standing.AT_RISK,
        Standing.AT_RISK,
        Standing.MISSED,
    ]
    busy = Commitment(CITY, PAPER.planning_until, ((Activity.WORKSHOP_ATTENDED, date(2018, 11, 20)),))
    assert busy.standing(PAPER, date(2018, 12, 20)) is Standing.ACTIVE
    too_late = Commitment(CITY, PAPER.planning_until, ((Activity.APPROACH_SUBMITTED, date(2019, 2, 1)),))
    assert too_late.standing(PAPER, date(2019, 2, 2)) is Standing.MISSED


def test_a_scenario_takes_the_highest_step_reached_of_the_kind():
    scenario = funding.Scenario(
        "BASIS",
        (
            funding.Step(1, Decimal(10)),
            funding.Step(3, Decimal(20)),
            funding.Step(3, Decimal(50), AreaKind.KREIS),
            funding.Step(9, Decimal(90)),
        ),
    )
    few = funding.evaluate(scenario, {AreaKind.KREIS: 1, AreaKind.KREISFREIE_STADT: 1})
    assert few.total == Decimal(20)
    more = funding.evaluate(scenario, {AreaKind.KREIS: 1, AreaKind.KREISFREIE_STADT: 2})
    assert more.total == Decimal(50 + 2 * 20)
    assert funding.evaluate(scenario, {}).total == 0
    with pytest.raises(Invalid):
        funding.Scenario("LEER", ())
    with pytest.raises(Invalid):
        funding.Scenario("DOPPELT", (funding.Step(1, Decimal(1)), funding.Step(1, Decimal(2))))


def test_funding_needs_membership_approach_and_its_first_day():
    funding.check_decision(PAPER, joined=True, approach=True, decided_on=date(2019, 1, 1))
    for joined, approach, day in (
        (False, True, date(2019, 1, 1)),
        (True, False, date(2019, 1, 1)),
        (True, True, date(2018, 12, 31)),
    ):
        with pytest.raises(Conflict):
            funding.check_decision(PAPER, joined=joined, approach=approach, decided_on=day)


def partner(number: int, organisation: str, *fields: alliance.Field, **more) -> alliance.Partner:
    role = more.pop("role", alliance.PartnerRole.PARTNER)
    return alliance.Partner(f"p{number}", CITY, organisation, role, fields, date(2018, 10, 1), **more)


def test_an_alliance_says_which_rechtskreise_are_missing():
    field = alliance.Field
    partners = [
        partner(1, "Jobcenter", field.SGB2, field.SGB3),
        partner(2, "Verein", field.CIVIL_SOCIETY, left_on=date(2018, 11, 1)),
    ]
    assert alliance.missing_fields(partners, date(2018, 10, 15)) == (field.SGB8, field.AUFENTHG, field.ASYLBLG)
    assert field.CIVIL_SOCIETY in alliance.missing_fields(partners, date(2018, 11, 1))


def test_an_alliance_has_one_managing_body_and_each_organisation_once():
    body = alliance.PartnerRole.MANAGING_BODY
    there = [partner(1, "Jobcenter"), partner(2, "KI", role=body)]
    with pytest.raises(Conflict):
        alliance.check_partner(there, partner(3, "JOBCENTER"))
    with pytest.raises(Conflict):
        alliance.check_partner(there, partner(3, "Jugendamt", role=body))
    alliance.check_partner(there, partner(3, "Jugendamt"))


def test_language_levels_of_an_offer_go_upwards():
    good = offer.Offer("o1", "IK_ALLG", "vhs", CITY, "Kurs", "Köln", 10, DAY, "A1", "B1")
    offer.check(good)
    for changes in ({"language_from": "B2"}, {"language_to": "Z9"}, {"seats": -1}):
        with pytest.raises(Invalid):
            offer.check(offer.Offer(**{**{n: getattr(good, n) for n in good.__slots__}, **changes}))
    closed = offer.Offer("o1", "IK_ALLG", "vhs", CITY, "Kurs", "Köln", 10, DAY, closed_on=DAY)
    with pytest.raises(Conflict):
        offer.check_open(closed)


PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer<<>>\n%%EOF\n"


def test_evidence_is_known_by_its_bytes_not_by_its_name():
    assert documents.recognise(PDF).media_type == "application/pdf"
    assert documents.recognise(b"\xff\xd8\xff" + b"x" * 10 + b"\xff\xd9").media_type == "image/jpeg"
    assert len(documents.recognise(PDF).sha256) == 64
    for content, error in (
        (b"MZ\x90 not a picture", UnsupportedMediaType),
        (b"<html>", UnsupportedMediaType),
        (b"", Invalid),
        (PDF[:20], Invalid),
        (b"%PDF-" + b"0" * documents.LARGEST_BYTES, TooLarge),
    ):
        with pytest.raises(error):
            documents.recognise(content)


def test_the_end_of_a_day_in_berlin_belongs_to_it():
    versions = [Membership("m1", CITY, DAY, None, datetime(2025, 1, 1, 22, 30, tzinfo=UTC))]
    assert history(versions, [DAY, DAY + timedelta(days=1)]) == [(DAY, 1), (DAY + timedelta(days=1), 1)]
