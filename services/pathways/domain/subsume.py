"""One alarm per cause: closes a finding where a graver one of its cause begins (docs/patterns.md, "Subsumption")."""

from __future__ import annotations

from collections.abc import Iterable

from services.pathways.domain.patterns.raw import Raw


def subsume(made: list[Raw]) -> list[Raw]:
    """The clipped findings without those that are subsumed before they begin; the others are cut in place."""
    over = [raw for raw in made if raw.pattern in ("M02", "M10", "M13")]
    if not over:
        return made
    over.sort(key=lambda raw: raw.steps[0][0])
    gone: set[int] = set()
    for raw in over:
        since = raw.steps[0][0]
        for subsumed in _causes(raw, made):
            if id(subsumed) in gone or subsumed.until <= since:
                continue
            if subsumed.steps[0][0] >= since:
                gone.add(id(subsumed))
            else:
                subsumed.until, subsumed.reason = since, "subsumed"
                subsumed.steps = [step for step in subsumed.steps if step[0] < since]
                raw.added.append(subsumed)
    return [raw for raw in made if id(raw) not in gone]


def _causes(raw: Raw, made: Iterable[Raw]) -> list[Raw]:
    """The findings that `raw` would subsume."""
    if raw.pattern == "M02":
        return [
            other for other in made if other.pattern == "M01" and raw.anchor in [episode.id for episode in other.run]
        ]
    ids = (raw.anchor,) if raw.pattern == "M10" else raw.about
    return [other for other in made if other.pattern == "M05" and other.anchor in ids]
