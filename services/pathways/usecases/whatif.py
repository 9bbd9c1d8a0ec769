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

import msgspec

from services.pathways import rules
from services.pathways.domain.facts import Fact, unpack
from services.pathways.domain.rules import Rules
from services.pathways.domain.whatif import Cell, compare
from services.pathways.store import people, timelines
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
    counts: Counter[Cell]

    def by(self, field: str) -> dict[str, dict[str, int]]:
        """The counts by `pattern` or by `municipality`, each by what is counted."""
        table: dict[str, dict[str, int]] = {}
        for cell, number in self.counts.items():
            row = table.setdefault(getattr(cell, field), {})
            row[cell.what] = row.get(cell.what, 0) + number
        return dict(sorted(table.items()))


class WhatIf:
    """Compares the rule set in force with another one."""

    def __init__(self, database: Database, clock: Clock, in_force: str | None = None) -> None:
        self._database = database
        self._clock = clock
        self._in_force = in_force

    async def compare(
        self, tried: str, *, today: date | None = None, processes: int = 0, tell: Tell = lambda done, total: None
    ) -> Difference:
        """The difference over all stored timelines, on the business date or another day. Raises BadRules, OSError."""
        paths = (self._in_force, tried)
        held_rules, tried_rules = rules.load(self._in_force), rules.load(tried)
        counts: Counter[Cell] = Counter()
        async with self._database.reading() as connection:
            on = today or await timelines.current_date(connection) or self._clock.today()
            total = await people.count(connection)
            workers = processes or os.cpu_count() or 1
            context = multiprocessing.get_context("spawn")
            with ProcessPoolExecutor(workers, context, _begin, (on, *paths)) as pool:
                done = 0
                waiting: set[asyncio.Future[tuple[int, bytes]]] = set()
                async for piece in _pieces(people.by_cluster(connection)):
                    waiting.add(asyncio.wrap_future(pool.submit(_compare_piece, piece)))
                    if len(waiting) >= 2 * workers:
                        finished, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                        done += _add(finished, counts)
                        tell(done, total)
                for future in asyncio.as_completed(waiting):
                    number, found = await future
                    _count(found, counts)
                    done += number
                    tell(done, total)
        return Difference(on, total, held_rules.version, tried_rules.version, counts)


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


def _add(finished: set[asyncio.Future[tuple[int, bytes]]], counts: Counter[Cell]) -> int:
    done = 0
    for future in finished:
        number, found = future.result()
        _count(found, counts)
        done += number
    return done


def _count(found: bytes, counts: Counter[Cell]) -> None:
    for cell, number in msgspec.msgpack.decode(found, type=list[tuple[Cell, int]]):
        counts[cell] += number


_today: date
_rules: tuple[Rules, Rules]


def _begin(today: date, in_force: str | None, tried: str) -> None:
    """In each process, once."""
    global _today, _rules
    _today = today
    _rules = (rules.load(in_force), rules.load(tried))


def _compare_piece(piece: list[people.Stored]) -> tuple[int, bytes]:
    counts: Counter[Cell] = Counter()
    clusters: dict[str, list[Fact]] = {}
    for row in piece:
        clusters.setdefault(row.cluster_id, []).extend(unpack(row.facts))
    for facts in clusters.values():
        counts += compare(facts, _today, *_rules)
    return len(piece), msgspec.msgpack.encode(list(counts.items()))
