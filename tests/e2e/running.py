"""The stack as a user starts it, and what tests ask of it: addresses, tokens, mails, processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from deploy.devstack.options import PARTS_WITH_PORTS, PROJECT
from deploy.devstack.ports import free_port, is_free

START_SECONDS = 240.0
STOP_SECONDS = 90.0


def free_port_base() -> int:
    """A base with room for all ports of a stack."""
    while True:
        base = free_port()
        if base < 60_000 and all(is_free(base + place) for place in range(len(PARTS_WITH_PORTS))):
            return base


def wait_for(condition: Callable[[], Any], *, seconds: float = 90.0, what: str = "it") -> Any:
    """Ask until the answer is true and give it; fails by naming `what` after the seconds."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen in {seconds:.0f} seconds")
        time.sleep(0.1)


class Running:
    """One running stack. `url`, `mail`, `traces`, `issuer`, `kafka` and `databases` are those of `run.json`."""

    def __init__(self, home: Path, **environment: str) -> None:
        self.home = home
        self.environment = {
            **os.environ,
            "DEVSTACK_HOME": str(home),
            "DEVSTACK_PORT_BASE": str(free_port_base()),
            "FEED": "none",
            **environment,
        }
        self.output = home.with_suffix(".out")
        self.parent: subprocess.Popen[bytes] | None = None
        self._tokens: dict[tuple[str, ...], str] = {}

    def start(self, seconds: float = START_SECONDS) -> Running:
        """`up`, and wait until `run.json` is there; fails with what it printed."""
        # A killed stack leaves its file behind; the new one's is meant.
        (self.home / "run.json").unlink(missing_ok=True)
        with self.output.open("ab") as output:
            self.parent = subprocess.Popen(
                [sys.executable, "-m", "deploy.devstack", "up"],
                stdout=output,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=PROJECT,
                env=self.environment,
                start_new_session=True,
            )
        wait_for(lambda: self._is_up(), seconds=seconds, what="the stack's start")
        return self

    def _is_up(self) -> bool:
        assert self.parent is not None
        assert self.parent.poll() is None, self.said()
        return (self.home / "run.json").exists()

    def said(self) -> str:
        """What it printed so far."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Stop it as Ctrl-C or the system would; answers the exit status."""
        assert self.parent is not None
        if self.parent.poll() is None:
            self.parent.send_signal(number)
        try:
            return self.parent.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.parent.kill()
            raise AssertionError(f"it did not stop:\n{self.said()}") from None

    def run_file(self) -> dict[str, Any]:
        """`run.json` as it is now."""
        content: dict[str, Any] = json.loads((self.home / "run.json").read_text(encoding="utf-8"))
        return content

    def pid(self, part: str) -> int | None:
        """The process of a part, None while it is being started again."""
        found: int | None = self.run_file()["processes"].get(part)
        return found

    @property
    def url(self) -> str:
        """The origin of all pages and interfaces."""
        return str(self.run_file()["url"])

    @property
    def mail(self) -> str:
        """The mail catcher's page and JSON."""
        return str(self.run_file()["mail"])

    @property
    def traces(self) -> str:
        """The trace viewer."""
        return str(self.run_file()["traces"])

    @property
    def issuer(self) -> str:
        """The development issuer."""
        return str(self.run_file()["issuer"])

    @property
    def kafka(self) -> str:
        """The broker, `host:port`."""
        return str(self.run_file()["kafka"])

    @property
    def databases(self) -> Mapping[str, str]:
        """The address of each service's database."""
        found: Mapping[str, str] = self.run_file()["databases"]
        return found

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """`python -m deploy.devstack …` in this stack's home."""
        done = subprocess.run(
            [sys.executable, "-m", "deploy.devstack", *arguments],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def token(self, role: str, *areas: str, body: str | None = None, source: str | None = None) -> str:
        """A bearer token; a source is registered with it."""
        arguments = ["--role", role, *(f"--area={area}" for area in areas)]
        arguments += [f"--body={body}"] if body else []
        arguments += [f"--source={source}"] if source else []
        key = tuple(arguments)
        if key not in self._tokens:
            self._tokens[key] = self.command("token", *arguments).stdout.strip()
        return self._tokens[key]

    def bearer(self, role: str, *areas: str, body: str | None = None, source: str | None = None) -> dict[str, str]:
        """The header that carries the token."""
        return {"Authorization": f"Bearer {self.token(role, *areas, body=body, source=source)}"}

    def mails(self, *, after: int = 0, to: str = "") -> list[dict[str, Any]]:
        """The mails that came after the one with the given number, oldest first."""
        answer = httpx.get(f"{self.mail}/api/messages", params={"after": after, "to": to, "limit": 10_000})
        found: list[dict[str, Any]] = answer.raise_for_status().json()["messages"]
        return found

    def letter(self, number: int) -> dict[str, Any]:
        """One mail with its headers and text."""
        found: dict[str, Any] = httpx.get(f"{self.mail}/api/messages/{number}").raise_for_status().json()
        return found
