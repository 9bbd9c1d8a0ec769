"""How many dead letters are borne: past it the consumer stops, so that a bad deploy cannot pour a topic away."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

_WINDOW_SECONDS = 60.0
_SHARE_FROM = 20  # below so many, a share says nothing


@dataclass(slots=True)
class Limit:
    """Counts of the last minute. `a_minute` dead letters, or `share` of all records (from 20 on), are too many."""

    a_minute: int
    share: float
    _seen: deque[tuple[float, int, int]] = field(default_factory=deque)

    def exceeded(self, *, taken: int, refused: int, now: float) -> str | None:
        """Why this batch would be too much (monotonic `now` in seconds), or None."""
        if refused == 0:
            return None
        while self._seen and self._seen[0][0] <= now - _WINDOW_SECONDS:
            self._seen.popleft()
        all_refused = refused + sum(entry[2] for entry in self._seen)
        all_records = taken + refused + sum(entry[1] + entry[2] for entry in self._seen)
        if all_refused > self.a_minute:
            return f"{all_refused} records of the last minute would be dead letters, {self.a_minute} are borne"
        if all_refused >= _SHARE_FROM and all_refused > self.share * all_records:
            return f"{all_refused} of {all_records} records of the last minute would be dead letters"
        return None

    def count(self, *, taken: int, refused: int, now: float) -> None:
        """Note a batch that has been committed."""
        self._seen.append((now, taken, refused))

    def forget(self) -> None:
        """Begin anew, after a release."""
        self._seen.clear()
