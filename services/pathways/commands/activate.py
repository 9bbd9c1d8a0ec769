"""`activate --rules N.toml --on DATE`: puts a rule set in force from a date on; shows, stops, resumes, withdraws."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import sys
from collections.abc import Sequence
from datetime import date

from services.pathways import rules
from services.pathways.domain.rules import BadRules
from services.pathways.settings import Settings
from services.pathways.store.rule_sets import Activation
from services.pathways.usecases import UseCases
from services.pathways.usecases.activations import Activations, Standing
from shared.clock import Clock
from shared.db import Database
from shared.errors import GemeinsamError
from shared.settings import load

_DESCRIPTION = """Without options: which rule sets are in force from when, and how far everybody has been evaluated.
The running service does the work in the background; this command only decides."""


def main(arguments: Sequence[str]) -> int:
    """Decide and print how things stand; exit status 2 for a rule set that cannot be used, 1 for a refusal."""
    given = _parser().parse_args(arguments)
    try:
        asyncio.run(_carry_out(load(Settings), given))
    except BadRules as error:
        for text in error.errors:
            print(f"rules: {text}", file=sys.stderr)
        return 2
    except GemeinsamError as error:
        print(f"{error.details.get('field') or 'refused'}: {error.detail}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m services.pathways activate", description=_DESCRIPTION)
    parser.add_argument("--rules", metavar="N.toml", help="the rule set; its catalogue lies beside it or comes along")
    parser.add_argument("--on", type=date.fromisoformat, metavar="DATE", help="default: the business date")
    parser.add_argument("--follow", action="store_true", help="tell how far it is until everybody has been evaluated")
    one = parser.add_mutually_exclusive_group()
    one.add_argument("--stop", type=int, metavar="NUMBER", help="evaluate nobody further for now")
    one.add_argument("--resume", type=int, metavar="NUMBER", help="go on where it was stopped")
    one.add_argument("--withdraw", type=int, metavar="NUMBER", help="give it up before its date")
    return parser


async def _carry_out(settings: Settings, given: argparse.Namespace) -> None:
    source = rules.read(given.rules) if given.rules else None
    database = await Database.at(settings.database_url, connections=2)
    try:
        clock = Clock(settings.today)
        activations = Activations(
            database,
            clock,
            usecases := UseCases(database, clock, rules.load(settings.rules)),
            first=rules.read(settings.rules),
            pace=settings.new_rules_persons_per_second,
        )
        by = f"command:{getpass.getuser()}"
        if source is not None:
            await activations.activate(source, given.on or await usecases.business_date(), by=by)
        for action in ("stop", "resume", "withdraw"):
            if (number := getattr(given, action)) is not None:
                await activations.change(number, action, by=by)
        if given.follow:
            await _follow(activations)
        print(table(await activations.standing()))
    finally:
        await database.close()


async def _follow(activations: Activations) -> None:
    """Tell how far the running one is, until none is running."""
    while True:
        decided = (await activations.standing()).activations
        today = (await activations.standing()).today
        waiting = [one for one in decided if one.state == "planned" and one.effective_on <= today]
        running = [one for one in decided if one.state == "running"]
        for one in running:
            print(f"\r{one.persons_done} of {one.persons_total} persons   ", end="", file=sys.stderr, flush=True)
        if not running and not waiting:
            print(file=sys.stderr)
            return
        await asyncio.sleep(0.5)


def table(standing: Standing) -> str:
    """How things stand, for reading."""
    lines = [f"Business date {standing.today}: rule set {standing.rules.version} is in force."]
    if standing.next:
        lines.append(f"From {standing.next.effective_on} on: rule set {standing.next.rules.version}.")
    if standing.activations:
        lines += ["", f"{'number':>6}  {'set':<12}{'from':<12}{'state':<12}{'persons':>16}{'events':>9}  decided by"]
    lines += [_line(one) for one in standing.activations]
    return "\n".join(lines)


def _line(one: Activation) -> str:
    persons = f"{one.persons_done}/{one.persons_total}" if one.started_at else ""
    said = str(one.said) if one.started_at else ""
    return (
        f"{one.activation_id:>6}  {one.version:<12}{one.effective_on.isoformat():<12}{one.state:<12}"
        f"{persons:>16}{said:>9}  {one.decided_by}"
    )
