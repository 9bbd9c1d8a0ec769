"""What must hold after the faults: everything accepted is in one timeline, said, mailed, counted, and sent."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import asyncpg
import httpx

from services.notifications.domain.delivery import delivery_id
from services.pathways.domain import facts
from tests.e2e.running import Running
from tests.integration.pathways.conftest import folded, lines_of

SERVICES = ("enrollment", "pathways", "notifications", "reporting")


async def ask(url: str, statement: str) -> list[asyncpg.Record]:
    """One statement on a database that may just be coming back."""
    deadline = time.monotonic() + 60
    while True:
        try:
            connection = await asyncpg.connect(url, timeout=5)
            try:
                return await connection.fetch(statement)
            finally:
                await connection.close()
        except (OSError, asyncpg.PostgresError, TimeoutError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)


async def quiet(stack: Running, *, seconds: float) -> None:
    """Wait until nothing waits anywhere and it stays so for three seconds; fails with what still waits."""
    deadline = time.monotonic() + seconds
    still = 0
    while still < 6:
        waiting = await what_waits(stack)
        still = 0 if waiting else still + 1
        assert time.monotonic() < deadline, f"not quiet after {seconds:.0f} seconds: {waiting}"
        await asyncio.sleep(0.5)


def health(url: str) -> dict[str, Any]:
    """What a service's health page says in its checks; nothing while it does not answer."""
    try:
        checks: dict[str, Any] = httpx.get(f"{url}/health/ready", timeout=10).json().get("checks", {})
        return checks
    except (httpx.TransportError, ValueError):
        return {}


async def what_waits(stack: Running) -> dict[str, Any]:
    """What is on its way: outboxes, lags, deliveries, services that are not ready."""
    waiting: dict[str, Any] = {}
    for service in SERVICES:
        try:
            health = await asyncio.to_thread(httpx.get, f"{stack.url}/{service}/health/ready", timeout=5)
            checks = health.json().get("checks", {})
            if health.status_code != 200 or checks.get("consumer", {}).get("lag"):
                waiting[service] = checks or health.status_code
        except (httpx.TransportError, ValueError) as error:
            waiting[service] = type(error).__name__
            continue
        count = (await ask(stack.databases[service], "SELECT count(*) FROM outbox"))[0][0]
        if count:
            waiting[f"{service} outbox"] = count
    deliveries = await ask(stack.databases["notifications"], "SELECT count(*) FROM deliveries WHERE state = 'waiting'")
    due = await ask(stack.databases["pathways"], "SELECT count(*) FROM timelines WHERE cause IS NOT NULL")
    return waiting | ({"deliveries": deliveries[0][0]} if deliveries[0][0] else {}) | ({"due": 1} if due[0][0] else {})


async def each_fact_is_in_exactly_one_timeline(stack: Running, accepted: list[dict[str, Any]]) -> None:
    """What was answered with "accepted" is stored once, under its pseudonym, and nothing else is."""
    stored: Counter[tuple[str, str]] = Counter()
    for row in await ask(stack.databases["pathways"], "SELECT person_id, facts FROM timelines"):
        stored.update((row["person_id"], fact.id) for fact in facts.unpack(row["facts"]))
    assert stored == Counter({(event["subject"], event["id"]) for event in accepted})


async def the_topic_says_what_evaluate_says(stack: Running, accepted: list[dict[str, Any]], home: Path) -> int:
    """Folding `pathways.findings` gives the findings of the accepted facts; answers how many there are."""
    file = home / "accepted.ndjson"
    file.write_text("".join(json.dumps(event) + "\n" for event in accepted))
    today = (await ask(stack.databases["pathways"], "SELECT today FROM business_date"))[0][0]
    command = [sys.executable, "-m", "services.pathways", "evaluate", "--today", today.isoformat(), str(file)]
    done = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, check=True)
    expected = [json.loads(line) for line in done.stdout.splitlines()]
    said = lines_of(await folded(stack.kafka))
    differing = [line for line in said if line not in expected] + [line for line in expected if line not in said]
    assert not differing, f"{len(differing)} findings of {len(expected)} differ, said first: {differing[:4]}"
    return len(expected)


async def every_step_was_mailed(stack: Running) -> tuple[int, int]:
    """Each step to a warning or worse that was new and open is a delivery that was sent; a repeat has the same id.

    What was taken back later may have been in time to keep its mail from being sent.

    Answers (deliveries, mails).
    """
    said = await ask(
        stack.databases["pathways"],
        "SELECT person_id, pattern, anchor, data FROM finding_history AS step WHERE event IN ('detected', 'escalated')"
        " AND NOT EXISTS (SELECT FROM finding_history AS later WHERE later.event = 'retracted'"
        " AND (later.person_id, later.pattern, later.anchor) = (step.person_id, step.pattern, step.anchor)"
        " AND later.revision > step.revision)",
    )
    wanted = set()
    for row in said:
        data = json.loads(row["data"])
        if data["severity"] != "info" and data["until"] is None and not data["historical"] and data["municipality"]:
            severity, on = data["steps"][-1]
            wanted.add((row["person_id"], row["pattern"], row["anchor"], severity, on))
    rows = await ask(
        stack.databases["notifications"],
        "SELECT person_id, pattern, anchor, severity, step_on::text, state, delivery_id FROM deliveries",
    )
    assert {row["state"] for row in rows} <= {"sent"}
    missing = wanted - {tuple(row)[:5] for row in rows}
    assert not missing, f"{len(missing)} of {len(wanted)} steps were not mailed: {sorted(missing)[:5]}"
    mails = stack.mails()
    sent = {mail["message_id"].strip("<>").partition("@")[0] for mail in mails}
    kept = {row["delivery_id"] for row in rows}
    assert kept <= sent, f"{len(kept - sent)} of {len(kept)} deliveries have no mail"
    nobodys = sent - kept - await _taken_back(stack)
    assert not nobodys, f"{len(nobodys)} mails of {len(sent)} belong to no delivery"
    return len(rows), len(mails)


async def _taken_back(stack: Running) -> set[str]:
    """The deliveries of steps that were taken back: in the moment their mail went they may have been deleted."""
    said = await ask(
        stack.databases["pathways"],
        "SELECT person_id, pattern, anchor, data FROM finding_history AS step WHERE event <> 'retracted'"
        " AND EXISTS (SELECT FROM finding_history AS later WHERE later.event = 'retracted'"
        " AND (later.person_id, later.pattern, later.anchor) = (step.person_id, step.pattern, step.anchor)"
        " AND later.revision > step.revision)",
    )
    recipients = await ask(stack.databases["notifications"], "SELECT recipient_id FROM recipients")
    ids = set()
    for row in said:
        severity, on = json.loads(row["data"])["steps"][-1]
        step: Any = SimpleNamespace(**dict(row), severity=severity, step_on=date.fromisoformat(on))
        ids |= {delivery_id(step, cast(Any, SimpleNamespace(recipient_id=one[0]))) for one in recipients}
    return ids


async def the_page_counts_right(stack: Running) -> None:
    """The numbers of the overview are those of the topic."""
    state = (await folded(stack.kafka)).values()
    open_now = Counter(
        f"findings.open.{data['pattern']}.{data['severity']}"
        for data in state
        if data["until"] is None and data["municipality"]
    )
    cells = await ask(
        stack.databases["reporting"],
        "SELECT indicator, number FROM cells WHERE area = '05000000' AND indicator LIKE 'findings.open.M%.%'"
        " OR area = '05000000' AND indicator LIKE 'findings.open.P%.%'",
    )
    assert {row["indicator"]: row["number"] for row in cells if row["number"]} == dict(open_now)


async def nothing_was_laid_aside(stack: Running) -> None:
    """No record became a dead letter."""
    for service in ("pathways", "notifications", "reporting"):
        assert (await ask(stack.databases[service], "SELECT count(*) FROM dead_letters"))[0][0] == 0
