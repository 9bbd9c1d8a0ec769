"""Asks the other services what they hold of a person, for the answer to that person."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import httpx
import msgspec

from shared.clock import Clock
from shared.holding import Part, path_of
from shared.inside import HEADER, sign

SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Told:
    """What one service told of one case number; `parts` None if it could not be asked."""

    service: str
    pseudonym: str
    parts: list[Part] | None


class Holdings:
    """The other services by name, where they are reached from here."""

    def __init__(self, urls: Mapping[str, str], secret: str, clock: Clock) -> None:
        self._urls = {name: url.rstrip("/") for name, url in urls.items()}
        self._secret = secret
        self._clock = clock

    async def of(self, pseudonyms: list[str]) -> list[Told]:
        """What each service holds under each of the case numbers."""
        async with httpx.AsyncClient(timeout=SECONDS) as client:
            asked = [self._ask(client, name, one) for name in self._urls for one in sorted(pseudonyms)]
            return list(await asyncio.gather(*asked))

    async def _ask(self, client: httpx.AsyncClient, name: str, pseudonym: str) -> Told:
        path = path_of(pseudonym)
        try:
            signature = sign(self._secret, path, self._clock.now())
            answer = await client.get(self._urls[name] + path, headers={HEADER: signature})
            answer.raise_for_status()
            return Told(name, pseudonym, msgspec.json.decode(answer.content, type=list[Part]))
        except (httpx.HTTPError, msgspec.MsgspecError):
            return Told(name, pseudonym, None)
