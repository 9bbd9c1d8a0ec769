"""What uploaded files do in the database: dry runs, row errors, re-uploads, cancelling, snapshots and the brake."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from services.enrollment.domain.file_import import Decision, FileImport, ImportState
from services.enrollment.domain.source import Emitter, Source
from services.enrollment.domain.table import Bounds
from services.enrollment.gateways.vault_keys import KeyFile
from services.enrollment.store.files import imports, snapshots
from services.enrollment.usecases.files import FileWork, Ground, Mappings, Pace, Parts, Subjects, Upload, Uploads
from services.enrollment.usecases.intake import Intake
from services.enrollment.usecases.persons import Persons
from services.enrollment.usecases.registering import Registering
from services.enrollment.usecases.sources import Sources
from services.enrollment.usecases.speaking import Voice
from shared.auth import Principal, Role
from shared.clock import Clock
from shared.contracts.vocabulary import Body
from shared.db import Database
from shared.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge
from shared.migrate import migrate

KOELN = "05315000"
COMMON = {
    "municipality": {"column": "AGS", "mend_ags": True},
    "rechtskreis": {"constant": "SGB2"},
    "legal_basis": {"constant": "SGB2_16"},
    "purpose": {"constant": "CASE_MANAGEMENT"},
    "measure_id": {"column": "Nr", "prefix": "jc-"},
}
MAPPING: dict[str, Any] = {
    "person": {"column": "Aktenzeichen"},
    "events": [
        {
            "type": "gemeinsam.measure.started.v1",
            "fields": COMMON
            | {
                "type": {"column": "Art", "codes": {"Sprachkurs": "IK_ALLG", "Prüfung": "MAT"}},
                "provider": {"constant": "vhs-koeln"},
                "started_on": {"column": "Beginn"},
            },
        },
        {
            "type": "gemeinsam.measure.ended.v1",
            "when": [{"column": "Ende"}],
            "fields": COMMON
            | {
                "ended_on": {"column": "Ende"},
                "exit": {"column": "Grund", "codes": {"fertig": "COMPLETED_GOAL"}, "otherwise": "UNKNOWN"},
            },
        },
    ],
}
HEAD = "Aktenzeichen;AGS;Nr;Art;Beginn;Ende;Grund"


class Desk:
    """The use cases of files on a database of the test's own."""

    def __init__(self, database: Database, emitter: Emitter, keys: KeyFile) -> None:
        self.database = database
        self.emitter = emitter
        clock = Clock(None)
        self.mappings = Mappings(database, clock)
        self.keys = keys
        self.parts = Parts(keys)
        self.uploads = Uploads(database, clock, self.mappings, self.parts, most_bytes=1_000_000)
        registering = Registering(database, keys, Voice(clock, secrets.randbits), limit=6)
        subjects = Subjects(database, Persons(database, secrets.randbits), registering)
        pace = Pace(10, 20, Bounds())
        self.work = FileWork(database, clock, Intake(database), Ground(subjects, self.parts), pace)

    async def receive(self, *lines: str, **asked: Any) -> FileImport:
        content = "\r\n".join([HEAD, *lines]).encode("cp1252")

        async def pieces() -> AsyncIterator[bytes]:
            for start in range(0, len(content), 100):
                yield content[start : start + 100]

        upload = Upload(asked.get("mapping", "rows"), "a.csv", asked.get("dry", False), asked.get("scope"), "t")
        return await self.uploads.receive(self.emitter, upload, pieces())

    async def upload(self, *lines: str, **asked: Any) -> FileImport:
        file = await self.receive(*lines, **asked)
        await self.work.work()
        return await self.uploads.seen(self.emitter, file.import_id)

    async def snapshot(self, *lines: str, since: str = "2020-01-01", **asked: Any) -> FileImport:
        scope = (date.fromisoformat(since), date(2020, 12, 31))
        return await self.upload(*lines, mapping="whole", scope=scope, **asked)

    async def notes(self, file: FileImport) -> list[tuple[Any, ...]]:
        found = await self.uploads.notes(self.emitter, file.import_id, after=0, limit=100)
        return [(note.row, note.letters, note.column, note.field, note.code) for note in found]

    async def fetch(self, query: str) -> list[tuple[Any, ...]]:
        async with self.database.reading() as connection:
            return [tuple(row) for row in await connection.fetch(query)]

    async def told(self) -> list[str]:
        """What waits in the outbox about persons, by type, without what earlier calls have seen."""
        async with self.database.transaction() as connection:
            rows = await connection.fetch("DELETE FROM outbox RETURNING outbox_id, headers")
        types = [json.loads(row["headers"])["ce_type"] for row in sorted(rows)]
        return [type_.removeprefix("gemeinsam.").removesuffix(".v1") for type_ in types]


@pytest.fixture
async def desk(database_url: str, tmp_path: Path) -> AsyncIterator[Desk]:
    await migrate(database_url, *(Path("services/enrollment") / part for part in ("migrations", "development")))
    database = await Database.at(database_url)
    sources = Sources(database)
    await sources.register(Source("//a.example/x", Body.JOBCENTER, (KOELN,), "it", 7, 0.4))
    emitter = await sources.emitter(Principal("test", Role.EMITTER, (KOELN,), None, "//a.example/x"))
    keys = KeyFile(tmp_path / "vault-keys.json")
    keys.add()
    desk = Desk(database, emitter, keys)
    await desk.mappings.save(emitter, "rows", MAPPING, by="t")
    await desk.mappings.save(emitter, "whole", MAPPING | {"snapshot": True}, by="t")
    yield desk
    await database.close()


def row(number: int, ags: str = KOELN, art: str = "Sprachkurs", begin: str = "01.02.2020", end: str = ";") -> str:
    return f"P{number};{ags};{number};{art};{begin};{end}"


async def test_a_file_becomes_facts_and_its_errors_name_row_and_column(desk: Desk) -> None:
    file = await desk.upload(
        row(1, ags="5315000", art="prüfung ", end="31.12.2020;fertig"),
        row(2, art="Töpfern"),
        row(3, ags="09162000"),
        row(4, begin="31.02.2020"),
        *(row(number) for number in range(5, 30)),
    )
    assert (file.state, file.percent, file.rows_total) == (ImportState.DONE, 100, 29)
    assert dict(file.counts) == {"accepted": 27, "duplicate": 0, "set_aside": 0, "rejected": 1, "unreadable": 2}
    assert await desk.notes(file) == [
        (2, "B", "AGS", "data.municipality", "zero_mended"),
        (3, "D", "Art", "data.type", "unknown_word"),
        (5, "E", "Beginn", "data.started_on", "bad_cell_date"),
        (4, "B", "AGS", "data.municipality", "area_not_yours"),
    ]
    assert sorted(await desk.told()) == ["measure.ended"] + ["measure.started"] * 26
    assert await desk.fetch("SELECT count(*) FROM vault.file_parts") == [(0,)]


async def test_the_same_file_again_is_all_duplicates(desk: Desk) -> None:
    lines = [row(number) for number in range(25)]
    assert (await desk.upload(*lines)).counts["accepted"] == 25
    again = await desk.upload(*lines, row(99))
    assert (again.counts["accepted"], again.counts["duplicate"]) == (1, 25)
    assert len(await desk.told()) == 26


async def test_a_dry_run_says_what_would_happen_and_keeps_nothing(desk: Desk) -> None:
    await desk.upload(row(1))
    dry = await desk.upload(row(1), row(2), row(3, ags="09162000"), dry=True)
    assert (dry.counts["accepted"], dry.counts["duplicate"], dry.counts["rejected"]) == (1, 1, 1)
    assert await desk.notes(dry) == [(4, "B", "AGS", "data.municipality", "area_not_yours")]
    assert await desk.fetch("SELECT count(*) FROM facts") == [(1,)]
    assert await desk.fetch("SELECT count(*) FROM vault.grants") == [(1,)]


async def test_a_file_that_cannot_be_read_fails_before_anything_is_told(desk: Desk) -> None:
    file = await desk.upload(row(1), *(row(number) for number in range(20)), '"never closed')
    assert (file.state, file.failure) == (ImportState.FAILED, "broken_quotes")
    assert await desk.told() == []


async def test_a_cancelled_file_stops_where_it_is(desk: Desk) -> None:
    waiting = await desk.receive(row(1))
    assert (await desk.uploads.cancel(desk.emitter, waiting.import_id)).state is ImportState.CANCELLED
    await desk.work.work()
    assert await desk.told() == []
    with pytest.raises(Conflict):
        await desk.uploads.cancel(desk.emitter, waiting.import_id)
    running = await desk.receive(*(row(number) for number in range(30)))
    async with desk.database.transaction() as connection:
        await connection.execute("UPDATE imports SET cancel_asked = true WHERE state = 'waiting'")
    await desk.work.work()
    stopped = await desk.uploads.seen(desk.emitter, running.import_id)
    assert (stopped.state, stopped.rows_done) == (ImportState.CANCELLED, 10)
    assert len(await desk.told()) == 10


async def test_a_worker_that_died_after_the_commit_counts_nothing_twice(desk: Desk) -> None:
    file = await desk.receive(*(row(number) for number in range(25)))
    advanced = FileWork._advance
    calls = 0

    async def die(self: FileWork, *arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise KeyboardInterrupt
        await advanced(self, *arguments)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FileWork, "_advance", die)
        with pytest.raises(KeyboardInterrupt):
            await desk.work.work()
    async with desk.database.transaction() as connection:
        await connection.execute("UPDATE imports SET leased_until = now() - interval '1 second'")
    other = Desk(desk.database, desk.emitter, desk.keys)
    await other.work.work()
    done = await desk.uploads.seen(desk.emitter, file.import_id)
    assert (done.state, done.counts["accepted"], done.counts["duplicate"]) == (ImportState.DONE, 25, 0)
    assert len(await desk.told()) == 25


async def test_a_lease_that_cannot_be_renewed_for_the_moment_is_renewed_again(desk: Desk) -> None:
    await desk.receive(row(1))
    work, quick = desk.work, Pace(10, 0.2, Bounds())
    file = await work._claim()
    assert file is not None
    failures = iter([ConnectionError(), asyncpg.DeadlockDetectedError("met")])
    renewed, renew = asyncio.Event(), imports.renew

    async def failing(*given: Any) -> bool:
        if error := next(failures, None):
            raise error
        renewed.set()
        return await renew(*given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(imports, "renew", failing)
        patch.setattr(work, "_pace", quick)
        async with work._holding(file):
            await asyncio.wait_for(renewed.wait(), 60)


async def test_a_snapshot_tells_only_what_changed(desk: Desk) -> None:
    first = await desk.snapshot(*(row(number) for number in range(10)))
    assert (first.state, first.counts["started"], await desk.told()) == (ImportState.DONE, 10, ["measure.started"] * 10)
    same = await desk.snapshot(*(row(number) for number in range(10)))
    assert (same.facts_total, await desk.told()) == (0, [])
    second = await desk.snapshot(
        row(0, end="30.06.2020;fertig"),
        row(1, begin="03.02.2020"),
        *(row(number) for number in range(2, 9)),
        row(11),
    )
    assert second.state is ImportState.DONE
    numbers = {name: second.counts[name] for name in ("started", "ended", "corrected", "retracted", "compared")}
    assert numbers == {"started": 1, "ended": 1, "corrected": 1, "retracted": 1, "compared": 10}
    assert sorted(await desk.told()) == ["fact.retracted", "measure.corrected", "measure.ended", "measure.started"]
    assert (await desk.snapshot(row(0), *(row(number) for number in range(2, 9)), row(11), since="2019-01-01")).state
    assert sorted(await desk.told()) == ["fact.retracted", "fact.retracted", "measure.corrected"]


async def test_what_is_outside_the_scope_is_left_alone(desk: Desk) -> None:
    await desk.snapshot(row(1, begin="01.01.2019", end="01.02.2019;x"), row(2), since="2019-01-01")
    await desk.told()
    file = await desk.snapshot(row(2), row(3, begin="01.05.2021"))
    assert file.counts["retracted"] == 0
    assert await desk.notes(file) == [(3, None, None, "row", "outside_scope")]


async def test_rows_that_cannot_be_read_take_nothing_back(desk: Desk) -> None:
    await desk.snapshot(*(row(number) for number in range(10)))
    file = await desk.snapshot(*(row(number) for number in range(1, 9)), row(9, begin="irgendwann"))
    assert (file.state, file.counts["withheld"], file.counts["retracted"]) == (ImportState.DONE, 2, 0)


async def test_the_brake_holds_an_implausible_snapshot_until_a_person_decides(desk: Desk) -> None:
    await desk.snapshot(*(row(number) for number in range(10)))
    await desk.told()
    held = await desk.snapshot(*(row(number) for number in range(5)))
    assert (held.state, held.share) == (ImportState.BRAKED, 0.5)
    assert await desk.told() == ["brake.pulled"]
    with pytest.raises(Conflict):
        await desk.snapshot(row(1))
    body = Principal("g", Role.MANAGING_BODY, (KOELN,))
    elsewhere = Principal("g", Role.MANAGING_BODY, ("05111000",))
    assert [one.import_id for one in await desk.uploads.held(body)] == [held.import_id]
    assert await desk.uploads.held(elsewhere) == []
    for person in (elsewhere, Principal("e", Role.EMITTER, (KOELN,), None, "//a.example/x")):
        with pytest.raises(Forbidden):
            await desk.uploads.decide(person, held.import_id, Decision.PASSED)
    await desk.uploads.decide(body, held.import_id, Decision.PASSED)
    assert await desk.told() == ["brake.released"]
    with pytest.raises(Conflict):
        await desk.uploads.decide(body, held.import_id, Decision.DISCARDED)
    await desk.work.work()
    assert await desk.told() == ["fact.retracted"] * 5
    assert (await desk.snapshot(*(row(number) for number in range(5)))).facts_total == 0


async def test_a_discarded_snapshot_changes_nothing(desk: Desk) -> None:
    await desk.snapshot(*(row(number) for number in range(4)))
    await desk.told()
    dry = await desk.snapshot(row(0), dry=True)
    assert (dry.state, dry.counts["implausible"], dry.counts["retracted"]) == (ImportState.DONE, 1, 3)
    held = await desk.snapshot(row(0))
    await desk.uploads.decide(Principal("o", Role.OPERATOR), held.import_id, Decision.DISCARDED)
    assert await desk.told() == ["brake.pulled", "brake.released"]
    assert (await desk.snapshot(*(row(number) for number in range(4)))).facts_total == 0
    assert await desk.fetch("SELECT count(*) FROM import_facts") == [(0,)]


async def test_an_erased_person_is_forgotten_by_snapshots_too(desk: Desk) -> None:
    await desk.snapshot(*(row(number) for number in range(4)))
    await desk.snapshot(*(row(number) for number in range(1)))
    (pseudonym,) = (await desk.fetch("SELECT pseudonym FROM vault.grants WHERE local_id = 'P3'"))[0]
    async with desk.database.transaction() as connection:
        assert await snapshots.forget_persons(connection, [pseudonym]) == 3
    for table in ("snapshot_facets", "snapshot_told", "import_facts"):
        assert await desk.fetch(f"SELECT 1 FROM {table} WHERE subject = '{pseudonym}'") == []


async def test_what_is_asked_wrongly_is_refused(desk: Desk) -> None:
    with pytest.raises(NotFound):
        await desk.receive(row(1), mapping="nothing")
    with pytest.raises(Invalid):
        await desk.receive(row(1), mapping="whole")
    with pytest.raises(Invalid):
        await desk.receive(row(1), scope=(date(2020, 1, 1), date(2020, 1, 2)))
    with pytest.raises(TooLarge):
        await desk.receive(*(row(number) for number in range(60_000)))
    assert await desk.fetch("SELECT count(*) FROM imports") == [(0,)]


async def test_a_column_with_values_and_no_name_is_pointed_out_once(desk: Desk) -> None:
    file = await desk.upload(row(1) + ";lost;", row(2) + ";;too")
    assert file.counts["accepted"] == 2
    assert await desk.notes(file) == [
        (1, "H", "", "row", "unnamed_column"),
        (1, "I", "", "row", "unnamed_column"),
    ]
