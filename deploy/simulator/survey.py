"""Brings the survey's one file out of a published Python package, whose code is never installed or run."""

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "sequenzo==0.1.42"
# A wheel is only unpacked here, so one wheel serves every machine, and one sum checks it.
WHEEL = "sequenzo-0.1.42-cp311-cp311-manylinux_2_27_x86_64.manylinux_2_28_x86_64.whl"
WHEEL_SHA256 = "13fc9a1cb1496b0eec0d134cc71d58a09e69bbe5b4400869ad717763851fa744"
FILE = "sequenzo/datasets/mvad.csv"
FILE_SHA256 = "b13ea4bdcd715b6bed9bc75fde5ef0ecd1095e35239e3fdbe5b48c59922998d1"
SECONDS = 120


class Unavailable(Exception):
    """The survey cannot be had; the text says why."""


def text(cache: Path) -> str:
    """The survey as CSV text; fetches the wheel into `cache` the first time. Raises Unavailable."""
    wheel = cache / WHEEL
    if not wheel.exists():
        _fetch(wheel)
    if _sha256(wheel.read_bytes()) != WHEEL_SHA256:
        wheel.unlink()
        raise Unavailable(f"{WHEEL} is not what was expected; it was removed")
    with zipfile.ZipFile(wheel) as archive:
        content = archive.read(FILE)
    if _sha256(content) != FILE_SHA256:
        raise Unavailable(f"{FILE} in {WHEEL} is not what was expected")
    return content.decode("utf-8")


def _fetch(wheel: Path) -> None:
    wheel.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=wheel.parent) as folder:
        target = ["--only-binary=:all:", "--platform=manylinux_2_28_x86_64", "--python-version=3.11"]
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--quiet", "--retries=1"]
        try:
            done = subprocess.run(
                [
                    *command,
                    *target,
                    "--disable-pip-version-check",
                    "--implementation=cp",
                    "--abi=cp311",
                    f"--dest={folder}",
                    PACKAGE,
                ],
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Unavailable(f"{PACKAGE} did not come within {SECONDS} seconds") from None
        found = Path(folder) / WHEEL
        if done.returncode != 0 or not found.exists():
            raise Unavailable(f"{PACKAGE} could not be fetched; is there a network?")
        os.replace(found, wheel)


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
