"""Whatever comes from outside is read or refused, and no parser fails: the corpus replayed, and new inputs tried."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.guided import changed, entries
from tests.fuzz.targets import TARGETS

KEPT = [path for target in TARGETS for path in entries(target)]


@pytest.mark.parametrize("target", TARGETS)
def test_every_target_has_a_corpus(target: str):
    assert len(entries(target)) >= 5


@pytest.mark.parametrize("path", KEPT, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_kept_inputs_are_read_or_refused(path: Path):
    TARGETS[path.parent.name](path.read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_new_inputs_are_read_or_refused(target: str):
    kept = [path.read_bytes() for path in entries(target)]

    @settings(max_examples=100, deadline=None, derandomize=True, database=None)
    @given(
        st.one_of(st.binary(max_size=300), st.integers(0, 2**32).map(lambda seed: changed(random.Random(seed), kept)))
    )
    def holds(data: bytes) -> None:
        TARGETS[target](data)

    holds()
