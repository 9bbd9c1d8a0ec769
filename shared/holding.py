"""What a service holds of a person, in plain German, for the answer to that person (Auskunft, Art. 15 DSGVO).

Each service tells it at `/v1/inside/persons/{pseudonym}`, to our own services alone; no token opens it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fastapi import FastAPI, Request
from pydantic import BaseModel

from shared.clock import BERLIN, Clock
from shared.errors import Unauthenticated
from shared.inside import HEADER, is_signed


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of thing that is held: what people call it, and a line for each."""

    name: str
    lines: Sequence[str]


class PartShown(BaseModel):
    """A part as it is told."""

    name: str
    lines: list[str]


Tell = Callable[[str], Awaitable[Sequence[Part]]]


def path_of(pseudonym: str) -> str:
    """Where a service tells of a person, as the service itself sees it."""
    return f"/v1/inside/persons/{pseudonym}"


def routes(app: FastAPI, clock: Clock, tell: Tell) -> None:
    """Let our own services ask what is held of a person."""

    @app.get(path_of("{pseudonym}"), include_in_schema=False)
    async def what_is_held(pseudonym: str, request: Request) -> list[PartShown]:
        secret = request.app.state.settings.session_secret.get_secret_value()
        if not is_signed(secret, path_of(pseudonym), request.headers.get(HEADER, ""), clock.now()):
            raise Unauthenticated("this is for the programme's own services")
        return [PartShown(name=part.name, lines=list(part.lines)) for part in await tell(pseudonym)]


def written(at: datetime) -> str:
    """An instant as people in Germany write it."""
    return f"{at.astimezone(BERLIN):%d.%m.%Y, %H:%M} Uhr"
