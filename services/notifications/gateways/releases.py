"""Asks pathways what bodies may be told of findings, when a mail is about to be sent or a page to be shown."""

from __future__ import annotations

import json
from collections.abc import Sequence

import httpx

from services.notifications.domain.release import Question, Release
from shared.clock import Clock
from shared.inside import HEADER, sign

PATH = "/v1/inside/releases"
SECONDS = 10.0
MOST = 1000  # questions pathways answers at once


class NotAnswered(Exception):
    """Pathways is away or cannot answer now; `reason` is safe to log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Releases:
    """Pathways' knowledge of facts and consents; `url` is where pathways is reached from here."""

    def __init__(self, url: str, secret: str, clock: Clock) -> None:
        self._url = url.rstrip("/")
        self._secret = secret
        self._clock = clock

    async def ask(self, questions: Sequence[Question]) -> list[Release | None]:
        """The answers in order, in one request; None where nothing may be said now. Raises `NotAnswered`."""
        if not questions:
            return []
        content = json.dumps([one.asked() for one in questions]).encode()
        signature = sign(self._secret, PATH, self._clock.now(), content=content)
        headers = {HEADER: signature, "content-type": "application/json"}
        try:
            async with httpx.AsyncClient(timeout=SECONDS) as client:
                answer = await client.post(self._url + PATH, content=content, headers=headers)
        except httpx.HTTPError as error:
            raise NotAnswered(type(error).__name__) from None
        if not answer.is_success:
            raise NotAnswered(f"pathways_{answer.status_code}")
        try:
            found = [Release(one) if one is not None else None for one in answer.json()]
        except (TypeError, ValueError):
            raise NotAnswered("pathways_unreadable") from None
        if len(found) != len(questions):
            raise NotAnswered("pathways_unreadable")
        return found
