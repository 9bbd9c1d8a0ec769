"""What pathways deletes when its time is over: a condition on `$1`, the instant before which it must have been."""

from __future__ import annotations

from collections.abc import Mapping

from shared.retention import Forget, deleting

FORGET: Mapping[str, Forget] = {
    "finding_history": deleting(
        "finding_history",
        "said_at < $1::timestamptz AND NOT EXISTS (SELECT FROM findings WHERE findings.state = 'open'"
        " AND findings.person_id = finding_history.person_id AND findings.pattern = finding_history.pattern"
        " AND findings.anchor = finding_history.anchor)",
    ),
    "read_log": deleting("read_log", "read_at < $1::timestamptz"),
}
"""By category of `retention.csv`; who has left the cohort is found by the rules (`usecases.leaving`)."""
