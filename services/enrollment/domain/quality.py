"""How good a source's reports are: how late, how often corrected, how completely filled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from services.enrollment.domain.mapping.checking import declared
from shared.contracts.fields import Kind
from shared.contracts.persons import EVENTS

CORRECTING = ("gemeinsam.measure.corrected.v1", "gemeinsam.fact.retracted.v1")
_PLANNED = frozenset({"gemeinsam.measure.extended.v1"})  # its day lies ahead: nothing can be late about it


@dataclass(frozen=True, slots=True)
class Quality:
    """The figures of a source over the last thirty days. `areas_seen`: the municipalities that facts spoke of."""

    measured_at: datetime
    taken: int
    corrected: int
    delay_days: float | None
    fields_given: int
    fields_declared: int
    areas_seen: tuple[str, ...]
    periods_seen: int

    @property
    def corrected_share(self) -> float | None:
        """The share of facts that correct or take back others; None without facts."""
        return self.corrected / self.taken if self.taken else None

    @property
    def filled_share(self) -> float | None:
        """The share of declared fields that were filled; None without facts."""
        return self.fields_given / self.fields_declared if self.fields_declared else None

    def areas_heard(self, registered: Collection[str]) -> int:
        """Of how many registered areas there were facts: of a Kreis, from any of its Gemeinden."""
        return sum(
            any(seen == area or (area.endswith("000") and seen[:5] == area[:5]) for seen in self.areas_seen)
            for area in registered
        )


def effective_on(type_: str, data: Mapping[str, Any]) -> date | None:
    """The day a fact took effect, by its first date that must be there; none where it has no such date."""
    name = _day_field(type_)
    return date.fromisoformat(data[name]) if name is not None and data.get(name) else None


def fields_declared(type_: str) -> int:
    """How many fields a fact of the type can have; 0 for a type that is not known."""
    return len(declared(type_)) if type_ in EVENTS else 0


@cache
def _day_field(type_: str) -> str | None:
    if type_ not in EVENTS or type_ in _PLANNED:
        return None
    fields = declared(type_).items()
    return next((name for name, field in fields if field.kind is Kind.DATE and field.is_required), None)
