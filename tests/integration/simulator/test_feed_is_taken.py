"""What the simulator sends, a real enrollment takes: no row rejected, no desk declined, nothing twice."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.simulator import town_halls
from deploy.simulator.feed import Feed
from shared.clock import Clock
from tests.integration.simulator.conftest import Stage

PERSONS = 8
STORIES = 7


@dataclass
class Runs:
    """A running system as the feed is told of it, and what the feed has said."""

    run_file: Path
    home: Path
    said: list[str] = field(default_factory=list)

    def feed(self, home: str = "feed") -> Feed:
        return Feed(self.run_file, home=self.home / home, clock=Clock(), say=self.said.append)


@pytest.fixture
def runs(stage: Stage) -> Runs:
    return Runs(stage.run_file, stage.home)


def test_the_feed_is_taken_whole_and_goes_on_after_a_restart(runs: Runs) -> None:
    first = runs.feed()
    first.send_history(PERSONS)
    assert f"nrw: {PERSONS} persons" in runs.said[-1]
    assert ", 0 rejected" in runs.said[-1]
    first.open_programme(STORIES)
    assert runs.said[-1].startswith(f"programme: {STORIES} of {len(town_halls.places())}")
    assert [line for line in runs.said if "did not get on" in line] == []
    assert [first.tell_live().accepted for _ in range(6)] == [1] * 6

    again = runs.feed()
    told = len(runs.said)
    again.send_history(PERSONS)
    again.open_programme(STORIES)
    assert len(runs.said) == told, "what was sent is not sent again"
    assert again.tell_live().accepted == 1

    forgetful = runs.feed("elsewhere")
    forgetful.send_history(PERSONS)
    assert "nrw: 8 persons" in runs.said[-1]
    assert ": 0 facts taken" in runs.said[-1], "a feed that has forgotten all repeats itself, and nothing is doubled"
    assert ", 0 rejected" in runs.said[-1]
