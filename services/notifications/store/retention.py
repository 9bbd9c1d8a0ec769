"""What notifications deletes when its time is over: a condition on `$1`, the instant before which it must have been."""

from __future__ import annotations

from collections.abc import Mapping

from shared.retention import Forget, deleting

FORGET: Mapping[str, Forget] = {
    "deliveries": deleting("deliveries", "settled_at < $1::timestamptz"),
    "notices": deleting("notices", "settled_at < $1::timestamptz"),
    "workshop_slots": deleting("workshop_slots", "ends_at < $1::timestamptz"),
}
"""By category of `retention.csv`."""
