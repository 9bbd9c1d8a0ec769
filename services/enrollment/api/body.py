"""Reads request bodies as rows, chunk by chunk and in constant memory, from senders that may be slow or gone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from starlette.requests import ClientDisconnect

from services.enrollment.domain.lines import LineCutter, Row, array_elements
from services.enrollment.usecases.intake import Chunk
from shared.errors import RequestTimeout, TooLarge


@dataclass(frozen=True, slots=True)
class Bounds:
    """How a body is cut into chunks, and what is the least a sender must send on average over the patience."""

    rows: int
    bytes: int
    seconds: float
    whole_bytes: int
    least_bytes_per_second: float
    patience_seconds: float


class Sender:
    """The other end of a request. Only time spent waiting for it counts against it."""

    def __init__(self, receive: Callable[[], Awaitable[MutableMapping[str, Any]]], bounds: Bounds) -> None:
        self._receive = receive
        self._bounds = bounds
        self._receiving: asyncio.Future[MutableMapping[str, Any]] | None = None
        self._waited = 0.0
        self._bytes = 0
        self.ended = False

    async def part(self, seconds: float | None = None) -> bytes | None:
        """The next part of the body, or None if none came within so many seconds.

        Raises RequestTimeout for a sender that is too slow, ClientDisconnect for one that is gone.
        """
        if self._receiving is None:
            self._receiving = asyncio.ensure_future(self._receive())
        left = max(0.0, self._bounds.patience_seconds - self._waited)
        started = time.monotonic()
        await asyncio.wait({self._receiving}, timeout=left if seconds is None else min(left, seconds))
        self._waited += time.monotonic() - started
        if not self._receiving.done():
            self._judge_pace()
            return None
        message = self._receiving.result()
        self._receiving = None
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        self.ended = not message.get("more_body", False)
        part: bytes = message.get("body", b"")
        self._bytes += len(part)
        if not self.ended:
            self._judge_pace()
        return part

    def give_up(self) -> None:
        """Stop listening."""
        if self._receiving is not None:
            self._receiving.cancel()

    def _judge_pace(self) -> None:
        if self._waited < self._bounds.patience_seconds:
            return
        if self._bytes < self._bounds.least_bytes_per_second * self._waited:
            raise RequestTimeout(
                f"less than {self._bounds.least_bytes_per_second:g} bytes a second came; what was read is kept"
            )
        self._waited, self._bytes = 0.0, 0


@dataclass(slots=True)
class _Pending:
    """Rows read and not yet handed on."""

    bounds: Bounds
    rows: list[Row] = field(default_factory=list)
    bytes: int = 0
    since: float = 0.0

    def add(self, rows: list[Row]) -> None:
        if rows and not self.rows:
            self.since = time.monotonic()
        self.rows += rows
        self.bytes += sum(len(row.raw or b"") for row in rows)

    def seconds_left(self) -> float | None:
        return max(0.0, self.since + self.bounds.seconds - time.monotonic()) if self.rows else None

    def full(self) -> bool:
        return len(self.rows) >= self.bounds.rows or self.bytes >= self.bounds.bytes or self.seconds_left() == 0

    def take(self) -> Iterable[list[Row]]:
        rows, self.rows, self.bytes = self.rows, [], 0
        for start in range(0, len(rows), self.bounds.rows):
            yield rows[start : start + self.bounds.rows]


async def lines(sender: Sender, bounds: Bounds) -> AsyncIterator[Chunk]:
    """The lines of a body of any length, in chunks by number, bytes or time, whichever comes first.

    When the sender fails, the rows it had sent wholly come first, then the error.
    """
    cutter, pending = LineCutter(), _Pending(bounds)
    failure: Exception | None = None
    while not sender.ended and failure is None:
        try:
            part = await sender.part(pending.seconds_left())
        except (ClientDisconnect, RequestTimeout) as error:
            failure = error
        else:
            if part:
                pending.add(cutter.feed(part))
        if failure is not None or (pending.full() and not sender.ended):
            for rows in pending.take():
                yield Chunk(rows, is_last=False)
    if failure is not None:
        raise failure
    pending.add(cutter.finish())
    async for chunk in _to_the_end(pending.take()):
        yield chunk


async def batch(sender: Sender, bounds: Bounds) -> AsyncIterator[Chunk]:
    """The elements of a JSON array; raises TooLarge before anything is taken."""
    elements = array_elements(await whole(sender, bounds.whole_bytes))
    async for chunk in _to_the_end(iter(lambda: list(islice(elements, bounds.rows)), [])):
        yield chunk


async def single(sender: Sender, bounds: Bounds) -> AsyncIterator[Chunk]:
    """The one event that is the body; raises TooLarge before anything is taken."""
    body = await whole(sender, bounds.whole_bytes)
    yield Chunk([Row(1, body)], is_last=True)


async def whole(sender: Sender, most_bytes: int) -> bytes:
    """The whole body; raises TooLarge, RequestTimeout or ClientDisconnect."""
    body = bytearray()
    while not sender.ended:
        body += await sender.part() or b""
        if len(body) > most_bytes:
            raise TooLarge(f"at most {most_bytes} bytes are taken in this form; application/x-ndjson has no limit")
    return bytes(body)


async def _to_the_end(chunks: Iterable[list[Row]]) -> AsyncIterator[Chunk]:
    held: list[Row] = []
    for rows in chunks:
        if held:
            yield Chunk(held, is_last=False)
        held = rows
    yield Chunk(held, is_last=True)
