"""A raw finding: what a pattern's rule gives before it is clipped to what is observed."""

from __future__ import annotations

from collections.abc import Sequence

from services.pathways.domain.episodes import Episode

INFO, WARNING, CRITICAL = 0, 1, 2

Step = tuple[int, int, Sequence[str]]
"""(day, severity, evidence)"""


class Raw:
    """One finding of one rule over all time.

    `steps` in order; `until` is OPEN if nothing known ends it; `run`: episodes whose place against the made
    finding's `since` (M12) or `until` decides whether they are evidence; `about`: ids that subsumption asks for;
    `added`: the findings it subsumes; `raw_since` stays the rule's own first day; `reason` says why it ends.
    """

    __slots__ = ("about", "added", "anchor", "pattern", "raw_since", "reason", "run", "steps", "until")

    def __init__(self, pattern: str, anchor: str, steps: list[Step], until: int) -> None:
        self.pattern = pattern
        self.anchor = anchor
        self.steps = steps
        self.until = until
        self.raw_since = steps[0][0]
        self.reason = "ended"
        self.run: Sequence[Episode] = ()
        self.about: Sequence[str] = ()
        self.added: list[Raw] = []

    def evidence(self, today: int) -> list[str]:
        """The sorted ids of the steps reached by `today`, with those of what it subsumes."""
        if len(self.steps) == 1 and not self.run and not self.added:
            step = self.steps[0]
            return sorted(set(step[2])) if step[0] <= today else []
        ids: set[str] = set()
        for on, _, step_ids in self.steps:
            if on <= today:
                ids.update(step_ids)
        if self.run:
            since = self.steps[0][0]
            up_to = since + 1 if self.pattern == "M12" else self.until
            for episode in self.run:
                if episode.start < up_to:
                    ids.update(episode.ids)
        for subsumed in self.added:
            ids.update(subsumed.evidence(today))
        return sorted(ids)
