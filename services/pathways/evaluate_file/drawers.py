"""Second round: evaluates the persons of a drawer and keeps their lines beside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

import msgspec

from services.pathways.domain.evaluate import Result, evaluate
from services.pathways.domain.facts import Fact, pack, unpack
from services.pathways.evaluate_file.job import Job, current, digest
from services.pathways.rules import load

Report = tuple[str, str, str]
"""(person_id, id, reason) of something implausible."""

_json = msgspec.json.Encoder()
_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(list[tuple[str, bytes]])


class _Due(msgspec.Struct, gc=False):
    person_id: str
    next_due: date | None


class Task(NamedTuple):
    """A drawer to evaluate: without `linked` pseudonyms; facts whose digest is in `repeated` are those of `repeats`."""

    number: int
    linked: frozenset[str]
    repeated: frozenset[bytes]
    repeats: bytes


class Drawer(NamedTuple):
    """What came of evaluating one drawer: packed facts of linked persons left for later, and implausible reports."""

    linked: bytes
    implausible: list[Report]


def evaluate_drawer(task: Task) -> Drawer:
    """Evaluates the persons of a drawer who are not linked, and writes their lines where the job says."""
    job = current()
    persons: dict[str, list[Fact]] = {}
    later: list[Fact] = []
    for facts in _blocks(job, task):
        for fact in facts:
            if fact.subject in task.linked:
                later.append(fact)
            elif held := persons.get(fact.subject):
                held.append(fact)
            else:
                persons[fact.subject] = [fact]
    found, implausible = evaluate_all(persons.values(), job)
    job.found(task.number).write_bytes(_encoder.encode(found))
    return Drawer(pack(later), implausible)


def _blocks(job: Job, task: Task) -> Iterator[list[Fact]]:
    for path in job.drawers(task.number):
        with path.open("rb") as file:
            while head := file.read(8):
                facts = unpack(file.read(int.from_bytes(head, "big")))
                yield (
                    [fact for fact in facts if digest(fact.source, fact.id) not in task.repeated]
                    if task.repeated
                    else facts
                )
    yield unpack(task.repeats)


def evaluate_all(clusters: Iterable[list[Fact]], job: Job) -> tuple[list[tuple[str, bytes]], list[Report]]:
    """The lines of each person, by person, and the implausible reports."""
    rules = load(job.rules)
    found: dict[str, list[bytes]] = {}
    implausible: list[Report] = []
    for facts in clusters:
        result = evaluate(facts, job.today, rules)
        implausible += result.implausible
        for person_id, line in _due_lines(result) if job.next_due else _finding_lines(result):
            found.setdefault(person_id, []).append(line)
    return [(person_id, b"".join(found[person_id])) for person_id in sorted(found)], implausible


def _due_lines(result: Result) -> Iterator[tuple[str, bytes]]:
    for person_id, due in result.next_due.items():
        yield person_id, _json.encode(_Due(person_id, due)) + b"\n"


def _finding_lines(result: Result) -> Iterator[tuple[str, bytes]]:
    for finding in result.findings:
        yield finding.person_id, finding.encoded() + b"\n"


def lines_of(job: Job, number: int) -> list[tuple[str, bytes]]:
    """The lines of the persons of an evaluated drawer, by person."""
    return _decoder.decode(job.found(number).read_bytes())
