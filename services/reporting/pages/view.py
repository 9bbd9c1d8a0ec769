"""What the overview shows to one reader: exact numbers for the own area, protected ones for the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from services.reporting.domain.indicators import OPEN, PERSONS, RUNNING, SEVERITIES, Cell, open_of
from shared.auth import Principal, Role
from shared.reference import LAND, district_of, districts, municipalities, name_of

LOCAL = (Role.CASE_MANAGER, Role.MANAGING_BODY, Role.DISTRICT)
COLUMNS: Mapping[str, str] = {
    "persons": PERSONS,
    "running": RUNNING,
    "critical": open_of("critical"),
    "warning": open_of("warning"),
    "info": open_of("info"),
}
SORTS = ("name", *COLUMNS)
LEVELS = ("municipality", "district")

Cells = Mapping[Cell, tuple[int, int | None]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the reader wants to see: a search for names or keys, the level of areas, the column to sort by."""

    search: str = ""
    level: str = LEVELS[0]
    sort: str = SORTS[0]
    down: bool = False

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Asked:
        """From the address; what is not known there is left out."""
        level, sort = parameters.get("level", ""), parameters.get("sort", "")
        return cls(
            search=parameters.get("search", "")[:80].strip(),
            level=level if level in LEVELS else LEVELS[0],
            sort=sort if sort in SORTS else SORTS[0],
            down=parameters.get("down") == "1",
        )

    def query(self, **changed: str | bool) -> str:
        """The address of the same page with something else asked."""
        said = {"search": self.search, "level": self.level, "sort": self.sort, "down": self.down} | changed
        return "?" + urlencode({key: "1" if value is True else value for key, value in said.items() if value})

    def sorted_by(self, column: str) -> str:
        """The address that sorts by a column: names upwards first, numbers downwards first, then the other way."""
        first = column != "name"
        return self.query(sort=column, down=not self.down if self.sort == column else first)

    def order_of(self, column: str) -> str:
        """The value of `aria-sort` of a column."""
        if self.sort != column:
            return "none"
        return "descending" if self.down else "ascending"


@dataclass(frozen=True, slots=True)
class Row:
    """One area; a number is None where it is suppressed. `exact` says that the reader sees the true ones."""

    area: str
    name: str
    district: str
    numbers: Mapping[str, int | None]
    exact: bool


@dataclass(frozen=True, slots=True)
class PatternRow:
    """One pattern in the Land: open findings by severity."""

    pattern: str
    numbers: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Overview:
    """All of the page: the Land, the reader's own areas, patterns, the areas (`all_rows` before the search)."""

    land: Row
    own: list[Row]
    patterns: list[PatternRow]
    rows: list[Row]
    all_rows: int


def overview(cells: Cells, reader: Principal, asked: Asked) -> Overview:
    """What a reader sees of the last count."""
    areas = municipalities() if asked.level == "municipality" else districts()
    every = [row for area in areas if _to_show(row := _row(cells, reader, area))]
    needle = asked.search.casefold()
    found = [
        row
        for row in every
        if not needle or needle in f"{row.name} {row.district}".casefold() or row.area.startswith(needle)
    ]
    own = [_row(cells, reader, area) for area in reader.areas if sees_exactly(reader, area)]
    return Overview(_row(cells, reader, LAND), own, _patterns(cells), _sorted(found, asked), len(every))


def sees_exactly(reader: Principal, area: str) -> bool:
    """Whether the reader may see true numbers of an area: those who work there, no others."""
    return reader.role in LOCAL and reader.covers(area)


def number_for(cells: Cells, reader: Principal, cell: Cell) -> int | None:
    """One number as this reader may see it, None if suppressed; a cell never counted is zero."""
    number, shown = cells.get(cell, (0, 0))
    return number if sees_exactly(reader, cell.area) else shown


def _row(cells: Cells, reader: Principal, area: str) -> Row:
    numbers = {column: number_for(cells, reader, Cell(indicator, area)) for column, indicator in COLUMNS.items()}
    numbers["open"] = number_for(cells, reader, Cell(OPEN, area))
    district = "" if area in (LAND, district_of(area)) else name_of(district_of(area))
    return Row(area, name_of(area), district, numbers, sees_exactly(reader, area))


def _to_show(row: Row) -> bool:
    return row.exact or any(number != 0 for number in row.numbers.values())


def _patterns(cells: Cells) -> list[PatternRow]:
    known = sorted({pattern for cell in cells if cell.area == LAND and (pattern := _pattern_of(cell.indicator))})
    rows = [
        PatternRow(pattern, {severity: _shown(cells, pattern, severity) for severity in SEVERITIES})
        for pattern in known
    ]
    return [row for row in rows if any(number != 0 for number in row.numbers.values())]


def _shown(cells: Cells, pattern: str, severity: str) -> int | None:
    return cells.get(Cell(open_of(severity, pattern), LAND), (0, 0))[1]


def _pattern_of(indicator: str) -> str | None:
    pattern, dot, _ = indicator.removeprefix(f"{OPEN}.").partition(".")
    return pattern if dot and indicator.startswith(f"{OPEN}.") else None


def _sorted(rows: list[Row], asked: Asked) -> list[Row]:
    by_name = sorted(rows, key=lambda row: _collated(row.name))
    if asked.sort == "name":
        return by_name[::-1] if asked.down else by_name
    # By what is shown: an order by true numbers would give suppressed ones away.
    return sorted(by_name, key=lambda row: _rank(row.numbers[asked.sort]), reverse=asked.down)


def _rank(number: int | None) -> float:
    return 0.5 if number is None else number


_FOLDED = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"})


def _collated(name: str) -> str:
    """A name for sorting as in a German directory: umlauts beside their vowels."""
    return name.casefold().translate(_FOLDED)
