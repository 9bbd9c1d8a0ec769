"""Decides when a part that died is started again, and when it has died too often."""

from __future__ import annotations

import time
from collections.abc import Callable

SETTLED_SECONDS = 20.0
MOST_IN_A_ROW = 6
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 5.0


class Restarts:
    """Counts the short lives of each part: one of 20 seconds clears the count, more than six in a row are too many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._born: dict[str, float] = {}
        self._short_lives: dict[str, int] = {}
        self._due: dict[str, float] = {}

    def started(self, name: str) -> None:
        """Note that a part lives from now on."""
        self._born[name] = self._clock()
        self._due.pop(name, None)

    def may_start_again(self, name: str) -> bool:
        """Note that a part died; answers whether it gets another life, after a pause that doubles each time."""
        now = self._clock()
        lived = now - self._born[name]
        lives = 1 if lived >= SETTLED_SECONDS else self._short_lives.get(name, 0) + 1
        self._short_lives[name] = lives
        if lives > MOST_IN_A_ROW:
            return False
        self._due[name] = now + min(FIRST_PAUSE_SECONDS * 2 ** (lives - 1), LONGEST_PAUSE_SECONDS)
        return True

    def due(self) -> list[str]:
        """The parts whose pause is over."""
        now = self._clock()
        return [name for name, when in self._due.items() if when <= now]
