"""`python -m services.enrollment` runs the service; `… migrate` brings its database up to date."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from services.enrollment.app import build
from services.enrollment.settings import Settings
from services.enrollment.usecases.set_aside import SetAside
from shared.commands import Service, main
from shared.db import Database
from shared.settings import load

MIGRATIONS = Path(__file__).parent / "migrations"


async def judge_set_aside(settings: Settings) -> None:
    """Judge again the events whose type an earlier release did not know."""
    database = await Database.at(settings.database_url, connections=2)
    try:
        print(f"judged {await SetAside(database).judge_again()} events set aside earlier")
    finally:
        await database.close()


def run(arguments: list[str]) -> int:
    """Carry out one command; gives the exit status. `judge-set-aside` is enrollment's own."""
    if arguments == ["judge-set-aside"]:
        asyncio.run(judge_set_aside(load(Settings)))
        return 0
    return main(Service("enrollment", Settings, build, MIGRATIONS, judge_set_aside), arguments)


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
