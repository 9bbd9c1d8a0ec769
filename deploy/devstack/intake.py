"""Lets a source into the stack's own broker: its topics, a name, a password and what it may do."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import replace
from pathlib import Path

from deploy import intake
from deploy.devstack.failures import Failure
from deploy.devstack.kafka import Kafka
from deploy.devstack.options import Options
from deploy.devstack.state import broker_of, read_run_file, write_private
from deploy.topics import TopicMismatch
from shared.messaging.cluster import Cluster

CONFIG_COMMAND = "kafka.admin.ConfigCommand"
ACL_COMMAND = "org.apache.kafka.tools.AclCommand"

CLIENT = """\
bootstrap.servers={servers}
security.protocol=SASL_PLAINTEXT
sasl.mechanism={mechanism}
sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\
  username="{name}" password="{password}";
group.id={group}
"""


def let_in(options: Options, source: str) -> Path:
    """Let a registered source in; gives the file with what a Kafka client needs. A second call renews the password."""
    running = read_run_file(options)
    if "kafka_intake" not in running:
        raise Failure("The stack's broker has no door for sources.", "Start it with KAFKA_INTAKE=on make run.")
    if source not in asyncio.run(intake.registered(running["databases"]["enrollment"])):
        raise Failure(f"{source} is not registered.", "Register it: python -m deploy.devstack token --source …")
    try:
        asyncio.run(intake.make_topics(Cluster(running["kafka"]), [source]))
    except TopicMismatch as mismatch:
        raise Failure(f"The source's topics are made otherwise: {mismatch}", "Delete them, or start over.") from None
    (folder := options.path("intake")).mkdir(exist_ok=True)
    broker = replace(broker_of(options), intake_port=int(running["kafka_intake"].rpartition(":")[2]))
    return write_client(broker, source, folder)


def write_client(broker: Kafka, source: str, folder: Path) -> Path:
    """Give the source a new password and its permissions; the file says what a client of Kafka needs to know."""
    name, password = intake.principal(source), secrets.token_urlsafe(24)
    credential = folder / f"{name}.credential"
    write_private(credential, f"{intake.MECHANISM}=password={password}\n")
    try:
        user = ("--entity-type=users", f"--entity-name={name}")
        broker.run_tool(CONFIG_COMMAND, "--alter", *user, f"--add-config-file={credential}")
    finally:
        credential.unlink()
    for arguments in intake.permissions(source):
        broker.run_tool(ACL_COMMAND, *arguments)
    path = folder / f"{name}.properties"
    group = intake.topics_of([source])[1].name
    servers = broker.bootstrap.rpartition(":")[0] + f":{broker.intake_port}"
    text = CLIENT.format(servers=servers, mechanism=intake.MECHANISM, name=name, password=password, group=group)
    write_private(path, text)
    return path
