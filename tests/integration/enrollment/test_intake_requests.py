"""Whole requests: content types, sizes, tokens, receipts, senders that are slow, many or gone."""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.integration.enrollment.running import Emitter, Enrollment, bearer, line

SINGLE = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
LINES = "application/x-ndjson"


def receipt_of(emitter: Emitter, name: str, **query: Any) -> httpx.Response:
    url = f"{emitter.enrollment.url}/v1/receipts/{name}"
    return emitter.enrollment.client.get(url, params=query, headers=emitter.headers)


def awaited_receipt(emitter: Emitter, name: str, accepted: int) -> dict[str, Any]:
    """The receipt once it counts so many accepted rows."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        answer = receipt_of(emitter, name)
        if answer.status_code == 200 and answer.json()["accepted"] == accepted:
            return answer.json()
        time.sleep(0.05)
    raise AssertionError(answer.text)


def megabytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096 // 1_048_576


def test_one_event_a_batch_and_lines_are_read(emitter: Emitter) -> None:
    person = emitter.pseudonym()
    one = emitter.post(json.dumps(emitter.event(person, "a")), SINGLE + "; charset=utf-8").json()
    several = [emitter.event(person, "b"), {"nonsense": 1}, emitter.event(person, "c")]
    batch = emitter.post(json.dumps(several), BATCH).json()
    lines = emitter.post(b"\xef\xbb\xbf" + line(emitter.event(person, "d"))[:-1] + b"\r\n\r\n").json()
    assert (one["accepted"], batch["accepted"], lines["accepted"]) == (1, 2, 1)
    assert batch["rejections"][0]["row"] == 2


def test_one_broken_element_spoils_no_other_of_a_batch(emitter: Emitter) -> None:
    person = emitter.pseudonym()
    good = [json.dumps(emitter.event(person, name)) for name in "ab"]
    body = f'[{good[0]}, {{"id": 1, "id": 2}}, {{"x": NaN}}, {good[1]}]'
    receipt = emitter.post(body, BATCH).json()
    assert (receipt["accepted"], receipt["rejected"]) == (2, 2)
    assert [note["code"] for note in receipt["rejections"]] == ["duplicate_key", "bad_number"]


def test_an_empty_body_is_a_receipt_of_no_rows(emitter: Emitter) -> None:
    for media_type, body in ((LINES, b""), (LINES, b"\n \n"), (BATCH, b"[]")):
        receipt = emitter.post(body, media_type).json()
        assert (receipt["state"], receipt["received"]) == ("complete", 0)


def test_other_content_types_are_refused(emitter: Emitter) -> None:
    for media_type in ("application/json", "text/plain", ""):
        assert emitter.post(b"{}", media_type).status_code == 415
    assert emitter.post(b"{}", LINES, **{"Content-Encoding": "gzip"}).status_code == 415


def test_a_batch_above_its_limit_is_refused_whole(emitter: Emitter) -> None:
    person = emitter.pseudonym()
    body = json.dumps([emitter.event(person, "a"), {"x": "y" * 10_500_000}])
    answer = emitter.post(body, BATCH)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert emitter.verdict(emitter.event(person, "a")) == "accepted"


def test_a_batch_that_is_only_brackets_is_answered_at_once(emitter: Emitter) -> None:
    started = time.monotonic()
    receipt = emitter.post(b"[" * 9_000_000, BATCH).json()
    assert (receipt["received"], receipt["rejected"]) == (1, 1)
    assert time.monotonic() - started < 30


def test_a_line_of_200_megabytes_costs_no_memory_and_the_next_row_goes_on(emitter: Emitter) -> None:
    person = emitter.pseudonym()
    before = megabytes(emitter.enrollment.pid)

    def body() -> Iterator[bytes]:
        yield line(emitter.event(person, "a"))
        yield b'{"x":"'
        for _ in range(200):
            yield b"x" * 1_000_000
        yield b'"}\n' + line(emitter.event(person, "b"))
        yield b"y" * 3_000_000  # and one without an end

    receipt = emitter.post(body()).json()
    assert (receipt["accepted"], receipt["rejected"]) == (2, 2)
    assert [note["code"] for note in receipt["rejections"]] == ["line_too_long", "line_too_long"]
    assert megabytes(emitter.enrollment.pid) - before < 40


def test_only_a_registered_source_with_a_token_that_holds_may_report(enrollment: Enrollment, emitter: Emitter) -> None:
    token = enrollment.issuer.token
    unknown = "//nowhere.example/x"
    answers = {
        "a.b.c": 401,
        "nonsense": 401,
        token("emitter", source=emitter.source, areas=["05315000"], seconds=-3600): 401,
        token("operator"): 403,
        token("emitter", areas=["05315000"]): 403,
        token("emitter", source=unknown, areas=["05315000"]): 403,
        token("emitter", source=emitter.source, areas=["05113000"]): 403,
    }
    for sent, status in answers.items():
        headers = bearer(sent) | {"Content-Type": LINES}
        answer = enrollment.client.post(f"{enrollment.url}/v1/events", content=b"{}", headers=headers)
        assert answer.status_code == status, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


def test_a_token_that_does_not_hold_is_refused_whatever_is_wrong_with_it(emitter: Emitter) -> None:
    issuer = emitter.enrollment.issuer
    now = int(time.time())
    claims = {
        "iss": issuer.url, "aud": "gemeinsam", "sub": "x", "exp": now + 600,
        "role": "emitter", "source": emitter.source, "areas": ["05315000"],
    }  # fmt: skip
    head = {"alg": "RS256", "kid": issuer.key.kid}
    stranger = RSAKey.generate_key(2048, private=True)
    public = issuer.key.as_pem(private=False)
    tokens = {
        "expired": jwt.encode(head, claims | {"exp": now - 600}, issuer.key),
        "not yet valid": jwt.encode(head, claims | {"nbf": now + 600}, issuer.key),
        "without an end": jwt.encode(head, {k: v for k, v in claims.items() if k != "exp"}, issuer.key),
        "for somebody else": jwt.encode(head, claims | {"aud": "another"}, issuer.key),
        "of another issuer": jwt.encode(head, claims | {"iss": "https://elsewhere.example"}, issuer.key),
        "signed by a stranger": jwt.encode(head, claims, stranger),
        "unsigned": _unsigned({"alg": "none"}, claims),
        "without a signature": jwt.encode(head, claims, issuer.key).rpartition(".")[0] + ".",
        "signed with the public key": _signed_with(public, {"alg": "HS256", "kid": issuer.key.kid}, claims),
        "of an unknown role": jwt.encode(head, claims | {"role": "king"}, issuer.key),
    }
    for what, token in tokens.items():
        answer = Emitter(emitter.enrollment, emitter.source, token).post(b"")
        assert (what, answer.status_code) == (what, 401)
    assert (
        Emitter(emitter.enrollment, emitter.source, jwt.encode(head, claims, issuer.key)).post(b"").status_code == 200
    )


def _unsigned(head: dict[str, Any], claims: dict[str, Any]) -> str:
    parts = (base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (head, claims))
    return ".".join(parts) + "."


def _signed_with(secret: bytes, head: dict[str, Any], claims: dict[str, Any]) -> str:
    text = _unsigned(head, claims)[:-1]
    digest = hmac.digest(secret, text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"


def test_a_token_for_a_gemeinde_narrows_a_source_of_its_kreis(enrollment: Enrollment) -> None:
    wide = enrollment.emitter("05362000")
    person = wide.pseudonym()
    narrow = Emitter(
        enrollment, wide.source, enrollment.issuer.token("emitter", source=wide.source, areas=["05362020"])
    )
    assert narrow.verdict(narrow.event(person, "a", data={"municipality": "05362020"})) == "accepted"
    refused = narrow.event(person, "b", data={"municipality": "05362024"})
    assert narrow.verdict(refused) == "data.municipality area_not_yours"


def test_a_receipt_is_read_by_page_and_by_its_source_only(emitter: Emitter) -> None:
    emitter.post(b"{}\n" * 2500, **{"Idempotency-Key": "many"})
    first = receipt_of(emitter, "many").json()
    assert (first["rejected"], len(first["rejections"]), first["next_after"]) == (2500, 1000, 1000)
    second = receipt_of(emitter, "many", after=1000).json()
    third = receipt_of(emitter, "many", after=second["next_after"]).json()
    assert third["rejections"][-1]["row"] == 2500
    assert third["next_after"] is None
    assert receipt_of(emitter.enrollment.emitter(), "many").status_code == 404
    assert receipt_of(emitter, "other").status_code == 404


def test_the_answer_holds_the_first_thousand_rejections(emitter: Emitter) -> None:
    receipt = emitter.post(b"{}\n" * 2500).json()
    assert (receipt["rejected"], len(receipt["rejections"]), receipt["next_after"]) == (2500, 1000, 1000)


def test_a_resend_under_the_same_name_counts_duplicates(emitter: Emitter) -> None:
    events = [emitter.event(emitter.pseudonym(), "a"), b"{}"]
    emitter.report(*events, **{"Idempotency-Key": "monday"})
    again = emitter.report(*events, **{"Idempotency-Key": '"monday"'})
    stored = receipt_of(emitter, "monday").json()
    for receipt in (again, stored):
        assert (receipt["id"], receipt["duplicate"], receipt["rejected"]) == ("monday", 1, 1)
        assert len(receipt["rejections"]) == 1


def test_a_name_no_receipt_can_have_is_refused(emitter: Emitter) -> None:
    assert emitter.post(b"", **{"Idempotency-Key": "a b"}).status_code == 400
    assert emitter.post(b"", **{"Idempotency-Key": "x" * 81}).status_code == 400


def test_what_a_sender_that_hung_up_had_sent_is_kept_as_incomplete(emitter: Emitter) -> None:
    person = emitter.pseudonym()
    with sending(emitter, "gone", 1_000_000) as connection:
        connection.sendall(b"".join(line(emitter.event(person, f"e{number}")) for number in range(10)) + b'{"half')
        awaited_receipt(emitter, "gone", accepted=10)
    receipt = receipt_of(emitter, "gone").json()
    assert (receipt["state"], receipt["received"]) == ("incomplete", 10)
    events = [emitter.event(person, f"e{number}") for number in range(20)]
    again = emitter.report(*events, **{"Idempotency-Key": "gone"})
    assert (again["state"], again["duplicate"], again["accepted"]) == ("complete", 10, 10)


def test_rows_of_a_sender_that_pauses_are_taken_meanwhile(emitter: Emitter) -> None:
    person = emitter.pseudonym()
    with sending(emitter, "live", 1_000_000) as connection:
        connection.sendall(line(emitter.event(person, "a")))
        assert awaited_receipt(emitter, "live", accepted=1)["state"] == "incomplete"


def test_a_sender_of_a_byte_now_and_then_is_cut_off_and_its_rows_are_kept(emitter: Emitter) -> None:
    with sending(emitter, "slow", 1_000_000) as connection:
        connection.sendall(line(emitter.event(emitter.pseudonym(), "a")))
        connection.settimeout(0.2)
        answer = b""
        deadline = time.monotonic() + 60
        while not answer and time.monotonic() < deadline:
            try:
                connection.sendall(b" ")
                answer = connection.recv(65536)
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"connection: close" in answer.lower()
    assert awaited_receipt(emitter, "slow", accepted=1)["state"] == "incomplete"


@pytest.mark.parametrize("request_line", ["POST /v1/persons", "PUT /v1/sources"])
def test_no_other_route_waits_for_a_slow_body(emitter: Emitter, request_line: str) -> None:
    head = _head(emitter, "x", 1000, "keep-alive", request_line).replace(LINES.encode(), b"application/json")
    with socket.create_connection(_address(emitter), timeout=30) as connection:
        connection.sendall(head + b"[")
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"connection: close" in answer.lower()


def test_a_body_that_grows_beyond_its_limit_unannounced_is_refused(emitter: Emitter) -> None:
    parts = iter([b"[", *[b" " * 1_000_000] * 11, b"]"])
    url = f"{emitter.enrollment.url}/v1/persons"
    headers = emitter.headers | {"Content-Type": "application/json"}
    assert emitter.enrollment.client.post(url, content=parts, headers=headers).status_code == 413


def test_a_database_that_breaks_off_is_answered_with_503_and_a_resend_takes_all(emitter: Emitter) -> None:
    person = emitter.pseudonym()
    rows = [line(emitter.event(person, f"e{number}")) for number in range(3000)]

    def body() -> Iterator[bytes]:
        yield b"".join(rows[:1500])
        awaited_receipt(emitter, "broken", accepted=1500)
        asyncio.run(_break_connections(emitter.enrollment.database_url))
        yield b"".join(rows[1500:])

    answer = emitter.post(body(), **{"Idempotency-Key": "broken"})
    assert answer.status_code in (200, 503)
    while answer.status_code == 503:
        assert int(answer.headers["retry-after"]) >= 1
        answer = emitter.post(b"".join(rows), **{"Idempotency-Key": "broken"})
    receipt = answer.json()
    assert (receipt["state"], receipt["accepted"] + receipt["duplicate"]) == ("complete", 3000)


async def _break_connections(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()


def test_no_name_trait_or_token_comes_into_the_log_or_the_metrics(emitter: Emitter) -> None:
    person = emitter.pseudonym()
    emitter.report(emitter.event(person, "e1", data={"name": "Zarathustra"}), b'{"name": "Zarathustra"')
    emitter.post(b"Zarathustra", "text/Zarathustra")
    rows = [{"local_id": "1", "traits": {"family_name": "Zarathustra"}}, {"local_id": "1", "Zarathustra": 1}]
    emitter.enrollment.client.post(f"{emitter.enrollment.url}/v1/persons", json=rows, headers=emitter.headers)
    metrics = emitter.enrollment.client.get(f"{emitter.enrollment.url}/metrics").text
    for text in (emitter.enrollment.log.read_text(), metrics):
        assert "Zarathustra" not in text
        assert person not in text
        assert emitter.token not in text
    assert 'gemeinsam_facts_received_total{outcome="accepted"}' in metrics


def test_a_source_that_asks_too_often_is_told_when_to_come_back(emitter: Emitter) -> None:
    connections: list[socket.socket] = []
    try:
        deadline = time.monotonic() + 60
        answer = emitter.post(b"")
        while answer.status_code != 429 and time.monotonic() < deadline:
            # Those begun earlier may have been cut off for saying nothing.
            connections += [sending(emitter, f"open-{len(connections)}-{number}", 10_000) for number in range(32)]
            answer = emitter.post(b"")
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
        other = emitter.enrollment.emitter()
        assert other.post(b"").status_code == 200
    finally:
        for connection in connections:
            connection.close()


async def test_a_thousand_requests_at_once_are_answered_or_told_to_come_back(emitter: Emitter) -> None:
    person = emitter.pseudonym()

    async def send(number: int) -> tuple[int, bytes]:
        body = line(emitter.event(person, f"e{number}"))
        reader, writer = await asyncio.open_connection(*_address(emitter))
        writer.write(_head(emitter, f"at-once-{number}", len(body), "close") + body)
        answer = await reader.read()
        writer.close()
        return int(answer.split(b" ", 2)[1]), answer.lower()

    answers = await asyncio.gather(*map(send, range(1000)))
    statuses = [status for status, _ in answers]
    assert set(statuses) <= {200, 429, 503}
    assert all(b"retry-after: " in answer for status, answer in answers if status != 200)
    assert all(b'"accepted":1' in answer for status, answer in answers if status == 200)
    assert statuses.count(200) >= 32
    assert emitter.verdict(emitter.event(person, "afterwards")) == "accepted"


def test_a_long_body_is_taken_in_chunks_whose_counts_add_up(emitter: Emitter) -> None:
    person = emitter.pseudonym()
    rows = [b"nonsense\n" if n % 7 == 3 else line(emitter.event(person, f"e{n % 3000}")) for n in range(4000)]
    receipt = emitter.post(iter(rows)).json()
    wrong = sum(row == b"nonsense\n" for row in rows)
    distinct = len({n % 3000 for n in range(4000) if n % 7 != 3})
    assert (receipt["received"], receipt["rejected"], receipt["accepted"]) == (4000, wrong, distinct)
    assert receipt["duplicate"] == 4000 - wrong - distinct
    stored = receipt_of(emitter, receipt["id"]).json()
    assert {name: stored[name] for name in ("accepted", "duplicate", "rejected")} == {
        name: receipt[name] for name in ("accepted", "duplicate", "rejected")
    }


def test_two_requests_with_the_same_facts_at_once_take_each_once(emitter: Emitter) -> None:
    people = emitter.pseudonyms([str(n) for n in range(50)])
    rows = [line(emitter.event(people[n % 50], f"e{n}")) for n in range(1500)]

    async def both() -> list[dict[str, Any]]:
        async with httpx.AsyncClient(timeout=60, headers=emitter.headers | {"Content-Type": LINES}) as client:
            url = f"{emitter.enrollment.url}/v1/events"
            bodies = (b"".join(rows), b"".join(reversed(rows)))
            answers = await asyncio.gather(*(client.post(url, content=body) for body in bodies))
        return [answer.json() for answer in answers]

    first, second = asyncio.run(both())
    assert first["accepted"] + second["accepted"] == 1500
    assert first["duplicate"] + second["duplicate"] == 1500


def _address(emitter: Emitter) -> tuple[str, int]:
    address = urlsplit(emitter.enrollment.url)
    return str(address.hostname), int(address.port or 0)


def _head(emitter: Emitter, name: str, length: int, connection: str, request: str = "POST /v1/events") -> bytes:
    return (
        f"{request} HTTP/1.1\r\nHost: enrollment\r\nAuthorization: Bearer {emitter.token}\r\n"
        f"Content-Type: {LINES}\r\nContent-Length: {length}\r\nIdempotency-Key: {name}\r\n"
        f"Connection: {connection}\r\n\r\n"
    ).encode()


def sending(emitter: Emitter, name: str, length: int) -> socket.socket:
    """A connection on which a request for so many bytes has begun."""
    connection = socket.create_connection(_address(emitter), timeout=20)
    connection.sendall(_head(emitter, name, length, "keep-alive"))
    return connection


@pytest.mark.parametrize("path", ["/v1/events", "/v1/persons"])
def test_problems_carry_the_security_headers(enrollment: Enrollment, path: str) -> None:
    answer = enrollment.client.post(f"{enrollment.url}{path}", content=b"")
    assert answer.status_code == 401
    assert answer.headers["x-content-type-options"] == "nosniff"
