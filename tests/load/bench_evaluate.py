"""Measures `evaluate` over a file of invented timelines: `python -m tests.load.bench_evaluate [--persons 70000]`.

Prints a table: decoding alone, one and two processes, due dates, replay over packed timelines, with ratios and peak
memory (proportional set size of all processes together).
"""

import argparse
import gc
import resource
import subprocess
import sys
import tempfile
import threading
import time
from datetime import date
from pathlib import Path

from services.pathways.domain.evaluate import evaluate
from services.pathways.domain.facts import decode_line, pack, unpack
from services.pathways.rules import load
from tests.load.timelines import timelines

TODAY = date(2022, 6, 1)


def proportional_size(pid: int) -> int:
    """Bytes of a process and its children."""
    total = 0
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += sum(proportional_size(int(child)) for child in (task / "children").read_text().split())
    except OSError:
        return total
    return total


def spent() -> float:
    """Seconds of processor of all child processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def command(file: Path, processes: int, *more: str) -> tuple[float, float, int, int]:
    """Seconds, seconds of processor, peak bytes and lines written of one run of the command."""
    arguments = ["evaluate", "--today", TODAY.isoformat(), "--processes", str(processes), *more, str(file)]
    begun, before = time.perf_counter(), spent()
    with subprocess.Popen([sys.executable, "-m", "services.pathways", *arguments], stdout=subprocess.PIPE) as process:
        peak = [0]
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.2):
                peak[0] = max(peak[0], proportional_size(process.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        lines = sum(block.count(b"\n") for block in iter(lambda: process.stdout.read(1 << 20), b""))
        process.wait()
        took = time.perf_counter() - begun
        done.set()
        watcher.join()
    assert process.returncode == 0
    return took, spent() - before, peak[0], lines


def in_process(file: Path, persons: int) -> tuple[float, int, float, int]:
    """Seconds of processor and facts of decoding alone, and of a replay over at most `persons` packed timelines."""
    gc.disable()
    decoding = count = 0.0
    with file.open("rb") as lines:
        for block in iter(lambda: lines.readlines(8 << 20), []):
            begun = time.process_time()
            for line in block:
                decode_line(line)
            decoding += time.process_time() - begun
            count += len(block)
    stored: dict[str, list] = {}
    with file.open("rb") as lines:
        for line in lines:
            fact = decode_line(line)
            if fact.subject not in stored and len(stored) == persons:
                break
            stored.setdefault(fact.subject, []).append(fact)
    packed = [pack(facts) for facts in stored.values()]
    replayed = sum(map(len, stored.values()))
    stored.clear()
    rules = load()
    begun = time.process_time()
    for timeline in packed:
        evaluate(unpack(timeline), TODAY, rules)
    return decoding, int(count), time.process_time() - begun, replayed


def main() -> None:
    """Generates, measures, prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=70_000)
    parser.add_argument("--facts", type=int, default=20, help="about so many a person")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as room:
        file = Path(room, "facts.ndjson")
        with file.open("wb") as lines:
            for events in timelines(given.persons, given.facts):
                lines.write(b"\n".join(events) + b"\n")
        decoding, facts, replaying, replayed = in_process(file, 10_000)
        one = command(file, 1)
        two = command(file, 2)
        due = command(file, 2, "--next-due")
    print(f"{given.persons} persons, {facts} facts, {two[3]} findings, 18 patterns, {TODAY}\n")
    print(f"{'':34}{'seconds':>9}{'cpu s':>8}{'facts/s':>10}{'ratio':>7}{'MB':>6}")
    for name, (seconds, cpu, peak, _) in (
        ("evaluate, one process", one),
        ("evaluate, two processes", two),
        ("evaluate --next-due, two processes", due),
    ):
        ratio = one[0] / seconds
        print(f"{name:34}{seconds:9.1f}{cpu:8.1f}{facts / seconds:10.0f}{ratio:7.2f}{peak / 1e6:6.0f}")
    for name, cpu, number in (("decode alone", decoding, facts), ("replay of packed timelines", replaying, replayed)):
        print(f"{name:34}{'':9}{cpu:8.1f}{number / cpu:10.0f}{number / cpu * one[1] / facts:7.2f}")
    print("\nratio: against one process, of the last two by seconds of processor; these are what a core does")


if __name__ == "__main__":
    main()
