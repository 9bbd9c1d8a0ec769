"""The desks people of the programme sit at: requests to enrollment in the name of a role and its areas."""

from collections.abc import Sequence
from typing import Any

import httpx

from deploy.simulator.client import PATIENCE_SECONDS, WORTH_A_RETRY, GivenUp, wait_until_ready
from deploy.simulator.registry import Registry
from shared.auth import Role


class Declined(Exception):
    """The programme's rules do not allow it now; `code` is the problem's."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code


class Desks:
    """Sends requests; one token for each role and areas. Raises Declined for 4xx, GivenUp in the end."""

    def __init__(self, http: httpx.Client, registry: Registry) -> None:
        self._http = http
        self._registry = registry
        self._tokens: dict[tuple[str, ...], str] = {}

    def ask(self, role: Role, areas: Sequence[str], way: str, body: Any = None) -> Any:
        """One request; `way` is method and path, as `PUT /v1/programme`. The answer's JSON."""
        method, path = way.split(" ", 1)
        return self._send(role, areas, method, path, {"json": body})

    def upload(self, role: Role, areas: Sequence[str], path: str, content: bytes) -> str:
        """Upload evidence; its SHA-256."""
        answer = self._send(role, areas, "POST", path, {"files": {"document": ("beschluss.pdf", content)}})
        return str(answer["sha256"])

    def _send(self, role: Role, areas: Sequence[str], method: str, path: str, content: dict[str, Any]) -> Any:
        for fresh in (False, True):
            headers = {"authorization": f"Bearer {self._token(role, areas, fresh=fresh)}"}
            try:
                answer = self._http.request(method, self._registry.url + path, headers=headers, **content)
            except httpx.TransportError:
                wait_until_ready(self._http, self._registry.url)
                continue
            if answer.is_success:
                return answer.json()
            if answer.status_code in WORTH_A_RETRY:
                wait_until_ready(self._http, self._registry.url)
            elif answer.status_code != 401:
                problem = answer.json()
                raise Declined(str(problem.get("code", answer.status_code)), str(problem.get("detail", "")))
        raise GivenUp(f"{path} is not served within {PATIENCE_SECONDS} seconds")

    def _token(self, role: Role, areas: Sequence[str], *, fresh: bool) -> str:
        who = (str(role), *areas)
        if fresh or who not in self._tokens:
            self._tokens[who] = self._registry.sign(role, areas)
        return self._tokens[who]
