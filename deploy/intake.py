"""Makes the topics of sources that send over Kafka, and says how each is let in.

`python -m deploy.intake --kafka host:port --database postgresql://… [--source URI]… [--replicas N]`; how to get into
Kafka is said by the variables KAFKA_SECURITY_PROTOCOL and so on, as for `deploy.topics`.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import shlex
import sys
from collections.abc import Sequence

from aiokafka.errors import KafkaError

from deploy.topics import CONNECT_SECONDS, TopicMismatch, ensure
from services.enrollment.usecases.sources import Sources
from shared.contracts.topics import Topic, intake_topics
from shared.db import TEMPORARY, Database
from shared.messaging.cluster import Cluster
from shared.settings import KafkaSettings, load

MECHANISM = "SCRAM-SHA-512"


def principal(source: str) -> str:
    """The name under which a source logs in at Kafka: its topic's without `intake.`."""
    return intake_topics(source)[0].name.removeprefix("intake.")


def permissions(source: str) -> list[list[str]]:
    """The arguments of Kafka's own command for ACLs, a list a call: write, read the replies, and nothing else."""
    written, replies = (topic.name for topic in intake_topics(source))
    allow = ["--add", "--allow-principal", f"User:{principal(source)}"]
    return [
        [*allow, "--operation", "Write", "--operation", "Describe", "--topic", written],
        [*allow, "--operation", "Read", "--operation", "Describe", "--topic", replies],
        [*allow, "--operation", "Read", "--group", replies],
    ]


def topics_of(sources: Sequence[str]) -> list[Topic]:
    """Both topics of each source."""
    return [topic for source in sources for topic in intake_topics(source)]


async def registered(database_url: str) -> list[str]:
    """The names of all registered sources."""
    database = await Database.at(database_url, connections=1)
    try:
        return [source.source for source in await Sources(database).listed()]
    finally:
        await database.close()


async def make_topics(cluster: Cluster, sources: Sequence[str], *, replicas: int = 1) -> list[str]:
    """Make what is missing of the topics of these sources; answers the names made. Raises `TopicMismatch`."""
    return await ensure(cluster, topics_of(sources), replicas=replicas, patience_seconds=CONNECT_SECONDS)


def advice(source: str) -> str:
    """The commands of a Kafka distribution that let a source in, to be completed with the servers and a password."""
    name = principal(source)
    lines = [
        f"kafka-configs.sh --bootstrap-server … --alter --entity-type users --entity-name {name} "
        f"--add-config '{MECHANISM}=[password=…]'"
    ]
    lines += [f"kafka-acls.sh --bootstrap-server … {shlex.join(arguments)}" for arguments in permissions(source)]
    return f"{source}\n" + "".join(f"  {line}\n" for line in lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; exit status 1 with the reason on standard error."""
    parser = argparse.ArgumentParser(prog="python -m deploy.intake", description=__doc__)
    parser.add_argument("--kafka", required=True, metavar="HOST:PORT")
    parser.add_argument("--database", required=True, metavar="URL", help="enrollment's, which knows the sources")
    parser.add_argument("--source", action="append", metavar="URI", help="only these; without it all registered ones")
    parser.add_argument("--replicas", type=int, default=1, help="replication factor of new topics")
    chosen = parser.parse_args(arguments)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    cluster = load(KafkaSettings, kafka=chosen.kafka).cluster
    try:
        known = asyncio.run(registered(chosen.database))
        if strangers := sorted(set(chosen.source or ()) - set(known)):
            print(f"not registered: {', '.join(strangers)}", file=sys.stderr)
            return 1
        wanted = chosen.source or known
        made = asyncio.run(make_topics(cluster, wanted, replicas=chosen.replicas))
    except (TopicMismatch, KafkaError, *TEMPORARY) as error:
        print(f"The topics of the sources could not be made: {error}", file=sys.stderr)
        return 1
    print("".join(advice(source) for source in wanted), end="")
    print(f"{len(wanted)} sources, {len(made)} topics created" + "".join(f"\n  {name}" for name in made))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
