"""All SQL of notifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from services.notifications.domain.delivery import Delivery
from services.notifications.domain.finding import Gone
from services.notifications.domain.recipient import Recipient


async def recipients_in(connection: asyncpg.Connection, areas: Sequence[str]) -> dict[str, list[Recipient]]:
    """The recipients of areas, by area."""
    rows = await connection.fetch(
        "SELECT recipient_id, area, role, address, language, min_severity, body FROM recipients"
        " WHERE area = ANY($1::text[]) AND removed_at IS NULL ORDER BY recipient_id",
        areas,
    )
    found: dict[str, list[Recipient]] = {}
    for row in rows:
        found.setdefault(row["area"], []).append(Recipient(**row))
    return found


async def add_recipients(connection: asyncpg.Connection, rows: Sequence[tuple[str, str, str, str]]) -> None:
    """Add recipients (area, role, address, body) that are not there yet."""
    await connection.execute(
        "INSERT INTO recipients (area, role, address, body)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])"
        " ON CONFLICT ON CONSTRAINT recipients_once_an_area_and_role DO NOTHING",
        *map(list, zip(*rows, strict=True)),
    )


async def add_deliveries(connection: asyncpg.Connection, planned: Sequence[Delivery], now: datetime) -> int:
    """Store planned deliveries; those known already stay as they are. Returns how many are new."""
    rows = [_row(one) for one in planned]
    done = await connection.execute(
        "INSERT INTO deliveries (delivery_id, recipient_id, person_id, pattern, anchor, severity, since, step_on,"
        " municipality, said, event_id, traceparent, planned_at, due_at)"
        " SELECT *, $13::timestamptz, $13::timestamptz FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[],"
        " $5::text[], $6::text[], $7::date[], $8::date[], $9::text[], $10::jsonb[], $11::text[], $12::text[])"
        " AS given (delivery_id, recipient_id, person_id)"
        " WHERE NOT EXISTS (SELECT FROM erased WHERE erased.person_id = given.person_id) ON CONFLICT DO NOTHING",
        *map(list, zip(*rows, strict=True)),
        now,
    )
    return int(done.rpartition(" ")[2])


async def remove_deliveries(connection: asyncpg.Connection, gone: Sequence[Gone]) -> None:
    """Forget every delivery about erased findings, with its attempts."""
    await connection.execute(
        "DELETE FROM deliveries USING unnest($1::text[], $2::text[], $3::text[]) AS gone (person_id, pattern, anchor)"
        " WHERE deliveries.person_id = gone.person_id AND deliveries.pattern = gone.pattern"
        " AND deliveries.anchor = gone.anchor",
        [one.person_id for one in gone],
        [one.pattern for one in gone],
        [one.anchor for one in gone],
    )


async def remove_waiting(connection: asyncpg.Connection, retracted: Sequence[Gone]) -> None:
    """Forget what has not been sent yet about findings that were taken back."""
    await connection.execute(
        "DELETE FROM deliveries USING unnest($1::text[], $2::text[], $3::text[]) AS gone (person_id, pattern, anchor)"
        " WHERE deliveries.person_id = gone.person_id AND deliveries.pattern = gone.pattern"
        " AND deliveries.anchor = gone.anchor AND deliveries.state = 'waiting'",
        [one.person_id for one in retracted],
        [one.pattern for one in retracted],
        [one.anchor for one in retracted],
    )


async def lease_due(connection: asyncpg.Connection, now: datetime, until: datetime, most: int) -> list[Delivery]:
    """Take deliveries that are due, for this process alone until the lease ends; `attempts` counts the one to come.

    Rows another process is taking are passed over (SKIP LOCKED); a lease that ran out means that process was killed.
    """
    rows = await connection.fetch(
        "WITH due AS (SELECT delivery_id FROM deliveries WHERE state = 'waiting' AND due_at <= $1"
        " AND (leased_until IS NULL OR leased_until < $1) ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED),"
        " leased AS (UPDATE deliveries SET leased_until = $2 FROM due"
        " WHERE deliveries.delivery_id = due.delivery_id RETURNING deliveries.*)"
        " SELECT leased.delivery_id, person_id, pattern, anchor, severity, since, step_on, municipality, said,"
        " event_id, traceparent, attempts + 1 AS attempts, recipient_id, recipients.area, recipients.role,"
        " recipients.address, recipients.language, recipients.min_severity, recipients.body"
        " FROM leased JOIN recipients USING (recipient_id) ORDER BY leased.planned_at",
        now,
        until,
        most,
    )
    return [_delivery(row) for row in rows]


async def log_attempt(
    connection: asyncpg.Connection, delivery: Delivery, *, at: datetime, outcome: str, reason: str | None
) -> None:
    """Write one try into the delivery's log."""
    await connection.execute(
        "INSERT INTO attempts (delivery_id, attempt, tried_at, outcome, reason) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (delivery_id, attempt) DO NOTHING",
        delivery.delivery_id,
        delivery.attempts,
        at,
        outcome,
        reason,
    )


async def newest_deliveries(connection: asyncpg.Connection, areas: Sequence[str], most: int) -> list[Mapping[str, Any]]:
    """The newest deliveries of areas (a key of a Kreis counts for its Gemeinden), without addresses."""
    rows = await connection.fetch(
        "SELECT delivery_id, person_id, pattern, anchor, severity, step_on, municipality, recipients.role, state,"
        " attempts, event_id, planned_at, settled_at FROM deliveries JOIN recipients USING (recipient_id)"
        " WHERE municipality = ANY($1::text[]) OR left(municipality, 5) || '000' = ANY($1::text[])"
        " ORDER BY planned_at DESC, delivery_id LIMIT $2",
        areas,
        most,
    )
    return [dict(row) for row in rows]


async def counts_by_state(connection: asyncpg.Connection) -> dict[str, int]:
    """How many deliveries are waiting, sent, failed."""
    rows = await connection.fetch("SELECT state, count(*) AS number FROM deliveries GROUP BY state")
    return {row["state"]: row["number"] for row in rows}


def _row(one: Delivery) -> tuple[Any, ...]:
    return (
        one.delivery_id,
        one.recipient.recipient_id,
        one.person_id,
        one.pattern,
        one.anchor,
        one.severity,
        one.since,
        one.step_on,
        one.municipality,
        {"noticed": dict(one.noticed), "ends": dict(one.ends)},
        one.event_id,
        one.traceparent,
    )


def _delivery(row: asyncpg.Record) -> Delivery:
    recipient = Recipient(
        row["recipient_id"],
        row["area"],
        row["role"],
        row["address"],
        row["language"],
        row["min_severity"],
        row["body"],
    )
    return Delivery(
        delivery_id=row["delivery_id"],
        person_id=row["person_id"],
        pattern=row["pattern"],
        anchor=row["anchor"],
        severity=row["severity"],
        since=row["since"],
        step_on=row["step_on"],
        municipality=row["municipality"],
        noticed=row["said"]["noticed"],
        ends=row["said"]["ends"],
        event_id=row["event_id"],
        traceparent=row["traceparent"],
        recipient=recipient,
        attempts=row["attempts"],
    )
