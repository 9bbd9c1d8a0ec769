"""What is past its time is deleted by category, the rest stays, a dry run deletes nothing, and all is written down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.enrollment.__main__ import run
from services.enrollment.app import PERIODS
from services.enrollment.store.retention import FORGET
from shared.clock import Clock
from shared.db import Database
from shared.migrate import migrate
from shared.retention import BadRetention, Retention, periods

NOW = datetime(2040, 6, 1, 12, tzinfo=UTC)
KEPT = periods(PERIODS)
SHA = "'" + "a" * 63 + "{n}'"
DECLARATION = (
    "INSERT INTO declarations VALUES ('0531500{n}', false, 'JOINED', $1::timestamptz, null, false, false, '', null, '',"
    " '', null, 'KI', '', '', 'NONE', null, null, '', false, '{{}}', '', null, null)"
)
ROWS: dict[str, tuple[str, ...]] = {
    "dead_letters": (
        'INSERT INTO dead_letters (topic, partition, "offset", headers, reason, attempts, dead_at)'
        " VALUES ('t', 0, {n}, '{{}}', 'x', 1, $1::timestamptz)",
    ),
    "receipts": ("INSERT INTO receipts (source_number, receipt_id, changed_at) VALUES (1, 'r{n}', $1::timestamptz)",),
    "imports": (
        "INSERT INTO imports (import_id, source_number, areas, mapping_name, mapping, file_name, is_dry_run,"
        " is_snapshot, state, received_at, received_by, finished_at) VALUES ('i{n}', 1, '{{}}', 'm', '{{}}', 'f',"
        " false, false, 'done', $1::timestamptz, 'x', $1::timestamptz)",
    ),
    "raw_files": (
        "INSERT INTO imports (import_id, source_number, areas, mapping_name, mapping, file_name, is_dry_run,"
        " is_snapshot, state, received_at, received_by) VALUES ('b{n}', 1, '{{}}', 'm', '{{}}', 'f', false, false,"
        " 'braked', $1::timestamptz, 'x')",
        "INSERT INTO vault.file_parts (import_id, part, content)"
        " SELECT 'b{n}', 1, 'x'::bytea WHERE $1::timestamptz IS NOT NULL",
    ),
    "set_aside": (
        "INSERT INTO facts (source_number, fact_id, subject, type, content, recorded_at, taken_at, is_set_aside)"
        " VALUES (1, 'f{n}', 'P', 't', '', $1::timestamptz, $1::timestamptz, true)",
        "INSERT INTO set_aside (source_number, fact_id, type, event, receipt_id, receipt_row)"
        " SELECT 1, 'f{n}', 't', '{{}}', 'r', 1 WHERE $1::timestamptz IS NOT NULL",
    ),
    "vault_read_log": (
        "INSERT INTO vault.read_log (read_at, reader, role, pseudonyms, what, reason)"
        " VALUES ($1::timestamptz, 'r{n}', 'vault_clerk', '{{}}', 'person', 'CASE_WORK')",
    ),
    "erasure_proofs": ("INSERT INTO vault.proofs VALUES ('P{n}', 'pathways', 1, 0, $1::timestamptz)",),
    "municipal_audit": (
        "INSERT INTO told_facts (fact_id, topic, subject, ags, type, data, recorded_at, recorded_by)"
        " VALUES ('e{n}', 't', 's', '05315000', 'x', '{{}}', $1::timestamptz, 'b')",
    ),
    "funding": (
        "INSERT INTO funding_blocks VALUES ('F1', 'x', 'x', '2020-01-01') ON CONFLICT DO NOTHING",
        "INSERT INTO funding_decisions VALUES ('d{n}', '05315000', 'F1', $1::timestamptz, 1, $1::timestamptz,"
        " $1::timestamptz)",
    ),
    "declarations": (DECLARATION,),
    "documents": (f"INSERT INTO documents VALUES ('05315000', {SHA}, 'application/pdf', '', $1::timestamptz, 'x')",),
}
TABLES = {"vault_read_log": "vault.read_log", "erasure_proofs": "vault.proofs", "municipal_audit": "told_facts"}
TABLES |= {"funding": "funding_decisions", "raw_files": "vault.file_parts"}


@pytest.fixture
async def db(database_url: str) -> AsyncIterator[Database]:
    await migrate(database_url, Path("services/enrollment/migrations"))
    database = await Database.at(database_url, connections=2)
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO sources (source, body, areas, contact, rhythm_days) VALUES ('//a', 'KI', '{}', 'x', 7)"
        )
    yield database
    await database.close()


async def put(db: Database, category: str, number: int, at: datetime) -> None:
    async with db.transaction() as connection:
        for statement in ROWS[category]:
            text = statement.format(n=number)
            await connection.execute(text, *([at] if "$1" in text else []))


async def count(db: Database, table: str) -> int:
    async with db.reading() as connection:
        return await connection.fetchval(f"SELECT count(*) FROM {table}")


@pytest.mark.parametrize("category", list(KEPT))
async def test_a_category_is_deleted_after_its_time_and_not_before(db: Database, category: str) -> None:
    past = NOW - timedelta(days=KEPT[category].days)
    await put(db, category, 1, past - timedelta(days=2))
    await put(db, category, 2, past + timedelta(days=2))
    table = TABLES.get(category, category)
    retention = Retention(db, Clock(), KEPT, FORGET)
    tried = {one.category: one for one in await retention.run(now=NOW, dry_run=True)}
    assert (tried[category].removed, await count(db, table)) == (1, 2), "a dry run says how much, and deletes nothing"
    done = {one.category: one.removed for one in await retention.run(now=NOW)}
    assert (done[category], await count(db, table)) == (1, 1)
    assert {one.category: one.removed for one in await retention.run(now=NOW)}[category] == 0
    async with db.reading() as connection:
        rows = await connection.fetch(
            "SELECT removed, dry_run FROM retention_runs WHERE category = $1 AND removed > 0 ORDER BY run_id", category
        )
    assert [tuple(row) for row in rows] == [(1, True), (1, False)]


async def test_what_a_declaration_rests_on_and_who_is_a_member_stays(db: Database) -> None:
    long_ago = NOW - timedelta(days=5000)
    await put(db, "declarations", 1, long_ago)
    await put(db, "documents", 1, long_ago)
    async with db.transaction() as connection:
        await connection.execute("UPDATE documents SET ags = '05315001'")
        await connection.execute("UPDATE declarations SET evidence = (SELECT sha256 FROM documents)")
        await connection.execute("INSERT INTO membership_versions VALUES ('m', '05315001', '2026-01-01', NULL, now())")
    await Retention(db, Clock(), KEPT, FORGET).run(now=NOW)
    assert (await count(db, "declarations"), await count(db, "documents")) == (1, 1)
    async with db.transaction() as connection:
        await connection.execute("UPDATE membership_versions SET ended_on = '2027-01-01'")
    await Retention(db, Clock(), KEPT, FORGET).run(now=NOW)
    assert (await count(db, "declarations"), await count(db, "documents")) == (0, 0)


async def test_a_file_nobody_decided_about_is_given_up_with_its_content(db: Database) -> None:
    await put(db, "raw_files", 1, NOW - timedelta(days=31))
    await Retention(db, Clock(), KEPT, FORGET).run(now=NOW)
    async with db.reading() as connection:
        assert await connection.fetchval("SELECT state FROM imports") == "discarded"


async def test_a_file_of_periods_that_does_not_fit_the_service_stops_it(db: Database, tmp_path: Path) -> None:
    for text in (PERIODS.read_text().replace("receipts,", "receipt,"), "category,days,counted_from,basis\na,1,x,y\n"):
        other = tmp_path / "other.csv"
        other.write_text(text)
        with pytest.raises(BadRetention, match="receipts"):
            Retention(db, Clock(), periods(other), FORGET)


def test_the_command_says_how_much_would_go_and_takes_another_day_for_a_dry_run_only(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asyncio.run(migrate(database_url, Path("services/enrollment/migrations")))
    given = {"DATABASE_URL": database_url, "KAFKA": "127.0.0.1:1", "PUBLIC_URL": "http://127.0.0.1"}
    given |= {"ISSUER_URL": "http://127.0.0.1:1", "SESSION_SECRET": "test"}
    for name, value in given.items():
        monkeypatch.setenv(f"ENROLLMENT_{name}", value)
    capsys.readouterr()
    assert run(["retention", "--dry-run", "--at", "2040-01-01"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(KEPT)
    assert "receipts: 0 would be deleted, from before 2039-07-05 (180 days)" in lines
    assert run(["retention"]) == 0
    assert "receipts: 0 deleted" in capsys.readouterr().out
    assert run(["retention", "--at", "2040-01-01"]) == 1
    assert "--dry-run" in capsys.readouterr().err
