"""What processes have spent: seconds of processor (user and system) and peak memory, with all that they started."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Seconds of processor of a process and its descendants, those that have ended included; 0 if it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
        own = sum(int(field) for field in fields[11:15]) / _TICKS
        return own + sum(cpu_seconds(child) for child in _children(pid))
    except OSError:
        return 0.0


def _children(pid: int) -> list[int]:
    children = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        children += [int(child) for child in (task / "children").read_text().split()]
    return children


def by_part(processes: Mapping[str, int]) -> dict[str, float]:
    """Seconds of processor so far, by the name of each process."""
    return {name: cpu_seconds(pid) for name, pid in processes.items()}


def peak_mb(pid: int) -> int:
    """The most memory a process has held at once (VmHWM), in MB; 0 if it is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) // 1024
    except OSError:
        pass
    return 0
