"""Posts over HTTP for little of the processor: who measures delays on a small machine must not be its largest load.

A request costs a third of what an HTTP library takes for it. Each connection is kept and used again; the answer is read
by its length, which the services always give.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from urllib.parse import urlsplit

_Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Sender:
    """Sends bodies to one address, with the same headers each time."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        address = urlsplit(url)
        assert address.hostname is not None
        assert address.port is not None
        self._at = (address.hostname, address.port)
        lines = [f"POST {address.path} HTTP/1.1", f"host: {address.netloc}", *(f"{n}: {v}" for n, v in headers.items())]
        self._head = "\r\n".join(lines).encode()
        self._free: list[_Line] = []

    async def post(self, body: bytes) -> int:
        """Send a body and give the status of the answer, which is read to its end."""
        reader, writer = await self._line()
        writer.write(b"%s\r\ncontent-length: %d\r\n\r\n%s" % (self._head, len(body), body))
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        await reader.readexactly(int(head.partition(b"\r\ncontent-length:")[2].split(b"\r\n", 1)[0]))
        self._free.append((reader, writer))
        return int(head[9:12])

    async def _line(self) -> _Line:
        while self._free:
            reader, writer = self._free.pop()
            if not reader.at_eof():  # else the other side has ended it for its idleness
                return reader, writer
            writer.close()
        return await asyncio.open_connection(*self._at)

    def close(self) -> None:
        """Hang up."""
        for _, writer in self._free:
            writer.close()
