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
    rule = rules.patterns.M16
    if timeline.birth is None:
        return []
    serious = []
    for raw in findings:
        if raw.pattern in rule.patterns:
            begin = min([on for on, severity, _ in raw.steps if severity >= WARNING], default=OPEN)
            if begin < raw.until:
                serious.append((begin, raw.until, raw))
    found = [_limit(timeline, serious, age, rule.window_days) for age in rule.ages if serious]
    return [raw for raw in found if raw is not None]


def _limit(timeline: Timeline, serious: list[tuple[int, int, Raw]], age: int, window: int) -> Raw | None:
    assert timeline.birth is not None
    today = timeline.today
    limit_on = birthday(timeline.birth, age)
    opens_on = limit_on - window
    spans = [(max(begin, opens_on), min(until, limit_on), raw) for begin, until, raw in serious]
    spans = [span for span in spans if span[0] < span[1]]
    if not spans:
        return None
    seen = [span for span in spans if span[0] <= today] or [min(spans, key=lambda span: span[0])]
    ids = {id for _, _, raw in seen for id in raw.evidence(today)}
    since = min([begin for begin, _, _ in seen])
    until = max([end for _, end, _ in seen])
    raw = Raw("M16", str(age), [(since, WARNING, sorted(ids))], until)
    raw.reason = "age_limit" if until == limit_on else "ended"
    return raw
