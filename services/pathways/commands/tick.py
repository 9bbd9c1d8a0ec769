"""`tick --today DATE`: moves the business date on and evaluates, in order, what has become due."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Sequence
from datetime import date

from services.pathways import rules
from services.pathways.settings import Settings
from services.pathways.usecases import UseCases
from shared.clock import Clock
from shared.db import Database
from shared.settings import load


def main(arguments: Sequence[str]) -> int:
    """Move the clock; the exit status is 1 if the business date is later already, since it never goes back."""
    parser = argparse.ArgumentParser(prog="python -m services.pathways tick")
    parser.add_argument("--today", type=date.fromisoformat, required=True, metavar="YYYY-MM-DD")
    today = parser.parse_args(arguments).today
    stands, evaluated = asyncio.run(_tick(load(Settings), today))
    if stands > today:
        print(f"the business date is {stands} and never goes back", file=sys.stderr)
        return 1
    print(f"business date {stands}, {evaluated} due dates evaluated")
    return 0


async def _tick(settings: Settings, today: date) -> tuple[date, int]:
    database = await Database.at(settings.database_url, connections=2)
    try:
        usecases = UseCases(database, Clock(today), rules.load(settings.rules))
        evaluated = await usecases.move_clock(today)
        return await usecases.business_date(), evaluated
    finally:
        await database.close()
