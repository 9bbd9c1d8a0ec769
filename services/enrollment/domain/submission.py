"""What municipalities work out in the planning phase: needs analyses, approaches, good practices; and repeats of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, TypeVar

from shared.errors import Conflict

_Submitted = TypeVar("_Submitted", bound=Any)


@dataclass(frozen=True, slots=True)
class NeedsAnalysis:
    """Bedarfs- und Angebotsanalyse: `target_group` is a number of persons, `gaps` are measure types or categories.

    `needs` and `offers` are for people to read; `document` is a SHA-256 or empty.
    """

    analysis_id: str
    municipality: str
    submitted_on: date
    target_group: int | None
    needs: str
    offers: str
    gaps: tuple[str, ...]
    document: str = ""


@dataclass(frozen=True, slots=True)
class Approach:
    """Handlungsansatz: what the municipality will do, by Baustein; `document` is a SHA-256 or empty."""

    approach_id: str
    municipality: str
    submitted_on: date
    title: str
    summary: str
    bausteine: tuple[str, ...]
    document: str = ""


@dataclass(frozen=True, slots=True)
class Practice:
    """Gute Praxis: submitted by a municipality, published by the ministry, re-used by others (keys in `reused_by`)."""

    practice_id: str
    municipality: str
    title: str
    summary: str
    bausteine: tuple[str, ...]
    submitted_on: date
    published_on: date | None = None
    reused_by: tuple[str, ...] = ()


def repeatable_id(prefix: str, owner: str, key: str | None, content: object) -> str:
    """The id of what is handed in, the same again for a repeat.

    A repeat has the same key of the sender, or, where none is given, the same content, in which the day is. `owner` is
    whose it is, so that keys of two municipalities do not meet.
    """
    digest = hashlib.sha256(repr((prefix, owner, key or content)).encode("utf-8", "surrogatepass"))
    return f"{prefix}-{digest.hexdigest()[:16]}"


def check_repeat(held: _Submitted, wanted: _Submitted, *apart: str) -> _Submitted:
    """What was made the first time; raises `Conflict` where the key was used for something else.

    `apart` names the fields that may differ: the day, and what became of it since.
    """
    if replace(held, **{name: getattr(wanted, name) for name in apart}) != wanted:
        raise Conflict("this key was used for something else", field="Idempotency-Key", reason="key_reused")
    return held
