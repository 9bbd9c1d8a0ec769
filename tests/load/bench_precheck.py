"""How long the pre-check takes: `python -m tests.load.bench_precheck [--persons N] [--requests N]` prints a table.

`POST /v1/precheck` over HTTP to the service on a real PostgreSQL with persons of about twenty facts each, one request
after the other, warm; beside it the pure function alone, and one evaluation. No token is checked: who asks is put in
its place. The last line is processor time for each request, that of the client included; it hardly depends on what else
runs on the machine, while the others do.

For a figure to rely on, on a machine with nothing else to do:
`.venv/bin/python -m tests.load.bench_precheck --persons 3000 --requests 1000`
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import httpx
import uvicorn
from pydantic import SecretStr

from deploy.devstack.ports import free_port
from deploy.devstack.postgres import Postgres, new_password
from services.pathways import rules
from services.pathways.app import build
from services.pathways.domain import facts as reading
from services.pathways.domain.evaluate import evaluate
from services.pathways.domain.facts import Fact
from services.pathways.domain.precheck import Plan, check
from services.pathways.settings import Settings
from services.pathways.usecases import Heard, UseCases
from shared.auth import Principal, Role
from shared.clock import Clock
from shared.db import Database
from shared.http import bearer
from shared.messaging.records import Batch
from shared.migrate import migrate
from tests.load.population import TODAY, stream

READER = Principal("bench", Role.CASE_MANAGER, ("05315000", "05111000", "05913000"), "JOBCENTER")
WARM_UP = 50
TYPES = ("MAT", "BVB", "IK_ALLG", "AGH", "EQ", "FBW")


def people(count: int) -> dict[str, list[Fact]]:
    """The facts of seeded persons, by person, those whom the reader may see."""
    known: dict[str, list[Fact]] = {}
    for event in stream(count):
        fact = reading.decode_line(json.dumps(event).encode())
        known.setdefault(fact.subject, []).append(fact)
    return {person: facts for person, facts in known.items() if facts[0].municipality in READER.areas}


async def store(url: str, known: dict[str, list[Fact]]) -> None:
    """Take the facts as the service takes them."""
    await migrate(url, Path("services/pathways/migrations"))
    database = await Database.at(url, connections=2)
    usecases = UseCases(database, Clock(TODAY), rules.load())
    heard = [Heard(fact, None) for facts in known.values() for fact in facts]
    for start in range(0, len(heard), 1000):
        await usecases.take_facts(Batch(heard[start : start + 1000], []))
    await database.close()


def milliseconds(work: Callable[[], object]) -> float:
    """How long something takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


async def over_http(url: str, persons: list[str], requests: int) -> tuple[list[float], float]:
    """Milliseconds of each request, and of processor time for one."""
    port = free_port()
    settings = Settings(
        database_url=url,
        kafka="127.0.0.1:1",
        http_port=port,
        public_url="http://127.0.0.1",
        issuer_url="http://127.0.0.1:1",
        session_secret=SecretStr("bench"),
        today=TODAY,
    )
    host = build(settings)
    host.app.router.lifespan_context = None  # type: ignore[assignment]
    host.app.dependency_overrides[bearer] = lambda: READER
    await host.db.open()
    server = uvicorn.Server(uvicorn.Config(host.app, port=port, lifespan="off", log_level="error", loop="uvloop"))
    serving = asyncio.create_task(server.serve())
    taken, spent = [], 0.0
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        while not server.started:
            await asyncio.sleep(0.05)
        for number in range(requests + WARM_UP):
            if number == WARM_UP:
                spent = time.process_time()
            plan = planned(persons, number)
            started = time.perf_counter()
            answer = await client.post("/v1/precheck", json=plan)
            taken.append((time.perf_counter() - started) * 1000)
            assert answer.status_code in (200, 404), answer.text
        spent = (time.process_time() - spent) * 1000 / requests
    server.should_exit = True
    await serving
    await host.db.close()
    return taken[WARM_UP:], spent


def planned(persons: list[str], number: int) -> dict[str, str]:
    """The plan of a request."""
    chosen = random.Random(number)
    starts_on = TODAY + timedelta(days=chosen.randint(1, 90))
    return {"person": chosen.choice(persons), "type": chosen.choice(TYPES), "starts_on": starts_on.isoformat()}


def pure(known: dict[str, list[Fact]], count: int) -> tuple[list[float], list[float]]:
    """Milliseconds of one evaluation, and of the pure pre-check."""
    in_force = rules.load()
    persons = list(known)
    once, whole = [], []
    for number in range(count):
        plan = planned(persons, number)
        facts = known[plan["person"]]
        starts_on = date.fromisoformat(plan["starts_on"])
        once.append(milliseconds(lambda facts=facts: evaluate(facts, TODAY, in_force)))
        wanted = Plan(plan["type"], starts_on)
        whole.append(
            milliseconds(lambda f=facts, p=plan, w=wanted: check(f, p["person"], w, today=TODAY, rules=in_force))
        )
    return once, whole


def row(name: str, taken: list[float]) -> str:
    """One line of the table."""
    ordered = sorted(taken)
    tail = ordered[int(len(ordered) * 0.95)]
    return f"{name:<34}{statistics.median(ordered):>10.2f}{tail:>10.2f}{ordered[-1]:>10.2f}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=1500)
    parser.add_argument("--requests", type=int, default=400)
    given = parser.parse_args()
    known = people(given.persons)
    with tempfile.TemporaryDirectory(prefix="bench-precheck-") as room:
        server = Postgres(
            data=Path(room, "data"), log=Path(room, "log"), port=free_port(), password=new_password(), durable=True
        )
        child = server.spawn()
        try:
            server.wait_ready(child)
            url = server.create_database("bench")
            asyncio.run(store(url, known))
            once, whole = pure(known, given.requests)
            http, spent = asyncio.run(over_http(url, list(known), given.requests))
        finally:
            child.stop()
    count = sum(len(facts) for facts in known.values())
    print(f"{len(known)} persons, {count} facts, {given.requests} requests each row; milliseconds")
    print(f"{'':<34}{'median':>10}{'95 %':>10}{'most':>10}")
    print(row("one evaluation", once))
    print(row("pre-check, the function alone", whole))
    print(row("POST /v1/precheck, warm", http))
    print(f"{'processor time of one':<34}{spent:>10.2f}")


if __name__ == "__main__":
    main()
