"""Brings the whole stack up, keeps it up, and takes it down in good order."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import requests

from deploy.devstack import children
from deploy.devstack.artifacts import fetch, require_space
from deploy.devstack.options import PROJECT, SERVICES, Options
from deploy.devstack.ports import listens, require_free
from deploy.devstack.processes import Child, Command, run_once, run_together
from deploy.devstack.restarts import Restarts
from deploy.devstack.state import (
    broker_of,
    database_server,
    locked,
    prepare_home,
    remove_run_file,
    stored_secrets,
    write_run_file,
)

SPACE_FOR_DATA_BYTES = 1_000_000_000
WATCH_SECONDS = 0.1
SERVICE_SECONDS = 150.0
PART_SECONDS = 60.0
STOP_SECONDS = 20.0
LARGEST_LOG_BYTES = 20_000_000

# Who is stopped with whom: first those who send, then the services (they drain), then what they stand on.
STOPPED_TOGETHER = (("feed",), SERVICES, ("gateway", "issuer", "mail", "traces"), ("kafka", "postgres"))


class Stopped(Exception):
    """The user or the system asked the stack to end."""


class Stack:
    """One running stack. Everything happens in the main thread: children live as long as the thread that made them."""

    def __init__(self, options: Options, say: Callable[[str], None]) -> None:
        self.options = options
        self.say = say
        self.children: dict[str, Child] = {}
        self.databases: dict[str, str] = dict(options.databases)
        self.sockets: dict[str, str] = {}  # addresses of the same databases, for the services
        self.kafka = options.kafka or ""
        self._restarts = Restarts()
        self._spawns: dict[str, Callable[[], Child]] = {}

    def start(self) -> None:
        """Start all parts in order and write `run.json`; raises `Failure` if one does not come up."""
        jars = self._fetch()
        self._start_parts(jars["traces-page"][0])
        self._start_postgres()
        self._start_kafka()
        self._wait_for_servers()
        self._start_services()
        self.write_run_file()

    def _fetch(self) -> dict[str, list[Path]]:
        groups = ["traces-page"]
        groups += [] if self.options.kafka else ["kafka"]
        groups += ["postgres"] if self.options.needs_postgres else []
        return fetch(groups, self.say)

    def _spawn(self, name: str, spawn: Callable[[], Child]) -> Child:
        self._spawns[name] = spawn
        self.children[name] = child = spawn()
        self._restarts.started(name)
        return child

    def _spawn_command(self, command: Command) -> Child:
        return self._spawn(command.name, lambda: Child(command))

    def _start_parts(self, page: Path) -> None:
        for command in (
            children.gateway(self.options),
            children.issuer(self.options),
            children.mail(self.options),
            children.traces(self.options, page),
        ):
            self._spawn_command(command)

    def _start_postgres(self) -> None:
        if self.options.needs_postgres:
            self.say("starting PostgreSQL")
            server = database_server(self.options)
            child = self._spawn("postgres", server.spawn)
            server.wait_ready(child)
            secrets = stored_secrets(self.options)
            for service in SERVICES:
                if service not in self.databases:
                    self.databases[service] = server.create_tenant(service, secrets[service])
                    self.sockets[service] = server.url(service, user=service, password=secrets[service], by_socket=True)

    def _start_kafka(self) -> None:
        if not self.options.kafka:
            self.say("starting Kafka")
            broker = broker_of(self.options)
            self.kafka = broker.bootstrap
            child = self._spawn("kafka", broker.spawn)
            self._migrate()
            broker.wait_ready(child)
        else:
            self._migrate()

    def _migrate(self) -> None:
        """Bring the databases up to date while Kafka starts."""
        self.say("bringing the databases up to date")
        run_together([children.migration(self.options, name, self._environment(name)) for name in SERVICES])

    def _wait_for_servers(self) -> None:
        run_once(children.python(self.options, "topics", ["deploy.topics", f"--kafka={self.kafka}"]))
        for part in ("gateway", "issuer", "mail", "traces"):
            self.children[part].wait_ready(lambda part=part: listens(self.options.port(part)), seconds=PART_SECONDS)

    def _start_services(self) -> None:
        self.say("starting the services")
        for service in SERVICES:
            self._spawn_command(children.service(self.options, service, self._environment(service)))
        for service in SERVICES:
            self.children[service].wait_ready(lambda service=service: self._is_ready(service), seconds=SERVICE_SECONDS)

    def _environment(self, service: str) -> dict[str, str]:
        return children.service_environment(
            self.options,
            service,
            kafka=self.kafka,
            database_url=self.sockets.get(service, self.databases[service]),
        )

    def _is_ready(self, service: str) -> bool:
        try:
            return requests.get(f"{self.options.url(service)}/health/ready", timeout=2).ok
        except requests.RequestException:
            return False

    def start_feed(self) -> None:
        """Start what sends facts, if anything shall be sent."""
        if self.options.feed:
            self._spawn_command(children.feed(self.options))
            self.write_run_file()

    def write_run_file(self) -> None:
        """Tell users' scripts where everything is."""
        pids = {name: child.pid for name, child in self.children.items()}
        write_run_file(
            self.options,
            children.description(self.options, kafka=self.kafka, databases=self.databases, pids=pids),
        )

    def watch(self) -> None:
        """Start again what dies, until it dies too often (`Failure`) or the stack is stopped (`Stopped`)."""
        while True:
            time.sleep(WATCH_SECONDS)
            for name, child in list(self.children.items()):
                if not child.is_alive():
                    self._bury(name, child)
            if "feed" in self.children:
                self._say_what_the_feed_says(self.children["feed"])
            for name in self._restarts.due():
                self.say(f"{name} is started again")
                self._spawn(name, self._spawns[name])
                self.write_run_file()

    def _bury(self, name: str, child: Child) -> None:
        del self.children[name]
        if name == "feed":
            self._say_what_the_feed_says(child)
            self._say_feed_ended(child)
        elif self._restarts.may_start_again(name):
            self.say(f"{name} ended by itself ({child.how_it_ended()}); it is started again in a moment")
        else:
            child.require_alive()
        self.write_run_file()

    def _say_what_the_feed_says(self, feed: Child) -> None:
        for line in feed.new_lines():
            self.say(f"feed: {line}")

    def _say_feed_ended(self, child: Child) -> None:
        if child.process.returncode == 0:
            self.say("the feed has sent all it had")
        else:
            self.say(f"the feed ended ({child.how_it_ended()}); the rest goes on.")

    def stop(self) -> None:
        """Stop all children in good order; those that stand on the same ground at the same time."""
        for group in STOPPED_TOGETHER:
            together = [child for name, child in self.children.items() if name in group]
            for child in together:
                child.ask_to_stop()
            for child in together:
                child.stop(STOP_SECONDS)
        self.children.clear()
        remove_run_file(self.options)


def up(options: Options, say: Callable[[str], None]) -> int:
    """Run a stack until it is stopped; answers the exit status. Raises `Failure` if it cannot run or go on."""
    prepare_home(options)
    _on_signals()
    began = time.monotonic()
    with locked(options):
        remove_run_file(options)
        require_free(options.ports_to_open())
        require_space(options.home, SPACE_FOR_DATA_BYTES)
        _turn_logs(options)
        stack = Stack(options, say)
        try:
            stack.start()
            say(_welcome(options, time.monotonic() - began))
            stack.start_feed()
            stack.watch()
        except Stopped:
            say("stopping; the services finish what they have begun")
        finally:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            stack.stop()
        say("everything has stopped")
    return 0


def _on_signals() -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise Stopped

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)


def _turn_logs(options: Options) -> None:
    """Put long logs of earlier runs aside, one generation."""
    for log in options.path("logs").glob("*.log"):
        if log.stat().st_size > LARGEST_LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))


def _welcome(options: Options, seconds: float) -> str:
    home = options.home
    shown = home.relative_to(PROJECT) if home.is_relative_to(PROJECT) else home
    date = f"\n  business date  {options.today}" if options.today else ""
    return f"""
Gemeinsam runs ({seconds:.0f} s).

  start here     {options.url("gateway")}/
  mail           {options.url("mail")}/
  traces         {options.url("traces")}/zipkin/
  logs           {shown}/logs/{date}

Ctrl-C stops everything; the data stays until `make reset`.
"""
