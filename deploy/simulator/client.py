"""A municipal system's side of the public interface: pseudonyms asked for, facts reported, receipts read."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec

from deploy.simulator.facts import Fact
from shared.contracts.envelope import LINES

ROWS_AT_ONCE = 2000
NAMES_AT_ONCE = 5000
PATIENCE_SECONDS = 180
WORTH_A_RETRY = frozenset({429, 500, 502, 503, 504})
SHOWN_REJECTIONS = 3


class GivenUp(Exception):
    """The system does not answer, or not as promised; the text is for the user."""


@dataclass(slots=True)
class Tally:
    """What became of rows: the counts of their receipts, and the first reasons for rejections."""

    accepted: int = 0
    duplicate: int = 0
    set_aside: int = 0
    rejected: int = 0
    reasons: list[str] = field(default_factory=list)

    def add(self, receipt: dict[str, Any]) -> None:
        """Count a receipt in."""
        self.accepted += receipt["accepted"]
        self.duplicate += receipt["duplicate"]
        self.set_aside += receipt["set_aside"]
        self.rejected += receipt["rejected"]
        for note in receipt["rejections"]:
            reason = f"{note['field']}: {note['code']}"
            if len(self.reasons) < SHOWN_REJECTIONS and reason not in self.reasons:
                self.reasons.append(reason)

    def join(self, other: "Tally") -> None:
        """Count another tally in."""
        self.add(
            {
                "accepted": other.accepted,
                "duplicate": other.duplicate,
                "set_aside": other.set_aside,
                "rejected": other.rejected,
                "rejections": [],
            }
        )
        self.reasons += [reason for reason in other.reasons if reason not in self.reasons][:SHOWN_REJECTIONS]

    def __str__(self) -> str:
        shown = f"{self.accepted} facts taken, {self.duplicate} repeated, {self.rejected} rejected"
        return f"{shown} ({'; '.join(self.reasons)})" if self.reasons else shown


class System:
    """One source at the door of enrollment. `token` gives a fresh bearer token; `url` is the service's address."""

    def __init__(self, http: httpx.Client, url: str, *, source: str, token: Callable[[], str]) -> None:
        self.source = source
        self._http = http
        self._url = url
        self._fresh_token = token
        self._token: str | None = None
        self._pseudonyms: dict[str, str] = {}

    def pseudonyms(self, local_ids: Iterable[str]) -> dict[str, str]:
        """The pseudonyms of these persons, asked for where they are not known yet."""
        wanted = list(dict.fromkeys(local_ids))
        missing = [name for name in wanted if name not in self._pseudonyms]
        for start in range(0, len(missing), NAMES_AT_ONCE):
            rows = [{"local_id": name} for name in missing[start : start + NAMES_AT_ONCE]]
            answered = self._post("/v1/persons", msgspec.json.encode(rows), "application/json")
            self._pseudonyms |= {row["local_id"]: row["pseudonym"] for row in answered}
        return {name: self._pseudonyms[name] for name in wanted}

    def report(self, facts: Sequence[Fact]) -> Tally:
        """Report facts as lines, in their order; sent again after a failure, they count as repeated."""
        names = self.pseudonyms(fact.local_id for fact in facts)
        tally = Tally()
        for start in range(0, len(facts), ROWS_AT_ONCE):
            rows = facts[start : start + ROWS_AT_ONCE]
            lines = [msgspec.json.encode(fact.event(self.source, names[fact.local_id])) for fact in rows]
            tally.add(self._post("/v1/events", b"\n".join(lines), LINES))
        return tally

    def _post(self, path: str, body: bytes, media_type: str) -> Any:
        deadline, wait = time.monotonic() + PATIENCE_SECONDS, 0.25
        while True:
            answer = self._try(path, body, media_type)
            if isinstance(answer, httpx.Response) and answer.is_success:
                return answer.json()
            if isinstance(answer, httpx.Response) and answer.status_code not in WORTH_A_RETRY | {401}:
                raise GivenUp(f"{path} answers {self.source} with {answer.status_code}: {answer.text[:300]}")
            if time.monotonic() + wait > deadline:
                raise GivenUp(f"{path} has not answered {self.source} for {PATIENCE_SECONDS} seconds")
            self._token = None
            asked = answer.headers.get("retry-after", "") if isinstance(answer, httpx.Response) else ""
            time.sleep(max(wait, float(asked)) if asked.isdecimal() else wait)
            wait = min(wait * 2, 5.0)

    def _try(self, path: str, body: bytes, media_type: str) -> httpx.Response | httpx.TransportError:
        self._token = self._token or self._fresh_token()
        headers = {"authorization": f"Bearer {self._token}", "content-type": media_type}
        try:
            return self._http.post(self._url + path, content=body, headers=headers)
        except httpx.TransportError as error:
            return error


def wait_until_ready(http: httpx.Client, url: str) -> None:
    """Wait until the service at `url` is ready; raises GivenUp."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if http.get(f"{url}/health/ready").is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.25)
    raise GivenUp(f"{url} is not ready after {PATIENCE_SECONDS} seconds")
