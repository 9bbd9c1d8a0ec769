"""Which rule set is in force on which business date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from services.pathways.domain.rules import Rules


class InForceFrom(NamedTuple):
    """A rule set and the first business date on which it holds."""

    effective_on: date
    rules: Rules


class Schedule:
    """The rule set before anything was activated, and those activated, the later of two on one date last."""

    def __init__(self, first: Rules, activated: Sequence[InForceFrom] = ()) -> None:
        self._first = first
        self._activated = sorted(activated, key=lambda one: one.effective_on)

    def on(self, day: date) -> Rules:
        """The rule set in force on a day."""
        found = self._first
        for effective_on, rules in self._activated:
            if effective_on > day:
                break
            found = rules
        return found

    def after(self, day: date) -> InForceFrom | None:
        """The next rule set after a day, None if none is planned."""
        later = [one for one in self._activated if one.effective_on > day]
        return [one for one in later if one.effective_on == later[0].effective_on][-1] if later else None
