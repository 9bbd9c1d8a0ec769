"""A table with names, dates of birth and AZR numbers: who is in it is known again, and nothing of it stays outside."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from services.enrollment.domain.identity import Traits
from services.enrollment.domain.mapping import MappingRefused, mapping_from
from services.enrollment.domain.source import Emitter, Source
from services.enrollment.gateways.vault_keys import KeyFile
from services.enrollment.usecases.files import FileWork, Ground, Parts, Subjects
from services.enrollment.usecases.intake import Intake
from services.enrollment.usecases.persons import Persons
from services.enrollment.usecases.registering import Registering
from services.enrollment.usecases.sources import Sources
from services.enrollment.usecases.speaking import Voice
from shared.auth import Principal, Role
from shared.clock import Clock
from shared.contracts.vocabulary import Body
from tests.integration.enrollment.test_files_told import KOELN, MAPPING, Desk
from tests.integration.enrollment.test_files_told import desk as desk  # the fixture

TRAITS = {"azr_number": "AZR", "family_name": "Name", "given_name": "Vorname", "birth_date": "Geboren"}
WITH_TRAITS: dict[str, Any] = {**MAPPING, "person": {"column": "Aktenzeichen", "traits": TRAITS}}
HEAD = "Aktenzeichen;AGS;Nr;Art;Beginn;Ende;Grund;AZR;Name;Vorname;Geboren"


def row(number: int, azr: str, name: str = "Zarathustrab", born: str = "08.07.1999") -> str:
    return f"T{number};{KOELN};t{number};Sprachkurs;01.02.2020;;;{azr};{name};Xoanalib;{born}"


@pytest.fixture
async def trusted(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("tests.integration.enrollment.test_files_told.HEAD", HEAD)
    await desk.mappings.save(desk.emitter, "traits", WITH_TRAITS, by="t")
    return desk


async def test_somebody_another_source_has_registered_keeps_the_pseudonym(trusted: Desk, tmp_path: Path) -> None:
    other = await _other(trusted)
    registering = Registering(
        trusted.database, KeyFile(tmp_path / "vault-keys.json"), Voice(Clock(None), secrets.randbits), limit=6
    )
    known = await registering.pseudonyms(
        other, {"4711": Traits("990000000001", "Zarathustrab", "Xoanalib", "1999-07-08")}
    )
    file = await trusted.upload(
        row(1, "990000000001"), row(2, "990000000002", "Anders", "01.01.1998"), mapping="traits"
    )
    assert dict(file.counts) == {"accepted": 2, "duplicate": 0, "set_aside": 0, "rejected": 0, "unreadable": 0}
    subjects = dict(await trusted.fetch("SELECT local_id, pseudonym FROM vault.grants WHERE local_id LIKE 'T%'"))
    assert subjects["T1"] == known["4711"]
    assert subjects["T2"] != known["4711"]
    again = await trusted.upload(row(1, "990000000001"), mapping="traits")
    assert again.counts["duplicate"] == 1


async def test_traits_stand_in_no_table_while_the_file_waits_nor_afterwards(trusted: Desk) -> None:
    waiting = await trusted.receive(row(1, "990000000011"), mapping="traits")
    await _nowhere(trusted, "Zarathustrab", "990000000011", "Xoanalib", "1999-07-08", "08.07.1999")
    async with trusted.database.reading() as connection:
        assert b"Zarathustrab" in await trusted.parts.whole(connection, waiting.import_id)
    await trusted.work.work()
    assert (await trusted.uploads.seen(trusted.emitter, waiting.import_id)).counts["accepted"] == 1
    await trusted.upload(row(2, "990000000012"), mapping="traits", dry=True)
    await _nowhere(trusted, "Zarathustrab", "990000000011", "990000000012", "Xoanalib", "1999-07-08", "08.07.1999")
    assert await trusted.fetch("SELECT local_id FROM vault.traits") == [("T1",)]


async def test_a_trait_that_cannot_be_is_told_by_its_column_and_the_row_is_not_taken(trusted: Desk) -> None:
    file = await trusted.upload(
        row(1, "99000000001"), row(2, "", born="31.02.1999"), row(3, "#NV"), row(4, ""), mapping="traits"
    )
    assert await trusted.notes(file) == [
        (2, "H", "AZR", "traits.azr_number", "bad_azr_number"),
        (3, "K", "Geboren", "traits.birth_date", "bad_cell_date"),
        (4, "H", "AZR", "traits.azr_number", "formula_error"),
    ]
    assert file.counts["accepted"] == 1
    assert file.counts["unreadable"] == 3


async def test_without_a_key_a_file_with_traits_is_not_begun(trusted: Desk) -> None:
    none = KeyFile(None)
    registering = Registering(trusted.database, none, Voice(Clock(None), secrets.randbits), limit=6)
    subjects = Subjects(trusted.database, Persons(trusted.database, secrets.randbits), registering)
    pace = trusted.work._pace
    trusted.work = FileWork(
        trusted.database, Clock(None), Intake(trusted.database), Ground(subjects, Parts(none)), pace
    )
    trusted.uploads._parts = Parts(none)
    file = await trusted.upload(row(1, "990000000031"), mapping="traits")
    assert (str(file.state), file.failure) == ("failed", "vault_without_key")


def test_who_has_a_case_number_already_is_not_registered_with_traits() -> None:
    with pytest.raises(MappingRefused) as refused:
        mapping_from({**WITH_TRAITS, "person": {"column": "Fall", "kind": "pseudonym", "traits": TRAITS}})
    assert [(flaw.field, flaw.code) for flaw in refused.value.flaws] == [("person.traits", "traits_of_a_pseudonym")]


async def _other(desk: Desk) -> Emitter:
    sources = Sources(desk.database)
    await sources.register(Source("//b.example/y", Body.SOZIALAMT, (KOELN,), "it", 7))
    return await sources.emitter(Principal("test", Role.EMITTER, (KOELN,), None, "//b.example/y"))


async def _nowhere(desk: Desk, *words: str) -> None:
    """Look for the words in every table of every schema, as text and as bytes."""
    tables = await desk.fetch(
        "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
        " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
    )
    for (table,) in tables:
        found = await desk.fetch(f"SELECT encode(convert_to(one::text, 'UTF8'), 'escape') FROM {table} AS one")
        for (text,) in found:
            for word in words:
                assert word not in text, table
                assert word.encode().hex() not in text, table
