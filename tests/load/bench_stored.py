"""What a new fact costs when much is stored, and how much room a person takes.

    python -m tests.load.bench_stored [--facts 100000,1000000,5000000] [--live 4000]

Fills a database for each size (timelines, findings and history of invented persons, written as the service's tables
have them). Then each in turn, again and again, takes the same number of new facts about random persons, a hundred a
transaction, so that what the machine does meanwhile falls on all alike. Each turn begins after a checkpoint: a fact
meets its person's pages for the first time since, as it does at everyday rates whatever the size (PostgreSQL then
writes whole pages; without it a small database would meet the same few pages over and over).

Prints the median of the turns: microseconds of processor of the service and of PostgreSQL, and the time it took, with
ratios against the smallest size. Five million facts take about three gigabytes of disk and some minutes to write.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import asyncpg
import msgspec

from deploy.devstack.ports import free_port
from deploy.devstack.postgres import Postgres, new_password
from services.pathways.domain.cluster import Cluster
from services.pathways.domain.facts import Fact, decode, decode_line, pack
from services.pathways.rules import load
from services.pathways.store.findings import Held, Said
from services.pathways.store.timelines import Row
from services.pathways.usecases import Heard, UseCases, saying
from shared.clock import Clock
from shared.db import Database
from shared.messaging.records import Batch
from shared.migrate import migrate
from tests.load.spent import cpu_seconds
from tests.load.timelines import timelines

TODAY = date(2022, 6, 1)
_MODELS = 4000  # persons that differ; the others are these under another name
_AT_ONCE = 2000
_LIVE_AT_ONCE = 100
_TURNS = 10
_HEADING = "    facts  persons KB/person  service µs  server µs   both  wall µs  ratios, a fact each"
_TABLES = ("timelines", "findings", "finding_history")


@dataclass(slots=True)
class Model:
    """One invented person: facts, what is held of them and was said of them, and when they are due."""

    name: str
    facts: list[Fact]
    next_due: date | None
    held: list[tuple[Held, object]]
    said: list[Said]

    def row(self, name: str) -> Row:
        """The stored facts under another name."""
        for fact in self.facts:
            fact.subject = name
        return Row(name, name, False, pack(self.facts), self.next_due)

    def holds(self, name: str) -> Iterator[Held]:
        """The findings under another name."""
        for row, finding in self.held:
            renamed = msgspec.structs.replace(finding, person_id=name)
            yield row._replace(person_id=name, held=saying.pack_finding(renamed))

    def says(self, name: str) -> Iterator[Said]:
        """The history under another name."""
        for line in self.said:
            yield line._replace(person_id=name, data=line.data.replace(self.name, name))


def models() -> list[Model]:
    """The persons that differ, evaluated on the day."""
    rules, now, made = load(), datetime(2022, 6, 1, tzinfo=UTC), []
    for lines in timelines(_MODELS, 20):
        facts = [decode_line(line) for line in lines]
        cluster = Cluster({facts[0].subject: facts})
        said = cluster.evaluate_on(TODAY, rules)
        held = [(saying.held(statement.said), statement.said.finding) for statement in said]
        history = [saying.history(statement, saying.data(statement), now) for statement in said]
        made.append(Model(facts[0].subject, facts, cluster.next_due, held, history))
    return made


def name_of(number: int) -> str:
    """The pseudonym of a stored person."""
    return f"Q{number:08d}"


Stored = tuple[int, int]
"""How many persons and facts are stored."""


async def fill(connection: asyncpg.Connection, known: Sequence[Model], stored: Stored, size: int) -> Stored:
    """Store persons until there are so many facts."""
    persons, facts = stored
    while facts < size:
        rows, held, said = [], [], []
        while len(rows) < _AT_ONCE and facts < size:
            model, name = known[persons % len(known)], name_of(persons)
            rows.append(model.row(name))
            held += model.holds(name)
            said += model.says(name)
            persons, facts = persons + 1, facts + len(model.facts)
        async with connection.transaction():
            await connection.copy_records_to_table("timelines", records=rows, columns=list(Row._fields))
            await connection.copy_records_to_table("findings", records=held, columns=list(Held._fields))
            await connection.copy_records_to_table("finding_history", records=said, columns=list(Said._fields))
    for table in _TABLES:
        await connection.execute(f"VACUUM ANALYZE {table}")
    await connection.execute("CHECKPOINT")
    return persons, facts


def live(count: int, persons: int, seed: str) -> Iterator[Heard]:
    """New facts about random persons: starts, ends, contacts and tests of the last weeks."""
    draw = random.Random(seed)
    for number in range(count):
        subject, on = name_of(draw.randrange(persons)), TODAY - timedelta(days=draw.randrange(40))
        thing, data = draw.choice(_NEWS)
        content = {key: on.isoformat() if value is ... else value for key, value in data.items()}
        content = {key: f"{seed}-{number}" if value == "?" else value for key, value in content.items()}
        common = {"municipality": "05315000", "rechtskreis": "SGB2", "legal_basis": "SGB2_16"}
        encoded = json.dumps(common | content).encode()
        fact = decode("//bench", f"{seed}-{number}", f"gemeinsam.{thing}.v1", subject, "2022-06-01T08:00:00Z", encoded)
        yield Heard(fact, None)


_NEWS = (
    ("measure.started", {"measure_id": "?", "type": "MAT", "provider": "P", "started_on": ...}),
    ("measure.ended", {"measure_id": "?", "ended_on": ..., "exit": "ABSENCE"}),
    ("contact.held", {"held_on": ..., "contact_kind": "professional", "body": "JMD"}),
    ("language.tested", {"test_id": "?", "tested_on": ..., "level": "A2", "test_source": "test"}),
)


async def take(usecases: UseCases, heard: Sequence[Heard], server: int) -> tuple[float, float, float]:
    """Microseconds a fact: processor of this process, processor of the server, time."""
    before = time.process_time(), cpu_seconds(server), time.perf_counter()
    for begin in range(0, len(heard), _LIVE_AT_ONCE):
        await usecases.take_facts(Batch(list(heard[begin : begin + _LIVE_AT_ONCE]), []))
    after = time.process_time(), cpu_seconds(server), time.perf_counter()
    own, servers, took = [(then - now) * 1e6 / len(heard) for then, now in zip(after, before, strict=True)]
    return own, servers, took


@dataclass(slots=True)
class Filled:
    """A database of one size, the service's use cases on it, and what each turn has cost."""

    url: str
    stored: Stored
    room: int
    database: Database
    usecases: UseCases
    turns: list[tuple[float, float, float]]


async def filled(postgres: Postgres, known: Sequence[Model], size: int) -> Filled:
    """A new database with so many facts."""
    url = postgres.create_database(f"stored_{size}")
    await migrate(url, "services/pathways/migrations")
    connection = await asyncpg.connect(url)
    await connection.execute("INSERT INTO business_date (today) VALUES ($1)", TODAY)
    stored = await fill(connection, known, (0, 0), size)
    room = sum([await connection.fetchval(f"SELECT pg_total_relation_size('{table}')") for table in _TABLES])
    await connection.close()
    database = await Database.at(url)
    return Filled(url, stored, room, database, UseCases(database, Clock(TODAY), load()), [])


async def turn(one: Filled, number: int, count: int, server: int) -> tuple[float, float, float]:
    """Take so many new facts after a checkpoint."""
    connection = await asyncpg.connect(one.url)
    await connection.execute("CHECKPOINT")
    await connection.close()
    return await take(one.usecases, list(live(count, one.stored[0], f"live{number}")), server)


async def bench(sizes: Sequence[int], count: int) -> None:
    """Print the table."""
    home = Path(tempfile.mkdtemp(prefix="stored-"))
    postgres = Postgres(data=home / "pg", log=home / "pg.log", port=free_port(), password=new_password())
    child = postgres.spawn()
    try:
        postgres.wait_ready(child)
        known = models()
        gc.freeze()
        made = [await filled(postgres, known, size) for size in sizes]
        for number in range(-1, _TURNS):
            for one in made:
                spent = await turn(one, number, count // _TURNS, child.pid)
                if number >= 0:  # the turn before the first warms
                    one.turns.append(spent)
        for one in made:
            await one.database.close()
        print(_HEADING)
        medians = [[statistics.median(column) for column in zip(*one.turns, strict=True)] for one in made]
        first = medians[0]
        for one, (own, server, took) in zip(made, medians, strict=True):
            persons, facts = one.stored
            print(
                f"{facts:9} {persons:8} {one.room / persons / 1024:9.1f} {own:11.0f} {server:10.0f}"
                f" {own + server:6.0f} {took:8.0f}  cpu {(own + server) / (first[0] + first[1]):.2f}"
                f"  wall {took / first[2]:.2f}",
                flush=True,
            )
    finally:
        child.stop()
        postgres.remove()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--facts", default="100000,1000000,5000000")
    parser.add_argument("--live", type=int, default=4000)
    given = parser.parse_args()
    asyncio.run(bench([int(size) for size in given.facts.split(",")], given.live))
