"""Findings that still hold shortly before an age limit (M16)."""

from __future__ import annotations

from services.pathways.domain.dates import OPEN, birthday
from services.pathways.domain.patterns.raw import WARNING, Raw
from services.pathways.domain.rules import Rules
from services.pathways.domain.timeline import Timeline


def age_limit(timeline: Timeline, rules: Rules, findings: list[Raw]) -> list[Raw]:
    """M16 Altersgrenze, from the clipped and subsumed findings of this timeline.

    Its `until` may lie after today, then it is the earliest day on which something about it could change.
    """
    if timeline.birth is None:
        return []
    rule = rules.patterns.M16
    found = []
    serious = [(_serious_on(raw), raw) for raw in findings if raw.pattern in rule.patterns]
    for age in rule.ages:
        limit_on = birthday(timeline.birth, age)
        opens_on = limit_on - rule.window_days
        spans = [
            (max(begin, opens_on), raw)
            for begin, raw in serious
            if begin < limit_on and begin < raw.until and opens_on < raw.until
        ]
        if spans:
            found.append(_limit(spans, timeline.today, age, limit_on))
    return found


def _serious_on(raw: Raw) -> int:
    for on, severity, _ in raw.steps:
        if severity >= WARNING:
            return on
    return OPEN


def _limit(spans: list[tuple[int, Raw]], today: int, age: int, limit_on: int) -> Raw:
    seen = [span for span in spans if span[0] <= today] or [min(spans, key=lambda span: span[0])]
    ids = {id for _, raw in seen for id in raw.evidence(today)}
    until = min(max([raw.until for _, raw in seen]), limit_on)
    found = Raw("M16", str(age), [(min([begin for begin, _ in seen]), WARNING, sorted(ids))], until)
    found.reason = "age_limit" if until == limit_on else "ended"
    return found
