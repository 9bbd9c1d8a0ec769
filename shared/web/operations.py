"""The page of operation, the same in every service: dead letters to look at and decide on, and topics that are held.

No person's data is shown: payloads appear by their shape alone.
"""

from __future__ import annotations

import json
from typing import Annotated, Literal

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from shared import operations
from shared.auth import Role, require
from shared.host import Host
from shared.web.login import CsrfChecked, Visitor
from shared.web.pages import Web

State = Literal["open", "requested", "resent", "discarded"]
_STATES = ("open", "requested", "resent", "discarded")
_MOST = 200


def operations_pages(host: Host, web: Web) -> None:
    """`/operations` and what can be done there; for the role `operator`."""
    app = host.app

    @app.get("/operations", response_class=HTMLResponse, include_in_schema=False)
    async def overview(request: Request, visitor: Visitor, state: State = "open") -> Response:
        require(visitor, Role.OPERATOR)
        return web.render(
            request,
            "operations.html",
            service=host.service,
            states=_STATES,
            chosen=state,
            letters=await operations.listed(host.db, state=state, limit=_MOST),
            holds=await host.holds.listed(),
            health=await host.state(),
        )

    @app.get("/operations/dead-letters/{dead_letter_id}", response_class=HTMLResponse, include_in_schema=False)
    async def letter(request: Request, visitor: Visitor, dead_letter_id: int) -> Response:
        require(visitor, Role.OPERATOR)
        found = await operations.shown(host.db, dead_letter_id)
        shape = json.dumps(found["payload"], ensure_ascii=False, indent=2)
        return web.render(request, "dead_letter.html", service=host.service, letter=found, shape=shape)

    @app.post("/operations/dead-letters/{dead_letter_id}", dependencies=[CsrfChecked], include_in_schema=False)
    async def decide(
        visitor: Visitor,
        dead_letter_id: int,
        action: Annotated[Literal["send", "discard"], Form()],
        why: Annotated[str, Form(min_length=3, max_length=400)],
    ) -> Response:
        require(visitor, Role.OPERATOR)
        decision = operations.Decision(action=action, why=why)
        await operations.decided(host.db, dead_letter_id, decision, by=visitor.subject)
        return RedirectResponse(f"{web.root_path}/operations/dead-letters/{dead_letter_id}", status_code=303)

    @app.post("/operations/release", dependencies=[CsrfChecked], include_in_schema=False)
    async def release(visitor: Visitor, topic: Annotated[str, Form()]) -> Response:
        require(visitor, Role.OPERATOR)
        await host.holds.release(topic, visitor.subject)
        return RedirectResponse(f"{web.root_path}/operations", status_code=303)
