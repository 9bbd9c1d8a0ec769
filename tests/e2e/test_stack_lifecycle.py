"""The stack as a user meets it: started, stopped, killed, started again, in the way of another, and in its own."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.devstack.kafka import answers
from deploy.devstack.options import PARTS_WITH_PORTS, SERVICES
from deploy.devstack.ports import is_free
from deploy.devstack.postgres import Postgres
from tests.e2e.running import Running, wait_for

BACK_SECONDS = 60.0
PARTS = {"gateway", "issuer", "mail", "traces", "kafka", "postgres", *SERVICES}


def lives(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    return False


def is_ready(stack: Running, service: str) -> bool:
    with contextlib.suppress(httpx.HTTPError):
        return httpx.get(f"{stack.url}/{service}/health/ready", timeout=5).status_code == 200
    return False


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Running]:
    """A stack of the test's own, not started yet."""
    running = Running(tmp_path / "home")
    yield running
    if running.parent is not None:
        running.stop()
    running.command("reset")


def test_run_json_says_where_everything_is_to_its_owner_only(stack: Running) -> None:
    running = stack.run_file()
    assert set(running) == {"kafka", "databases", "url", "mail", "traces", "issuer", "processes"}
    assert set(running["databases"]) == set(SERVICES)
    assert set(running["processes"]) == PARTS
    assert all(lives(pid) for pid in running["processes"].values())
    for secret in ("run.json", "secrets.json", "issuer-key.json"):
        assert (stack.home / secret).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("part", ["pathways", "gateway", "postgres", "kafka"])
def test_a_killed_part_is_back_within_seconds_under_a_new_number(stack: Running, part: str) -> None:
    old = stack.pid(part)
    assert old is not None
    os.kill(old, signal.SIGKILL)
    wait_for(lambda: stack.pid(part) not in (None, old), seconds=BACK_SECONDS, what=f"the return of {part}")
    for service in SERVICES:
        wait_for(lambda service=service: is_ready(stack, service), seconds=BACK_SECONDS, what=f"{service} being ready")
    wait_for(lambda: answers(int(stack.kafka.split(":")[1])), seconds=BACK_SECONDS, what="the return of Kafka")
    assert f"{part} ended by itself (signal SIGKILL)" in stack.said()


def test_a_second_stack_in_the_same_home_is_refused_and_one_on_the_same_ports_too(
    stack: Running, tmp_path: Path
) -> None:
    again = stack.command("up", check=False)
    assert again.returncode == 1
    assert f"A stack already runs in {stack.home}" in again.stderr
    beside = Running(tmp_path / "home", DEVSTACK_PORT_BASE=stack.environment["DEVSTACK_PORT_BASE"])
    taken = beside.command("up", check=False)
    assert taken.returncode == 1
    assert "Already in use on this machine: port" in taken.stderr
    assert "(kafka)" in taken.stderr
    assert "DEVSTACK_PORT_BASE=" in taken.stderr


def test_nothing_is_deleted_under_a_running_stack(stack: Running) -> None:
    refused = stack.command("reset", check=False)
    assert refused.returncode == 1
    assert "Stop it first" in refused.stderr
    assert is_ready(stack, "enrollment")


def test_a_token_is_asked_for_by_role_and_a_wrong_one_is_explained(stack: Running) -> None:
    answer = httpx.get(f"{stack.url}/enrollment/v1/sources", headers=stack.bearer("operator"))
    assert answer.status_code != 401
    wrong = stack.command("token", "--role", "king", check=False)
    assert wrong.returncode == 1
    assert "There is no role king" in wrong.stderr
    assert "case_manager" in wrong.stderr
    area = stack.command("token", "--role", "jmd", "--area", "Köln", check=False)
    assert "Köln is no area" in area.stderr


def test_after_kill_9_nothing_is_left_and_the_next_start_keeps_the_data(own: Running) -> None:
    own.start()
    before = own.run_file()
    source = own.token("emitter", "05315000", body="JOBCENTER", source="//koeln.example/jobcenter")
    assert source
    assert own.parent is not None
    own.parent.kill()
    own.parent.wait()
    wait_for(
        lambda: not any(lives(pid) for pid in before["processes"].values()), seconds=60, what="the end of all parts"
    )
    assert "No stack runs in" in own.command("status", check=False).stderr
    own.start()
    after = own.run_file()
    assert after["databases"] == before["databases"]
    listed = httpx.get(f"{own.url}/enrollment/v1/sources", headers=own.bearer("operator")).text
    assert "//koeln.example/jobcenter" in listed
    assert own.stop(signal.SIGINT) == 0
    assert "everything has stopped" in own.said()
    assert not any(lives(pid) for pid in after["processes"].values())
    assert not (own.home / "run.json").exists()
    own.command("reset")
    assert not own.home.exists()


def test_a_part_that_cannot_start_is_named_with_its_last_lines_and_everything_is_stopped(own: Running) -> None:
    own.environment["PATHWAYS_TRACE_RATIO"] = "much"
    failed = own.command("up", check=False)
    assert failed.returncode == 1
    assert "pathways-migrate did not succeed" in failed.stderr
    assert "PATHWAYS_TRACE_RATIO" in failed.stderr
    assert "The whole log is in" in failed.stderr
    base = int(own.environment["DEVSTACK_PORT_BASE"])
    assert all(is_free(base + place) for place in range(len(PARTS_WITH_PORTS)))


def test_servers_that_run_already_are_used_and_not_started(own: Running, fresh_topics: str, postgres: Postgres) -> None:
    own.environment["KAFKA"] = fresh_topics
    for service in SERVICES:
        own.environment[f"DATABASE_URL_{service.upper()}"] = postgres.create_database(f"own_{service}")
    own.start()
    running = own.run_file()
    assert running["kafka"] == fresh_topics
    assert running["databases"]["reporting"] == postgres.url("own_reporting")
    assert set(running["processes"]) == PARTS - {"kafka", "postgres"}
    assert own.command("down").stdout == "everything has stopped\n"
    for service in SERVICES:
        postgres.drop_database(f"own_{service}")
