"""What a stack keeps in its home: its secrets, the lock of the one who runs it, and `run.json` for users' scripts."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.devstack.failures import Failure
from deploy.devstack.kafka import Kafka
from deploy.devstack.options import SERVICES, Options
from deploy.devstack.postgres import Postgres, new_password
from services.enrollment.gateways.vault_keys import KeyFile


def prepare_home(options: Options) -> None:
    """Make the stack's folder; as root everybody may walk through it (PostgreSQL's user must), nobody may look."""
    options.home.mkdir(parents=True, exist_ok=True)
    options.home.chmod(0o711 if os.geteuid() == 0 else 0o700)


@contextmanager
def locked(options: Options) -> Iterator[None]:
    """Hold the home for this process; raises `Failure` if another one runs a stack in it. Freed whatever we die of."""
    with options.path("lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Failure(
                f"A stack already runs in {options.home} (process {running_pid(options)}).",
                "Stop it with Ctrl-C there or `python -m deploy.devstack down`, or run a second one beside it: "
                "DEVSTACK_HOME=.devstack-2 DEVSTACK_PORT_BASE=9400 make run",
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
        lock.truncate(0)


def running_pid(options: Options) -> int | None:
    """The process that runs a stack in this home; None if none does."""
    path = options.path("lock")
    if not path.exists():
        return None
    with path.open("r+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            text = lock.read().strip()
            return int(text) if text.isdecimal() else None
    return None


def write_run_file(options: Options, content: dict[str, Any]) -> None:
    """Write `run.json`, readable by its owner only, whole or not at all."""
    write_private(options.path("run.json"), json.dumps(content, indent=1))


def read_run_file(options: Options) -> dict[str, Any]:
    """What `run.json` says; raises `Failure` if nothing runs (a file left by a killed stack says nothing)."""
    path = options.path("run.json")
    if running_pid(options) is None or not path.exists():
        raise Failure(f"No stack runs in {options.home}.", "Start it with `make run`.")
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def remove_run_file(options: Options) -> None:
    """Take `run.json` away: nothing runs any more."""
    options.path("run.json").unlink(missing_ok=True)


def stored_secrets(options: Options) -> dict[str, str]:
    """The secrets of this home, made at random the first time: the sessions' and the database passwords."""
    path = options.path("secrets.json")
    if not path.exists():
        made = {"session": secrets.token_urlsafe(48), "postgres": new_password()}
        write_private(path, json.dumps(made | {service: new_password() for service in SERVICES}))
    content: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return content


def vault_keys(options: Options) -> Path:
    """The file of the vault's keys, made at random the first time; `rotate-keys` adds to it."""
    file = KeyFile(options.path("vault-keys.json"))
    if not file.exists():
        file.add()
    return options.path("vault-keys.json")


def database_server(options: Options) -> Postgres:
    """The PostgreSQL server of this home."""
    return Postgres(
        data=options.path("postgres"),
        log=options.path("logs", "postgres.log"),
        port=options.port("postgres"),
        password=stored_secrets(options)["postgres"],
    )


def broker_of(options: Options) -> Kafka:
    """The Kafka broker of this home."""
    return Kafka(
        data=options.path("kafka"),
        log=options.path("logs", "kafka.log"),
        port=options.port("kafka"),
        controller_port=options.port("kafka-controller"),
        intake_port=options.port("kafka-intake") if options.kafka_intake else None,
    )


def remove_data(options: Options) -> None:
    """Delete everything a stack keeps in this home, the databases with it. The cache of programs stays."""
    if options.path("secrets.json").exists():
        database_server(options).remove()
    shutil.rmtree(options.home, ignore_errors=True)


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # made with mode 0600
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(name, path)
