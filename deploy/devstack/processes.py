"""Starts child processes that cannot outlive their parent, and stops them in good order."""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from deploy.devstack.failures import Failure
from deploy.devstack.ports import wait_until

PR_SET_PDEATHSIG = 1
UNPRIVILEGED = "nobody"
LAST_LINES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What to run: arguments, environment (added to ours), where it logs to, how it is asked to stop."""

    name: str
    arguments: Sequence[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None
    unprivileged: bool = False
    """Run as `nobody` if we are root."""
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    """Sent by the kernel when the parent dies, whatever it died of."""


class Child:
    """One running child process, in a session of its own so that Ctrl-C reaches the parent only."""

    def __init__(self, command: Command) -> None:
        self.command = command
        command.log.parent.mkdir(parents=True, exist_ok=True)
        self._log_start = command.log.stat().st_size if command.log.exists() else 0
        self._log_read = self._log_start
        identity = _unprivileged() if command.unprivileged and os.geteuid() == 0 else {}
        with command.log.open("ab") as log:
            self.process = subprocess.Popen(  # type: ignore[call-overload]
                list(command.arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=command.directory,
                env={**os.environ, **command.environment},
                start_new_session=True,
                preexec_fn=_die_with(os.getpid(), command.orphan_signal),
                **identity,
            )

    @property
    def name(self) -> str:
        """The part's name, as in logs and in `run.json`."""
        return self.command.name

    @property
    def pid(self) -> int:
        """The process id."""
        return int(self.process.pid)

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def ask_to_stop(self) -> None:
        """Send the part's own stop signal; it may take its time."""
        if self.is_alive():
            self.process.send_signal(self.command.stop_signal)

    def stop(self, seconds: float = 15.0) -> None:
        """Ask it to stop and, after the seconds given, end it and what it started."""
        self.ask_to_stop()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        if self.is_alive():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self.process.wait()

    def new_lines(self) -> list[str]:
        """The whole lines it logged since the last time this was asked."""
        with self.command.log.open("rb") as log:
            log.seek(self._log_read)
            text = log.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._log_read += len(whole)
        return whole.decode("utf-8", "replace").splitlines()

    def last_lines(self) -> str:
        """The end of what it logged since this start, indented, to be shown when it died."""
        with self.command.log.open("rb") as log:
            log.seek(max(self._log_start, self.command.log.stat().st_size - 20_000))
            lines = log.read().decode("utf-8", "replace").splitlines()
        return "\n".join(f"    {line[:400]}" for line in lines[-LAST_LINES:])

    def how_it_ended(self) -> str:
        """Exit status or signal of a child that ended."""
        return _how_it_ended(self.process.poll() or 0)

    def require_alive(self) -> None:
        """Raise `Failure` with the last log lines if it died."""
        if not self.is_alive():
            raise Failure(
                f"{self.name} ended by itself ({self.how_it_ended()}). Its last lines:\n{self.last_lines()}",
                f"The whole log is in {self.command.log}",
            )

    def wait_ready(self, ready: object, *, seconds: float) -> None:
        """Wait until `ready()` says yes; raises `Failure` if the child dies before or needs longer."""
        assert callable(ready)

        def settled() -> bool:
            self.require_alive()
            return bool(ready())

        if not wait_until(settled, seconds=seconds):
            raise Failure(
                f"{self.name} runs but was not ready after {seconds:.0f} seconds. Its last lines:\n{self.last_lines()}",
                f"The whole log is in {self.command.log}",
            )


def run_once(command: Command, seconds: float = 120.0) -> None:
    """Run a command that ends by itself; raises `Failure` with its last lines if it does not end well."""
    run_together([command], seconds)


def run_together(commands: Sequence[Command], seconds: float = 120.0) -> None:
    """Run commands side by side and wait for all; raises `Failure` with the last lines of the first that failed."""
    running = [Child(command) for command in commands]
    deadline = time.monotonic() + seconds
    try:
        for child in running:
            status = _wait(child, deadline - time.monotonic())
            if status != 0:
                raise Failure(
                    f"{child.name} did not succeed ({_how_it_ended(status)}). Its last lines:\n{child.last_lines()}",
                    f"The whole log is in {child.command.log}",
                )
    finally:
        for child in running:
            child.stop(1.0)


def _wait(child: Child, seconds: float) -> int:
    try:
        return int(child.process.wait(max(seconds, 0.0)))
    except subprocess.TimeoutExpired:
        child.stop(1.0)
        return int(child.process.returncode)


def _how_it_ended(status: int) -> str:
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"signal {signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"


def _die_with(parent: int, orphan_signal: signal.Signals):  # type: ignore[no-untyped-def]
    """What the child does before it becomes the program: tie its life to the parent's."""
    # A change of user clears the tie; subprocess makes that change before it calls this.
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def tie() -> None:
        prctl(PR_SET_PDEATHSIG, int(orphan_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return tie


def _unprivileged() -> dict[str, object]:
    entry = pwd.getpwnam(UNPRIVILEGED)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def unprivileged_ids() -> tuple[int, int] | None:
    """User and group id a part runs under that refuses root; None if we are not root."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam(UNPRIVILEGED)
    return entry.pw_uid, entry.pw_gid
