"""Children die with their parent, whatever it dies of, and what they say before is shown."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deploy.devstack.failures import Failure
from deploy.devstack.ports import free_port, is_free, require_free, wait_until
from deploy.devstack.processes import Child, Command, run_once, run_together

ROOT = Path(__file__).parents[3]

PARENT = """
import sys, time
from pathlib import Path
from deploy.devstack.processes import Child, Command
child = Child(Command(name="c", arguments=["/bin/sleep", "600"], log=Path(sys.argv[1]), unprivileged=True))
print(child.pid, flush=True)
time.sleep(600)
"""


def python(name: str, code: str, home: Path) -> Command:
    return Command(name=name, arguments=[sys.executable, "-c", code], log=home / f"{name}.log")


def lives(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_child_does_not_outlive_its_parent(tmp_path: Path, number: signal.Signals) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path / "c.log")], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert lives(pid)
    parent.send_signal(number)
    parent.wait()
    parent.stdout.close()
    assert wait_until(lambda: not lives(pid), seconds=30)


def test_a_child_that_dies_is_named_with_its_last_lines(tmp_path: Path) -> None:
    child = Child(python("broken", "print('what is wrong'); raise SystemExit(3)", tmp_path))
    with pytest.raises(Failure, match=r"(?s)broken ended by itself \(exit status 3\).*what is wrong.*broken.log"):
        child.wait_ready(lambda: False, seconds=60)


def test_a_child_that_never_gets_ready_is_named_too(tmp_path: Path) -> None:
    child = Child(python("idle", "import time; print('waiting', flush=True); time.sleep(60)", tmp_path))
    with pytest.raises(Failure, match=r"(?s)idle runs but was not ready after 1 seconds.*waiting"):
        child.wait_ready(_never, seconds=1)
    child.stop(5)


def test_one_that_does_not_want_to_stop_is_ended(tmp_path: Path) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    child = Child(python("deaf", code, tmp_path))
    assert wait_until(lambda: "deaf" in (tmp_path / "deaf.log").read_text(), seconds=60)
    began = time.monotonic()
    child.stop(0.5)
    assert not child.is_alive()
    assert time.monotonic() - began < 30


def test_commands_run_side_by_side_and_the_one_that_fails_is_named(tmp_path: Path) -> None:
    began = time.monotonic()
    run_together([python(f"nap{place}", "import time; time.sleep(3)", tmp_path) for place in range(3)])
    assert time.monotonic() - began < 8
    with pytest.raises(Failure, match=r"(?s)bad did not succeed \(exit status 1\).*ZeroDivisionError"):
        run_together([python("good", "pass", tmp_path), python("bad", "1/0", tmp_path)])
    with pytest.raises(Failure, match=r"slow did not succeed \(signal SIGTERM\)"):
        run_once(python("slow", "import time; time.sleep(60)", tmp_path), seconds=0.5)


def test_a_port_in_use_is_named_with_its_part_and_what_to_do() -> None:
    free = free_port()
    listener = subprocess.Popen(
        [sys.executable, "-m", "http.server", str(free), "--bind", "127.0.0.1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert wait_until(lambda: not is_free(free), seconds=60)
        with pytest.raises(Failure, match=rf"(?s)port {free} \(kafka\).*DEVSTACK_PORT_BASE"):
            require_free({"kafka": free, "gateway": free_port()})
    finally:
        listener.kill()
        listener.wait()


@pytest.mark.parametrize("user", [pytest.param(True, id="unprivileged"), pytest.param(False, id="as we are")])
def test_what_refuses_root_runs_as_nobody(tmp_path: Path, user: bool) -> None:
    command = Command(
        name="who",
        arguments=[sys.executable, "-c", "import os; print(os.geteuid())"],
        log=tmp_path / "who.log",
        unprivileged=user,
    )
    if os.geteuid() == 0 and user:
        command = Command(name="who", arguments=["/usr/bin/id", "-u"], log=tmp_path / "who.log", unprivileged=True)
    run_once(command)
    said = int((tmp_path / "who.log").read_text())
    assert (said == os.geteuid()) == (os.geteuid() != 0 or not user)


def _never() -> bool:
    return False
