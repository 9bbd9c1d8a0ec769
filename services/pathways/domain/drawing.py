"""Lays out a drawn timeline: from days to coordinates, no two things on top of each other. Pure; knows no SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

ROW, GAP, LANE_PAD, HEAD = 22.0, 4.0, 5.0, 28.0
EMPTY_LANE = 18.0
"""Lengths in the unit of the drawing, which is a pixel on a screen that is not zoomed."""
_LEAST_WIDTH, _WIDEST_DAY, _NARROWEST_DAY = 1016.0, 3.0, 0.42
_AHEAD = 180
"""Days."""
_MONTHS_FROM = 1.1
_QUARTERS_FROM = 0.5
_PAD, _AWAY, _MARK, _SEAM = 10.0, 4.0, 14.0, 1.0
_READABLE = 14
"""So many letters of a name that was cut still tell what it is."""
_CHARACTER = 6.9
_WIDTHS = {
    **dict.fromkeys("ijlI.,:;'|!()[] ·’", 3.6),
    **dict.fromkeys("frt-/", 4.6),
    **dict.fromkeys("mwMW@%—…", 11.0),
    **dict.fromkeys("ABCDEGHKNOPQRSUVXYZÄÖÜ&", 8.2),
}
"""About how wide a letter is in the drawing's type, rather too much than too little."""


class Lane(NamedTuple):
    """One row of the drawing by its key and its label."""

    key: str
    label: str


class Part(NamedTuple):
    """From a day on a piece looks like this."""

    start: int
    classes: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A thing to draw from `start` to `end` (days as ordinals, inclusive); a mark if `mark` names its form.

    `until` is a day to come up to which it is planned. `classes` style it, `title` says it in words, `href` is where
    it leads. `short` is said where `label` has no room. `parts` are what changes within it. `whole`: better beside it
    than cut.
    """

    lane: str
    start: int
    end: int
    label: str
    title: str
    classes: str
    href: str = ""
    until: int | None = None
    mark: str = ""
    short: str = ""
    parts: tuple[Part, ...] = ()
    whole: bool = False


class Bar(NamedTuple):
    """A part with its place."""

    x: float
    width: float
    classes: str


@dataclass(slots=True)
class Shape:
    """A piece with its place: `x`, `y`, `width`, then `planned`; it takes the room from `left` to `right`.

    The label begins at `label_x`; with `before` it ends there.
    """

    piece: Piece
    x: float
    y: float
    width: float
    label: str
    label_x: float
    before: bool = False
    planned: float = 0.0
    bars: tuple[Bar, ...] = ()
    left: float = 0.0
    right: float = 0.0


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
    # What is planned far ahead is drawn as going on, so that what has happened keeps its room.
    ahead = [min(piece.until or piece.end, max(today + _AHEAD, piece.end)) for piece in pieces]
    last = max([*ahead, today]) + 24
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
    rows: list[list[Shape]] = []
    shapes = []
    for piece in sorted(pieces, key=lambda piece: (piece.start, -piece.end)):
        shape = _mark(scale, piece) if piece.mark else _bar(scale, piece)
        number = next((number for number, row in enumerate(rows) if _is_free(row, shape)), len(rows))
        if number == len(rows):
            rows.append([])
        rows[number].append(shape)
        shape.y = round(top + number * (ROW + GAP), 1)
        shapes.append(shape)
    return shapes, len(rows) * (ROW + GAP) - GAP


def _is_free(row: Sequence[Shape], wanted: Shape) -> bool:
    return all(wanted.right <= shape.left or shape.right <= wanted.left for shape in row)


def _mark(scale: Scale, piece: Piece) -> Shape:
    room = _MARK + (width_of(piece.label) + _AWAY if piece.label else 0.0)
    x = min(scale.x(piece.start), round(scale.width - room, 1))
    return Shape(piece, x, 0.0, _MARK, piece.label, round(x + _MARK + 1, 1), left=x, right=x + room)


def _bar(scale: Scale, piece: Piece) -> Shape:
    x = scale.x(piece.start)
    width = max(round(scale.x(piece.end + 1) - x - _SEAM, 1), 3.0)
    planned = 0.0
    if piece.until is not None and piece.until > piece.end:
        planned = round(scale.x(piece.until + 1) - scale.x(piece.end + 1), 1)
    shape = Shape(piece, x, 0.0, width, "", round(x + _PAD / 2, 1), planned=planned)
    shape.bars = _bars(scale, piece, x, width)
    shape.left, shape.right = x, x + width + planned
    _place_label(shape, scale.width)
    return shape


def _bars(scale: Scale, piece: Piece, x: float, width: float) -> tuple[Bar, ...]:
    begins = [scale.x(part.start) for part in piece.parts] or [x]
    ends = [*begins[1:], round(x + width, 1)]
    styles = [part.classes for part in piece.parts] or [""]
    return tuple(
        Bar(begin, max(round(end - begin, 1), 1.0), style)
        for begin, end, style in zip(begins, ends, styles, strict=True)
    )


def _place_label(shape: Shape, most: float) -> None:
    """Into the bar, whole, cut or short; else beside it, where the drawing has room."""
    piece, room = shape.piece, shape.width - _PAD
    inside = fitted(piece.label, room)
    if inside == piece.label or (len(inside) >= _READABLE and not piece.whole):
        shape.label = inside
        return
    if piece.short and width_of(piece.short) <= room:
        shape.label = piece.short
        return
    text = piece.short or piece.label
    needed = width_of(text) + 2 * _AWAY
    if shape.right + needed <= most:
        shape.label, shape.label_x = text, round(shape.right + _AWAY - 1, 1)
        shape.right += needed
    elif shape.x >= needed:
        shape.label, shape.label_x, shape.before = text, round(shape.x - _AWAY, 1), True
        shape.left -= needed
    else:
        shape.label = inside


def width_of(text: str) -> float:
    """About how wide a text is."""
    return sum(_WIDTHS.get(character, _CHARACTER) for character in text)


def fitted(label: str, width: float) -> str:
    """As much of a label as a width has room for; nothing if that would be less than three letters."""
    if width_of(label) <= width:
        return label
    room = width - width_of("…")
    kept = 0
    for character in label:
        room -= _WIDTHS.get(character, _CHARACTER)
        if room < 0:
            break
        kept += 1
    return f"{label[:kept].rstrip()}…" if kept >= 3 else ""


def _ticks(scale: Scale) -> list[Tick]:
    begin, end = date.fromordinal(scale.first), date.fromordinal(scale.last)
    step = 1 if scale.day >= _MONTHS_FROM else 3 if scale.day >= _QUARTERS_FROM else 6
    ticks = []
    for month in range(begin.year * 12 + begin.month, end.year * 12 + end.month):
        year, index = divmod(month, 12)
        if index % step == 0:
            x = scale.x(date(year, index + 1, 1).toordinal())
            label = str(year) if index == 0 else f"{index + 1}/{year % 100:02d}"
            ticks.append(Tick(x, label if x + width_of(label) + _AWAY <= scale.width else "", index == 0))
    return ticks
