"""Each process is killed at random moments while facts come in at full speed; nothing is lost and nothing said twice.

The short run kills each part once. `make faults` (FAULTS=long) kills for ten minutes. The seed is printed; FAULTS_SEED
repeats a run's choices.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import threading
import time
from collections.abc import Iterator

import pytest

from tests.e2e.running import Running, wait_for
from tests.faults import checking
from tests.faults.feeding import Feeder
from tests.faults.probing import ready, there_and_back

PARTS = ("enrollment", "pathways", "notifications", "reporting", "kafka", "postgres")
LONG = os.environ.get("FAULTS") == "long"


@pytest.fixture
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("faults") / "home")
    try:
        yield running.start()
    finally:
        running.stop()
        running.command("reset")


class Killer(threading.Thread):
    """Kills one part after the other with -9, waiting until it is back, and notes how long that took."""

    def __init__(self, stack: Running, seed: int, *, rounds: int) -> None:
        super().__init__(daemon=True)
        self._stack = stack
        self._random = random.Random(seed)
        self._rounds = rounds
        self.recoveries: list[tuple[str, float]] = []
        self.failed: BaseException | None = None

    def run(self) -> None:
        try:
            for _ in range(self._rounds):
                for part in self._random.sample(PARTS, len(PARTS)):
                    time.sleep(self._random.uniform(0.2, 1.5))
                    self._kill(part)
        except BaseException as error:
            self.failed = error

    def _kill(self, part: str) -> None:
        old = wait_for(lambda: self._stack.pid(part), seconds=60, what=f"a process of {part}")
        os.kill(old, signal.SIGKILL)
        killed = time.monotonic()
        wait_for(lambda: self._stack.pid(part) not in (None, old), seconds=60, what=f"a new {part}")
        wait_for(lambda: self._answers(part), seconds=90, what=f"{part} being ready again")
        self.recoveries.append((part, time.monotonic() - killed))

    def _answers(self, part: str) -> bool:
        """Whether it does its work again: a broker takes a record and gives it back, a service says it is ready."""
        if part == "kafka":
            return asyncio.run(there_and_back(self._stack.kafka))
        service = "enrollment" if part == "postgres" else part
        return ready(f"{self._stack.url}/{service}")


@pytest.mark.timeout(1800 if LONG else 420)
async def test_nothing_is_lost_and_nothing_said_twice_whatever_is_killed(stack: Running):
    seed = int(os.environ.get("FAULTS_SEED", random.randrange(10**6)))
    print(f"\nseed {seed}")
    feeder = Feeder(stack, persons=1500 if LONG else 250, seed=seed)
    killer = Killer(stack, seed, rounds=8 if LONG else 1)
    killer.start()
    while True:
        feeder.send_all()
        if not killer.is_alive():
            break
    killer.join()
    assert killer.failed is None, killer.failed
    await checking.quiet(stack, seconds=180)

    accepted = list(feeder.accepted.values())
    await checking.each_fact_is_in_exactly_one_timeline(stack, accepted)
    findings = await checking.the_topic_says_what_evaluate_says(stack, accepted, stack.home)
    deliveries, mails = await checking.every_step_was_mailed(stack)
    await checking.the_page_counts_right(stack)
    await checking.nothing_was_laid_aside(stack)
    print(feeder.refused.most_common(8))
    print(f"{len(accepted)} facts, {feeder.repeats} repeats, {sum(feeder.refused.values())} refused rows")
    assert len(accepted) > 500, feeder.refused
    assert findings > 100
    assert mails > 10
    print(f"{findings} findings, {deliveries} deliveries, {mails} mails")
    for part, seconds in killer.recoveries:
        print(f"  {part:14} ready again after {seconds:5.1f} s")
