"""What the user chose by environment variables, and the ports and folders that follow from it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from deploy.devstack.failures import Failure
from deploy.devstack.ports import HOST

SERVICES = ("enrollment", "pathways", "notifications", "reporting")
FEEDS = ("nrw", "mvad")
PROJECT = Path(__file__).resolve().parents[2]
DEFAULT_PORT_BASE = 8400
PARTS_WITH_PORTS = (
    "gateway",
    *SERVICES,
    "issuer",
    "mail",
    "smtp",
    "traces",
    "kafka",
    "kafka-controller",
    "postgres",
    "kafka-intake",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """All choices of one stack; `kafka` and `databases` name servers that run already, so none is started."""

    home: Path
    port_base: int = DEFAULT_PORT_BASE
    today: date | None = None
    feed: tuple[str, ...] = FEEDS
    persons: int | None = None
    kafka: str | None = None
    kafka_intake: bool = False
    """Open a second listener of the broker, with names, passwords and ACLs, for sources that send over Kafka."""
    databases: Mapping[str, str]

    def port(self, part: str) -> int:
        """The port of a part: the base plus its place in the list."""
        return self.port_base + PARTS_WITH_PORTS.index(part)

    def url(self, part: str) -> str:
        """The HTTP address of a part."""
        return f"http://{HOST}:{self.port(part)}"

    @property
    def needs_postgres(self) -> bool:
        """Whether any service's database is to be ours."""
        return any(service not in self.databases for service in SERVICES)

    def ports_to_open(self) -> dict[str, int]:
        """The ports that must be free, by part."""
        skipped = set()
        if self.kafka:
            skipped |= {"kafka", "kafka-controller"}
        if not self.needs_postgres:
            skipped.add("postgres")
        if not self.kafka_intake:
            skipped.add("kafka-intake")
        return {part: self.port(part) for part in PARTS_WITH_PORTS if part not in skipped}

    def path(self, *names: str) -> Path:
        """A path in the stack's home."""
        return self.home.joinpath(*names)


def from_environment(environment: Mapping[str, str] = os.environ) -> Options:
    """Read the choices; raises `Failure` for one that cannot be meant."""
    home = Path(environment.get("DEVSTACK_HOME") or PROJECT / ".devstack").expanduser().absolute()
    databases = {s: url for s in SERVICES if (url := environment.get(f"DATABASE_URL_{s.upper()}"))}
    return Options(
        home=home,
        port_base=_number(environment, "DEVSTACK_PORT_BASE", 1024, 65_500) or DEFAULT_PORT_BASE,
        today=_date(environment, "TODAY"),
        feed=_feed(environment),
        persons=_number(environment, "PERSONS", 1, 1_000_000),
        kafka=environment.get("KAFKA") or None,
        kafka_intake=_kafka_intake(environment),
        databases=databases,
    )


def _number(environment: Mapping[str, str], name: str, low: int, high: int) -> int | None:
    text = environment.get(name, "").strip()
    if not text:
        return None
    if text.isdecimal() and low <= int(text) <= high:
        return int(text)
    raise Failure(f"{name}={text} is not a number from {low} to {high}.", f"Leave {name} out to take the default.")


def _kafka_intake(environment: Mapping[str, str]) -> bool:
    text = environment.get("KAFKA_INTAKE", "").strip().lower()
    if text not in ("", "on", "off"):
        raise Failure(f"KAFKA_INTAKE={text} is neither on nor off.", "Leave KAFKA_INTAKE out for off.")
    if text == "on" and environment.get("KAFKA"):
        raise Failure("KAFKA_INTAKE=on is about the stack's own broker, and KAFKA names another.", "Choose one.")
    return text == "on"


def _date(environment: Mapping[str, str], name: str) -> date | None:
    text = environment.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Failure(f"{name}={text} is not a date.", f"Write it as {name}=2026-03-31.") from None


def _feed(environment: Mapping[str, str]) -> tuple[str, ...]:
    text = environment.get("FEED", "").strip() or ",".join(FEEDS)
    chosen = () if text == "none" else tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    if unknown := [part for part in chosen if part not in FEEDS]:
        raise Failure(f"FEED={text}: there is no feed {', '.join(unknown)}.", "Choose of none, nrw, mvad, nrw,mvad.")
    return chosen
