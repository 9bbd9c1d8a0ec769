"""Reference data on North Rhine-Westphalia: its 53 districts and 396 municipalities, read once from the files here."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

CREDITS = "© Statistisches Bundesamt (Destatis), 2025 · © GeoBasis-DE / BKG 2021 (Daten verändert) · © BBSR, INKAR"
"""To be shown on every page that uses these data; the whole is in CREDITS.txt."""

LAND = "05000000"


@dataclass(frozen=True, slots=True)
class District:
    """A Kreis, the Städteregion Aachen or a kreisfreie Stadt. `ags` has 8 digits, the last three being 000."""

    ags: str
    name: str
    name_official: str
    kind: str
    government_region: str
    seat: str
    municipality_count: int
    population: int
    population_on: date
    area_km2: float


@dataclass(frozen=True, slots=True)
class Municipality:
    """A Stadt or Gemeinde. `district` is the 8-digit key of its Kreis; a kreisfreie Stadt is its own district.

    `belongs_to_district` is true for the city of Aachen too, which has the rights of a kreisfreie Stadt all the same.
    """

    ags: str
    name: str
    name_official: str
    kind: str
    district: str
    belongs_to_district: bool
    population: int
    population_on: date
    area_km2: float
    latitude: float
    longitude: float
    postal_code_seat: str


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((files(__package__) / name).read_text(encoding="utf-8").splitlines()))


@cache
def districts() -> Mapping[str, District]:
    """The 53 districts by their 8-digit key."""
    return MappingProxyType({row["ags5"] + "000": _district(row) for row in _rows("districts.csv")})


def _district(row: dict[str, str]) -> District:
    return District(
        ags=row["ags5"] + "000",
        name=row["name"],
        name_official=row["name_official"],
        kind=row["kind"],
        government_region=row["regierungsbezirk"],
        seat=row["seat"],
        municipality_count=int(row["municipality_count"]),
        population=int(row["population"]),
        population_on=date.fromisoformat(row["population_date"]),
        area_km2=float(row["area_km2"]),
    )


@cache
def municipalities() -> Mapping[str, Municipality]:
    """The 396 municipalities by their 8-digit key, kreisfreie Städte among them."""
    return MappingProxyType({row["ags"]: _municipality(row) for row in _rows("municipalities.csv")})


def _municipality(row: dict[str, str]) -> Municipality:
    return Municipality(
        ags=row["ags"],
        name=row["name"],
        name_official=row["name_official"],
        kind=row["kind"],
        district=row["district_ags5"] + "000",
        belongs_to_district=row["kreisangehoerig"] == "true",
        population=int(row["population"]),
        population_on=date.fromisoformat(row["population_date"]),
        area_km2=float(row["area_km2"]),
        latitude=float(row["latitude"]),
        longitude=float(row["longitude"]),
        postal_code_seat=row["postal_code_seat"],
    )


def name_of(ags: str) -> str:
    """The name to show for an area; the key itself if no such area is known."""
    if ags == LAND:
        return "Nordrhein-Westfalen"
    area = districts().get(ags) or municipalities().get(ags)
    return area.name if area else ags


def district_of(ags: str) -> str:
    """The 8-digit key of the district an area lies in or is (first five digits and 000)."""
    return ags[:5] + "000"


@cache
def borders() -> Mapping[str, Any]:
    """The districts' borders as GeoJSON (RFC 7946, WGS 84); feature ids are 5-digit district keys."""
    return MappingProxyType(json.loads((files(__package__) / "districts.geojson").read_text(encoding="utf-8")))


@cache
def neighbours(district: str) -> frozenset[str]:
    """The districts (8-digit keys) that have a stretch of border in common with a district."""
    points = _border_points()
    own = points.get(district, frozenset())
    # One common point is a corner, not a border.
    return frozenset(key for key, others in points.items() if key != district and len(own & others) > 1)


@cache
def _border_points() -> Mapping[str, frozenset[tuple[float, float]]]:
    return {feature["properties"]["ags5"] + "000": _points(feature) for feature in borders()["features"]}


def _points(feature: Mapping[str, Any]) -> frozenset[tuple[float, float]]:
    """The points of a feature's borders; neighbours were drawn along the very same ones."""
    geometry = feature["geometry"]
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return frozenset((x, y) for polygon in polygons for ring in polygon for x, y in ring)


@cache
def asylum_benefit_rates() -> Mapping[str, float]:
    """Recipients under the AsylbLG per 1,000 inhabitants on 31.12.2021 by 8-digit district key; all ages."""
    rows = (row for row in _rows("asylblg_recipients_by_district.csv") if row["year"] == "2021")
    return MappingProxyType({row["ags5"] + "000": float(row["recipients_per_1000_inhabitants"] or 0) for row in rows})
