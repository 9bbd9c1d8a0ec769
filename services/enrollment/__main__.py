"""`python -m services.enrollment` runs the service; `… migrate` brings its database up to date.

`… rotate-keys [--forget-old]` gives the vault a new key.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from services.enrollment.app import build, retention
from services.enrollment.gateways.vault_keys import KeyFile
from services.enrollment.settings import Settings
from services.enrollment.usecases.set_aside import SetAside
from services.enrollment.usecases.vault_keys import Rotation
from shared.commands import Service, main
from shared.db import Database
from shared.errors import GemeinsamError
from shared.migrate import migrate
from shared.settings import load

MIGRATIONS = Path(__file__).parent / "migrations"
DEVELOPMENT = Path(__file__).parent / "development"


async def judge_set_aside(settings: Settings) -> None:
    """Judge again the events whose type an earlier release did not know."""
    database = await Database.at(settings.database_url, connections=2)
    try:
        print(f"judged {await SetAside(database).judge_again()} events set aside earlier")
    finally:
        await database.close()


async def after_migrating(settings: Settings) -> None:
    """What follows a migration: members for development where the settings ask for them, and a new judgement."""
    if settings.development_members:
        await migrate(settings.database_url, DEVELOPMENT)
    await judge_set_aside(settings)


async def rotate_keys(settings: Settings, *, forget_old: bool) -> None:
    """Make a new key for the vault, or its first one, and seal all traits with it while services run."""
    keys = KeyFile(settings.vault_keys)
    database = await Database.at(settings.vault_database_url or settings.database_url, connections=2)
    try:
        count = await Rotation(database, keys).rotate()
    finally:
        await database.close()
    print(f"sealed {count} records with key {keys.ring(anew=True).current}")
    if forget_old:
        print(f"forgot the keys {', '.join(keys.keep_only_current()) or 'of before: there are none'}")


def run(arguments: list[str]) -> int:
    """Carry out one command; gives the exit status. `judge-set-aside` and `rotate-keys` are enrollment's own."""
    if arguments == ["judge-set-aside"]:
        asyncio.run(judge_set_aside(load(Settings)))
        return 0
    if arguments in (["rotate-keys"], ["rotate-keys", "--forget-old"]):
        try:
            asyncio.run(rotate_keys(load(Settings), forget_old=len(arguments) > 1))
        except GemeinsamError as error:
            print(f"enrollment: {error.detail}", file=sys.stderr)
            return 1
        return 0
    return main(Service("enrollment", Settings, build, MIGRATIONS, retention, after_migrating), arguments)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
