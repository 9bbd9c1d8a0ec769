"""Plays the programme's municipalities on a running system, over the public HTTP interface only."""

import json
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import httpx

from deploy.devstack.access import Bearer
from deploy.devstack.tokens import sign, signing_key
from deploy.simulator import municipal_steps
from deploy.simulator.client import WORTH_A_RETRY, GivenUp, wait_until_ready
from deploy.simulator.municipal_steps import Step
from shared.auth import Role
from shared.clock import Clock

LIVE_SECONDS = 25.0
PATIENCE_SECONDS = 180


class Municipalities:
    """All municipalities, Kreise, LaKI, JMD and the ministry of one demonstration. `home` keeps how far they are."""

    def __init__(self, run_file: Path, *, home: Path, clock: Clock, say: Callable[[str], None] = print) -> None:
        running = json.loads(run_file.read_text(encoding="utf-8"))
        self._url = f"{running['url']}/enrollment"
        self._issuer = running["issuer"]
        self._key = signing_key(run_file.parent / "issuer-key.json")
        self._http = httpx.Client(timeout=60)
        self._path = home / "municipalities.json"
        self._clock = clock
        self._say = say
        self._kept: dict[str, Any] = {"anchor": clock.today().isoformat(), "done": 0, "live": 0}
        if self._path.exists():
            self._kept |= json.loads(self._path.read_text(encoding="utf-8"))
        wait_until_ready(self._http, self._url)

    def play(self) -> None:
        """Everything that has happened before today; a restart goes on where it stopped."""
        anchor = date.fromisoformat(self._kept["anchor"])
        if self._kept["done"] == 0:
            self._ask(Step(Role.MINISTRY, (), "PUT", "/v1/programme", municipal_steps.programme(anchor)))
        steps = municipal_steps.history(anchor)
        for step in steps[self._kept["done"] :]:
            self._ask(step)
            self._kept["done"] += 1
            self._save()
        count = self._get(Role.MINISTRY, "/v1/memberships/count")
        self._say(f"municipalities: {len(steps)} steps, {count['total']} members")

    def go_on(self) -> None:
        """One thing after another, for ever."""
        anchor = date.fromisoformat(self._kept["anchor"])
        while True:
            time.sleep(LIVE_SECONDS)
            self._ask(municipal_steps.live(self._kept["live"], anchor))
            self._kept["live"] += 1
            self._save()

    def _ask(self, step: Step) -> None:
        path, body = step.path, step.body
        if step.evidence is not None:
            body = {**body, "evidence": self._upload(step)}
        if step.workshop is not None:
            found = self._workshop(step.workshop)
            if found is None:
                return
            path = path.format(workshop=found)
        answer = self._send(step.role, step.areas, step.method, path, json=body)
        # What a rule refuses is part of the play: a workshop that is over, a partner who is there already.
        if not answer.is_success and answer.status_code not in (403, 409, 422):
            raise GivenUp(f"{step.method} {path} was answered {answer.status_code}: {answer.text[:300]}")

    def _upload(self, step: Step) -> str:
        text = f"Beitrittserklaerung {step.evidence}"
        content = f"%PDF-1.4\n% {text}\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n".encode()
        path = f"/v1/declarations/{step.evidence}/documents"
        answer = self._send(step.role, step.areas, "POST", path, files={"document": ("erklaerung.pdf", content)})
        if not answer.is_success:
            raise GivenUp(f"{path} was answered {answer.status_code}: {answer.text[:300]}")
        return str(answer.json()["sha256"])

    def _workshop(self, named: str) -> str | None:
        for one in self._get(Role.MINISTRY, "/v1/workshops"):
            if named in (one["title"], one["municipality"]):
                return str(one["workshop_id"])
        return None

    def _get(self, role: Role, path: str) -> Any:
        return self._send(role, (), "GET", path).raise_for_status().json()

    def _send(self, role: Role, areas: tuple[str, ...], method: str, path: str, **more: Any) -> httpx.Response:
        deadline, wait = time.monotonic() + PATIENCE_SECONDS, 0.25
        while True:
            token = sign(self._key, self._issuer, Bearer(role=role, areas=areas).claims())
            headers = {"authorization": f"Bearer {token}"}
            try:
                answer = self._http.request(method, self._url + path, headers=headers, **more)
                if answer.status_code not in WORTH_A_RETRY:
                    return answer
            except httpx.TransportError:
                pass
            if time.monotonic() + wait > deadline:
                raise GivenUp(f"{path} has not answered for {PATIENCE_SECONDS} seconds")
            time.sleep(wait)
            wait = min(wait * 2, 5.0)

    def _save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps(self._kept), encoding="utf-8")
        beside.replace(self._path)
