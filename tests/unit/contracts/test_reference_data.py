"""The reference data: as many districts, municipalities and measure types as there are, and that they fit together."""

import csv
from importlib.resources import files

from shared import reference
from shared.contracts.measures import MEASURE_TYPES


def test_nrw_has_53_districts_and_396_municipalities_and_everyone_lives_in_one() -> None:
    districts, municipalities = reference.districts(), reference.municipalities()
    assert (len(districts), len(municipalities)) == (53, 396)
    assert {one.district for one in municipalities.values()} == set(districts)
    assert sum(one.population for one in municipalities.values()) == 18_034_454
    for ags, district in districts.items():
        assert district.population == sum(m.population for m in municipalities.values() if m.district == ags)


def test_keys_are_eight_digits_of_text_and_a_district_covers_its_own() -> None:
    for ags, one in reference.municipalities().items():
        assert ags.isdigit()
        assert len(ags) == 8
        assert reference.district_of(ags) == one.district


def test_aachen_belongs_to_its_region() -> None:
    assert reference.municipalities()["05334002"].belongs_to_district
    assert not reference.municipalities()["05315000"].belongs_to_district


def test_every_district_has_borders_and_a_rate() -> None:
    assert {f["id"] + "000" for f in reference.borders()["features"]} == set(reference.districts())
    assert set(reference.asylum_benefit_rates()) == set(reference.districts())


def test_the_credit_lines_are_there() -> None:
    assert "Destatis" in reference.CREDITS
    assert "dl-de/by-2-0" in (files("shared.reference") / "CREDITS.txt").read_text(encoding="utf-8")


def test_the_catalogue_has_sixty_measure_types_with_names() -> None:
    assert len(MEASURE_TYPES) == 60
    text = (files("shared.contracts") / "reference" / "measures.csv").read_text(encoding="utf-8")
    assert all(row["name_de"] and row["name_en"] for row in csv.DictReader(text.splitlines()))
