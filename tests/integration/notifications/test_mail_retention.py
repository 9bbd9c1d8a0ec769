"""Mails that were sent or given up a year ago are forgotten with their tries; what waits is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.notifications.app import PERIODS
from services.notifications.store.retention import FORGET
from shared.clock import Clock
from shared.db import Database
from shared.migrate import migrate
from shared.retention import Retention, periods

NOW = datetime(2040, 6, 1, 12, tzinfo=UTC)
KEPT = periods(PERIODS)
ROWS = {
    "deliveries": (
        "INSERT INTO deliveries (delivery_id, recipient_id, person_id, pattern, anchor, severity, since, step_on,"
        " municipality, said, event_id, state, planned_at, due_at, settled_at) VALUES ('d{n}', 1, 'P{n}', 'M05', 'm',"
        " 'warning', '2026-01-01', '2026-01-01', '05315000', '{{}}', 'e', '{state}', $1, $1,"
        " CASE WHEN '{state}' = 'sent' THEN $1::timestamptz END)"
    ),
    "notices": (
        "INSERT INTO notices (notice_id, contact_id, about, municipality, subject, body, event_id, state, planned_at,"
        " due_at, settled_at) VALUES ('n{n}', 1, 'workshop', '05315000', 's', 'b', 'e', '{state}', $1, $1,"
        " CASE WHEN '{state}' = 'sent' THEN $1::timestamptz END)"
    ),
    "workshop_slots": "INSERT INTO workshop_slots VALUES ('w{n}', 'DEV', $1, $1, '05315000')",
}


@pytest.mark.parametrize("category", list(ROWS))
async def test_what_is_past_its_time_goes_and_what_waits_stays(database_url: str, category: str) -> None:
    await migrate(database_url, Path("services/notifications/migrations"))
    db = await Database.at(database_url, connections=2)
    past = NOW - timedelta(days=KEPT[category].days)
    async with db.transaction() as connection:
        await connection.execute("INSERT INTO recipients (area, role, address) VALUES ('05315000', 'x', 'a@b.example')")
        await connection.execute(
            "INSERT INTO contacts (area, role, address) VALUES ('05315000', 'district', 'a@b.example')"
        )
        for number, state, at in ((1, "sent", -2), (2, "sent", 2), (3, "waiting", -2)):
            text = ROWS[category].format(n=number, state=state)
            await connection.execute(text, past + timedelta(days=at))
    retention = Retention(db, Clock(), KEPT, FORGET)
    expected = 2 if category == "workshop_slots" else 1
    assert {one.category: one.removed for one in await retention.run(now=NOW, dry_run=True)}[category] == expected
    assert {one.category: one.removed for one in await retention.run(now=NOW)}[category] == expected
    async with db.reading() as connection:
        assert await connection.fetchval(f"SELECT count(*) FROM {category}") == 3 - expected
    await db.close()
