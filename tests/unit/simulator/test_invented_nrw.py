"""The invented NRW: always the same, sound, up to yesterday, and as mixed as a real one."""

import json
from collections import Counter
from datetime import date
from itertools import chain

from deploy.simulator import nrw, progress
from deploy.simulator.facts import Fact
from deploy.simulator.live import Today
from deploy.simulator.programmes import DAYS, HABITS, LADDERS, LAWS
from shared.contracts import persons
from shared.contracts.measures import MEASURE_TYPES
from shared.contracts.vocabulary import Exit
from shared.reference import districts, municipalities

TODAY = date(2026, 3, 31)
SOME = 400
PEOPLE = [nrw.person(number, TODAY) for number in range(SOME)]
TOLD = [nrw.facts(one, TODAY) for one in PEOPLE]
FACTS = list(chain.from_iterable(TOLD))


def test_the_same_number_is_always_the_same_person_with_the_same_facts() -> None:
    assert [nrw.person(number, TODAY) for number in range(50)] == PEOPLE[:50]
    assert [nrw.facts(one, TODAY) for one in PEOPLE[:50]] == TOLD[:50]


def test_another_seed_is_another_land() -> None:
    assert nrw.person(3, TODAY, seed=1) != PEOPLE[3]


def test_every_fact_is_sound_and_told_by_yesterday() -> None:
    for fact in FACTS:
        checked = persons.check(fact.type, fact.data)
        assert (checked.dropped, checked.warnings) == ((), ()), fact
        assert fact.time[:10] < TODAY.isoformat()


def test_no_effective_date_lies_ahead_but_planned_ones() -> None:
    for fact in FACTS:
        for name, value in fact.data.items():
            if name.endswith("_on") and not name.startswith("planned"):
                assert value < TODAY.isoformat(), (fact, name)


def test_an_id_is_used_again_for_the_same_fact_only() -> None:
    seen: dict[str, Fact] = {}
    for fact in FACTS:
        assert seen.setdefault(fact.id, fact) == fact
    assert len(seen) < len(FACTS), "some facts come twice"


def test_there_are_late_corrected_and_retracted_facts() -> None:
    things = Counter(fact.thing for fact in FACTS)
    assert things["measure.corrected"] > 0
    assert things["fact.retracted"] > 0
    assert sum(_days_late(fact) > 14 for fact in FACTS) > SOME / 20


def _days_late(fact: Fact) -> int:
    on = fact.data.get("started_on") or fact.data.get("ended_on") or fact.time[:10]
    return (date.fromisoformat(fact.time[:10]) - date.fromisoformat(on)).days


def test_some_agree_to_what_others_may_see_some_take_it_back_and_some_never_agree() -> None:
    given = [fact for fact in FACTS if fact.thing == "consent.given"]
    withdrawn = [fact for fact in FACTS if fact.thing == "consent.withdrawn"]
    assert 0.4 < len(given) / SOME < 0.75
    assert 0.02 < len(withdrawn) / SOME < 0.2
    assert {fact.data["consent_id"] for fact in withdrawn} <= {fact.data["consent_id"] for fact in given}
    assert len({tuple(fact.data["recipients"]) for fact in given}) > 2


def test_a_retraction_names_a_fact_its_own_office_has_told_of_the_same_person() -> None:
    for one, told in zip(PEOPLE, TOLD, strict=True):
        ids = {fact.id for fact in told}
        for fact in told:
            if fact.thing == "fact.retracted":
                assert fact.data["retracts"]["source"] == one.office.source
                assert fact.data["retracts"]["id"] in ids


def test_most_are_in_sgb_ii_and_all_are_18_to_27_when_they_come() -> None:
    laws = Counter(one.profile.law for one in PEOPLE)
    assert 0.55 < laws["SGB2"] / SOME < 0.77
    assert set(laws) <= set(LAWS)
    for one in PEOPLE:
        born = one.profile.birth_month
        age = one.profile.registered_on.year * 12 + one.profile.registered_on.month
        age -= int(born[:4]) * 12 + int(born[5:])
        assert 18 * 12 <= age <= 25 * 12


def test_people_live_where_people_live_and_offices_serve_their_district() -> None:
    places = Counter(one.profile.municipality for one in PEOPLE)
    assert set(places) <= set(municipalities())
    assert places["05315000"] > SOME * 0.02
    for one in PEOPLE:
        assert one.office.district in districts()
        assert one.profile.municipality.startswith(one.office.district[:5])


def test_an_office_has_one_uri_and_no_two_share_it() -> None:
    offices = {nrw.office(law, ags) for law in LAWS for ags in municipalities()}
    assert len({one.source for one in offices}) == len(offices) == len(LAWS) * 53
    assert nrw.office("SGB2", "05315000").source == "//koeln.example/jobcenter"


def test_careers_are_made_of_known_measures_and_exits() -> None:
    used = {type_ for ladder in LADDERS.values() for step in ladder for type_ in step}
    assert used <= set(MEASURE_TYPES)
    assert used <= set(DAYS)
    assert {exit_ for habit in HABITS.values() for exit_ in habit.exits} <= set(Exit)


def test_live_facts_are_decided_by_their_number_and_sound() -> None:
    def told(count: int) -> list[Fact]:
        today, newcomers, facts = Today(TODAY, 100, {}), 0, []
        for number in range(count):
            said = today.tell(number, newcomers, TODAY, "2026-03-31T09:00:00+02:00")
            today.cases[said.person.number] = said.case
            newcomers += said.fact.thing == "person.registered"
            facts.append(said.fact)
        return facts

    facts = told(250)
    assert facts == told(250)
    assert len({fact.id for fact in facts}) == 250
    for fact in facts:
        checked = persons.check(fact.type, fact.data)
        assert (checked.dropped, checked.warnings) == ((), ())
    about = Counter(fact.local_id for fact in facts if fact.thing != "contact.held")
    assert max(about.values()) == 1, "nothing but a talk happens twice to anybody on a day"


def test_progress_is_kept_whole(tmp_path) -> None:
    path = tmp_path / "feed" / "progress.json"
    assert progress.load(path) == progress.Progress()
    kept = progress.Progress(mvad_shift=300, anchor="2026-03-31", live=7, cases={"3": {"measure": None}})
    progress.save(path, kept)
    assert progress.load(path) == kept
    assert json.loads(path.read_text(encoding="utf-8"))["live"] == 7
