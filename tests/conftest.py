"""Real servers for all tests: one Kafka and one PostgreSQL a session, started when first asked for, ended with it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy import topics
from deploy.devstack.kafka import Kafka
from deploy.devstack.ports import free_port
from deploy.devstack.postgres import Postgres, new_password, run_in_thread
from deploy.devstack.processes import Child

_databases = itertools.count(1)


@pytest.fixture(scope="session")
def _kafka_child(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Kafka, Child]]:
    home = tmp_path_factory.mktemp("kafka")
    broker = Kafka(data=home / "data", log=home / "kafka.log", port=free_port(), controller_port=free_port())
    child = broker.spawn()
    try:
        broker.wait_ready(child)
        yield broker, child
    finally:
        child.stop()


@pytest.fixture(scope="session")
def kafka(_kafka_child: tuple[Kafka, Child]) -> str:
    """The address `host:port` of a real broker without topics (see `fresh_topics`)."""
    return _kafka_child[0].bootstrap


@pytest.fixture(scope="session")
def kafka_data(_kafka_child: tuple[Kafka, Child]) -> Path:
    """Where the broker keeps its logs, a folder for each partition."""
    return _kafka_child[0].data


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """A real server; `create_database(name)` gives a database, `url(name)` its address."""
    home: Path = tmp_path_factory.mktemp("postgres")
    server = Postgres(
        data=home / "data", log=home / "postgres.log", port=free_port(), password=new_password(), durable=False
    )
    child = server.spawn()
    try:
        server.wait_ready(child)
        yield server
    finally:
        child.stop()
        server.remove()


@pytest.fixture
def database_url(postgres: Postgres) -> Iterator[str]:
    """The address of an empty database of the test's own, dropped after it."""
    name = f"test_{os.getpid()}_{next(_databases)}"
    yield postgres.create_database(name)
    postgres.drop_database(name)


@pytest.fixture
def fresh_topics(kafka: str) -> str:
    """All topics of the contracts, empty, read by no group; gives the broker's address."""
    run_in_thread(topics.recreate(kafka))
    return kafka
