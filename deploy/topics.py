"""Creates the topics of the contracts on a Kafka cluster, and refuses one whose topics are made otherwise.

`python -m deploy.topics --kafka host:port [--replicas N]`; how to get in is said by the variables
KAFKA_SECURITY_PROTOCOL, KAFKA_SASL_MECHANISM, KAFKA_SASL_USER, KAFKA_SASL_PASSWORD and KAFKA_CA_FILE.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Sequence
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from shared.contracts.topics import TOPICS, Topic
from shared.messaging.cluster import Cluster
from shared.settings import KafkaSettings, load

CONNECT_SECONDS = 60.0
MILLISECONDS_A_DAY = 86_400_000
KEPT_FOR_EVER = "-1"
LEADERS_SECONDS = 30.0


class TopicMismatch(Exception):
    """A topic exists, but not as the contracts say; changing it by itself would lose order or data."""


def configuration(topic: Topic) -> dict[str, str]:
    """A topic's settings in Kafka's own names."""
    retention = KEPT_FOR_EVER if topic.retention_days is None else str(topic.retention_days * MILLISECONDS_A_DAY)
    return {
        "cleanup.policy": topic.cleanup,
        "retention.ms": retention,
        "min.compaction.lag.ms": str(topic.min_compaction_lag_days * MILLISECONDS_A_DAY),
    }


async def ensure(
    cluster: Cluster, topics: Sequence[Topic] = TOPICS, *, replicas: int = 1, patience_seconds: float = CONNECT_SECONDS
) -> list[str]:
    """Create what is missing and check what is there; answers the names created.

    A cluster that may just be coming up is waited for, `patience_seconds` long. Raises `TopicMismatch` with a line for
    each topic that differs in partitions, cleanup, retention or compaction lag.
    """
    admin = await _connected(cluster, patience_seconds)
    try:
        there = set(await admin.list_topics())
        found = [topic for topic in topics if topic.name in there]
        if differences := await _differences(admin, found):
            raise TopicMismatch("\n".join(differences))
        missing = [topic for topic in topics if topic.name not in there]
        await _create(admin, missing, replicas)
        return [topic.name for topic in missing]
    finally:
        await admin.close()


async def _connected(cluster: Cluster, patience_seconds: float) -> AIOKafkaAdminClient:
    deadline = asyncio.get_running_loop().time() + patience_seconds
    while True:
        admin = AIOKafkaAdminClient(**cluster.options())
        try:
            await admin.start()
            return admin
        except KafkaError:
            await admin.close()
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.5)


async def recreate(bootstrap: str, topics: Sequence[Topic] = TOPICS) -> None:
    """Delete all topics, and with them what groups have read of them, and create the given ones empty. For tests."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        old = [name for name in await admin.list_topics() if not name.startswith("__")]
        if old:
            await admin.delete_topics(old)
            await _wait(lambda: _gone(admin, old), "the old topics did not go")
        await _create(admin, topics, 1)
    finally:
        await admin.close()


async def _create(admin: AIOKafkaAdminClient, topics: Sequence[Topic], replicas: int) -> None:
    if not topics:
        return
    new = [NewTopic(t.name, t.partitions, replicas, topic_configs=configuration(t)) for t in topics]
    response = await admin.create_topics(new)
    refused = [f"{row[0]}: {row[2] or row[1]}" for row in response.topic_errors if row[1] != 0]
    if refused:
        raise TopicMismatch("Kafka refused to create " + "; ".join(refused))
    names = [topic.name for topic in topics]
    await _wait(lambda: _led(admin, names), "the new topics have no leader")


async def _differences(admin: AIOKafkaAdminClient, topics: Sequence[Topic]) -> list[str]:
    if not topics:
        return []
    partitions = {row["topic"]: len(row["partitions"]) for row in await admin.describe_topics([t.name for t in topics])}
    settings = await _settings(admin, [topic.name for topic in topics])
    lines = []
    for topic in topics:
        if partitions[topic.name] != topic.partitions:
            lines.append(f"{topic.name}: has {partitions[topic.name]} partitions, should have {topic.partitions}")
        for name, wanted in configuration(topic).items():
            if name == "retention.ms" and topic.cleanup == "compact":
                continue
            if settings[topic.name].get(name) != wanted:
                lines.append(f"{topic.name}: {name} is {settings[topic.name].get(name)}, should be {wanted}")
    return lines


async def _settings(admin: AIOKafkaAdminClient, names: Sequence[str]) -> dict[str, dict[str, str]]:
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
    found: dict[str, dict[str, str]] = {}
    for response in await admin.describe_configs(resources):
        for _code, _message, _type, name, entries in response.resources:
            found[name] = {entry[0]: entry[1] for entry in entries}
    return found


async def _gone(admin: AIOKafkaAdminClient, names: Sequence[str]) -> bool:
    return not set(await admin.list_topics()) & set(names)


async def _led(admin: AIOKafkaAdminClient, names: Sequence[str]) -> bool:
    rows = await admin.describe_topics(list(names))
    return all(row["error_code"] == 0 and all(p["leader"] >= 0 for p in row["partitions"]) for row in rows)


async def _wait(condition: Any, otherwise: str) -> None:
    loop = asyncio.get_running_loop()
    deadline = loop.time() + LEADERS_SECONDS
    while not await condition():
        if loop.time() > deadline:
            raise TopicMismatch(otherwise)
        await asyncio.sleep(0.02)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; exit status 1 with the reason on standard error if the cluster does not fit."""
    parser = argparse.ArgumentParser(prog="python -m deploy.topics", description=__doc__)
    parser.add_argument("--kafka", required=True, metavar="HOST:PORT")
    parser.add_argument("--replicas", type=int, default=1, help="replication factor of new topics")
    parser.add_argument("--wait", type=float, default=CONNECT_SECONDS, metavar="SECONDS", help="for Kafka to answer")
    chosen = parser.parse_args(arguments)
    # The client says each failed try; what counts is said once, at the end.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    cluster = load(KafkaSettings, kafka=chosen.kafka).cluster
    try:
        created = asyncio.run(ensure(cluster, replicas=chosen.replicas, patience_seconds=chosen.wait))
    except TopicMismatch as error:
        print(f"The topics are not as the contracts say:\n{error}", file=sys.stderr)
        print("Nothing was changed. Move the records to a topic made anew, or start over.", file=sys.stderr)
        return 1
    except KafkaError as error:
        print(f"Kafka at {chosen.kafka} does not answer: {error}", file=sys.stderr)
        return 1
    print(f"{len(TOPICS)} topics, {len(created)} created" + "".join(f"\n  {name}" for name in created))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
