"""`python -m services.reporting` runs the service; `… migrate` brings its database up to date."""

import sys
from pathlib import Path

from services.reporting.app import build, retention
from services.reporting.settings import Settings
from shared.commands import Service, main

SERVICE = Service(
    name="reporting",
    settings=Settings,
    build=build,
    migrations=Path(__file__).parent / "migrations",
    retention=retention,
)

if __name__ == "__main__":
    sys.exit(main(SERVICE, sys.argv[1:]))
