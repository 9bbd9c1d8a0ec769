"""`whatif --rules NEW.toml`: what another rule set would say of all stored timelines, as a table and as JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from services.pathways.domain.rules import BadRules
from services.pathways.settings import Settings
from services.pathways.usecases.meanings import name_of as pattern_name
from services.pathways.usecases.whatif import Difference, WhatIf
from shared.clock import Clock
from shared.db import Database
from shared.reference import name_of
from shared.settings import load

_COLUMNS = ("before", "after", "gained", "lost", "moved")


def main(arguments: Sequence[str]) -> int:
    """Compare and print; exit status 2 for a rule set that cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m services.pathways whatif", description=__doc__)
    parser.add_argument("--rules", required=True, metavar="NEW.toml", help="the rule set to try")
    parser.add_argument("--today", type=date.fromisoformat, metavar="DATE", help="default: the business date")
    parser.add_argument("--json", metavar="FILE", help="write the difference there as JSON, - for standard output")
    parser.add_argument("--processes", type=int, default=0, metavar="N", help="default: one for each core")
    given = parser.parse_args(arguments)
    try:
        difference = asyncio.run(_compare(load(Settings), given))
    except BadRules as error:
        for text in error.errors:
            print(f"rules: {text}", file=sys.stderr)
        return 2
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    if given.json:
        text = json.dumps(document(difference), ensure_ascii=False, indent=1) + "\n"
        if given.json == "-":
            sys.stdout.write(text)
            return 0
        Path(given.json).write_text(text, encoding="utf-8")
    print(table(difference))
    return 0


async def _compare(settings: Settings, given: argparse.Namespace) -> Difference:
    database = await Database.at(settings.database_url, connections=2)
    progress = Progress()
    try:
        in_force = str(settings.rules) if settings.rules else None
        whatif = WhatIf(database, Clock(settings.today), in_force)
        return await whatif.compare(given.rules, today=given.today, processes=given.processes, tell=progress.tell)
    finally:
        progress.end()
        await database.close()


class Progress:
    """Says on standard error how far it is and how long it will take, at most twice a second."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._told_at = 0.0

    def tell(self, done: int, total: int) -> None:
        """Say how far it is."""
        now = time.monotonic()
        if now - self._told_at < 0.5 and done < total:
            return
        self._told_at = now
        left = (now - self._started) / max(done, 1) * (total - done)
        print(f"\r{done} of {total} persons, {left:.0f} s left   ", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """End the line."""
        if self._told_at:
            print(file=sys.stderr)


def document(difference: Difference) -> dict[str, Any]:
    """The difference as JSON: by pattern, by municipality, and each cell of both."""
    cells: dict[tuple[str, str], dict[str, int]] = {}
    for cell, number in sorted(difference.counts.items()):
        cells.setdefault((cell.pattern, cell.municipality), {})[cell.what] = number
    return {
        "today": difference.today.isoformat(),
        "persons": difference.persons,
        "rules_in_force": difference.held,
        "rules_tried": difference.tried,
        "by_pattern": difference.by("pattern"),
        "by_municipality": difference.by("municipality"),
        "cells": [{"pattern": pattern, "municipality": ags, **found} for (pattern, ags), found in cells.items()],
    }


def table(difference: Difference) -> str:
    """The difference for reading: open findings before and after; findings gained, lost, moved."""
    lines = [
        f"Rule set {difference.tried} instead of {difference.held}, {difference.persons} persons, {difference.today}",
        "",
    ]
    for field in ("pattern", "municipality"):
        lines.append(f"{field:<40}" + "".join(f"{name:>9}" for name in _COLUMNS))
        for key, found in difference.by(field).items():
            name = f"{key} {pattern_name(key, 'en')}" if field == "pattern" else f"{key} {name_of(key)}"
            numbers = "".join(f"{found.get(column, 0):>9}" for column in _COLUMNS)
            if field == "pattern" or any(found.get(column) for column in _COLUMNS[2:]):
                lines.append(f"{name[:39]:<40}{numbers}")
        lines.append("")
    return "\n".join(lines)
