"""Runs another rule set over all stored timelines, on all cores, and adds up what would differ."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections import Counter
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import wait
from threading import Thread

import msgspec

from services.pathways.domain.facts import Fact, unpack
from services.pathways.domain.rules import Rules
from services.pathways.domain.whatif import Cell, Counts, compare
from services.pathways.store import people, timelines
from services.pathways.usecases.rule_sets import RuleSets
from shared.clock import Clock
from shared.db import Database

_PIECE = 400
"""Pseudonyms a process gets at once."""

Tell = Callable[[int, int], None]
"""Called with how many pseudonyms are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Difference:
    """What would differ on a day between two rule sets, over so many persons."""

    today: date
    persons: int
    held: str
    tried: str
    counts: Counts

    def by(self, field: str) -> dict[str, dict[str, int]]:
        """The counts by `pattern` or by `municipality`, each by what is counted."""
        table: dict[str, dict[str, int]] = {}
        for cell, number in self.counts.findings.items():
            row = table.setdefault(getattr(cell, field), {})
            row[cell.what] = row.get(cell.what, 0) + number
        return dict(sorted(table.items()))

    def total(self) -> dict[str, int]:
        """The counts over everything."""
        total: Counter[str] = Counter()
        for cell, number in self.counts.findings.items():
            total[cell.what] += number
        return dict(total)


class WhatIf:
    """Compares the rule set in force with another one; `first` is the set in force before any was activated."""

    def __init__(self, database: Database, clock: Clock, first: Rules) -> None:
        self._database = database
        self._clock = clock
        self._rule_sets = RuleSets(first)

    async def compare(
        self, tried: Rules, *, today: date | None = None, processes: int = 0, tell: Tell = lambda done, total: None
    ) -> Difference:
        """The difference over all stored timelines, on the business date or another day, on all cores or so many."""
        counts = Counts()
        workers = processes or os.cpu_count() or 1
        async with self._database.reading() as connection:
            on = today or await timelines.current_date(connection) or self._clock.today()
            held = await self._rule_sets.on(connection, on)
            total, done = await people.count(connection), 0
            tell(done, total)
            context = multiprocessing.get_context("spawn")
            pool = ProcessPoolExecutor(workers, context, _begin, (on, held, tried))
            try:
                waiting: set[asyncio.Future[tuple[int, bytes]]] = set()
                async for piece in _pieces(people.by_cluster(connection)):
                    waiting.add(asyncio.wrap_future(pool.submit(_compare_piece, piece)))
                    if len(waiting) >= 2 * workers:
                        finished, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                        done += sum(_add(future.result(), counts) for future in finished)
                        tell(done, total)
                for future in asyncio.as_completed(waiting):
                    done += _add(await future, counts)
                    tell(done, total)
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
        return Difference(on, total, held.version, tried.version, counts)


async def _pieces(rows: AsyncIterator[people.Stored]) -> AsyncIterator[list[people.Stored]]:
    """Runs of rows that end where a cluster ends."""
    piece: list[people.Stored] = []
    async for row in rows:
        if len(piece) >= _PIECE and row.cluster_id != piece[-1].cluster_id:
            yield piece
            piece = []
        piece.append(row)
    if piece:
        yield piece


_counted = msgspec.msgpack.Decoder(tuple[list[tuple[Cell, int]], list[tuple[Cell, int]]]).decode


def _add(piece: tuple[int, bytes], counts: Counts) -> int:
    """Add what a process has counted; returns of how many pseudonyms."""
    findings, persons = _counted(piece[1])
    counts.add(Counts(Counter(dict(findings)), Counter(dict(persons))))
    return piece[0]


_today: date
_rules: tuple[Rules, Rules]


def _begin(today: date, held: Rules, tried: Rules) -> None:
    """In each process, once. It ends with the process that has started it, however that ends, and yields to others."""
    global _today, _rules
    _today = today
    _rules = (held, tried)
    os.nice(10)
    starter = multiprocessing.parent_process()
    assert starter is not None
    Thread(target=_end_with, args=(starter.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _compare_piece(piece: list[people.Stored]) -> tuple[int, bytes]:
    counts = Counts()
    clusters: dict[str, list[Fact]] = {}
    for row in piece:
        clusters.setdefault(row.cluster_id, []).extend(unpack(row.facts))
    for facts in clusters.values():
        counts.add(compare(facts, _today, *_rules))
    return len(piece), msgspec.msgpack.encode((list(counts.findings.items()), list(counts.persons.items())))
