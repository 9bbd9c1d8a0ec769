"""`python -m deploy.devstack up|down|reset|status|token`: the whole system on one machine, without Docker."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from deploy.devstack.failures import Failure
from deploy.devstack.options import Options, from_environment
from deploy.devstack.ports import wait_until
from deploy.devstack.state import read_run_file, remove_data, running_pid

DOWN_SECONDS = 90.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out one command; exit status 1 with two plain sentences on standard error if it cannot be done."""
    chosen = _parser().parse_args(arguments)
    try:
        return int(_COMMANDS[chosen.command](from_environment(), chosen))
    except Failure as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.devstack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", help="start everything and stay until Ctrl-C")
    commands.add_parser("down", help="stop what `up` started in this home, from elsewhere")
    commands.add_parser("reset", help="delete all data of this home")
    commands.add_parser("status", help="say what runs and where")
    token = commands.add_parser("token", help="print a bearer token of the development issuer")
    token.add_argument("--role", required=True)
    token.add_argument("--area", action="append", default=[], metavar="AGS")
    token.add_argument("--body")
    token.add_argument("--source", metavar="URI", help="a source, which is also registered")
    intake = commands.add_parser("intake", help="let a registered source in that sends over Kafka (KAFKA_INTAKE=on)")
    intake.add_argument("--source", required=True, metavar="URI")
    return parser


def _up(options: Options, _: argparse.Namespace) -> int:
    from deploy.devstack.up import up  # the other commands are quick without it

    return up(options, lambda line: print(line, flush=True))


def _down(options: Options, _: argparse.Namespace) -> int:
    pid = running_pid(options)
    if pid is None:
        print(f"Nothing runs in {options.home}.")
        return 0
    os.kill(pid, signal.SIGTERM)
    if not wait_until(lambda: running_pid(options) is None, seconds=DOWN_SECONDS):
        raise Failure(f"Process {pid} has not stopped yet.", f"Look into {options.path('logs')}, or `kill -9 {pid}`.")
    print("everything has stopped")
    return 0


def _reset(options: Options, _: argparse.Namespace) -> int:
    if (pid := running_pid(options)) is not None:
        raise Failure(f"A stack runs in {options.home} (process {pid}).", "Stop it first, then reset.")
    remove_data(options)
    print(f"{options.home} is empty; the next start begins anew")
    return 0


def _status(options: Options, _: argparse.Namespace) -> int:
    running = read_run_file(options)
    for name in ("url", "mail", "traces", "issuer", "kafka"):
        print(f"{name:10} {running[name]}")
    for name, pid in running["processes"].items():
        print(f"{name:14} process {pid}")
    return 0


def _token(options: Options, chosen: argparse.Namespace) -> int:
    from deploy.devstack.access import Bearer, token_for

    bearer = Bearer(role=chosen.role, areas=tuple(chosen.area), body=chosen.body, source=chosen.source)
    print(token_for(options, bearer))
    return 0


def _intake(options: Options, chosen: argparse.Namespace) -> int:
    from deploy.devstack.intake import let_in

    print(let_in(options, chosen.source))
    return 0


_COMMANDS = {"up": _up, "down": _down, "reset": _reset, "status": _status, "token": _token, "intake": _intake}


if __name__ == "__main__":
    raise SystemExit(main())
