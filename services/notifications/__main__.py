"""`python -m services.notifications` runs the service; `… migrate` brings its database up to date."""

import sys
from pathlib import Path

from services.notifications.app import add_development_recipients, build, retention
from services.notifications.settings import Settings
from shared.commands import Service, main

SERVICE = Service(
    name="notifications",
    settings=Settings,
    build=build,
    migrations=Path(__file__).parent / "migrations",
    retention=retention,
    after_migrating=add_development_recipients,
)

if __name__ == "__main__":
    sys.exit(main(SERVICE, sys.argv[1:]))
