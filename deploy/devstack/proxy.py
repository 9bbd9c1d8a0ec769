"""Passes one HTTP request on to a service and its answer back, both as streams, in constant memory.

Request and answer run side by side: a service may answer before the sender is done, and a sender may take its time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

import h11

from deploy.devstack.ports import HOST

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

CONNECT_SECONDS = 5.0
READ_BYTES = 65_536
LARGEST_HEAD_BYTES = 131_072
CUT_SHORT = (OSError, h11.ProtocolError)

# These concern one connection, not the message (RFC 9110 §7.6.1).
_OF_ONE_HOP = {
    *(b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"proxy-authorization", b"te"),
    *(b"trailer", b"transfer-encoding", b"upgrade", b"expect"),
}
# What a client says about the way it came is not believed.
_OUR_OWN = {b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-prefix"}


class NotReachable(Exception):
    """The service did not take the request: it starts, or is being started again."""


async def forward(scope: Scope, receive: Receive, send: Send, *, port: int, prefix: str) -> None:
    """Pass the request on without its prefix; raises `NotReachable` as long as nothing has been answered."""
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(HOST, port)
    except OSError:  # TimeoutError is one too
        raise NotReachable from None
    exchange = _Exchange(reader, writer)
    try:
        await exchange.run(_request(scope, prefix), receive, send)
    finally:
        # Not awaited to its end: a service that does not read any more must not hold us.
        writer.transport.abort()


class _Exchange:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=LARGEST_HEAD_BYTES)
        self._started = False

    async def run(self, request: h11.Request, receive: Receive, send: Send) -> None:
        down = asyncio.create_task(self._down(send))
        up = asyncio.create_task(self._up(request, receive))
        try:
            # `up` ends first only if the client went away; then nobody waits for the answer any more.
            await asyncio.wait({down, up}, return_when=asyncio.FIRST_COMPLETED)
            if down.done():
                down.result()
        finally:
            for task in (down, up):
                task.cancel()
            await asyncio.gather(down, up, return_exceptions=True)

    async def _up(self, request: h11.Request, receive: Receive) -> None:
        """Send the request as it comes; returns when the client has gone away."""
        try:
            await self._write(request)
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return
                if message.get("body"):
                    await self._write(h11.Data(data=message["body"]))
                more = message.get("more_body", False)
            await self._write(h11.EndOfMessage())
        except CUT_SHORT:
            pass  # the service reads no further; what it answered is still to come
        while (await receive())["type"] != "http.disconnect":
            pass

    async def _write(self, event: Any) -> None:
        self._writer.write(self._connection.send(event) or b"")
        await self._writer.drain()

    async def _down(self, send: Send) -> None:
        """Send the answer as it comes. If the service dies in the middle, the client's connection is cut as well."""
        try:
            while True:
                event = self._connection.next_event()
                if event is h11.NEED_DATA:
                    self._connection.receive_data(await self._reader.read(READ_BYTES))
                elif isinstance(event, h11.Response):
                    await send(_start(event))
                    self._started = True
                elif isinstance(event, h11.Data):
                    await send({"type": "http.response.body", "body": bytes(event.data), "more_body": True})
                elif isinstance(event, h11.EndOfMessage):
                    await send({"type": "http.response.body", "body": b"", "more_body": False})
                    return
                elif isinstance(event, h11.ConnectionClosed):
                    raise h11.RemoteProtocolError("closed in the middle")
        except CUT_SHORT:
            if not self._started:
                raise NotReachable from None


def _request(scope: Scope, prefix: str) -> h11.Request:
    path: bytes = scope["raw_path"].removeprefix(prefix.encode()) or b"/"
    query: bytes = scope["query_string"]
    headers = _kept(scope["headers"], _OF_ONE_HOP | _OUR_OWN)
    host = next((value for name, value in scope["headers"] if name == b"host"), b"")
    client = scope["client"][0] if scope.get("client") else ""
    headers += [
        (b"x-forwarded-prefix", prefix.encode()),
        (b"x-forwarded-host", host),
        (b"x-forwarded-proto", scope["scheme"].encode()),
        (b"x-forwarded-for", client.encode()),
        (b"connection", b"close"),
    ]
    if any(name == b"transfer-encoding" for name, _ in scope["headers"]):
        headers.append((b"transfer-encoding", b"chunked"))
    with contextlib.suppress(h11.LocalProtocolError):
        return h11.Request(method=scope["method"], target=path + (b"?" + query if query else b""), headers=headers)
    raise NotReachable


def _start(event: h11.Response) -> dict[str, Any]:
    return {"type": "http.response.start", "status": event.status_code, "headers": _kept(event.headers, _OF_ONE_HOP)}


def _kept(headers: Iterable[tuple[bytes, bytes]], left_out: set[bytes]) -> Headers:
    named = {
        token.strip().lower() for name, value in headers if name.lower() == b"connection" for token in value.split(b",")
    }
    return [(name, value) for name, value in headers if name.lower() not in left_out and name.lower() not in named]
