"""The survey's file: only the one that was published is read, and it holds what is known of it."""

from collections import Counter
from pathlib import Path

import pytest

from deploy.devstack.artifacts import cache_directory
from deploy.simulator import mvad, survey
from deploy.simulator.town_halls import TOWNS, places
from shared.reference import districts, municipalities


def test_the_712_young_people_give_4131_facts() -> None:
    people = mvad.read(survey.text(cache_directory() / "wheels"))
    facts = [fact for number, states in people.items() for fact in mvad.facts(number, states)]
    assert len(people) == 712
    assert len({fact.id for fact in facts}) == len(facts) == 4131
    assert Counter(fact.thing for fact in facts) == {
        "person.registered": 712,
        "measure.started": 928,
        "measure.ended": 911,
        "employment.started": 898,
        "employment.ended": 414,
        "training.started": 193,
        "training.ended": 75,
    }


def test_a_wheel_that_is_another_is_removed_and_not_read(tmp_path: Path) -> None:
    wheel = tmp_path / survey.WHEEL
    wheel.write_bytes(b"PK not the wheel")
    with pytest.raises(survey.Unavailable):
        survey.text(tmp_path)
    assert not wheel.exists()


def test_without_a_network_it_is_unavailable_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    with pytest.raises(survey.Unavailable, match="network"):
        survey.text(tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_the_programme_comes_to_all_districts_and_some_towns_in_one_order() -> None:
    assert places() == places()
    assert len(set(places())) == 53 + TOWNS
    assert set(districts()) < set(places())
    assert set(places()) <= set(districts()) | set(municipalities())
