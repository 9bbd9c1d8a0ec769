"""A running enrollment and an issuer it trusts, as tests see them."""

from __future__ import annotations

import http.server
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from joserfc.jwk import RSAKey

from deploy.devstack.ports import free_port
from deploy.devstack.tokens import public_keys, sign
from services.enrollment.gateways.vault_keys import KeyFile

KOELN = "05315000"
_names = itertools.count(1)


@dataclass
class Issuer:
    """An issuer of tokens that publishes its keys on loopback."""

    url: str
    key: RSAKey

    def token(self, role: str, *, seconds: int = 3600, **claims: Any) -> str:
        return sign(self.key, self.url, {"sub": "test", "role": role, **claims}, seconds=seconds)


@contextmanager
def issuing() -> Iterator[Issuer]:
    """An issuer for as long as the block lasts."""
    key = RSAKey.generate_key(2048, private=True, auto_kid=True)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            base = f"http://127.0.0.1:{self.server.server_address[1]}"
            document = public_keys(key) if self.path == "/keys" else {"issuer": base, "jwks_uri": f"{base}/keys"}
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Issuer(f"http://127.0.0.1:{server.server_address[1]}", key)
    finally:
        server.shutdown()
        server.server_close()


@dataclass
class Enrollment:
    """The service's process, and how to ask it things."""

    url: str
    database_url: str
    issuer: Issuer
    pid: int
    log: Path
    client: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=60))

    def emitter(self, *areas: str, **registered: Any) -> Emitter:
        """A source of its own, registered for the areas (Köln without any)."""
        source = f"//koeln.example/jobcenter-{os.getpid()}-{next(_names)}"
        entry = {"body": "JOBCENTER", "areas": list(areas or [KOELN]), "contact": "it@koeln.example", "rhythm_days": 7}
        token = self.issuer.token("operator")
        answer = self.client.put(
            f"{self.url}/v1/sources", json=entry | {"source": source} | registered, headers=bearer(token)
        )
        assert answer.status_code == 201, answer.text
        return Emitter(self, source, self.issuer.token("emitter", source=source, areas=entry["areas"]))


@dataclass
class Emitter:
    """One registered source with its token."""

    enrollment: Enrollment
    source: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return bearer(self.token)

    def pseudonym(self, local_id: str = "1") -> str:
        return self.pseudonyms([local_id])[0]

    def pseudonyms(self, local_ids: Sequence[str]) -> list[str]:
        rows = [{"local_id": local_id} for local_id in local_ids]
        answer = self.enrollment.client.post(f"{self.enrollment.url}/v1/persons", json=rows, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return [row["pseudonym"] for row in answer.json()]

    def event(self, person: str, event_id: str, **changes: Any) -> dict[str, Any]:
        """A sound `measure.ended`; `data` in the changes is laid over its data."""
        data = {
            "municipality": KOELN,
            "rechtskreis": "SGB2",
            "legal_basis": "SGB2_50",
            "purpose": "CASE_MANAGEMENT",
            "measure_id": f"m-{event_id}",
            "ended_on": "2025-03-01",
            "exit": "COMPLETED_GOAL",
        }
        return {
            "specversion": "1.0",
            "id": event_id,
            "source": self.source,
            "type": "gemeinsam.measure.ended.v1",
            "subject": person,
            "time": "2025-03-04T10:11:12+01:00",
            "datacontenttype": "application/json",
            **changes,
            "data": data | changes.get("data", {}),
        }

    def post(self, content: Any, media_type: str = "application/x-ndjson", **headers: str) -> httpx.Response:
        return self.enrollment.client.post(
            f"{self.enrollment.url}/v1/events",
            content=content,
            headers=self.headers | {"Content-Type": media_type} | headers,
        )

    def report(self, *events: Any, **headers: str) -> dict[str, Any]:
        """Send events (or raw lines) as NDJSON; gives the receipt."""
        answer = self.post(b"".join(line(event) for event in events), **headers)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def verdict(self, event: Any) -> str:
        """What becomes of one event: `accepted`, `duplicate`, `set_aside`, or `field code` of its rejection."""
        receipt = self.report(event)
        assert receipt["received"] == 1, receipt
        if receipt["rejected"]:
            return f"{receipt['rejections'][0]['field']} {receipt['rejections'][0]['code']}"
        return next(name for name in ("accepted", "duplicate", "set_aside") if receipt[name])


def line(event: Any) -> bytes:
    """An event as one line; bytes are a line already."""
    return (event if isinstance(event, bytes) else json.dumps(event).encode()) + b"\n"


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@contextmanager
def running(database_url: str, issuer: Issuer, log: Path, **settings: str) -> Iterator[Enrollment]:
    """The service's own process on a fresh port, its database migrated."""
    port = free_port()
    keys = log.parent / "vault-keys.json"
    if not keys.exists():
        KeyFile(keys).add()
    environment = os.environ | {
        "ENROLLMENT_DATABASE_URL": database_url,
        "ENROLLMENT_KAFKA": "127.0.0.1:1",
        "ENROLLMENT_HTTP_PORT": str(port),
        "ENROLLMENT_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "ENROLLMENT_ISSUER_URL": issuer.url,
        "ENROLLMENT_SESSION_SECRET": "0123456789abcdef0123456789abcdef",
        "ENROLLMENT_TRACE_RATIO": "0",
        "ENROLLMENT_DEVELOPMENT_MEMBERS": "true",
        "ENROLLMENT_VAULT_KEYS": str(keys),
        **{f"ENROLLMENT_{name.upper()}": value for name, value in settings.items()},
    }
    subprocess.run([sys.executable, "-m", "services.enrollment", "migrate"], env=environment, check=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.enrollment"], env=environment, stdout=output, stderr=output
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for_database(url, process, log)
            yield Enrollment(url, database_url, issuer, process.pid, log)
        finally:
            process.terminate()
            process.wait(30)


def _wait_for_database(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            if httpx.get(f"{url}/health/ready").json()["checks"]["database"] == "ok":
                return
        except (httpx.HTTPError, KeyError):
            pass
        time.sleep(0.05)
    raise AssertionError(f"enrollment did not come up:\n{log.read_text()}")
