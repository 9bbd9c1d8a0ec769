"""Cuts raw findings to the first observed period in which they hold (docs/patterns.md, "Clipping")."""

from __future__ import annotations

from services.pathways.domain.patterns.raw import Raw, Step
from services.pathways.domain.timeline import ALWAYS, Period

_EVENTS = frozenset({"M03", "M04", "M06", "M11", "P01", "P02"})
"""They report an event, not a state: a step outside the period is no step."""


def clip(found: list[Raw], periods: list[Period]) -> list[Raw]:
    """The findings that are made, each cut in place."""
    made = []
    for raw in found:
        until = raw.until
        if raw.steps[-1][0] >= until:
            raw.steps = [step for step in raw.steps if step[0] < until]
            if not raw.steps:
                continue
        if periods is ALWAYS or (_clip_event if raw.pattern in _EVENTS else _clip_state)(raw, periods):
            made.append(raw)
    return made


def _clip_event(raw: Raw, periods: list[Period]) -> bool:
    for period in periods:
        inside = [step for step in raw.steps if period.start <= step[0] < period.end]
        if inside:
            _cut(raw, inside, period)
            return True
    return False


def _clip_state(raw: Raw, periods: list[Period]) -> bool:
    since = raw.steps[0][0]
    for period in periods:
        if since >= period.end or raw.until <= period.start:
            continue
        if since >= period.start:
            _cut(raw, [step for step in raw.steps if step[0] < period.end], period)
            return True
        if period.returned:
            return False
        before = [step for step in raw.steps if step[0] < period.start]
        ids = [id for _, _, step_ids in before for id in step_ids]
        carried: Step = (period.start, before[-1][1], ids)
        _cut(raw, [carried, *[step for step in raw.steps if period.start <= step[0] < period.end]], period)
        return True
    return False


def _cut(raw: Raw, steps: list[Step], period: Period) -> None:
    raw.steps = steps
    if period.end < raw.until:
        raw.until = period.end
        raw.reason = period.reason
