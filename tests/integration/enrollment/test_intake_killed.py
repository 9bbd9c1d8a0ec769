"""A service that dies in the middle of a body loses nothing it committed and says nothing twice."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import asyncpg
import httpx
import pytest

from deploy.devstack.postgres import Postgres
from tests.integration.enrollment.running import Emitter, Issuer, line, running

ROWS = 6_000


async def test_a_resend_after_a_kill_completes_what_was_begun(
    postgres: Postgres, issuer: Issuer, tmp_path: Path
) -> None:
    url = postgres.create_database("enrollment_killed")
    connection = await asyncpg.connect(url)
    with running(url, issuer, tmp_path / "first.log") as service:
        emitter = service.emitter()
        people = emitter.pseudonyms([str(number) for number in range(100)])
        body = b"".join(line(emitter.event(people[n % 100], f"e{n}")) for n in range(ROWS))
        sender = threading.Thread(target=_send_until_cut, args=(emitter, body))
        sender.start()
        while await connection.fetchval("SELECT count(*) FROM facts") < 1000:
            assert sender.is_alive(), "the body was taken before the kill"
        os.kill(service.pid, signal.SIGKILL)
        sender.join(30)
    receipt = await connection.fetchrow("SELECT state, accepted FROM receipts")
    facts = await connection.fetchval("SELECT count(*) FROM facts")
    assert (receipt["state"], receipt["accepted"]) == ("incomplete", facts)
    with running(url, issuer, tmp_path / "second.log") as service:
        emitter.enrollment = service
        again = emitter.post(body, **{"Idempotency-Key": "big"}).json()
    assert (again["state"], again["duplicate"], again["accepted"]) == ("complete", facts, ROWS - facts)
    messages = await connection.fetchrow("SELECT count(*) AS every, count(DISTINCT key) AS different FROM outbox")
    assert tuple(messages) == (ROWS, ROWS)
    await connection.close()
    postgres.drop_database("enrollment_killed")


def _send_until_cut(emitter: Emitter, body: bytes) -> None:
    with pytest.raises(httpx.TransportError):
        emitter.post(body, **{"Idempotency-Key": "big"})
