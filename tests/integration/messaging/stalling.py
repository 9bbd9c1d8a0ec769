"""A network that can be stalled: bytes no longer come through, and nobody is told so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

HOST = "127.0.0.1"


class Line:
    """A way to a server on the port `to`. Stalled, it takes connections and passes nothing on, in neither direction."""

    def __init__(self, port: int, to: int) -> None:
        self.port = port
        self._to = to
        self._open = asyncio.Event()
        self._open.set()
        self._passing: set[asyncio.Task[None]] = set()

    def stall(self) -> None:
        """Pass nothing on from now."""
        self._open.clear()

    def resume(self) -> None:
        """Pass on what has come meanwhile, and go on."""
        self._open.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection."""
        await self._open.wait()
        try:
            there, back = await asyncio.open_connection(HOST, self._to)
        except OSError:
            writer.close()
            return
        both = [asyncio.create_task(self._pass(*way)) for way in ((reader, back), (there, writer))]
        self._passing.update(both)
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
                self._passing.discard(task)
            for end in (writer, back):
                end.close()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                await self._open.wait()
                writer.write(data)
                await writer.drain()


@asynccontextmanager
async def line(port: int, *, to: int) -> AsyncIterator[Line]:
    """A line from one port to another for as long as the block lasts."""
    made = Line(port, to)
    server = await asyncio.start_server(made.serve, HOST, port)
    try:
        yield made
    finally:
        made.resume()
        server.close()
