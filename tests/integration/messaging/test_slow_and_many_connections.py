"""Senders that never finish their headers, send endless ones, or come in great numbers: each is answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest
import uvicorn
from fastapi import FastAPI

from deploy.devstack.ports import free_port
from shared.connection import Bounds, bounded

SLOWEST, LARGEST, MOST = 1.0, 10_000, 20


class Server(uvicorn.Server):
    """A server with narrow bounds that answers `GET /`."""

    def __init__(self, header_seconds: float) -> None:
        app = FastAPI()
        app.add_api_route("/", lambda: {"hello": "there"})
        self.port = free_port()
        protocol = bounded(Bounds(header_seconds, LARGEST, MOST))
        super().__init__(uvicorn.Config(app, port=self.port, http=protocol, log_config=None, timeout_keep_alive=600))


@pytest.fixture
async def serving() -> AsyncIterator[Callable[[float], Awaitable[Server]]]:
    async with AsyncExitStack() as stack:

        async def start(header_seconds: float) -> Server:
            server = Server(header_seconds)
            task = asyncio.create_task(server.serve())

            async def stop() -> None:
                server.should_exit = True
                await task

            stack.push_async_callback(stop)
            async with asyncio.timeout(60):
                while not server.started:
                    await asyncio.sleep(0.01)
            return server

        yield start


async def answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    async with asyncio.timeout(60):
        status = int((await reader.readline()).split()[1])
        headers = {}
        while (line := await reader.readline()) != b"\r\n":
            name, _, value = line.decode().partition(":")
            headers[name] = value.strip()
        return status, headers, await reader.readexactly(int(headers["content-length"]))


async def trickle(writer: asyncio.StreamWriter) -> None:
    """Header after header, slowly, for as long as anybody listens."""
    number = 0
    while not writer.is_closing():
        writer.write(f"x-{number}: 1\r\n".encode())
        number += 1
        await asyncio.sleep(0.1)


@pytest.mark.parametrize("begun", [b"", b"GET / HT", b"GET / HTTP/1.1\r\n"], ids=["nothing", "a word", "a line"])
async def test_headers_that_do_not_end_are_cut_off(serving, begun: bytes):
    server = await serving(SLOWEST)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(begun)
    slowly = asyncio.create_task(trickle(writer)) if begun.endswith(b"\n") else None
    status, headers, body = await answer(reader)
    assert (status, headers["connection"]) == (408, "close")
    assert json.loads(body)["code"] == "request_timeout"
    if slowly:
        slowly.cancel()
    writer.close()


async def test_time_runs_while_headers_are_awaited_and_not_between_requests(serving):
    server = await serving(600)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)

    async def is_timed(expected: bool) -> None:
        async with asyncio.timeout(60):
            while [connection._deadline is not None for connection in server.server_state.connections] != [expected]:
                await asyncio.sleep(0.01)

    await is_timed(True)
    for _ in range(2):
        writer.write(b"GET / HTTP/1.1\r\nhost: ")
        await is_timed(True)
        writer.write(b"here\r\n\r\n")
        assert (await answer(reader))[0] == 200
        await is_timed(False)
    writer.close()


async def test_headers_without_an_end_are_cut_off_by_size(serving):
    server = await serving(600)
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(b"GET / HTTP/1.1\r\nx-long: " + b"a" * 50_000)
    status, _, body = await answer(reader)
    assert status == 431
    assert f"{LARGEST} bytes" in json.loads(body)["detail"]
    writer.close()


async def test_too_many_connections_are_told_to_come_back_and_the_others_are_served(serving):
    server = await serving(600)
    held = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(MOST)]
    for reader, writer in held:
        writer.write(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n")
        assert (await answer(reader))[0] == 200
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    status, headers, _ = await answer(reader)
    assert (status, headers["retry-after"]) == (503, "2")
    writer.close()
    for reader, writer in held:
        writer.write(b"GET / HTTP/1.1\r\nhost: here\r\n\r\n")
        assert (await answer(reader))[0] == 200
        writer.close()
