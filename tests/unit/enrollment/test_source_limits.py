"""A source that asks too much is told when to come back, and no other source notices."""

from __future__ import annotations

import pytest

from services.enrollment.api.limits import SourceLimits
from shared.errors import RateLimited


class Watch:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_burst_is_taken_and_then_so_many_a_second() -> None:
    watch = Watch()
    limits = SourceLimits(watch, per_second=2, burst=3, at_once=10)
    for _ in range(3):
        with limits.request("a"):
            pass
    with pytest.raises(RateLimited) as told:
        limits.request("a").__enter__()
    assert told.value.retry_after_seconds == 1
    with limits.request("b"):
        pass
    watch.seconds = 0.5
    with limits.request("a"):
        pass
    with pytest.raises(RateLimited):
        limits.request("a").__enter__()


def test_so_many_requests_are_open_at_once() -> None:
    limits = SourceLimits(Watch(), per_second=100, burst=100, at_once=2)
    with limits.request("a"), limits.request("a"):
        with pytest.raises(RateLimited):
            limits.request("a").__enter__()
    with limits.request("a"):
        pass
