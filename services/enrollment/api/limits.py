"""How much one source may ask at once and per second, in this process."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from shared.errors import RateLimited


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float
    open: int = 0


class SourceLimits:
    """A token bucket and a number of open requests for each source. `seconds` is a clock that never goes back."""

    def __init__(self, seconds: Callable[[], float], *, per_second: float, burst: int, at_once: int) -> None:
        self._seconds = seconds
        self._per_second = per_second
        self._burst = burst
        self._at_once = at_once
        self._buckets: dict[str, _Bucket] = {}

    @contextmanager
    def request(self, source: str) -> Iterator[None]:
        """One request of the source, for as long as it runs; raises RateLimited with the seconds to wait."""
        bucket = self._filled(source)
        if bucket.open >= self._at_once:
            raise RateLimited(f"at most {self._at_once} requests of a source at once", retry_after_seconds=1)
        if bucket.tokens < 1:
            wait = math.ceil((1 - bucket.tokens) / self._per_second)
            raise RateLimited(
                f"at most {self._per_second:g} requests of a source a second", retry_after_seconds=max(1, wait)
            )
        bucket.tokens -= 1
        bucket.open += 1
        try:
            yield
        finally:
            bucket.open -= 1

    def _filled(self, source: str) -> _Bucket:
        now = self._seconds()
        bucket = self._buckets.setdefault(source, _Bucket(float(self._burst), now))
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.filled_at) * self._per_second)
        bucket.filled_at = now
        return bucket
