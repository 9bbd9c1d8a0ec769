"""From findings to events: what changed between what is held and what holds now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from services.pathways.domain.finding import SEVERITIES, Finding, Identity

_COMPARED = ("severity", "since", "until", "steps", "evidence", "rules_version")


class Change(msgspec.Struct, frozen=True):
    """One event about one identity.

    `event` is `detected`, `retracted`, `resolved`, `escalated` or `revised`; `finding` is the finding as it is now
    (of a retracted one as it was held), `before` as it was held, None if new; `reason` is that of a closed finding;
    `changed` names the fields that differ.
    """

    event: str
    finding: Finding
    before: Finding | None
    reason: str | None
    changed: tuple[str, ...]


def difference(held: Mapping[Identity, Finding], new: Iterable[Finding]) -> list[Change]:
    """The changes from `held` to `new`, exactly one per identity that differs, sorted by identity."""
    changes = []
    now = {finding.identity: finding for finding in new}
    for identity, finding in now.items():
        before = held.get(identity)
        if before is None:
            changes.append(Change("detected", finding, None, finding.reason, ()))
        elif before != finding and (change := _change(before, finding)):
            changes.append(change)
    changes += [Change("retracted", was, was, None, ()) for identity, was in held.items() if identity not in now]
    changes.sort(key=lambda change: change.finding.identity)
    return changes


def _change(before: Finding, now: Finding) -> Change | None:
    changed = tuple(name for name in _COMPARED if getattr(before, name) != getattr(now, name))
    if not changed:
        return None
    if before.until is None and now.until is not None:
        event = "resolved"
    elif SEVERITIES.index(now.severity) > SEVERITIES.index(before.severity):
        event = "escalated"
    else:
        event = "revised"
    return Change(event, now, before, now.reason, changed)
