"""The gateway in front of a real server: whole in both directions, as streams, in constant memory."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest

from deploy.devstack.ports import free_port, listens
from deploy.devstack.processes import Child, Command

MEGABYTE = 1024 * 1024

UPSTREAM = """
import asyncio, json, os, signal, sys
import uvicorn

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    path = scope["path"]
    async def answer(status, *chunks, headers=()):
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        for chunk in chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    if path == "/echo":
        headers = [[n.decode(), v.decode("latin-1")] for n, v in scope["headers"]]
        said = {"method": scope["method"], "target": scope["raw_path"].decode(),
                "query": scope["query_string"].decode(), "headers": headers}
        await answer(200, json.dumps(said).encode(), headers=[(b"content-type", b"application/json")])
    elif path == "/count":
        total, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                open(sys.argv[2], "w").write(str(total))
                return
            total += len(message["body"])
            more = message["more_body"]
        await answer(200, str(total).encode())
    elif path == "/refuse":
        await answer(413, b"too large")
    elif path == "/large":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(300):
            await send({"type": "http.response.body", "body": b"x" * 1048576, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    elif path == "/events":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
        for number in range(3):
            await send({"type": "http.response.body", "body": b"data: %d\\n\\n" % number, "more_body": True})
            if number < 2:
                await asyncio.sleep(0.3)
        while (await receive())["type"] != "http.disconnect":
            pass
        open(sys.argv[2], "w").write("gone")
    elif path == "/die":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        await asyncio.sleep(0.2)
        os.kill(os.getpid(), signal.SIGKILL)

uvicorn.run(app, port=int(sys.argv[1]), log_level="error", http="httptools")
"""


class Site:
    """A gateway and the server behind it."""

    def __init__(self, home: Path) -> None:
        self.port, self.upstream_port = free_port(), free_port()
        self.note = home / "note"
        script = home / "upstream.py"
        script.write_text(UPSTREAM, encoding="utf-8")
        gateway = ["-m", "deploy.devstack.gateway", f"--port={self.port}", f"--service=here={self.upstream_port}"]
        gateway += [f"--service=away={free_port()}"]
        gateway += [f"--link={name}=http://127.0.0.1:1" for name in ("mail", "traces", "issuer")]
        self.upstream = self._start("upstream", [str(script), str(self.upstream_port), str(self.note)], home)
        self.gateway = self._start("gateway", gateway, home)
        self.upstream.wait_ready(lambda: listens(self.upstream_port), seconds=60)
        self.gateway.wait_ready(lambda: listens(self.port), seconds=60)

    def _start(self, name: str, arguments: list[str], home: Path) -> Child:
        return Child(Command(name=name, arguments=[sys.executable, *arguments], log=home / f"{name}.log"))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.gateway.stop(5)
        self.upstream.stop(5)

    def most_memory(self) -> int:
        status = Path(f"/proc/{self.gateway.pid}/status").read_text()
        peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(peak.split()[1]) * 1024


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    found = Site(tmp_path)
    yield found
    found.stop()


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=site.url, timeout=30) as made:
        yield made


async def test_the_prefix_is_taken_off_and_told_and_what_a_client_claims_of_it_is_not_believed(
    site: Site, client: httpx.AsyncClient
) -> None:
    claimed = {"x-forwarded-prefix": "/evil", "x-forwarded-host": "evil.example", "x-kept": "yes", "te": "trailers"}
    answer = await client.get("/here/echo?a=%2F&b=%20c", headers=claimed)
    said = answer.json()
    headers = dict(said["headers"])
    assert (said["method"], said["target"], said["query"]) == ("GET", "/echo", "a=%2F&b=%20c")
    assert headers["x-forwarded-prefix"] == "/here"
    assert headers["x-forwarded-host"] == headers["host"] == f"127.0.0.1:{site.port}"
    assert (headers["x-forwarded-proto"], headers["x-kept"]) == ("http", "yes")
    assert "te" not in headers
    assert [name for name, _ in said["headers"]].count("x-forwarded-prefix") == 1


async def test_the_name_alone_leads_to_the_folder_and_an_unknown_name_to_a_page(client: httpx.AsyncClient) -> None:
    bare = await client.get("/here?x=1")
    assert (bare.status_code, bare.headers["location"]) == (308, "/here/?x=1")
    unknown = await client.get("/nowhere/else", headers={"accept-language": "en"})
    assert unknown.status_code == 404
    assert "There is nothing here" in unknown.text


async def test_a_browser_that_comes_by_another_name_is_led_to_the_one_the_login_knows(
    client: httpx.AsyncClient, site: Site
) -> None:
    other = {"host": f"localhost:{site.port}", "accept": "text/html"}
    led = await client.get("/here/echo?a=%2F", headers=other)
    assert (led.status_code, led.headers["location"]) == (307, f"{site.url}/here/echo?a=%2F")
    program = await client.get("/here/echo", headers=other | {"accept": "application/json"})
    assert program.status_code == 200


async def test_a_head_request_has_an_answer_without_a_body(client: httpx.AsyncClient) -> None:
    answer = await client.head("/here/echo")
    assert (answer.status_code, answer.content) == (200, b"")


async def test_hundreds_of_megabytes_pass_both_ways_in_constant_memory(site: Site, client: httpx.AsyncClient) -> None:
    await client.get("/here/echo")
    before = site.most_memory()

    async def lines() -> AsyncIterator[bytes]:
        for _ in range(300):
            yield b"x" * (MEGABYTE - 1) + b"\n"

    answer = await client.post("/here/count", content=lines())
    assert answer.text == str(300 * MEGABYTE)
    received = 0
    async with client.stream("GET", "/here/large") as large:
        async for chunk in large.aiter_raw():
            received += len(chunk)
    assert received == 300 * MEGABYTE
    assert site.most_memory() - before < 30 * MEGABYTE


async def test_a_stream_of_events_arrives_as_it_is_sent_and_ends_behind_when_the_reader_leaves(
    site: Site, client: httpx.AsyncClient
) -> None:
    arrived = []
    async with client.stream("GET", "/here/events") as events:
        async for chunk in events.aiter_raw():
            arrived.append((asyncio.get_running_loop().time(), chunk))
            if len(arrived) == 3:
                break
    assert [chunk for _, chunk in arrived] == [b"data: 0\n\n", b"data: 1\n\n", b"data: 2\n\n"]
    assert arrived[2][0] - arrived[0][0] > 0.4
    await _until(site.note.exists)
    assert site.note.read_text() == "gone"


async def test_a_slow_sender_is_waited_for_and_holds_nobody_else_up(site: Site, client: httpx.AsyncClient) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield b"x"
            await asyncio.sleep(0.1)

    slow = asyncio.create_task(client.post("/here/count", content=slowly()))
    quick = await asyncio.gather(*(client.get("/here/echo") for _ in range(50)))
    assert not slow.done()
    assert {answer.status_code for answer in quick} == {200}
    assert (await slow).text == "10"


async def test_a_service_may_answer_before_the_sender_is_done(site: Site) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(b"POST /here/refuse HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\nonly the beginning")
    status = await asyncio.wait_for(reader.readline(), 10)
    assert b"413" in status
    writer.close()


async def test_a_sender_that_hangs_up_is_seen_behind_the_gateway(site: Site) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(b"POST /here/count HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\nonly the beginning")
    await writer.drain()
    await asyncio.sleep(0.2)
    writer.transport.abort()
    await _until(site.note.exists)
    assert site.note.read_text() == str(len("only the beginning"))


async def test_an_answer_cut_in_the_middle_is_cut_for_the_client_too(site: Site, client: httpx.AsyncClient) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        await client.get("/here/die")


async def test_a_service_that_is_away_is_named_to_programs_and_to_people(client: httpx.AsyncClient) -> None:
    program = await client.get("/away/v1/anything")
    assert (program.status_code, program.headers["retry-after"]) == (502, "2")
    assert json.loads(program.text)["detail"].startswith("the service away does not answer")
    person = await client.get("/away/", headers={"accept": "text/html", "accept-language": "de"})
    assert person.status_code == 502
    assert "Gleich geht es weiter" in person.text
    assert person.headers["refresh"] == "2"


async def test_a_thousand_requests_at_once_are_all_answered(site: Site) -> None:
    async def ask() -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(b"GET /here/echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        return answer.splitlines()[0]

    answers = await asyncio.wait_for(asyncio.gather(*(ask() for _ in range(1000))), 60)
    assert set(answers) == {b"HTTP/1.1 200 OK"}


async def _until(condition: object, seconds: float = 60.0) -> None:
    assert callable(condition)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            while not condition():
                await asyncio.sleep(0.05)
    assert condition()
