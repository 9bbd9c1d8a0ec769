"""Draws the map of members and the line of their number as SVG, from data of our own and without scripts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from shared.reference import borders, municipalities

WIDTH = 600
_WEST, _NORTH, _EAST, _SOUTH = 5.83, 52.56, 9.50, 50.29
_SQUEEZE = math.cos(math.radians(51.4))  # a degree of longitude is so much shorter than one of latitude here
_SCALE = WIDTH / ((_EAST - _WEST) * _SQUEEZE)
HEIGHT = round((_NORTH - _SOUTH) * _SCALE)


@dataclass(frozen=True, slots=True)
class Shape:
    """A district on the map: its outline as SVG path data and how much of it has joined (`all`, `part`, `none`)."""

    ags: str
    name: str
    outline: str
    state: str
    joined: int
    of: int


@dataclass(frozen=True, slots=True)
class Dot:
    """A Gemeinde that has joined by itself."""

    name: str
    x: float
    y: float


def _at(longitude: float, latitude: float) -> tuple[float, float]:
    return round((longitude - _WEST) * _SQUEEZE * _SCALE, 1), round((_NORTH - latitude) * _SCALE, 1)


@cache
def _outlines() -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for feature in borders()["features"]:
        rings = feature["geometry"]["coordinates"]
        found[f"{feature['id']}000"] = (feature["properties"]["name"], " ".join(_ring(ring) for ring in rings))
    return found


def _ring(ring: Sequence[Any]) -> str:
    points = [_at(longitude, latitude) for longitude, latitude in ring]
    return "M" + "L".join(f"{x},{y}" for x, y in points) + "Z"


def land_map(joined: set[str]) -> tuple[list[Shape], list[Dot]]:
    """The districts with how much of each has joined, and a dot for every Gemeinde that joined by itself."""
    inside: dict[str, list[str]] = {}
    for one in municipalities().values():
        inside.setdefault(one.district, []).append(one.ags)
    shapes = []
    for ags, (name, outline) in _outlines().items():
        own = [key for key in inside.get(ags, ()) if key in joined]
        state = "all" if ags in joined or len(own) == len(inside[ags]) else "part" if own else "none"
        shapes.append(Shape(ags, name, outline, state, len(own), len(inside[ags])))
    dots = [
        Dot(one.name, *_at(one.longitude, one.latitude))
        for one in municipalities().values()
        if one.ags in joined and one.belongs_to_district
    ]
    return shapes, dots


@dataclass(frozen=True, slots=True)
class Line:
    """The number of members over time as a step line: path data, marks of the axes, and the size of the drawing."""

    path: str
    ticks: list[tuple[float, int]]
    days: list[tuple[float, date]]
    width: int
    height: int


def step_line(points: Sequence[tuple[date, int]], *, width: int = 480, height: int = 200) -> Line:
    """The line of the points; the vertical axis begins at 0."""
    left, right, top, bottom = 40, 12, 12, 28
    highest = _nice(max((number for _, number in points), default=0))
    across, down = width - left - right, height - top - bottom
    last = max(1, len(points) - 1)
    places = [
        (round(left + across * at / last, 1), round(top + down * (1 - number / highest), 1))
        for at, (_, number) in enumerate(points)
    ]
    path = f"M{places[0][0]},{places[0][1]}" if places else ""
    path += "".join(f"H{x}V{y}" for x, y in places[1:])
    ticks = [(round(top + down * (1 - part / 4), 1), round(highest * part / 4)) for part in range(5)]
    marks = sorted({0, len(points) // 2, len(points) - 1}) if points else []
    days = [(places[at][0], points[at][0]) for at in marks]
    return Line(path, ticks, days, width, height)


def _nice(number: int) -> int:
    """The next number that four ticks divide well."""
    for size in (4, 8, 12, 20, 40, 60, 80, 100, 200, 300, 400, 500):
        if number <= size:
            return size
    return -(-number // 100) * 100


def by_region(shapes: Sequence[Shape], regions: Mapping[str, str]) -> list[tuple[str, list[Shape]]]:
    """The districts under their Regierungsbezirk, both by name: the map as a table."""
    found: dict[str, list[Shape]] = {}
    for shape in shapes:
        found.setdefault(regions[shape.ags], []).append(shape)
    return [(region, sorted(found[region], key=lambda shape: shape.name)) for region in sorted(found)]
