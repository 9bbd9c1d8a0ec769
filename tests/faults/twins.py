"""A second process of each service beside those of a running stack: it joins, and is killed or drained."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx

from deploy.devstack import children
from deploy.devstack.options import PROJECT, from_environment
from deploy.devstack.ports import free_port
from tests.e2e.running import Running, wait_for


class Twin:
    """A second process of a service, with the settings of the first but for its port."""

    def __init__(self, stack: Running, service: str) -> None:
        self.service = service
        self.port = free_port()
        options = from_environment(stack.environment)
        settings = children.service_environment(
            options, service, kafka=stack.kafka, database_url=stack.databases[service]
        )
        settings[f"{service.upper()}_HTTP_PORT"] = str(self.port)
        self._log = stack.home / "logs" / f"{service}-twin.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", f"services.{service}"],
                env=os.environ | settings,
                cwd=PROJECT,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def url(self) -> str:
        """Where it answers, without the gateway."""
        return f"http://127.0.0.1:{self.port}"

    def wait_ready(self) -> None:
        """Wait until it has opened everything."""
        wait_for(self._is_ready, seconds=180, what=f"a second {self.service} being ready")

    def _is_ready(self) -> bool:
        assert self._process.poll() is None, f"the second {self.service} ended"
        try:
            return httpx.get(f"{self.url}/health/ready", timeout=10).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(60)

    def drain(self) -> int:
        """Ask it to end and wait; answers its exit status."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(120)

    def said(self) -> str:
        """What it has logged."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None


@contextmanager
def twins(stack: Running, *services: str) -> Iterator[dict[str, Twin]]:
    """Second processes of these services, ready; whatever is left of them is killed at the end."""
    made = {service: Twin(stack, service) for service in services}
    try:
        for twin in made.values():
            twin.wait_ready()
        yield made
    finally:
        for twin in made.values():
            if twin.is_running():
                twin.kill()
