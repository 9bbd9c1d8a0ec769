"""One connection to a service, before there is a request: bounds on how many, how slow, and how large its headers are.

The server itself waits for ever for the headers of a request, and keeps whatever comes of them.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long headers may take, how many bytes they may have, and how many connections there may be at once."""

    header_seconds: float
    header_bytes: int
    connections: int


def bounded(bounds: Bounds) -> type[HttpToolsProtocol]:
    """The server's protocol with these bounds."""

    class Bounded(_Connection):
        pass

    Bounded.bounds = bounds
    return Bounded


class _Connection(HttpToolsProtocol):
    bounds: Bounds
    _deadline: asyncio.TimerHandle | None = None
    _read = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if len(self.connections) > self.bounds.connections:
            self._refuse(503, "Service Unavailable", "too many connections at once; try again in a moment")
            return
        self._expect_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        self._headers_are_there()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self._deadline is not None:
            self._read += len(data)
            if self._read > self.bounds.header_bytes:
                said = f"the headers of a request have at most {self.bounds.header_bytes} bytes"
                self._refuse(431, "Request Header Fields Too Large", said)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._deadline is None:  # another request on the connection
            self._expect_headers()

    def on_headers_complete(self) -> None:
        self._headers_are_there()
        super().on_headers_complete()

    def _expect_headers(self) -> None:
        self._read = 0
        self._deadline = self.loop.call_later(self.bounds.header_seconds, self._too_slow)

    def _headers_are_there(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_slow(self) -> None:
        said = f"the headers of the request did not come within {self.bounds.header_seconds:g} seconds"
        self._refuse(408, "Request Timeout", said)

    def _refuse(self, status: int, title: str, detail: str) -> None:
        self._headers_are_there()
        slug = title.lower().replace(" ", "_")
        body = json.dumps({"type": "about:blank", "title": title, "status": status, "code": slug, "detail": detail})
        retry = "retry-after: 2\r\n" if status == 503 else ""
        head = (
            f"HTTP/1.1 {status} {title}\r\ncontent-type: application/problem+json\r\ncontent-length: {len(body)}\r\n"
            f"{retry}connection: close\r\n\r\n"
        )
        self.transport.write((head + body).encode())
        self.transport.close()
