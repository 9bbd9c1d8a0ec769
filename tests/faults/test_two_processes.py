"""A second process of each service joins and leaves while facts come in by both doors: nothing is done twice."""

from __future__ import annotations

import os
import random
import signal
import threading
from collections.abc import Iterator

import pytest

from tests.e2e.running import Running, wait_for
from tests.faults import checking
from tests.faults.feeding import Feeder
from tests.faults.twins import Twin, twins


@pytest.fixture
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("twins") / "home")
    try:
        yield running.start()
    finally:
        running.stop()
        running.command("reset")


class Feeding(threading.Thread):
    """Sends all facts again and again by the doors there are, until it is told that it is enough."""

    def __init__(self, feeder: Feeder) -> None:
        super().__init__(daemon=True)
        self._feeder = feeder
        self._enough = threading.Event()
        self.failed: BaseException | None = None

    def run(self) -> None:
        try:
            self._feeder.send_all()
            while not self._enough.is_set():
                self._feeder.send_all()
        except BaseException as error:
            self.failed = error

    def end(self) -> None:
        self._enough.set()
        self.join(300)
        assert not self.is_alive()
        assert self.failed is None, self.failed


def shared_out(stack: Running, twin: Twin) -> None:
    """Wait until both processes of a service have partitions."""

    def both() -> bool:
        states = [checking.health(stack.url + f"/{twin.service}"), checking.health(twin.url)]
        return all(state.get("consumer", {}).get("assigned", 0) > 0 for state in states)

    wait_for(both, seconds=180, what=f"two processes of {twin.service} sharing the partitions")


@pytest.mark.timeout(900)
async def test_a_second_process_of_each_service_joins_and_leaves_without_double_effects(stack: Running):
    seed = int(os.environ.get("FAULTS_SEED", random.randrange(10**6)))
    print(f"\nseed {seed}")
    feeder = Feeder(stack, persons=250, seed=seed)
    feeding = Feeding(feeder)
    for killed, drained in (
        (("pathways", "enrollment"), ("reporting", "notifications")),
        (("reporting", "notifications"), ("pathways", "enrollment")),
    ):
        with twins(stack, *killed, *drained) as second:
            feeder.doors = [f"{stack.url}/enrollment", second["enrollment"].url]
            if not feeding.is_alive():
                feeding.start()
            for service in ("pathways", "reporting", "notifications"):
                shared_out(stack, second[service])
            wait_for(lambda: second["enrollment"].url in feeder.used, seconds=180, what="facts by the second door")
            for service in killed:
                second[service].kill()
            for service in drained:
                # The server ends itself by the signal it was sent, when it has drained.
                assert second[service].drain() in (0, -signal.SIGTERM), service
                assert "Traceback" not in second[service].said(), service
    feeder.doors = [f"{stack.url}/enrollment"]
    feeding.end()
    await checking.quiet(stack, seconds=240)

    accepted = list(feeder.accepted.values())
    await checking.each_fact_is_in_exactly_one_timeline(stack, accepted)
    findings = await checking.the_topic_says_what_evaluate_says(stack, accepted, stack.home)
    deliveries, mails = await checking.every_step_was_mailed(stack)
    await checking.the_page_counts_right(stack)
    await checking.nothing_was_laid_aside(stack)
    print(
        f"{len(accepted)} facts, {feeder.repeats} repeats, {findings} findings, {deliveries} deliveries, {mails} mails"
    )
    assert len(accepted) > 500, feeder.refused
    assert findings > 100
    assert mails >= deliveries > 10
