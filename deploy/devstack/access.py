"""Tokens of the development issuer for programs, and the registration of the source they speak for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import requests

from deploy.devstack.failures import Failure
from deploy.devstack.options import Options
from deploy.devstack.state import read_run_file
from deploy.devstack.tokens import sign, signing_key
from shared.auth import Role

_AGS = re.compile(r"05\d{6}")
REGISTRATION_SECONDS = 10
RHYTHM_DAYS = 31


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Whom a token is for: a role, the areas as AGS of 8 digits, a body, and the URI of a source."""

    role: str
    areas: tuple[str, ...] = ()
    body: str | None = None
    source: str | None = None

    def require_sensible(self) -> None:
        """Raise `Failure` for a role or an area there is not."""
        if self.role not in list(Role):
            raise Failure(f"There is no role {self.role}.", f"Choose of {', '.join(Role)}.")
        for area in self.areas:
            if not _AGS.fullmatch(area):
                raise Failure(f"{area} is no area.", "An AGS has 8 digits, as 05315000; a Kreis is 5 digits and 000.")
        if self.source and not (self.body and self.areas):
            raise Failure("A source needs a body and areas.", "Add --body JOBCENTER --area 05315000, for instance.")

    def claims(self) -> dict[str, Any]:
        """What the token says of the bearer."""
        said: dict[str, Any] = {"sub": self.source or f"command-{self.role}", "role": self.role}
        said["areas"] = list(self.areas)
        return said | {name: value for name, value in (("body", self.body), ("source", self.source)) if value}


def token_for(options: Options, bearer: Bearer) -> str:
    """A token signed by the running stack's issuer; registers the source first if there is one."""
    bearer.require_sensible()
    running = read_run_file(options)
    key = signing_key(options.path("issuer-key.json"))
    if bearer.source:
        operator = sign(key, running["issuer"], Bearer(role=Role.OPERATOR).claims(), seconds=60)
        _register(running["url"], operator, bearer)
    return sign(key, running["issuer"], bearer.claims())


def _register(url: str, operator: str, bearer: Bearer) -> None:
    row = {
        "source": bearer.source,
        "body": bearer.body,
        "areas": list(bearer.areas),
        "contact": "technik@example.org",
        "rhythm_days": RHYTHM_DAYS,
    }
    try:
        answer = requests.put(
            f"{url}/enrollment/v1/sources",
            json=row,
            headers={"authorization": f"Bearer {operator}"},
            timeout=REGISTRATION_SECONDS,
        )
    except requests.RequestException:
        raise Failure(f"Nobody answers at {url}.", "Start the stack with `make run`.") from None
    if not answer.ok:
        raise Failure(
            f"The source was not registered ({answer.status_code}): {answer.text[:400]}", "Look at what it says."
        )
