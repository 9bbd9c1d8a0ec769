"""A running enrollment behind the gateway, as the feed meets it: the run file says where."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.devstack.ports import free_port, listens, wait_until
from tests.integration.enrollment.running import issuing, running


@dataclass
class Stage:
    """What the simulator is told of: `run_file`, with the issuer's key beside it; and the service's database."""

    run_file: Path
    home: Path
    database_url: str


@pytest.fixture
def stage(database_url: str, fresh_topics: str, tmp_path: Path) -> Iterator[Stage]:
    log = tmp_path / "enrollment.log"
    with (
        issuing() as issuer,
        running(database_url, issuer, log, kafka=fresh_topics, root_path="/enrollment") as service,
        _gateway(int(service.url.rpartition(":")[2])) as url,
    ):
        run_file = tmp_path / "run.json"
        run_file.write_text(json.dumps({"url": url, "issuer": issuer.url}), encoding="utf-8")
        (tmp_path / "issuer-key.json").write_text(json.dumps(issuer.key.as_dict(private=True)), encoding="utf-8")
        yield Stage(run_file, tmp_path, database_url)


@contextmanager
def _gateway(port_of_enrollment: int) -> Iterator[str]:
    port = free_port()
    arguments = ["-m", "deploy.devstack.gateway", f"--port={port}", f"--service=enrollment={port_of_enrollment}"]
    process = subprocess.Popen([sys.executable, *arguments])
    try:
        assert wait_until(lambda: listens(port), seconds=90), "the gateway does not listen"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)
