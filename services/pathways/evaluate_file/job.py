"""What all processes of one run know."""

from __future__ import annotations

import gc
import os
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple


class Job(NamedTuple):
    """The input, what is asked of it, and the directory for what lies between the two rounds."""

    path: str
    today: date
    rules: str | None
    next_due: bool
    room: str
    bounds: tuple[str, ...]
    """Drawer n holds the pseudonyms from bound n - 1 up to before bound n."""

    def drawer(self, number: int) -> Path:
        """Where this process lays facts of a drawer."""
        return Path(self.room, f"drawer-{number}-{os.getpid()}")

    def drawers(self, number: int) -> list[Path]:
        """Where all processes have laid facts of a drawer."""
        return sorted(Path(self.room).glob(f"drawer-{number}-*"))

    def found(self, number: int) -> Path:
        """Where the lines of a drawer's persons are."""
        return Path(self.room, f"found-{number}")


def digest(source: str, id: str) -> bytes:
    """Eight bytes that stand for (source, id)."""
    return blake2b(f"{source}\0{id}".encode("utf-8", "surrogatepass"), digest_size=8).digest()


_jobs: list[Job] = []


def begin(job: Job) -> None:
    """Makes a job that of this process.

    Nothing here makes cycles, and looking for them among hundreds of thousands of living facts takes half the time.
    """
    gc.disable()
    _jobs[:] = [job]


def current() -> Job:
    """The job of this process."""
    return _jobs[0]
