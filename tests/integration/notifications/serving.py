"""A running notifications without Kafka, as programs and browsers see it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.devstack.ports import free_port
from shared.auth import Principal, Role
from shared.web.session import SessionCookies
from tests.integration.enrollment.running import Issuer, bearer

SECRET = "0123456789abcdef0123456789abcdef"


@dataclass
class Notifications:
    """The service's process, and how to ask it things."""

    url: str
    issuer: Issuer

    def ask(self, role: str, *areas: str, body: str | None = None) -> httpx.Client:
        """A client with a token of the role."""
        headers = bearer(self.issuer.token(role, areas=list(areas), **({"body": body} if body else {})))
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)

    def browse(self, role: str, *areas: str, body: str | None = None) -> Browser:
        """Somebody logged in, who reads pages and sends forms."""
        return Browser(self.url, Principal("test", Role(role), areas, body))


class Browser:
    """A session of the pages, without a browser."""

    def __init__(self, url: str, principal: Principal) -> None:
        cookies = SessionCookies(SECRET, secure=False)
        holder = _Holder()
        session = cookies.begin(holder, principal, None)  # type: ignore[arg-type]
        self._token = cookies.csrf_token(session)
        self.client = httpx.Client(base_url=url, cookies=holder.cookies, timeout=60, follow_redirects=True)

    def see(self, path: str) -> httpx.Response:
        return self.client.get(path, headers={"Accept": "text/html"})

    def send(self, path: str, **form: str) -> httpx.Response:
        return self.client.post(path, data={"csrf_token": self._token, **form}, headers={"Accept": "text/html"})


class _Holder:
    """Takes the cookie a session would put on a response."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}

    def set_cookie(self, key: str, value: str, **_: object) -> None:
        self.cookies[key] = value


@contextmanager
def serving(database_url: str, issuer: Issuer, log: Path) -> Iterator[Notifications]:
    """The service's own process on a fresh port, its database migrated."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "NOTIFICATIONS_DATABASE_URL": database_url,
        "NOTIFICATIONS_KAFKA": "127.0.0.1:1",
        "NOTIFICATIONS_HTTP_PORT": str(port),
        "NOTIFICATIONS_PUBLIC_URL": url,
        "NOTIFICATIONS_ISSUER_URL": issuer.url,
        "NOTIFICATIONS_SESSION_SECRET": SECRET,
        "NOTIFICATIONS_TRACE_RATIO": "0",
    }
    subprocess.run([sys.executable, "-m", "services.notifications", "migrate"], env=environment, check=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.notifications"], env=environment, stdout=output, stderr=output
        )
        try:
            _wait(url, process, log)
            yield Notifications(url, issuer)
        finally:
            process.terminate()
            process.wait(30)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{url}/health/ready").json()["checks"]["database"] == "ok":
                return
        except (httpx.HTTPError, KeyError):
            pass
        time.sleep(0.05)
    raise AssertionError(f"notifications did not come up:\n{log.read_text()}")
