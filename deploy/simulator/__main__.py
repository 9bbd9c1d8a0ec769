"""`python -m deploy.simulator --run-file F --home DIR` feeds a running system; `… mvad --unmoved` prints the survey."""

import argparse
import signal
import sys
from datetime import date
from pathlib import Path
from types import FrameType

import msgspec

from deploy.devstack.artifacts import cache_directory
from deploy.devstack.failures import Failure
from deploy.simulator import mvad, survey
from deploy.simulator.client import GivenUp
from deploy.simulator.feed import DEFAULT_PERSONS, Feed
from shared.clock import Clock


def main(arguments: list[str] | None = None) -> int:
    """Run the command; exit status 1 with a message where the system or the survey is not to be had."""
    chosen = _parser().parse_args(arguments)
    try:
        return _print_survey(chosen) if chosen.command == "mvad" else _feed(chosen)
    except (Failure, GivenUp, survey.Unavailable) as problem:
        print(problem, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.simulator", description=__doc__)
    parser.add_argument("--run-file", type=Path, help="run.json of the running stack: where everything is")
    parser.add_argument("--home", type=Path, help="where it is kept how far the feed is")
    parser.add_argument("--feed", default="nrw,mvad", help="nrw, mvad or both, with a comma")
    parser.add_argument("--persons", type=int, default=DEFAULT_PERSONS, help="invented persons with a history")
    parser.add_argument("--today", type=date.fromisoformat, help="the business date; the calendar's if left out")
    parser.add_argument("--once", action="store_true", help="end when the history is sent, without live facts")
    commands = parser.add_subparsers(dest="command")
    printed = commands.add_parser("mvad", help="print the survey's facts, one event a line")
    printed.add_argument("--unmoved", action="store_true", help="with the dates of the survey, 1993 to 1999")
    printed.add_argument("--today", type=date.fromisoformat, help="move it so that its last month is the month before")
    return parser


def _print_survey(chosen: argparse.Namespace) -> int:
    people = mvad.read(survey.text(cache_directory() / "wheels"))
    shift = 0 if chosen.unmoved else mvad.shift_to(Clock(chosen.today).today())
    for number, states in people.items():
        for fact in mvad.facts(number, states, shift):
            sys.stdout.buffer.write(msgspec.json.encode(fact.event(mvad.SOURCE, fact.local_id)) + b"\n")
    return 0


def _feed(chosen: argparse.Namespace) -> int:
    if chosen.run_file is None or chosen.home is None:
        raise GivenUp("--run-file and --home are needed")
    signal.signal(signal.SIGTERM, _stop)
    feed = Feed(chosen.run_file, home=chosen.home, clock=Clock(chosen.today))
    wanted = [part.strip() for part in chosen.feed.split(",")]
    if "mvad" in wanted:
        feed.send_survey()
    if "nrw" in wanted:
        feed.send_history(chosen.persons)
        feed.open_programme()
        if not chosen.once:
            feed.go_on()
    return 0


def _stop(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    sys.exit(main())
