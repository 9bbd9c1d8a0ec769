"""The dated table of NRW's Kreise, Städte and Gemeinden: who may declare, who needs which Kreis's Einvernehmen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from shared.errors import Invalid
from shared.reference import District, Municipality

LAND = "05"
OWN_RIGHTS = frozenset({"05334002"})  # Aachen-Gesetz § 4: the city keeps the standing of a kreisfreie Stadt
TABLE_HOLDS_SINCE = date(2009, 10, 21)  # the Städteregion Aachen was formed then; no key of NRW has changed since


class AreaKind(StrEnum):
    """Kinds of a declarant (BR-1)."""

    KREISFREIE_STADT = "KREISFREIE_STADT"
    KREIS = "KREIS"
    STAEDTEREGION = "STAEDTEREGION"
    KREISANGEHOERIG = "KREISANGEHOERIG"


@dataclass(frozen=True, slots=True)
class Area:
    """One key of the table: `ags` and `district` are 8 digits, `valid_to` is the first day it is no more.

    `own_rights` marks a town that belongs to a Kreis and yet has the rights of a kreisfreie Stadt (the city of Aachen).
    """

    ags: str
    name: str
    kind: AreaKind
    district: str
    population: int
    valid_from: date = TABLE_HOLDS_SINCE
    valid_to: date | None = None
    own_rights: bool = False

    @property
    def needs_concurrence(self) -> bool:
        """Whether joining needs the Einvernehmen of the Kreis (BR-5)."""
        return self.kind is AreaKind.KREISANGEHOERIG and not self.own_rights

    def valid_on(self, day: date) -> bool:
        """Whether the key exists on that day."""
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class AreaTable:
    """All areas by key, as of a day; several rows of one key follow each other in time."""

    def __init__(self, areas: Iterable[Area]) -> None:
        self._by_ags: dict[str, list[Area]] = {}
        for area in areas:
            self._by_ags.setdefault(area.ags, []).append(area)

    def find(self, ags: str, on: date) -> Area | None:
        """The area with this key on that day, or none."""
        return next((area for area in self._by_ags.get(ags, ()) if area.valid_on(on)), None)

    def declarant(self, ags: str, on: date, *, field: str = "municipality") -> Area:
        """The area that declares; raises `Invalid` where the key is not one of NRW's on that day (BR-1)."""
        area = self.find(ags, on) if ags.startswith(LAND) else None
        if area is None:
            raise Invalid(
                f"{ags} is no Kreis, Stadt or Gemeinde of NRW on {on.isoformat()}",
                field=field,
                reason="area_unknown",
                values={"ags": ags},
            )
        return area

    def valid_on(self, day: date) -> Iterator[Area]:
        """Every area that exists on that day, by key."""
        for ags in sorted(self._by_ags):
            area = self.find(ags, day)
            if area is not None:
                yield area

    def within(self, district: str, on: date) -> list[Area]:
        """The Gemeinden of a Kreis on a day; a kreisfreie Stadt is its own only one."""
        return [
            area
            for area in self.valid_on(on)
            if area.district == district and area.kind in (AreaKind.KREISANGEHOERIG, AreaKind.KREISFREIE_STADT)
        ]


def area_table(
    districts: Iterable[District], municipalities: Iterable[Municipality], *, changed: Iterable[Area] = ()
) -> AreaTable:
    """The table of today's keys, which hold since `TABLE_HOLDS_SINCE`, with areas whose keys came or went `changed`.

    A kreisfreie Stadt is in the reference data as a district and as a Gemeinde; here it is one area.
    """
    kreise = [_kreis(district) for district in districts if district.kind != "kreisfreie_stadt"]
    gemeinden = [_gemeinde(municipality) for municipality in municipalities]
    dated = list(changed)
    keys = {area.ags for area in dated}
    return AreaTable([area for area in kreise + gemeinden if area.ags not in keys] + dated)


def _kreis(district: District) -> Area:
    return Area(
        ags=district.ags,
        name=district.name,
        kind=AreaKind.STAEDTEREGION if district.kind == "staedteregion" else AreaKind.KREIS,
        district=district.ags,
        population=district.population,
    )


def _gemeinde(municipality: Municipality) -> Area:
    return Area(
        ags=municipality.ags,
        name=municipality.name,
        kind=AreaKind.KREISANGEHOERIG if municipality.belongs_to_district else AreaKind.KREISFREIE_STADT,
        district=municipality.district,
        population=municipality.population,
        own_rights=municipality.ags in OWN_RIGHTS,
    )
