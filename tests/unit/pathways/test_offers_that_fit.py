"""Which offers are near enough, of the right level, free and harmless: a pure function."""

from __future__ import annotations

from datetime import date

from services.pathways import rules
from services.pathways.domain.example import PERSON, facts_of
from services.pathways.domain.offers import Distance, Offer, Wanted, fitting
from services.pathways.domain.precheck import Effects, Plan, check
from shared.reference import neighbours

RULES = rules.load()
TELGTE, WARENDORF, MUENSTER, KOELN = "05570044", "05570000", "05515000", "05315000"
START = date(2024, 9, 2)
NOTHING = Effects([], [], [])


def offer(id: str, area: str = TELGTE, type: str = "BSK_B2", **more: object) -> Offer:
    usual = Offer(id, type, "vhs", area, 3, START, "B1", "B2")
    return usual._replace(**more)  # type: ignore[arg-type]


def found(*offers: Offer, level: str | None = "B1") -> list[str]:
    rank = RULES.levels[level] if level else None
    wanted = Wanted(TELGTE, neighbours(WARENDORF), rank, START)
    near = fitting(offers, wanted, ranks=RULES.levels, tried=lambda code: NOTHING if code in RULES.types else None)
    return [one.offer.offer_id for one in near]


def test_the_municipality_comes_first_then_its_kreis_then_those_that_border_on_it():
    offers = [offer("far", KOELN), offer("next", MUENSTER), offer("kreis", WARENDORF), offer("here")]
    assert found(*offers) == ["here", "kreis", "next"]
    wanted = Wanted(TELGTE, neighbours(WARENDORF), None, START)
    near = fitting(offers, wanted, ranks=RULES.levels, tried=lambda _: NOTHING)
    assert [one.distance for one in near] == [Distance.MUNICIPALITY, Distance.DISTRICT, Distance.NEIGHBOUR]


def test_what_begins_closest_to_the_plan_comes_first_at_one_distance():
    assert found(offer("a", starts_on=date(2024, 11, 1)), offer("b", starts_on=date(2024, 8, 26))) == ["b", "a"]


def test_a_full_offer_or_one_of_another_level_does_not_fit():
    assert found(offer("full", free=0)) == []
    assert found(offer("too-high"), level="A2") == []
    assert found(offer("reached"), level="B2") == []
    assert found(offer("any", language_from=None, language_to=None), level="A0") == ["any"]
    assert found(offer("unknown-level"), level=None) == ["unknown-level"]


def test_a_type_that_would_make_a_warning_or_is_not_in_the_catalogue_is_not_named():
    known = facts_of(["started m1 MAT 2023-03-06", "ended m1 2023-09-29 COMPLETED_NO_RESULT"])
    plan = Plan("MAT", date(2024, 6, 17))
    outcome = check(known, PERSON, plan, today=date(2024, 6, 3), rules=RULES)
    assert outcome.effects.concerns
    wanted = Wanted(TELGTE, (), None, plan.starts_on)
    offers = [offer("same", type="MAT"), offer("school", type="HSA9")]
    near = fitting(offers, wanted, ranks=RULES.levels, tried=lambda code: outcome.trial.of_type(code, plan))
    assert [one.offer.offer_id for one in near] == ["school"]
    assert found(offer("new", type="NOT_YET_KNOWN")) == []


def test_neighbours_have_a_border_in_common_and_it_goes_both_ways():
    assert MUENSTER in neighbours(WARENDORF)
    assert WARENDORF in neighbours(MUENSTER)
    assert KOELN not in neighbours(MUENSTER)
    assert neighbours("09162000") == frozenset()
