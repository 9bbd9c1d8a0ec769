"""Delay from POST to `pathways.findings`, on the whole stack, at a steady rate of facts.

    python -m tests.load.bench_delay [--seconds 20] [--rates 100,500]

Every fact is one that makes a finding at once (employed for 200 days: a lasting transition, of which nobody is
mailed), of a person of its own. The delay is taken from just before the request is sent to the moment a consumer of
the topic has the record. Beside it, in the same run, the way of a fact without the rules: to `enrollment.persons`.
Under each rate stands what each process has spent for a fact (milliseconds of processor): on a machine that is busy
with other things the delays say little, these do.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import uvloop
from aiokafka import AIOKafkaConsumer

from tests.e2e.running import Running
from tests.load.sender import Sender
from tests.load.spent import by_part

KOELN = "05315000"
SOURCE = "//koeln-delay.example/jobcenter"


def event(person: str, day: date) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"delay-{person}",
        "source": SOURCE,
        "type": "gemeinsam.employment.started.v1",
        "subject": person,
        "time": datetime.now(UTC).isoformat(),
        "data": {
            "municipality": KOELN,
            "rechtskreis": "SGB2",
            "legal_basis": "SGB2_16",
            "purpose": "CASE_MANAGEMENT",
            "spell_id": f"{person}/s1",
            "kind": "REGULAR",
            "started_on": (day - timedelta(days=200)).isoformat(),
        },
    }


async def listen(kafka: str, topic: str, seen: dict[str, float], done: asyncio.Event) -> None:
    """Note when each person's first record is there."""
    reader = AIOKafkaConsumer(topic, bootstrap_servers=kafka, auto_offset_reset="latest", fetch_max_wait_ms=500)
    await reader.start()
    try:
        while not done.is_set():
            for records in (await reader.getmany(timeout_ms=200)).values():
                now = time.perf_counter()
                for record in records:
                    seen.setdefault(record.key.split(b"/")[0].decode(), now)
    finally:
        await reader.stop()


Delays = dict[str, list[float]]


async def round_at(stack: Running, rate: int, seconds: float) -> tuple[Delays, dict[str, float]]:
    """Send at the rate for so long; the delays in milliseconds, by topic, and what each process has spent for it."""
    headers = stack.bearer("emitter", KOELN, body="JOBCENTER", source=SOURCE)
    together = max(1, rate // 100)
    count = int(rate * seconds)
    persons = await new_persons(stack, headers, rate, count)
    seen: dict[str, dict[str, float]] = {"enrollment.persons": {}, "pathways.findings": {}}
    done = asyncio.Event()
    listening = [asyncio.create_task(listen(stack.kafka, topic, seen[topic], done)) for topic in seen]
    await asyncio.sleep(2)
    sent: dict[str, float] = {}
    processes = stack.run_file()["processes"]
    before = by_part(processes)
    sender = Sender(f"{stack.url}/enrollment/v1/events", headers | {"content-type": "application/x-ndjson"})
    day = datetime.now(UTC).date()
    parts = [persons[start : start + together] for start in range(0, count, together)]
    bodies = ["\n".join(json.dumps(event(person, day)) for person in part).encode() for part in parts]
    own, pending, begin = time.process_time(), [], time.perf_counter()
    for number, (part, body) in enumerate(zip(parts, bodies, strict=True)):
        await asyncio.sleep(max(0.0, begin + number * together / rate - time.perf_counter()))
        sent |= dict.fromkeys(part, time.perf_counter())
        pending.append(asyncio.create_task(sender.post(body)))
    answers = set(await asyncio.gather(*pending))
    assert answers == {200}, answers
    deadline = time.monotonic() + 30
    while len(seen["pathways.findings"]) < count and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    spent = {name: cpu - before[name] for name, cpu in by_part(processes).items()}
    spent["(this one)"] = time.process_time() - own
    done.set()
    sender.close()
    await asyncio.gather(*listening)
    delays = {topic: [(at - sent[p]) * 1000 for p, at in times.items() if p in sent] for topic, times in seen.items()}
    return delays, spent


async def new_persons(stack: Running, headers: dict[str, str], rate: int, count: int) -> list[str]:
    persons: list[str] = []
    prefix = uuid4().hex[:8]  # the same rate may be measured more than once
    async with httpx.AsyncClient(timeout=60) as client:
        for start in range(0, count, 5000):
            rows = [{"local_id": f"d{rate}-{prefix}-{n}"} for n in range(start, min(count, start + 5000))]
            answer = await client.post(f"{stack.url}/enrollment/v1/persons", json=rows, headers=headers)
            body = answer.raise_for_status().json()
            persons += [row["pseudonym"] for row in (body if isinstance(body, list) else body["persons"])]
    return persons


def line(rate: int, topic: str, delays: list[float], count: int) -> str:
    cuts = statistics.quantiles(delays, n=100)
    return (
        f"{rate:5} facts/s  {topic:20} p50 {cuts[49]:6.0f} ms  p95 {cuts[94]:6.0f} ms  p99 {cuts[98]:6.0f} ms"
        f"  max {max(delays):6.0f} ms  {len(delays)} of {count}"
    )


async def bench(rates: list[int], seconds: float) -> None:
    """Print a line for each rate and topic."""
    stack = Running(Path(tempfile.mkdtemp(prefix="delay-")) / "home", TRACE_RATIO="0")
    stack.start()
    try:
        await round_at(stack, 50, 3)  # warm
        for rate in rates:
            count = int(rate * seconds)
            found, spent = await round_at(stack, rate, seconds)
            for topic, delays in found.items():
                print(line(rate, topic, delays, count), flush=True)
            costs = "  ".join(f"{name} {cpu * 1000 / count:.2f}" for name, cpu in spent.items())
            print(f"      ms of CPU a fact: {costs}  all {sum(spent.values()) * 1000 / count:.2f}", flush=True)
    finally:
        stack.stop()
        stack.command("reset")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--rates", default="100,500")
    given = parser.parse_args()
    uvloop.run(bench([int(rate) for rate in given.rates.split(",")], given.seconds))
