"""The commands every service has: run (the default), migrate, dead-letters, release, retention."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from shared.clock import Clock
from shared.db import Database
from shared.errors import GemeinsamError, Invalid
from shared.host import Host
from shared.messaging.holds import Holds
from shared.migrate import migrate
from shared.operations import Decision, decided, listed, shown
from shared.retention import Retention
from shared.settings import ServiceSettings, load


@dataclass(frozen=True, slots=True)
class Service:
    """What the commands need to know of a service."""

    name: str
    settings: type[ServiceSettings]
    build: Callable[[Any], Host]
    migrations: Path
    retention: Callable[[Any, Database, Clock], Retention]
    after_migrating: Callable[[Any], Awaitable[None]] | None = None


def main(service: Service, arguments: Sequence[str]) -> int:
    """Carry out one command; returns the exit status. An error of the tree is one line on standard error."""
    given = _parser(service.name).parse_args(arguments)
    settings = load(service.settings)
    if given.command in (None, "run"):
        service.build(settings).run()
        return 0
    try:
        asyncio.run(_COMMANDS[given.command](service, settings, given))
    except GemeinsamError as error:
        print(f"{service.name}: {error.detail}", file=sys.stderr)
        return 1
    return 0


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m services.{name}")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("run", help="serve until stopped (the default)")
    commands.add_parser("migrate", help="bring the service's database up to date")
    letters = commands.add_parser("dead-letters", help="records that could not be taken")
    actions = letters.add_subparsers(dest="action", required=True)
    listing = actions.add_parser("list", help="the newest, without payload")
    listing.add_argument("--state", default="open", choices=["open", "requested", "resent", "discarded"])
    listing.add_argument("--limit", type=int, default=50)
    for action, text in (("show", "one, its payload masked"), ("send", "take it again"), ("discard", "lay it aside")):
        one = actions.add_parser(action, help=text)
        one.add_argument("id", type=int)
        if action != "show":
            one.add_argument("--why", required=True, help="the reason, kept with it")
    release = commands.add_parser("release", help="let the held consumer of a topic go on")
    release.add_argument("topic")
    retention = commands.add_parser("retention", help="delete what is past its time; a running service does so itself")
    retention.add_argument("--dry-run", action="store_true", help="say how much that would be, and delete nothing")
    retention.add_argument("--at", type=date.fromisoformat, help="as if it were this day; for a dry run only")
    return parser


async def _migrate(service: Service, settings: ServiceSettings, given: argparse.Namespace) -> None:
    for name in await migrate(settings.database_url, service.migrations):
        print(f"applied {name}")
    if service.after_migrating:
        await service.after_migrating(settings)


async def _dead_letters(service: Service, settings: ServiceSettings, given: argparse.Namespace) -> None:
    database = await Database.at(settings.database_url, connections=1)
    try:
        if given.action == "list":
            for letter in await listed(database, state=given.state, limit=given.limit):
                print(json.dumps(letter, default=str, ensure_ascii=False))
        elif given.action == "show":
            print(json.dumps(await shown(database, given.id), default=str, ensure_ascii=False, indent=2))
        else:
            decision = Decision(action=given.action, why=given.why)
            await decided(database, given.id, decision, by=f"command:{getpass.getuser()}")
            print("requested" if given.action == "send" else "discarded")
    finally:
        await database.close()


async def _release(service: Service, settings: ServiceSettings, given: argparse.Namespace) -> None:
    database = await Database.at(settings.database_url, connections=1)
    try:
        released = await Holds(database, hold_seconds=0).release(given.topic, f"command:{getpass.getuser()}")
        print("released" if released else "not held")
    finally:
        await database.close()


async def _retention(service: Service, settings: ServiceSettings, given: argparse.Namespace) -> None:
    if given.at is not None and not given.dry_run:
        raise Invalid("--at goes with --dry-run only: what is past its time today is what is deleted")
    database = await Database.at(settings.database_url, connections=2)
    try:
        at = datetime.combine(given.at, time(), UTC) if given.at else None
        retention = service.retention(settings, database, Clock(settings.today))
        for one in await retention.run(now=at, dry_run=given.dry_run):
            said = "would be deleted" if one.dry_run else "deleted"
            print(f"{one.category}: {one.removed} {said}, from before {one.before:%Y-%m-%d} ({one.days} days)")
    finally:
        await database.close()


_COMMANDS: dict[str, Callable[[Service, Any, argparse.Namespace], Coroutine[Any, Any, None]]] = {
    "migrate": _migrate,
    "dead-letters": _dead_letters,
    "release": _release,
    "retention": _retention,
}
