"""What an operator does with dead letters and holds: the same over HTTP (`/v1/dead-letters`) and by command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Query
from pydantic import BaseModel, Field

from shared.auth import Role, require
from shared.db import Database
from shared.errors import Conflict, NotFound
from shared.http import Bearer
from shared.messaging import dead_letters
from shared.messaging.consumer import Consumer
from shared.messaging.holds import Holds

State = Literal["open", "requested", "resent", "discarded"]


class Decision(BaseModel):
    """What becomes of a dead letter, and why."""

    action: Literal["send", "discard"]
    why: str = Field(min_length=3, max_length=400)


async def listed(database: Database, *, state: str = "open", limit: int = 100) -> list[dict[str, Any]]:
    """The newest dead letters of a state, without payload."""
    async with database.reading() as connection:
        return await dead_letters.listed(connection, state=state, limit=limit)


async def shown(database: Database, dead_letter_id: int) -> dict[str, Any]:
    """One dead letter with its payload masked and only the headers that say what and where; `NotFound`."""
    async with database.reading() as connection:
        letter = await dead_letters.one(connection, dead_letter_id)
    if letter is None:
        raise NotFound("there is no such dead letter")
    headers = letter["headers"]
    return {
        **{name: value for name, value in letter.items() if name not in ("key", "value", "headers")},
        "payload": dead_letters.masked(letter["value"]),
        "payload_bytes": len(letter["value"] or b""),
        "headers": {name: headers[name] for name in ("ce_type", "ce_time", "traceparent") if name in headers},
    }


async def decided(database: Database, dead_letter_id: int, decision: Decision, *, by: str) -> None:
    """Ask that a dead letter is taken again, or lay it aside; `NotFound`, `Conflict` if it is not open."""
    state = "requested" if decision.action == "send" else "discarded"
    async with database.transaction() as connection:
        if not await dead_letters.decide(connection, dead_letter_id, state=state, by=by, why=decision.why):
            if await dead_letters.one(connection, dead_letter_id) is None:
                raise NotFound("there is no such dead letter")
            raise Conflict("the dead letter is not open any more")


async def take_requested(database: Database, consumer: Consumer) -> int:
    """Take again what somebody asked for, each record by itself; returns how many were tried."""
    tried = 0
    for subscription in consumer.subscriptions:
        async with database.transaction() as connection:
            records = await dead_letters.requested(connection, subscription.topics, pattern=subscription.pattern)
        for record in records:
            await consumer.take_records(subscription, [record])
            async with database.transaction() as connection:
                await dead_letters.mark_resent(connection, record)
            tried += 1
    return tried


def routes(app: FastAPI, database: Database, holds: Holds, *, service: str) -> None:
    """`/v1/dead-letters` and `/v1/holds`, for the role `operator`."""

    @app.get("/v1/dead-letters", tags=["operation"])
    async def list_dead_letters(
        principal: Bearer, state: State = "open", limit: Annotated[int, Query(ge=1, le=1000)] = 100
    ) -> Sequence[dict[str, Any]]:
        """The newest dead letters of a state, without payload."""
        require(principal, Role.OPERATOR)
        return await listed(database, state=state, limit=limit)

    @app.get("/v1/dead-letters/{dead_letter_id}", tags=["operation"])
    async def show_dead_letter(principal: Bearer, dead_letter_id: int) -> dict[str, Any]:
        """One dead letter, its payload masked."""
        require(principal, Role.OPERATOR)
        return await shown(database, dead_letter_id)

    @app.post("/v1/dead-letters/{dead_letter_id}/decision", status_code=202, tags=["operation"])
    async def decide_dead_letter(principal: Bearer, dead_letter_id: int, decision: Decision) -> dict[str, str]:
        """Send a dead letter again, or discard it, with the reason."""
        require(principal, Role.OPERATOR)
        await decided(database, dead_letter_id, decision, by=principal.subject)
        return {"state": "requested" if decision.action == "send" else "discarded"}

    @app.get("/v1/holds", tags=["operation"])
    async def list_holds(principal: Bearer) -> Sequence[dict[str, Any]]:
        """Topics whose consumer has stopped because too much of them would go to the dead letters."""
        require(principal, Role.OPERATOR)
        return await holds.listed()

    @app.post("/v1/holds/{topic}/release", status_code=202, tags=["operation"])
    async def release_hold(principal: Bearer, topic: str) -> dict[str, str]:
        """Let the consumer of a topic go on."""
        require(principal, Role.OPERATOR)
        if not await holds.release(topic, principal.subject):
            raise NotFound("this topic is not held")
        return {"state": "released"}
