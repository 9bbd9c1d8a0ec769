"""How fast everybody is evaluated anew when a rule set takes effect, without the pace that is set for everyday use.

    python -m tests.load.bench_activation [--facts 1440000]

Fills a database of its own (as `bench_stored` does; 1.44 million facts are 70,000 persons), activates a rule set with
other thresholds and carries it out as the service's duty does, a hundred persons a transaction, in one process. What
is said waits in the outbox and is taken out of it as fast as it comes, since Kafka
is no part of this. Beside it, in the same run, what evaluating the same timelines alone costs: the floor.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from datetime import date
from pathlib import Path

import asyncpg

from deploy.devstack.ports import free_port
from deploy.devstack.postgres import Postgres, new_password
from services.pathways import rules
from services.pathways.domain.evaluate import evaluate
from services.pathways.domain.facts import unpack
from services.pathways.domain.rules import parse
from services.pathways.rules import Source
from services.pathways.store import rule_sets
from services.pathways.usecases.activations import Activations
from shared.clock import Clock
from tests.load.bench_stored import TODAY, Filled, filled, models
from tests.load.spent import cpu_seconds

_OTHERS = {
    'version = "1"': 'version = "2"',
    "warning_starts = 3\ncritical_starts = 4": "warning_starts = 2\ncritical_starts = 3",
    "info_days = 30\nwarning_days = 90\ncritical_days = 180": "info_days = 14\nwarning_days = 45\ncritical_days = 400",
}


def other_rules() -> Source:
    """The rule set the service comes with, under another version and with other thresholds."""
    text, catalogue = rules.read()
    for before, after in _OTHERS.items():
        assert before in text, before
        text = text.replace(before, after, 1)
    return Source(text, catalogue)


async def floor(url: str, on: date) -> float:
    """Seconds a person to unpack and evaluate, of the first thousands."""
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("SELECT facts FROM timelines ORDER BY person_id LIMIT 5000")
    await connection.close()
    tried, started = parse(*other_rules()), time.perf_counter()
    for row in rows:
        evaluate(unpack(row["facts"]), on, tried)
    return (time.perf_counter() - started) / len(rows)


async def empty_outbox(url: str) -> None:
    """Take out what is said, until cancelled."""
    connection = await asyncpg.connect(url)
    while True:
        await connection.execute("DELETE FROM outbox")
        await asyncio.sleep(0.2)


async def carry_out(one: Filled) -> int:
    """Activate the set and go on until it is done; how much was said."""
    activations = Activations(one.database, Clock(TODAY), one.usecases, first=rules.read(), pace=1e9)
    await activations.activate(other_rules(), TODAY, by="bench")
    while (rest := await activations.go_on()) is not None:
        await asyncio.sleep(rest)
    async with one.database.reading() as connection:
        (done,) = await rule_sets.activations(connection)
    assert (done.state, done.persons_done) == ("done", one.stored[0]), done
    return done.said


async def bench(facts: int) -> None:
    """Print the table."""
    home = Path(tempfile.mkdtemp(prefix="activation-"))
    postgres = Postgres(data=home / "pg", log=home / "pg.log", port=free_port(), password=new_password())
    child = postgres.spawn()
    try:
        postgres.wait_ready(child)
        one = await filled(postgres, models(), facts)
        persons, count = one.stored
        least = await floor(one.url, TODAY)
        sweeping = asyncio.create_task(empty_outbox(one.url))
        before = time.process_time(), cpu_seconds(child.pid), time.perf_counter()
        said = await carry_out(one)
        after = time.process_time(), cpu_seconds(child.pid), time.perf_counter()
        sweeping.cancel()
        own, server, took = [now - then for now, then in zip(after, before, strict=True)]
        print(f"{persons} persons, {count} facts, {said} events")
        print(f"{took:.1f} s: {persons / took:.0f} persons/s, {count / took:.0f} facts/s")
        print(
            f"µs a person: service {own / persons * 1e6:.0f}, PostgreSQL {server / persons * 1e6:.0f};"
            f" unpacking and evaluating alone {least * 1e6:.0f} ({least * persons / took:.2f} of the time)"
        )
        await one.database.close()
    finally:
        child.stop()
        postgres.remove()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", type=int, default=1_440_000)
    asyncio.run(bench(parser.parse_args().facts))
