"""One finding: a pattern seen in a person's timeline, with its steps and what it rests on."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

SEVERITIES = ("info", "warning", "critical")

Identity = tuple[str, str, str]
"""(person_id, pattern, anchor)"""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(dict[str, Any])


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
        return _decoder.decode(self.encoded())

    def encoded(self) -> bytes:
        """The published form without text as JSON, fields in the order of docs/contracts.md."""
        return _encoder.encode(
            _Line(
                self.person_id,
                self.pattern,
                self.anchor,
                self.severity,
                self.since,
                self.until,
                self.steps,
                self.evidence,
                self.rules_version,
            )
        )


class _Line(msgspec.Struct, gc=False):
    person_id: str
    pattern: str
    anchor: str
    severity: str
    since: date
    until: date | None
    steps: tuple[tuple[str, date], ...]
    evidence: tuple[str, ...]
    rules_version: str


class Text(msgspec.Struct, frozen=True):
    """What a finding says and what would end it, German and English; `ends_*` is empty where nothing ends it."""

    de: str
    en: str
    ends_de: str
    ends_en: str
