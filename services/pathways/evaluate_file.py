"""Evaluates a file of events without Kafka or a database: reads, cuts into clusters, evaluates on all cores, writes in order.

Two rounds over bounded pieces, so that memory does not grow with the file: first pieces of the file are decoded and
their facts laid into drawers by ranges of pseudonyms, then each drawer is evaluated. Persons linked by a merge or a
split are evaluated after that, from all drawers.
"""

from __future__ import annotations

import argparse
import bisect
import heapq
import multiprocessing
import os
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar

import msgspec

from services.pathways.domain.evaluate import Result, evaluate
from services.pathways.domain.facts import Fact, Unreadable, decode_line, pack, unpack
from services.pathways.domain.record import cluster_of
from services.pathways.domain.rules import BadRules
from services.pathways.domain.schemas import Kind
from services.pathways.repeats import first_of_repeats
from services.pathways.rules import load

_PIECE = 4 << 20
_DRAWER = 32 << 20
_ALONE = 4 << 20
"""A file up to this size is not worth starting processes."""

_json = msgspec.json.Encoder()
_bytes = msgspec.msgpack.Encoder()
_persons = msgspec.msgpack.Decoder(list[tuple[str, bytes]])
Given = TypeVar("Given")
Made = TypeVar("Made")


class Job(NamedTuple):
    """What all processes of one run know."""

    path: str
    today: date
    rules: str | None
    next_due: bool
    room: str
    bounds: tuple[str, ...]
    """Drawer n holds the pseudonyms from bound n - 1 up to before bound n."""


class Piece(NamedTuple):
    """What came of reading one piece: lines, the unreadable ones by their place in it, digests of (source, id), links."""

    lines: int
    unreadable: list[tuple[int, str]]
    keys: bytes
    links: list[tuple[str, str]]


class Drawer(NamedTuple):
    """What came of evaluating one drawer: packed facts of linked persons left for later, and implausible reports."""

    linked: bytes
    implausible: list[tuple[str, str, str]]


def main(arguments: list[str]) -> int:
    """`evaluate --today DATE [--rules FILE] [--next-due] [FACTS.ndjson]`; exit status 2 for a rule set or file that cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m services.pathways evaluate", description=__doc__)
    parser.add_argument("--today", required=True, type=date.fromisoformat, metavar="DATE", help="the business date")
    parser.add_argument("--rules", metavar="FILE", help="a rule set; default: the one that comes with the service")
    parser.add_argument("--next-due", action="store_true", help="write due dates instead of findings")
    parser.add_argument("--processes", type=int, default=0, metavar="N", help="default: one for each core")
    parser.add_argument("facts", nargs="?", metavar="FACTS.ndjson", help="default: standard input")
    given = parser.parse_args(arguments)
    try:
        return run(given.facts, given.today, rules=given.rules, next_due=given.next_due, processes=given.processes)
    except BadRules as error:
        for text in error.errors:
            print(f"rules: {text}", file=sys.stderr)
    except OSError as error:
        print(error, file=sys.stderr)
    return 2


def run(
    source: str | None, today: date, *, rules: str | None = None, next_due: bool = False, processes: int = 0
) -> int:
    """Writes the findings (or due dates) of the events in the file `source`, else of standard input, to standard output.

    `processes` 0: one for each core. Returns the exit status: 1 if a line could not be read. Raises BadRules, OSError.
    """
    load(rules)
    with tempfile.TemporaryDirectory(prefix="evaluate-") as room:
        path = source or _spool(room)
        size = os.path.getsize(path)
        job = Job(str(path), today, rules, next_due, room, _bounds(path, size))
        with _workers(job, 1 if size <= _ALONE else processes or os.cpu_count() or 1) as spread:
            return _run(job, size, spread)


def _run(job: Job, size: int, spread: Callable[..., Iterator]) -> int:
    pieces = [(start, min(start + _PIECE, size)) for start in range(0, size, _PIECE)]
    keys: list[int] = []
    links: list[tuple[str, str]] = []
    before = failed = 0
    for piece in spread(_read_piece, pieces):
        for place, reason in piece.unreadable:
            print(f"line {before + place}: {reason}", file=sys.stderr)
        before += piece.lines
        failed += len(piece.unreadable)
        keys += memoryview(piece.keys).cast("q")
        links += piece.links
    repeated = _repeated(keys)
    del keys
    linked = frozenset([pseudonym for pair in links for pseudonym in pair])
    repeats = first_of_repeats(job.path, repeated, digest) if repeated else {}
    given = [(number, linked, repeated, _in_drawer(repeats, job, number)) for number in range(len(job.bounds) + 1)]
    drawers = list(spread(_evaluate_drawer, given))
    implausible = [report for drawer in drawers for report in drawer.implausible]
    later: list[tuple[str, bytes]] = []
    if linked:
        facts = [fact for drawer in drawers for fact in unpack(drawer.linked)]
        later, more = _evaluate_all(cluster_of(facts), job)
        implausible += more
    for person_id, id, reason in sorted(implausible):
        print(f"implausible: {person_id} {id}: {reason}", file=sys.stderr)
    _write(job, later)
    return 1 if failed else 0


@contextmanager
def _workers(job: Job, processes: int) -> Iterator[Callable[..., Iterator]]:
    """Gives a map over the processes, in order; in this process if there is to be one only."""
    if processes == 1:
        _begin(job)
        yield map
        return
    with multiprocessing.Pool(processes, _begin, (job,)) as pool:
        yield pool.imap


_job: Job


def _begin(job: Job) -> None:
    global _job
    _job = job


def _spool(room: str) -> str:
    path = os.path.join(room, "input")
    with open(path, "wb") as spooled:
        shutil.copyfileobj(sys.stdin.buffer, spooled, 1 << 20)
    return path


def _bounds(path: str, size: int) -> tuple[str, ...]:
    """Pseudonyms that cut the file into drawers of about equal size, from a sample of its lines."""
    count = size // _DRAWER
    if not count:
        return ()
    sample = []
    with open(path, "rb") as file:
        for number in range(count * 40):
            file.seek(size * number // (count * 40))
            file.readline()
            try:
                sample.append(decode_line(file.readline()).subject)
            except Unreadable:
                continue
    sample.sort()
    return tuple(sorted({sample[place] for place in range(40, len(sample), 40)}))


def digest(fact: Fact) -> bytes:
    """Eight bytes that stand for (source, id)."""
    return blake2b(f"{fact.source}\0{fact.id}".encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _lines(file: BinaryIO, start: int, end: int) -> list[bytes]:
    """The lines that begin in [start, end) of the file."""
    file.seek(max(start - 1, 0))
    if start:
        file.readline()
    left = end - file.tell()
    if left <= 0:
        return []
    block = file.read(left)
    if not block.endswith(b"\n"):
        block += file.readline()
    return block.removesuffix(b"\n").split(b"\n")


def _read_piece(piece: tuple[int, int]) -> Piece:
    """Decodes a piece of the file and appends its facts to the drawers."""
    with open(_job.path, "rb") as file:
        lines = _lines(file, *piece)
    unreadable: list[tuple[int, str]] = []
    keys: list[bytes] = []
    links: list[tuple[str, str]] = []
    bounds = _job.bounds
    drawers: list[list[Fact]] = [[] for _ in range(len(bounds) + 1)]
    for number, line in enumerate(lines, start=1):
        try:
            fact = decode_line(line)
        except Unreadable as error:
            if line.strip():
                unreadable.append((number, error.reason))
            continue
        keys.append(digest(fact))
        drawers[bisect.bisect_right(bounds, fact.subject)].append(fact)
        if fact.kind == Kind.MERGED or fact.kind == Kind.SPLIT:
            links.append((fact.subject, fact.values[0]))
    for number, facts in enumerate(drawers):
        if facts:
            _append(number, pack(facts))
    return Piece(len(lines), unreadable, b"".join(keys), links)


def _append(number: int, block: bytes) -> None:
    with open(os.path.join(_job.room, f"drawer-{number}-{os.getpid()}"), "ab") as file:
        file.write(len(block).to_bytes(8, "big") + block)


def _repeated(keys: list[int]) -> frozenset[bytes]:
    if len(set(keys)) == len(keys):
        return frozenset()
    return frozenset([key.to_bytes(8, sys.byteorder, signed=True) for key, times in Counter(keys).items() if times > 1])


def _in_drawer(facts: dict[tuple[str, str], Fact], job: Job, number: int) -> bytes:
    return pack([fact for fact in facts.values() if bisect.bisect_right(job.bounds, fact.subject) == number])


def _evaluate_drawer(given: tuple[int, frozenset[str], frozenset[bytes], bytes]) -> Drawer:
    """Evaluates the persons of a drawer, and writes what it found beside it."""
    number, linked, repeated, repeats = given
    persons: dict[str, list[Fact]] = {}
    later: list[Fact] = []
    for facts in _blocks(number, repeated, unpack(repeats)):
        for fact in facts:
            if fact.subject in linked:
                later.append(fact)
            else:
                persons.setdefault(fact.subject, []).append(fact)
    found, implausible = _evaluate_all(persons.values(), _job)
    with open(os.path.join(_job.room, f"found-{number}"), "wb") as file:
        file.write(_bytes.encode(found))
    return Drawer(pack(later), implausible)


def _blocks(number: int, repeated: frozenset[bytes], repeats: list[Fact]) -> Iterator[list[Fact]]:
    for path in sorted(Path(_job.room).glob(f"drawer-{number}-*")):
        with path.open("rb") as file:
            while head := file.read(8):
                facts = unpack(file.read(int.from_bytes(head, "big")))
                yield [fact for fact in facts if digest(fact) not in repeated] if repeated else facts
    yield repeats


def _evaluate_all(
    clusters: Iterable[list[Fact]], job: Job
) -> tuple[list[tuple[str, bytes]], list[tuple[str, str, str]]]:
    """The lines of each person, by person, and the implausible reports."""
    rules = load(job.rules)
    found: dict[str, list[bytes]] = {}
    implausible: list[tuple[str, str, str]] = []
    for facts in clusters:
        result = evaluate(facts, job.today, rules)
        implausible += result.implausible
        for person_id, line in _due_lines(result) if job.next_due else _finding_lines(result):
            found.setdefault(person_id, []).append(line)
    return [(person_id, b"".join(found[person_id])) for person_id in sorted(found)], implausible


def _due_lines(result: Result) -> Iterator[tuple[str, bytes]]:
    for person_id, due in result.next_due.items():
        yield person_id, _json.encode({"person_id": person_id, "next_due": due}) + b"\n"


def _finding_lines(result: Result) -> Iterator[tuple[str, bytes]]:
    for finding in result.findings:
        yield finding.person_id, _json.encode(finding.line()) + b"\n"


def _write(job: Job, later: list[tuple[str, bytes]]) -> None:
    """All persons' lines to standard output, by person."""

    def drawers() -> Iterator[tuple[str, bytes]]:
        for number in range(len(job.bounds) + 1):
            yield from _persons.decode(Path(job.room, f"found-{number}").read_bytes())

    for _, lines in heapq.merge(drawers(), later) if later else drawers():
        sys.stdout.buffer.write(lines)
    sys.stdout.buffer.flush()
