"""A finding, or a warning about a referral, as notifications hears it, and whether it is worth telling."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

SEVERITIES = ("info", "warning", "critical")
RETRACTED = "gemeinsam.finding.retracted.v1"
REFERRAL = "REFERRAL"
WARNED = "gemeinsam.referral.warned.v1"
TELLING = frozenset({"gemeinsam.finding.detected.v1", "gemeinsam.finding.escalated.v1", WARNED})


@dataclass(frozen=True, slots=True)
class Finding:
    """The last word of pathways on one finding: its identity is (`person_id`, `pattern`, `anchor`).

    A warning before a referred measure begins is heard as one of pattern `REFERRAL`, its anchor being the measure.

    `step_on` is the date on which `severity` was reached. `noticed` says by language what was noticed, `ends` what
    would end it, where pathways says so. `by_new_rules`: nothing has happened, only a rule set has taken effect.
    """

    event_id: str
    type: str
    person_id: str
    pattern: str
    anchor: str
    severity: str
    since: date
    step_on: date
    until: date | None
    municipality: str
    historical: bool
    noticed: Mapping[str, str]
    ends: Mapping[str, str]
    by_new_rules: bool = False


@dataclass(frozen=True, slots=True)
class Cleared:
    """There is nothing to warn of any more: what has not been sent about it must not be."""

    person_id: str
    pattern: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The finding's record was removed from the topic: the person has been erased, and nothing may remember it."""

    person_id: str
    pattern: str
    anchor: str


def worth_telling(finding: Finding) -> bool:
    """Whether anybody is told: something new or worse, still open, not of long ago and not by a change of rules.

    A rule set that takes effect finds much at once; it stands in the worklists, and nobody gets a hundred mails.
    """
    fresh = not finding.historical and not finding.by_new_rules
    return fresh and finding.type in TELLING and finding.until is None and finding.severity in SEVERITIES


def at_least(severity: str, least: str) -> bool:
    """Whether a severity reaches another (info < warning < critical)."""
    return SEVERITIES.index(severity) >= SEVERITIES.index(least)
