"""How fast facts come in: `python -m tests.load.bench_intake [--facts N]` prints a table.

Beside the whole way over HTTP stand floors of the same run: parsing alone, judging alone, and parsing with one bare
insert a chunk. Real PostgreSQL (with fsync) and real Kafka on the same cores.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import os
import random
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import jiter
import uvloop

from deploy import topics
from deploy.devstack.kafka import Kafka
from deploy.devstack.ports import free_port
from deploy.devstack.postgres import Postgres, new_password
from deploy.devstack.processes import Child
from services.enrollment.domain.intake import judge
from services.enrollment.domain.lines import Row
from services.enrollment.domain.source import Emitter as Speaker
from tests.integration.enrollment.running import KOELN, Emitter, Enrollment, issuing, line, running

CHUNK = 1000
PERSONS = 5000


def facts(emitter: Emitter, subjects: Sequence[str], count: int, prefix: str) -> list[bytes]:
    """Lines of `measure.ended` facts about random persons."""
    chosen = random.Random(7)
    return [line(emitter.event(chosen.choice(subjects), f"{prefix}-{number}")) for number in range(count)]


def parse_only(lines: Sequence[bytes]) -> float:
    """Facts a second of the strict parser alone."""
    started = time.perf_counter()
    for raw in lines:
        jiter.from_json(raw, catch_duplicate_keys=True, allow_inf_nan=False)
    return len(lines) / (time.perf_counter() - started)


def judge_only(lines: Sequence[bytes], source: str) -> float:
    """Facts a second of parsing, checking and hashing."""
    speaker = Speaker(1, source, frozenset({KOELN}))
    started = time.perf_counter()
    for number, raw in enumerate(lines):
        assert isinstance(judge(Row(number, raw), speaker), tuple)
    return len(lines) / (time.perf_counter() - started)


async def parse_and_insert(url: str, lines: Sequence[bytes]) -> float:
    """Facts a second of parsing and one bare insert a chunk, committed, the next chunk parsed meanwhile."""
    pool = await asyncpg.create_pool(url, min_size=1, max_size=1)
    await pool.execute("CREATE TABLE floor (source text, id text, fact text, PRIMARY KEY (source, id))")

    async def insert(ids: list[str], sources: list[str], raw: list[str]) -> None:
        await pool.execute(
            "INSERT INTO floor SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING",
            sources, ids, raw,
        )  # fmt: skip

    started = time.perf_counter()
    writing: asyncio.Task[None] | None = None
    for start in range(0, len(lines), CHUNK):
        chunk = lines[start : start + CHUNK]
        events = [jiter.from_json(raw, catch_duplicate_keys=True, allow_inf_nan=False) for raw in chunk]
        ids, sources = [event["id"] for event in events], [event["source"] for event in events]
        if writing:
            await writing
        writing = asyncio.create_task(insert(ids, sources, [raw.decode() for raw in chunk]))
    assert writing
    await writing
    rate = len(lines) / (time.perf_counter() - started)
    await pool.close()
    return rate


def post(emitter: Emitter, body: bytes) -> dict[str, int]:
    """Send a body of lines in one request; gives the receipt."""
    address = urlsplit(emitter.enrollment.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=600, blocksize=262_144)
    headers = emitter.headers | {"Content-Type": "application/x-ndjson", "Content-Length": str(len(body))}
    connection.request("POST", "/v1/events", body=memoryview(body), headers=headers)
    receipt = json.loads(connection.getresponse().read())
    connection.close()
    return receipt


def over_http(emitters: Sequence[Emitter], bodies: Sequence[bytes], count: int) -> float:
    """Facts a second from POST to the receipt, one request a body, all at once."""
    started = time.perf_counter()
    with ThreadPoolExecutor(len(bodies)) as pool:
        receipts = list(pool.map(post, emitters, bodies))
    seconds = time.perf_counter() - started
    assert sum(receipt["accepted"] for receipt in receipts) == count, receipts
    return count / seconds


async def drained(url: str) -> float:
    """Seconds until the outbox is empty; gives up after two minutes."""
    connection = await asyncpg.connect(url)
    started = time.perf_counter()
    while await connection.fetchval("SELECT EXISTS (SELECT FROM outbox)"):
        assert time.perf_counter() - started < 120, "the relay does not keep up"
        await asyncio.sleep(0.02)
    await connection.close()
    return time.perf_counter() - started


def memory(pid: int) -> int:
    """Resident megabytes of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * 4096 // 1_048_576


def processor_seconds(pid: int) -> float:
    """Processor time so far of a process and its present children, ended children included."""
    total = 0
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:  # ended meanwhile
            continue
        if path.parent.name == str(pid) or fields[1] == str(pid):
            total += sum(map(int, fields[11:15] if path.parent.name == str(pid) else fields[11:13]))
    return total / os.sysconf("SC_CLK_TCK")


def run(count: int) -> None:
    """Start everything, measure, print."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = Postgres(data=home / "pg", log=home / "pg.log", port=free_port(), password=new_password())
        child = server.spawn()
        stack.callback(server.remove)
        stack.callback(child.stop)
        server.wait_ready(child)
        url = server.create_database("enrollment")
        issuer = stack.enter_context(issuing())
        broker, bootstrap = _kafka(stack, home)
        service = stack.enter_context(running(url, issuer, home / "enrollment.log", kafka=bootstrap))
        floor = server.create_database("floor")
        pids = {"enrollment": service.pid, "PostgreSQL": child.pid, "Kafka": broker.pid}
        rates = _measure(service, count, pids, lambda lines: parse_and_insert(floor, lines))
        with running(url, issuer, home / "enrollment-2.log", kafka=bootstrap) as second:
            _measure_two(service, second, count, rates)


def _kafka(stack: ExitStack, home: Path) -> tuple[Child, str]:
    broker = Kafka(data=home / "kafka", log=home / "kafka.log", port=free_port(), controller_port=free_port())
    child = broker.spawn()
    stack.callback(child.stop)
    broker.wait_ready(child)
    asyncio.run(topics.recreate(broker.bootstrap))
    return child, broker.bootstrap


def _measure(
    service: Enrollment, count: int, pids: dict[str, int], floor: Callable[[Sequence[bytes]], Awaitable[float]]
) -> dict[str, float]:
    emitter = service.emitter()
    subjects = emitter.pseudonyms([str(number) for number in range(PERSONS)])
    lines = facts(emitter, subjects, count, "a")
    warm = facts(emitter, subjects, 5000, "w")
    print(f"{count} facts, {sum(map(len, lines)) // count} bytes a fact, {PERSONS} persons")
    rates = {"parse only": parse_only(lines), "parse, check, hash": judge_only(lines, emitter.source)}
    rates["parse and one bare insert"] = uvloop.run(floor(lines))
    over_http([emitter], [b"".join(warm)], len(warm))
    asyncio.run(drained(service.database_url))
    body = b"".join(lines)
    spent = {name: -processor_seconds(pid) for name, pid in pids.items()}
    rates["whole intake, HTTP, one request"] = over_http([emitter], [body], count)
    seconds = asyncio.run(drained(service.database_url))
    spent = {name: before + processor_seconds(pids[name]) for name, before in spent.items()}
    halves = [b"".join(facts(emitter, subjects, count // 2, f"h{half}")) for half in range(2)]
    rates["whole intake, HTTP, two requests"] = over_http([emitter] * 2, halves, count // 2 * 2)
    asyncio.run(drained(service.database_url))
    started = time.perf_counter()
    receipt = post(emitter, body)
    assert receipt["duplicate"] == count
    rates["all duplicates, HTTP"] = count / (time.perf_counter() - started)
    whole = rates["whole intake, HTTP, one request"]
    _table(rates, whole)
    print(f"outbox empty {seconds:.1f} s after the receipt: {count / (count / whole + seconds):,.0f} facts/s to Kafka")
    print("processor, one request: " + ", ".join(f"{n} {1e6 * s / count:.0f} µs a fact" for n, s in spent.items()))
    print(f"memory of the service: {memory(service.pid)} MB")
    return rates


def _measure_two(service: Enrollment, second: Enrollment, count: int, rates: dict[str, float]) -> None:
    """Two sources send at once: both to one process, then each to its own process of two, in turns."""
    names = {
        "two sources, one process": (service, service),
        "two sources, a process each": (service, second),
    }
    best: dict[str, float] = {}
    for turn in range(2):
        for place, (name, doors) in enumerate(names.items()):
            emitters = [replace(service.emitter(), enrollment=door) for door in doors]
            bodies = []
            for emitter in emitters:
                subjects = emitter.pseudonyms([str(number) for number in range(PERSONS // 2)])
                bodies.append(b"".join(facts(emitter, subjects, count // 2, f"t{turn}{place}")))
            best[name] = max(best.get(name, 0.0), over_http(emitters, bodies, count // 2 * 2))
            asyncio.run(drained(service.database_url))
    one = best["two sources, one process"]
    print(f"on {os.cpu_count()} cores with PostgreSQL and Kafka beside, the better of two runs each:")
    _table(best | {"whole intake, HTTP, one request": rates["whole intake, HTTP, one request"]}, one)


def _table(rates: dict[str, float], whole: float) -> None:
    for name, rate in rates.items():
        print(f"{name:36} {rate:10,.0f} facts/s {1e6 / rate:8.1f} µs a fact   {rate / whole:6.2f} x")


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.load.bench_intake")
    parser.add_argument("--facts", type=int, default=50_000)
    given = parser.parse_args()
    run(given.facts)


if __name__ == "__main__":
    main()
