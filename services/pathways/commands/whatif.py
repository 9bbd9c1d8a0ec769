"""`whatif --rules NEW.toml`: what another rule set would say of all stored timelines, as a table and as JSON."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from services.pathways import rules
from services.pathways.domain.rules import BadRules
from services.pathways.settings import Settings
from services.pathways.usecases.meanings import name_of as pattern_name
from services.pathways.usecases.whatif import Difference, WhatIf
from shared.clock import Clock
from shared.db import Database
from shared.reference import name_of
from shared.settings import load

_COLUMNS = {
    "before": "before",
    "gained": "gained",
    "lost": "lost",
    "moved": "moved",
    "after": "after",
    "open_before": "open",
    "open_after": "open then",
}
_CHANGES = ("gained", "lost", "moved")


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
    tried = rules.load(given.rules)
    database = await Database.at(settings.database_url, connections=2)
    progress = Progress()
    try:
        whatif = WhatIf(database, Clock(settings.today), rules.load(settings.rules))
        return await whatif.compare(tried, today=given.today, processes=given.processes, tell=progress.tell)
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
        left = f", {remaining(now - self._started, done, total)} left" if 0 < done < total else ""
        text = f"{done} of {total} persons{left}"
        print(f"\r{text:<60}", end="", file=sys.stderr, flush=True)

    def end(self) -> None:
        """End the line."""
        if self._told_at:
            print(file=sys.stderr)


def remaining(seconds: float, done: int, total: int) -> str:
    """How long the rest takes at the pace so far: `40 s`, `3 min`."""
    left = seconds / max(done, 1) * (total - done)
    return f"{left:.0f} s" if left < 120 else f"{left / 60:.0f} min"


def document(difference: Difference) -> dict[str, Any]:
    """The difference as JSON: by pattern, by municipality, and each cell of both; exact, not for publication."""
    cells: dict[tuple[str, str], dict[str, int]] = {}
    for cell, number in sorted(difference.counts.findings.items()):
        cells.setdefault((cell.pattern, cell.municipality), {})[cell.what] = number
    return {
        "today": difference.today.isoformat(),
        "persons": difference.persons,
        "rules_in_force": difference.held,
        "rules_tried": difference.tried,
        "total": difference.total(),
        "by_pattern": difference.by("pattern"),
        "by_municipality": difference.by("municipality"),
        "cells": [{"pattern": pattern, "municipality": ags, **found} for (pattern, ags), found in cells.items()],
    }


def table(difference: Difference) -> str:
    """The difference for reading: all findings before, gained, lost, moved, after; and how many of them are open."""
    lines = [
        f"Rule set {difference.tried} instead of {difference.held} on {difference.today}, {difference.persons} persons",
        "Findings, closed ones included: before + gained - lost = after; moved: other severity, begin or end.",
    ]
    for field, name in (("pattern", _pattern), ("municipality", _municipality)):
        rows = difference.by(field)
        changed = {key: row for key, row in rows.items() if any(row.get(what) for what in _CHANGES)}
        lines += ["", f"{'by ' + field:<40}" + "".join(f"{title:>10}" for title in _COLUMNS.values())]
        lines += [_row(name(key), row) for key, row in changed.items()]
        if len(changed) < len(rows):
            lines.append(f"({len(rows) - len(changed)} without any change)")
    return "\n".join([*lines, "", _row("all", difference.total())])


def _row(name: str, found: Mapping[str, int]) -> str:
    return f"{name[:39]:<40}" + "".join(f"{found.get(what, 0):>10}" for what in _COLUMNS)


def _pattern(key: str) -> str:
    return f"{key} {pattern_name(key, 'en')}"


def _municipality(key: str) -> str:
    return f"{key} {name_of(key)}" if key else "outside the Land"
