"""Kafka → pathways → committed timelines and findings → Kafka: with the rules, without them, in one and two processes.

    python -m tests.load.bench_pathways [--persons 5000] [--batch 1000]

Bounded: so many persons (about 20 facts each), one round a row, servers of its own on loopback, stopped at the end.
Figures are ratios within one run; the machine is noisy. Facts/s are by the clock on the wall and want a machine with
nothing else to do; what a fact costs in processor time (service, PostgreSQL, Kafka) says something on a busy one too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import asyncpg
from aiokafka import AIOKafkaProducer

from deploy import topics as deployed
from deploy.devstack.kafka import Kafka
from deploy.devstack.ports import free_port
from deploy.devstack.postgres import Postgres, new_password
from shared.contracts.envelope import from_structured, to_headers
from shared.contracts.topics import PERSONS
from shared.migrate import migrate
from tests.load.population import TODAY, stream
from tests.load.spent import cpu_seconds, peak_mb

_LIMIT_SECONDS = 600
_UNFINISHED = "SELECT EXISTS (SELECT FROM outbox) OR EXISTS (SELECT FROM timelines WHERE cause IS NOT NULL)"
_WITHOUT_RULES = "from tests.load.bench_pathways import without_rules; without_rules()"


def without_rules() -> None:
    """The same process with an evaluation that finds nothing: what the loop costs by itself."""
    from services.pathways.domain import cluster

    def nothing(self: cluster.Cluster, today: Any, rules: Any) -> list[Any]:
        self.next_due = None
        return []

    cluster.Cluster.evaluate_on = nothing  # type: ignore[method-assign]
    from services.pathways.__main__ import main

    raise SystemExit(main([]))


async def produce(kafka: str, events: Sequence[dict[str, Any]]) -> None:
    """Put the events on the topic, as enrollment's relay does."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, linger_ms=5, compression_type="zstd", max_batch_size=262_144)
    await producer.start()
    for event in events:
        envelope, data = from_structured(event)
        await producer.send(
            PERSONS.name,
            json.dumps(data).encode(),
            key=f"{envelope.subject}/{envelope.source}/{envelope.id}".encode(),
            partition=PERSONS.partition_of(envelope.subject),
            headers=[(name, value.encode()) for name, value in to_headers(envelope).items()],
        )
    await producer.stop()


def spawn(url: str, kafka: str, *, rules: bool, batch: int, log: Path) -> tuple[subprocess.Popen[bytes], int]:
    """One process of the service; its HTTP port tells how it goes."""
    port = free_port()
    environment = os.environ | {
        "PATHWAYS_DATABASE_URL": url,
        "PATHWAYS_KAFKA": kafka,
        "PATHWAYS_HTTP_PORT": str(port),
        "PATHWAYS_PUBLIC_URL": "http://127.0.0.1",
        "PATHWAYS_ISSUER_URL": "http://127.0.0.1:1",
        "PATHWAYS_SESSION_SECRET": "bench",
        "PATHWAYS_TODAY": TODAY.isoformat(),
        "PATHWAYS_BATCH_RECORDS": str(batch),
        "PATHWAYS_TRACE_RATIO": "0",
    }
    command = [sys.executable, "-m", "services.pathways"] if rules else [sys.executable, "-c", _WITHOUT_RULES]
    return subprocess.Popen(command, env=environment, stdout=log.open("ab"), stderr=subprocess.STDOUT), port


def taken(port: int) -> float:
    """Records a process has taken, from its metrics."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith("gemeinsam_records_taken_total{"):
                    return float(line.rsplit(" ", 1)[1])
    except OSError:
        pass
    return 0.0


class Servers(NamedTuple):
    """What a round runs on; `pids` of PostgreSQL and Kafka."""

    kafka: Kafka
    postgres: Postgres
    pids: tuple[int, int]


async def row(
    servers: Servers, events: Sequence[Any], *, name: str, processes: int, rules: bool, batch: int
) -> dict[str, Any]:
    """One round on a fresh database and fresh topics; the time runs from the first record taken to an empty outbox."""
    kafka, postgres, _ = servers
    url = postgres.create_database(name)
    await migrate(url, "services/pathways/migrations")
    await deployed.recreate(kafka.bootstrap)
    await produce(kafka.bootstrap, events)
    log = Path(tempfile.gettempdir()) / f"bench-{name}.log"
    running = [spawn(url, kafka.bootstrap, rules=rules, batch=batch, log=log) for _ in range(processes)]
    try:
        seconds, spent = await _time(url, running, servers.pids, len(events))
        connection = await asyncpg.connect(url)
        tables = ("timelines", "findings", "finding_history")
        size = sum([await connection.fetchval(f"SELECT pg_total_relation_size('{table}')") for table in tables])
        findings = await connection.fetchval("SELECT count(*) FROM finding_history")
        await connection.close()
        memory = max(peak_mb(process.pid) for process, _ in running)
    finally:
        for process, _ in running:
            process.terminate()
        for process, _ in running:
            process.wait(30)
        postgres.drop_database(name)
    return {
        "row": name,
        "facts/s": len(events) / seconds,
        "events": findings,
        "bytes": size,
        "MB": memory,
        "cpu": [seconds / len(events) for seconds in spent],
    }


async def _time(
    url: str, running: Sequence[tuple[subprocess.Popen[bytes], int]], servers: Sequence[int], count: int
) -> tuple[float, list[float]]:
    """Seconds from the first record taken to the last finding sent; processor seconds of service and servers in it."""
    started, at_start, before = 0.0, 0.0, [0.0]

    def spent() -> list[float]:
        return [sum(cpu_seconds(process.pid) for process, _ in running), *map(cpu_seconds, servers)]

    connection = await asyncpg.connect(url)
    async with asyncio.timeout(_LIMIT_SECONDS):
        while True:
            done = sum([await asyncio.to_thread(taken, port) for _, port in running])
            if not started and done:
                started, at_start, before = time.perf_counter(), done, spent()
            if done >= count and not await connection.fetchval(_UNFINISHED):
                await connection.close()
                share = count / max(1, count - at_start)
                return (time.perf_counter() - started) * share, [
                    (now - then) * share for now, then in zip(spent(), before, strict=True)
                ]
            await asyncio.sleep(0.05)


async def bench(persons: int, batch: int) -> None:
    """Print the table."""
    home = Path(tempfile.mkdtemp(prefix="bench-"))
    kafka = Kafka(data=home / "kafka", log=home / "kafka.log", port=free_port(), controller_port=free_port())
    postgres = Postgres(data=home / "pg", log=home / "pg.log", port=free_port(), password=new_password())
    children = [kafka.spawn(), postgres.spawn()]
    try:
        kafka.wait_ready(children[0])
        postgres.wait_ready(children[1])
        events = stream(persons)
        print(f"{persons} persons, {len(events)} facts, batches of {batch}")
        servers = Servers(kafka, postgres, (children[1].pid, children[0].pid))
        base = await row(servers, events, name="no_rules", processes=1, rules=False, batch=batch)
        rows = [base]
        rows.append(await row(servers, events, name="rules", processes=1, rules=True, batch=batch))
        rows.append(await row(servers, events, name="rules_two", processes=2, rules=True, batch=batch))
        for one in rows:
            service, database, broker = [seconds * 1e6 for seconds in one["cpu"]]
            print(
                f"{one['row']:10} {one['facts/s']:9.0f} facts/s  {one['facts/s'] / base['facts/s']:5.2f} of no_rules"
                f"  {one['events']:7} events  {one['bytes'] / persons / 1024:5.1f} KB a person  {one['MB']:4} MB"
                f"  µs of CPU a fact: service {service:.0f} PostgreSQL {database:.0f} Kafka {broker:.0f}"
                f"  {sum(base['cpu']) / sum(one['cpu']):5.2f} of no_rules"
            )
    finally:
        for child in reversed(children):
            child.stop()
        postgres.remove()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=5000)
    parser.add_argument("--batch", type=int, default=1000)
    given = parser.parse_args()
    asyncio.run(bench(given.persons, given.batch))
