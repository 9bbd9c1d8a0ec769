"""`python -m services.pathways`: run (the default), migrate, evaluate, tick, whatif, activate, rebuild, and others."""

from __future__ import annotations

import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Carry out one command; each loads only what it needs, so that `evaluate` needs no server's library."""
    if arguments[:1] == ["evaluate"]:
        from services.pathways import evaluate_file

        return evaluate_file.main(arguments[1:])
    if arguments[:1] == ["tick"]:
        from services.pathways.commands import tick

        return tick.main(arguments[1:])
    if arguments[:1] == ["whatif"]:
        from services.pathways.commands import whatif

        return whatif.main(arguments[1:])
    if arguments[:1] == ["activate"]:
        from services.pathways.commands import activate

        return activate.main(arguments[1:])
    if arguments[:1] == ["rebuild"]:
        from services.pathways.commands import rebuild

        return rebuild.main(arguments[1:])
    from services.pathways.app import build, retention
    from services.pathways.settings import Settings
    from shared.commands import Service
    from shared.commands import main as command

    migrations = Path(__file__).parent / "migrations"
    return command(Service("pathways", Settings, build, migrations, retention), arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
