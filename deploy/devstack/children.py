"""The command line and environment of every Python process of the stack."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from deploy.devstack.options import PROJECT, SERVICES, Options
from deploy.devstack.ports import HOST
from deploy.devstack.processes import Command
from deploy.devstack.state import stored_secrets, vault_keys


def service_environment(options: Options, service: str, *, kafka: str, database_url: str) -> dict[str, str]:
    """The settings of one service as variables, `<SERVICE>_…`."""
    values = {
        "DATABASE_URL": database_url,
        "KAFKA": kafka,
        "HTTP_HOST": HOST,
        "HTTP_PORT": str(options.port(service)),
        "ROOT_PATH": f"/{service}",
        "PUBLIC_URL": options.url("gateway"),
        "ISSUER_URL": options.url("issuer"),
        "OTLP_URL": options.url("traces"),
        "TODAY": options.today.isoformat() if options.today else "",
        "SESSION_SECRET": stored_secrets(options)["session"],
        "TRACE_RATIO": os.environ.get("TRACE_RATIO", "1.0"),
    }
    if service == "enrollment":
        values |= {"VAULT_KEYS": str(vault_keys(options)), "DEVELOPMENT_MEMBERS": "true"}
        others = ("pathways", "notifications", "reporting")
        values |= {f"{other.upper()}_URL": options.url(other) for other in others}
    if service == "notifications":
        values |= {"SMTP_HOST": HOST, "SMTP_PORT": str(options.port("smtp")), "DEVELOPMENT_RECIPIENTS": "true"}
        values |= {"ENROLLMENT_URL": options.url("enrollment"), "PATHWAYS_URL": options.url("pathways")}
    prefix = service.upper()
    # A variable the user set for one service wins: `PATHWAYS_BATCH_RECORDS=500 make run`, `…_TRACE_RATIO=0.1`.
    return {f"{prefix}_{name}": os.environ.get(f"{prefix}_{name}", value) for name, value in values.items()}


def service(options: Options, name: str, environment: Mapping[str, str]) -> Command:
    """One service; it drains on SIGTERM."""
    return python(options, name, [f"services.{name}"], environment)


def migration(options: Options, name: str, environment: Mapping[str, str]) -> Command:
    """Bring one service's database up to date."""
    return python(options, f"{name}-migrate", [f"services.{name}", "migrate"], environment)


def issuer(options: Options) -> Command:
    """The development issuer; it knows where the gateway's pages come back to."""
    arguments = [
        "deploy.devstack.issuer",
        f"--port={options.port('issuer')}",
        f"--key={options.path('issuer-key.json')}",
        f"--origin={options.url('gateway')}",
        *(f"--service={name}" for name in SERVICES),
    ]
    return python(options, "issuer", arguments)


def mail(options: Options) -> Command:
    """The mail catcher: SMTP on one port, its page on another."""
    arguments = [
        "deploy.devstack.mail",
        f"--smtp-port={options.port('smtp')}",
        f"--http-port={options.port('mail')}",
        f"--data={options.path('mail.sqlite')}",
    ]
    return python(options, "mail", arguments)


def traces(options: Options, page: Path) -> Command:
    """The trace viewer; `page` is the jar with its page."""
    arguments = [
        "deploy.devstack.traces",
        f"--port={options.port('traces')}",
        f"--data={options.path('traces.sqlite')}",
        f"--page={page}",
    ]
    return python(options, "traces", arguments)


def gateway(options: Options) -> Command:
    """The one origin in front of the services."""
    arguments = [
        "deploy.devstack.gateway",
        f"--port={options.port('gateway')}",
        *(f"--service={name}={options.port(name)}" for name in SERVICES),
        f"--link=mail={options.url('mail')}",
        f"--link=traces={options.url('traces')}",
        f"--link=issuer={options.url('issuer')}",
        *([f"--today={options.today.isoformat()}"] if options.today else []),
    ]
    return python(options, "gateway", arguments)


def feed(options: Options) -> Command:
    """What sends facts as municipal systems would."""
    arguments = [
        "deploy.simulator",
        f"--run-file={options.path('run.json')}",
        f"--home={options.path('feed')}",
        f"--feed={','.join(options.feed)}",
        *([f"--persons={options.persons}"] if options.persons else []),
        *([f"--today={options.today.isoformat()}"] if options.today else []),
    ]
    return python(options, "feed", arguments)


def python(options: Options, name: str, arguments: list[str], environment: Mapping[str, str] | None = None) -> Command:
    """`python -m …` in the project's folder, with the interpreter that runs us."""
    return Command(
        name=name,
        arguments=[sys.executable, "-m", *arguments],
        log=options.path("logs", f"{name}.log"),
        environment={"PYTHONUNBUFFERED": "1", "DEVSTACK_HOME": str(options.home), **(environment or {})},
        directory=PROJECT,
        stop_signal=signal.SIGTERM,
    )


def description(
    options: Options, *, kafka: str, databases: Mapping[str, str], pids: Mapping[str, int]
) -> dict[str, object]:
    """The content of `run.json`."""
    return {
        "kafka": kafka,
        **({"kafka_intake": f"{HOST}:{options.port('kafka-intake')}"} if options.kafka_intake else {}),
        "databases": dict(databases),
        "url": options.url("gateway"),
        "mail": options.url("mail"),
        "traces": options.url("traces"),
        "issuer": options.url("issuer"),
        "processes": dict(pids),
    }
