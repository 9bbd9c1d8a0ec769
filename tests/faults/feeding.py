"""Feeds a running stack at full speed through the public API, whatever is killed, and remembers what was taken."""

from __future__ import annotations

import json
import random
import time
import uuid
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from shared.contracts.catalogue import CATALOGUE
from tests.e2e.running import Running
from tests.oracle.timelines import timeline

AREA = "05315000"
SOURCE = "//koeln.example/jobcenter"
_VAULTS_OWN = {f"gemeinsam.person.{done}.v1" for done in ("merged", "split", "erased")}
_COMMON = {"rechtskreis": "SGB2", "legal_basis": "SGB2_16", "purpose": "CASE_MANAGEMENT"}
Event = dict[str, Any]


class Feeder:
    """One municipal system: it sends in requests of some rows and sends again until each is answered."""

    def __init__(self, stack: Running, *, persons: int, seed: int) -> None:
        self.doors = [f"{stack.url}/enrollment"]  # the processes of enrollment, of which each request takes one
        self.used: set[str] = set()
        self._random = random.Random(seed)
        self._token = stack.bearer("emitter", AREA, body="JOBCENTER", source=SOURCE)
        self.accepted: dict[tuple[str, str], Event] = {}
        self.repeats = 0
        self.refused: Counter[tuple[str, str]] = Counter()
        self._events = self._made(persons, seed)

    def _made(self, persons: int, seed: int) -> list[Event]:
        names = [f"faults-{seed}-{number}" for number in range(persons)]
        answer = self._until_answered("/v1/persons", content=json.dumps([{"local_id": n} for n in names]))
        body = answer.json()
        rows = body if isinstance(body, list) else body["persons"]
        pseudonyms = {row["local_id"]: row["pseudonym"] for row in rows}
        today = datetime.now(UTC).date().isoformat()
        events: list[Event] = []
        for number, name in enumerate(names):
            facts = [
                fact
                for fact in timeline(seed * 10_000 + number, today=today, most=14)
                if fact["type"] in CATALOGUE and fact["type"] not in _VAULTS_OWN
            ]
            events += [self._as_sent(fact, number, pseudonyms[name]) for fact in facts]
        self._random.shuffle(events)
        begin = datetime.now(UTC) - timedelta(hours=1)
        number_of: dict[str, int] = {}
        for event in events:
            # What is sent again under its id is the same event, its time too: of two times the first to come holds.
            number = number_of.setdefault(event["id"], len(number_of))
            event["time"] = (begin + timedelta(milliseconds=number)).isoformat()
        return events

    def _as_sent(self, fact: Event, number: int, pseudonym: str) -> Event:
        data = {**_COMMON, **fact["data"], "municipality": AREA}
        if "retracts" in data:
            data["retracts"] = {"source": SOURCE, "id": f"{number}:{data['retracts']['id']}"}
        return {**fact, "id": f"{number}:{fact['id']}", "source": SOURCE, "subject": pseudonym, "data": data}

    def send_all(self, *, rows: int = 60) -> None:
        """Send everything, a part of it twice."""
        parts = [self._events[place : place + rows] for place in range(0, len(self._events), rows)]
        for part in parts:
            self._send(part)
            if self._random.random() < 0.1:
                self._send(self._random.choice(parts))

    def _send(self, part: list[Event]) -> None:
        key = str(uuid.uuid4())
        answer = self._until_answered(
            "/v1/events",
            content="\n".join(json.dumps(event) for event in part),
            headers={"content-type": "application/x-ndjson", "Idempotency-Key": key},
        )
        receipt = answer.json()
        refused = {row["row"] for row in receipt["rejections"]}
        assert receipt["accepted"] + receipt["duplicate"] + receipt["set_aside"] + receipt["rejected"] == len(part)
        self.repeats += receipt["duplicate"]
        self.refused.update((row["field"], row["code"]) for row in receipt["rejections"])
        taken = [event for row, event in enumerate(part, 1) if row not in refused]
        self.accepted.update({(event["source"], event["id"]): event for event in taken})

    def _until_answered(self, path: str, **request: Any) -> httpx.Response:
        """Send until there is an answer of 200; a connection that breaks and a 502 or 503 are tried again."""
        headers = {**self._token, "content-type": "application/json", **request.pop("headers", {})}
        deadline = time.monotonic() + 120
        while True:
            door = self._random.choice(self.doors)
            try:
                answer = httpx.post(door + path, headers=headers, timeout=30, **request)
                if answer.status_code == 200:
                    self.used.add(door)
                    return answer
                assert answer.status_code in (429, 500, 502, 503, 504), answer.text
            except httpx.TransportError:
                pass
            assert time.monotonic() < deadline, f"{path} was not answered in two minutes"
            time.sleep(0.2)
