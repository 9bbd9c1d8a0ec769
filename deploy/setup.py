"""Makes `.venv/` with the pinned packages. Runs on a bare Python 3.11 or newer, and is done at once the second time."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PLACE = PROJECT / ".venv"
PINS = PROJECT / "requirements.lock"
STAMP = PLACE / ".complete"
OLDEST = (3, 11)
SPACE_BYTES = 1_500_000_000
LAST_LINES = 15


def main() -> int:
    """Make or renew the environment; exit status 1 with a plain message if it cannot be done."""
    if sys.version_info < OLDEST:
        return _fail(f"Python {sys.version.split()[0]} is too old.", "Take 3.11 or newer: make PYTHON=python3.12 …")
    stamp = f"{sys.version_info[:2]} {hashlib.sha256(PINS.read_bytes()).hexdigest()}"
    if STAMP.exists() and STAMP.read_text(encoding="utf-8") == stamp and _works():
        return 0
    free = shutil.disk_usage(PROJECT).free
    if free < SPACE_BYTES:
        return _fail(f"Too little disk: {free // 10**6} MB are free in {PROJECT}.", "1500 MB are needed; make room.")
    if not _works() and not _make():
        return 1
    if not _install():
        return 1
    STAMP.write_text(stamp, encoding="utf-8")
    return 0


def _fail(what: str, remedy: str) -> int:
    print(f"\n{what}\n  {remedy}", file=sys.stderr)
    return 1


def _works() -> bool:
    """Whether there is an environment of this Python that runs and has pip (a moved or half made one has not)."""
    python = PLACE / "bin" / "python"
    if not python.exists():
        return False
    question = "import sys, pip; print(sys.version_info[:2], sys.prefix)"
    answer = subprocess.run([python, "-c", question], capture_output=True, text=True, check=False)
    return answer.stdout.strip() == f"{sys.version_info[:2]} {PLACE}"


def _make() -> bool:
    print(f"making {PLACE.name}/ with Python {sys.version.split()[0]}", flush=True)
    shutil.rmtree(PLACE, ignore_errors=True)
    try:
        venv.create(PLACE, with_pip=True, symlinks=True)
    except (subprocess.CalledProcessError, OSError):
        _fail("Python could not make an environment.", "On Debian and Ubuntu: apt-get install python3-venv")
        return False
    return True


def _install() -> bool:
    """Install the pins and say how far it is: one line that moves on a terminal, a few lines elsewhere."""
    total = sum(1 for line in PINS.read_text(encoding="utf-8").splitlines() if "==" in line)
    print(f"installing {total} pinned packages (once; about a minute)", flush=True)
    command = [
        str(PLACE / "bin" / "python"),
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--progress-bar=off",
    ]
    pip = subprocess.Popen(
        [*command, "--requirement", str(PINS)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=PROJECT,
        env={**os.environ, "PIP_NO_COLOR": "1"},
    )
    assert pip.stdout is not None
    lines: list[str] = []
    seen = 0
    for line in pip.stdout:
        lines = [*lines[-LAST_LINES:], line.rstrip()]
        if re.match(r"(Collecting|Requirement already satisfied)", line):
            seen += 1
            _show(seen, total)
        elif line.startswith("Installing collected"):
            print("\r  unpacking them    ", end="" if sys.stdout.isatty() else "\n", flush=True)
    if sys.stdout.isatty():
        print(flush=True)
    if pip.wait() == 0:
        return True
    print("\n" + "\n".join(lines), file=sys.stderr)
    _fail("pip could not install the packages.", "The first set-up needs the network; what was fetched is kept.")
    return False


def _show(seen: int, total: int) -> None:
    if sys.stdout.isatty():
        print(f"\r  {seen} of {total}", end="", flush=True)
    elif seen % 25 == 0:
        print(f"  {seen} of {total}", flush=True)


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        raise SystemExit("\nstopped; start again to go on") from None
