"""One finding: a pattern seen in a person's timeline, with its steps and what it rests on."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

SEVERITIES = ("info", "warning", "critical")

Identity = tuple[str, str, str]
"""(person_id, pattern, anchor)"""


class Finding(msgspec.Struct, frozen=True, gc=False):
    """A finding as it is made for one business date.

    `steps` in the order reached; `until` is exclusive and None while it is open. `reason` says why it is closed:
    `ended`, `subsumed`, `left` or `age_limit`; None while open.
    """

    person_id: str
    pattern: str
    anchor: str
    severity: str
    since: date
    until: date | None
    steps: tuple[tuple[str, date], ...]
    evidence: tuple[str, ...]
    rules_version: str
    reason: str | None = None

    @property
    def identity(self) -> Identity:
        """What makes two findings of two evaluations the same."""
        return (self.person_id, self.pattern, self.anchor)

    def line(self) -> dict[str, Any]:
        """The published form without text, dates as ISO text."""
        return {
            "person_id": self.person_id,
            "pattern": self.pattern,
            "anchor": self.anchor,
            "severity": self.severity,
            "since": self.since.isoformat(),
            "until": self.until.isoformat() if self.until else None,
            "steps": [[severity, on.isoformat()] for severity, on in self.steps],
            "evidence": list(self.evidence),
            "rules_version": self.rules_version,
        }


class Text(msgspec.Struct, frozen=True):
    """What a finding says and what would end it, German and English; `ends_*` is empty where nothing ends it."""

    de: str
    en: str
    ends_de: str
    ends_en: str
