"""Lays out a drawn timeline: from days to coordinates, no two things on top of each other. Pure; knows no SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

ROW, GAP, LANE_PAD, HEAD = 20.0, 4.0, 5.0, 26.0
EMPTY_LANE = 14.0
CHARACTER = 6.3
"""Widths in the unit of the drawing; a character of the labels is about this wide."""
_LEAST_WIDTH, _WIDEST_DAY, _NARROWEST_DAY = 1030.0, 3.0, 0.42
_MONTHS_FROM = 1.1
_QUARTERS_FROM = 0.35


class Lane(NamedTuple):
    """One row of the drawing by its key and its label."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A thing to draw from `start` to `end` (days as ordinals, inclusive); a mark if both are equal and `mark` is set.

    `until` is a day to come up to which it is planned. `classes` style it, `title` says it in words, `href` is where
    it leads.
    """

    lane: str
    start: int
    end: int
    label: str
    title: str
    classes: str
    href: str = ""
    until: int | None = None
    mark: bool = False


@dataclass(slots=True)
class Shape:
    """A piece with its place: `x`, `y`, `width`; the label as far as there is room; `planned` width after it."""

    piece: Piece
    x: float
    y: float
    width: float
    label: str
    planned: float = 0.0


class Tick(NamedTuple):
    """A line across all lanes with its label; `strong` at the turn of a year."""

    x: float
    label: str
    strong: bool


class Band(NamedTuple):
    """A shaded time across all lanes."""

    x: float
    width: float
    title: str


class Row(NamedTuple):
    """A lane with its place."""

    lane: Lane
    y: float
    height: float


@dataclass(slots=True)
class Drawing:
    """All that is to be drawn, within `width` × `height`; `today_x` is where today's line is."""

    width: float
    height: float
    today_x: float
    rows: list[Row] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    ticks: list[Tick] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)


class Scale:
    """From days to horizontal places."""

    def __init__(self, first: int, last: int) -> None:
        days = max(last - first + 1, 1)
        self.first = first
        self.last = last
        self.day = min(max(_LEAST_WIDTH / days, _NARROWEST_DAY), _WIDEST_DAY)
        self.width = round(max(days * self.day, _LEAST_WIDTH), 1)

    def x(self, day: int) -> float:
        """Where a day begins, within the drawing."""
        return round(min(max((day - self.first) * self.day, 0.0), self.width), 1)


def draw(
    lanes: Sequence[Lane],
    pieces: Sequence[Piece],
    *,
    today: int,
    absences: Iterable[tuple[int, int, str]] = (),
) -> Drawing:
    """The layout of pieces in their lanes, from before the first to after the last of them and today."""
    first = min([piece.start for piece in pieces] + [today - 180]) - 12
    last = max([piece.until or piece.end for piece in pieces] + [today]) + 24
    scale = Scale(first, last)
    drawing = Drawing(scale.width, 0.0, scale.x(today))
    y = HEAD
    for lane in lanes:
        shapes, height = _lane(scale, y + LANE_PAD, [piece for piece in pieces if piece.lane == lane.key])
        height = height + 2 * LANE_PAD if shapes else EMPTY_LANE
        drawing.shapes += shapes
        drawing.rows.append(Row(lane, y, height))
        y += height
    drawing.height = y + 2
    drawing.ticks = _ticks(scale)
    drawing.bands = [Band(scale.x(a), round(scale.x(b + 1) - scale.x(a), 1), title) for a, b, title in absences]
    return drawing


def _lane(scale: Scale, top: float, pieces: Sequence[Piece]) -> tuple[list[Shape], float]:
    """The shapes of one lane in as few rows as keep them apart, and the height they need."""
    free_from: list[float] = []
    shapes = []
    for piece in sorted(pieces, key=lambda piece: (piece.start, -piece.end)):
        shape = _shape(scale, piece)
        row = next((place for place, free in enumerate(free_from) if free <= shape.x), len(free_from))
        if row == len(free_from):
            free_from.append(0.0)
        free_from[row] = shape.x + shape.width + shape.planned + (GAP if piece.mark else 1.0)
        shape.y = round(top + row * (ROW + GAP), 1)
        shapes.append(shape)
    return shapes, len(free_from) * (ROW + GAP) - GAP


def _shape(scale: Scale, piece: Piece) -> Shape:
    x = scale.x(piece.start)
    if piece.mark:
        width = 14 + len(piece.label) * CHARACTER
        return Shape(piece, min(x, round(scale.width - width, 1)), 0.0, round(width, 1), piece.label)
    width = max(round(scale.x(piece.end + 1) - x, 1), 3.0)
    planned = 0.0
    if piece.until is not None and piece.until > piece.end:
        planned = round(scale.x(piece.until + 1) - scale.x(piece.end + 1), 1)
    return Shape(piece, x, 0.0, width, fitted(piece.label, width - 8), planned)


def fitted(label: str, width: float) -> str:
    """As much of a label as a width has room for; nothing if that would be less than three letters."""
    room = int(width / CHARACTER)
    if len(label) <= room:
        return label
    return f"{label[: room - 1].rstrip()}…" if room >= 4 else ""


def _ticks(scale: Scale) -> list[Tick]:
    begin, end = date.fromordinal(scale.first), date.fromordinal(scale.last)
    step = 1 if scale.day >= _MONTHS_FROM else 3 if scale.day >= _QUARTERS_FROM else 12
    ticks = []
    for month in range(begin.year * 12 + begin.month, end.year * 12 + end.month):
        year, index = divmod(month, 12)
        if index % step == 0:
            label = str(year) if index == 0 else f"{index + 1}/{year % 100:02d}"
            ticks.append(Tick(scale.x(date(year, index + 1, 1).toordinal()), label, index == 0))
    return ticks
