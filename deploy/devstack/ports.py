"""Looks for and tries ports of this machine before anything is started on them."""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Callable, Mapping

from deploy.devstack.failures import Failure

HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could listen on the port right now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def require_free(ports: Mapping[str, int]) -> None:
    """Raise `Failure` naming every part whose port is taken."""
    taken = [f"{port} ({name})" for name, port in ports.items() if not is_free(port)]
    if taken:
        raise Failure(
            f"Already in use on this machine: port {', '.join(taken)}.",
            "Stop what listens there (`ss -ltnp` shows it; perhaps another `make run`), "
            "or move all ports: DEVSTACK_PORT_BASE=9400 make run",
        )


def free_port() -> int:
    """A port nobody listens on, below those the operating system gives to outgoing connections.

    One of those could be taken by a connection between the choice and the start.
    """
    while True:
        port = random.randrange(12_000, 32_000)
        if is_free(port):
            return port


def listens(port: int) -> bool:
    """Whether somebody answers on the port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0


def wait_until(ready: Callable[[], bool], *, seconds: float, pause: float = 0.05) -> bool:
    """Ask `ready` until it says yes or the seconds are over; answers whether it did."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if ready():
            return True
        time.sleep(pause)
    return ready()
