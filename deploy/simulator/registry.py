"""Registers the offices as sources and gives each its bearer token, as the development issuer signs them."""

import json
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import httpx

from deploy.devstack.access import RHYTHM_DAYS, Bearer
from deploy.devstack.tokens import sign, signing_key
from deploy.simulator.client import GivenUp
from deploy.simulator.nrw import Office
from shared.auth import Role

CONTACT = "technik@example.org"


class Registry:
    """The offices of one running stack. The issuer's key is read once: to check it takes longer than to sign."""

    def __init__(self, run_file: Path, http: httpx.Client) -> None:
        running = json.loads(run_file.read_text(encoding="utf-8"))
        self.url = f"{running['url']}/enrollment"
        self._issuer = running["issuer"]
        self._key = signing_key(run_file.parent / "issuer-key.json")
        self._http = http
        self._registered: set[str] = set()
        self._lock = Lock()

    def token(self, office: Office) -> str:
        """A fresh token of the office, which is registered first if that has not been done. Raises GivenUp."""
        body = str(office.body)
        bearer = Bearer(role=Role.EMITTER, areas=(office.district,), body=body, source=office.source)
        with self._lock:
            if office.source not in self._registered:
                self._register(office, body)
                self._registered.add(office.source)
        return sign(self._key, self._issuer, bearer.claims())

    def sign(self, role: Role, areas: Sequence[str]) -> str:
        """A token of somebody in this role, for these areas."""
        return sign(self._key, self._issuer, Bearer(role=role, areas=tuple(areas)).claims())

    def _register(self, office: Office, body: str) -> None:
        row = {
            "source": office.source,
            "body": body,
            "areas": [office.district],
            "contact": CONTACT,
            "rhythm_days": RHYTHM_DAYS,
        }
        token = self.sign(Role.OPERATOR, ())
        try:
            answer = self._http.put(f"{self.url}/v1/sources", json=row, headers={"authorization": f"Bearer {token}"})
        except httpx.TransportError as error:
            raise GivenUp(f"{self.url} does not answer: {type(error).__name__}") from None
        if not answer.is_success:
            raise GivenUp(f"{office.source} was not registered ({answer.status_code}): {answer.text[:300]}")
