"""Evaluates a file of events without Kafka or a database, on all cores, and writes the findings in order.

Two rounds over bounded pieces, so that memory does not grow with the file: first pieces of the file are decoded and
their facts laid into drawers by ranges of pseudonyms, then each drawer is evaluated. Persons linked by a merge or a
split are evaluated after that, from all drawers.
"""

from __future__ import annotations

import argparse
import bisect
import gc
import heapq
import multiprocessing
import os
import shutil
import sys
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import date
from typing import Any

from services.pathways.domain.facts import Fact, pack, unpack
from services.pathways.domain.record import cluster_of
from services.pathways.domain.rules import BadRules
from services.pathways.evaluate_file.drawers import Task, evaluate_all, evaluate_drawer, lines_of
from services.pathways.evaluate_file.job import Job, begin
from services.pathways.evaluate_file.pieces import bounds, read_piece
from services.pathways.evaluate_file.repeats import first_of_repeats, repeated_differently
from services.pathways.rules import load

_PIECE = 4 << 20
_DRAWER = 24 << 20
_ALONE = 4 << 20
"""A file up to this size is not worth starting processes."""

Spread = Callable[[Callable[[Any], Any], Iterable[Any]], Iterator[Any]]
"""A map, in order, over the processes."""


def main(arguments: list[str]) -> int:
    """`evaluate --today DATE [--rules FILE] [--next-due] [FACTS.ndjson]`.

    Exit status 1 if a line could not be read, 2 if the rule set or the file could not.
    """
    parser = argparse.ArgumentParser(
        prog="python -m services.pathways evaluate", description="Evaluates a file of events about persons."
    )
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
    """Writes the findings or due dates of the events in the file `source`, else of standard input, to standard output.

    `processes` 0: one for each core. Returns the exit status. Raises BadRules, OSError.
    """
    load(rules)
    with tempfile.TemporaryDirectory(prefix="evaluate-") as room:
        path = source if source and os.path.isfile(source) else _spool(source, room)
        size = os.path.getsize(path)
        job = Job(path, today, rules, next_due, room, bounds(path, size, _DRAWER))
        with _workers(job, 1 if size <= _ALONE else processes or os.cpu_count() or 1) as spread:
            return _run(job, size, spread)


def _spool(source: str | None, room: str) -> str:
    """A copy of what can be read only once: standard input or a pipe."""
    path = os.path.join(room, "input")
    with open(source, "rb") if source else nullcontext(sys.stdin.buffer) as given, open(path, "wb") as spooled:
        shutil.copyfileobj(given, spooled, 1 << 20)
    return path


@contextmanager
def _workers(job: Job, processes: int) -> Iterator[Spread]:
    if processes > 1:
        with multiprocessing.Pool(processes, begin, (job,)) as pool:
            yield pool.imap
        return
    collecting = gc.isenabled()
    begin(job)
    try:
        yield map
    finally:
        if collecting:
            gc.enable()


def _run(job: Job, size: int, spread: Spread) -> int:
    failed, repeated, links = _read(size, spread)
    linked = frozenset([pseudonym for pair in links for pseudonym in pair])
    repeats = first_of_repeats(job.path, repeated).values() if repeated else ()
    tasks = [Task(number, linked, repeated, _in_drawer(repeats, job, number)) for number in range(len(job.bounds) + 1)]
    drawers = list(spread(evaluate_drawer, tasks))
    implausible = [report for drawer in drawers for report in drawer.implausible]
    later: list[tuple[str, bytes]] = []
    if linked:
        later, more = evaluate_all(cluster_of([fact for drawer in drawers for fact in unpack(drawer.linked)]), job)
        implausible += more
    for person_id, id, reason in sorted(implausible):
        print(f"implausible: {person_id} {id}: {reason}", file=sys.stderr)
    alone = (person for number in range(len(tasks)) for person in lines_of(job, number))
    for _, lines in heapq.merge(alone, later) if later else alone:
        sys.stdout.buffer.write(lines)
    sys.stdout.buffer.flush()
    return 1 if failed else 0


def _read(size: int, spread: Spread) -> tuple[int, frozenset[bytes], list[tuple[str, str]]]:
    """How many lines could not be read (each said on standard error), digests repeated differently, the links."""
    keys, marks = array("q"), array("Q")
    links: list[tuple[str, str]] = []
    before = failed = 0
    for piece in spread(read_piece, [(start, min(start + _PIECE, size)) for start in range(0, size, _PIECE)]):
        for place, reason in piece.unreadable:
            print(f"line {before + place}: {reason}", file=sys.stderr)
        before += piece.lines
        failed += len(piece.unreadable)
        keys.frombytes(piece.keys)
        marks.frombytes(piece.marks)
        links += piece.links
    return failed, repeated_differently(keys, marks), links


def _in_drawer(facts: Iterable[Fact], job: Job, number: int) -> bytes:
    return pack([fact for fact in facts if bisect.bisect_right(job.bounds, fact.subject) == number])
