"""The areas of NRW by key: every Kreis, kreisfreie Stadt and kreisangehörige Gemeinde, its name and its Kreis.

Names and keys: © Statistisches Bundesamt (Destatis), 2025, Gemeindeverzeichnis, area status 31.08.2025.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LAND = "05000000"
_TABLE = Path(__file__).parent / "reference" / "areas.csv"


@dataclass(frozen=True, slots=True)
class Area:
    """One area: a `district` (Kreis), a `city` (kreisfreie Stadt) or a `municipality` of the Kreis `district`."""

    ags: str
    name: str
    kind: str
    district: str | None

    @property
    def counts_persons(self) -> bool:
        """Whether persons live in it directly: a Gemeinde or a kreisfreie Stadt, not a Kreis."""
        return self.kind != "district"


@cache
def areas() -> Mapping[str, Area]:
    """All areas by key, in the order of keys."""
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        return {
            row["area"]: Area(row["area"], row["name"], row["kind"], row["district"] or None)
            for row in csv.DictReader(lines)
        }


def district_of(ags: str) -> str:
    """The key of the Kreis or kreisfreie Stadt an area lies in: five digits and `000`."""
    return f"{ags[:5]}000"
