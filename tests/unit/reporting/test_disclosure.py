"""Which counts may be shown, to whom."""

from __future__ import annotations

import random

import pytest

from services.reporting.domain.disclosure import THRESHOLD, protected
from services.reporting.domain.indicators import OPEN, PERSONS, RUNNING, Cell, Counted, cells, open_of, parts_of
from services.reporting.pages.translations import TEXTS
from services.reporting.pages.view import Asked, number_for, overview, sees_exactly
from shared.auth import Principal, Role
from shared.reference import LAND, municipalities

KOELN, TELGTE, WARENDORF = "05315000", "05570044", "05570000"
AHLEN = "05570004"


def person_cells(**by_area: int) -> dict[Cell, int]:
    return cells([Counted(area.removeprefix("a"), number) for area, number in by_area.items()], [], [])


def test_counts_add_up_from_gemeinde_to_kreis_to_land() -> None:
    counted = cells(
        [Counted(KOELN, 7), Counted(TELGTE, 3)],
        [Counted(KOELN, 2)],
        [Counted(KOELN, 6, "M05", "warning"), Counted(TELGTE, 1, "M02", "critical")],
    )
    assert counted[Cell(PERSONS, LAND)] == 10
    assert counted[Cell(PERSONS, WARENDORF)] == counted[Cell(PERSONS, TELGTE)] == 3
    assert counted[Cell(PERSONS, KOELN)] == 7
    assert counted[Cell(RUNNING, LAND)] == 2
    assert counted[Cell(OPEN, LAND)] == 7
    assert counted[Cell(open_of("warning", "M05"), KOELN)] == 6


def test_counts_from_one_to_four_are_suppressed_zero_and_five_are_not() -> None:
    numbers = {number: number for number in range(7)}
    assert protected(numbers, {}) == {0: 0, 1: None, 2: None, 3: None, 4: None, 5: 5, 6: 6}


def test_complementary_suppression_hides_what_follows_by_subtraction() -> None:
    numbers = person_cells(a05570044=3, a05570004=20, a05570008=50)
    plain = protected(numbers, parts_of(numbers))
    assert plain[Cell(PERSONS, AHLEN)] == 20
    more = protected(numbers, parts_of(numbers), complementary=True)
    assert more[Cell(PERSONS, TELGTE)] is None
    assert more[Cell(PERSONS, AHLEN)] is None
    assert more[Cell(PERSONS, "05570008")] == 50


def test_a_sum_with_a_single_part_goes_with_it() -> None:
    numbers = {"sum": 3, "part": 3}
    assert protected(numbers, {"sum": ["part"]}, complementary=True) == {"sum": None, "part": None}


@pytest.mark.parametrize("seed", range(20))
def test_no_suppressed_count_can_be_found_by_one_subtraction(seed: int) -> None:
    chance = random.Random(seed)
    areas = [area for area in municipalities() if chance.random() < 0.3]
    numbers = cells([Counted(area, chance.choice([0, 1, 2, 4, 7, 30])) for area in areas], [], [])
    sums = parts_of(numbers)
    shown = protected(numbers, sums, complementary=True)
    for total, parts in sums.items():
        hidden = [part for part in parts if shown[part] is None]
        if shown[total] is not None and hidden:
            assert len(hidden) > 1
            assert sum(numbers[part] for part in hidden) >= THRESHOLD


def reader(role: Role, *areas: str) -> Principal:
    return Principal("x", role, areas)


@pytest.mark.parametrize("role", [Role.CASE_MANAGER, Role.MANAGING_BODY, Role.DISTRICT])
def test_those_who_work_there_see_true_numbers(role: Role) -> None:
    known = {Cell(PERSONS, TELGTE): (3, None), Cell(PERSONS, KOELN): (2, None)}
    assert number_for(known, reader(role, WARENDORF), Cell(PERSONS, TELGTE)) == 3
    assert number_for(known, reader(role, WARENDORF), Cell(PERSONS, KOELN)) is None


@pytest.mark.parametrize("role", [Role.MINISTRY, Role.SCIENCE, Role.LAKI, Role.JMD, Role.OPERATOR])
def test_everybody_else_sees_protected_ones_whatever_their_areas(role: Role) -> None:
    assert not sees_exactly(reader(role, TELGTE), TELGTE)


def test_sorting_gives_no_suppressed_number_away() -> None:
    known = {
        Cell(PERSONS, TELGTE): (4, None),
        Cell(PERSONS, AHLEN): (1, None),
        Cell(PERSONS, KOELN): (9, 9),
    }
    asked = Asked(sort="persons", down=True)
    names = [row.name for row in overview(known, reader(Role.MINISTRY), asked).rows]
    assert names[0] == "Köln"
    turned = known | {Cell(PERSONS, TELGTE): (1, None), Cell(PERSONS, AHLEN): (4, None)}
    assert [row.name for row in overview(turned, reader(Role.MINISTRY), asked).rows] == names


def test_a_search_finds_names_districts_and_keys() -> None:
    known = {Cell(PERSONS, TELGTE): (9, 9), Cell(PERSONS, KOELN): (9, 9)}

    def found(text: str) -> list[str]:
        return [row.name for row in overview(known, reader(Role.MINISTRY), Asked(search=text)).rows]

    assert found("telg") == found("warendorf") == found("055700") == ["Telgte"]
    assert found("nowhere") == []
    assert len(found("")) == 2


def test_both_languages_have_the_same_texts_for_the_overview() -> None:
    assert TEXTS["de"].keys() == TEXTS["en"].keys()
