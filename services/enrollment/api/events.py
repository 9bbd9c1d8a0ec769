"""`POST /v1/events`: facts about persons, one, a batch or lines without end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from uuid import uuid4

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect

from services.enrollment.api.body import Bounds, Sender, batch, lines, single
from services.enrollment.api.limits import SourceLimits
from services.enrollment.api.receipts import ReceiptDocument, document
from services.enrollment.domain.receipt import receipt_name
from services.enrollment.domain.sentences import language_of
from services.enrollment.usecases.intake import Chunk, Intake
from services.enrollment.usecases.sources import Sources
from shared.contracts import envelope
from shared.errors import BadRequest, GemeinsamError, RequestTimeout, UnsupportedMediaType
from shared.http import Bearer, problem_response

PATH = "/v1/events"

_READERS: dict[str, Callable[[Sender, Bounds], AsyncIterator[Chunk]]] = {
    envelope.STRUCTURED: single,
    envelope.BATCH: batch,
    envelope.LINES: lines,
}
_EVENT = {
    "type": "object",
    "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
    "properties": {name: {"type": "string"} for name in ("specversion", "id", "source", "type", "subject", "time")}
    | {"data": {"type": "object"}},
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            envelope.STRUCTURED: {"schema": _EVENT},
            envelope.BATCH: {"schema": {"type": "array", "items": _EVENT}},
            envelope.LINES: {"schema": {"type": "string", "description": "one event a line"}},
        },
    }
}


def routes(app: FastAPI, intake: Intake, sources: Sources, *, bounds: Bounds, limits: SourceLimits) -> None:
    """Hang the door of intake on the application."""
    app.state.unbounded.add(PATH)

    @app.post(PATH, tags=["intake"], openapi_extra=_BODY, responses={200: {"model": ReceiptDocument}})
    async def report_facts(request: Request, principal: Bearer) -> Response:
        """Take facts about persons. 200 whenever the body was read to its end; the receipt tells of every row."""
        emitter = await sources.emitter(principal)
        reader = _reader(request)
        receipt_id = receipt_name(request.headers.get("idempotency-key"), fresh=uuid4().hex)
        with limits.request(emitter.source):
            sender = Sender(request.receive, bounds)
            try:
                receipt = await intake.report(emitter, receipt_id, reader(sender, bounds))
            except RequestTimeout as slow:
                return _cut_off(slow, receipt_id)
            except ClientDisconnect:
                return _cut_off(BadRequest("the sender hung up"), receipt_id)
            finally:
                sender.give_up()
        return JSONResponse(document(receipt, language_of(request.headers.get("accept-language"))))


def _reader(request: Request) -> Callable[[Sender, Bounds], AsyncIterator[Chunk]]:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedMediaType("compressed bodies are not read here")
    if media_type not in _READERS:
        raise UnsupportedMediaType(f"read here: {', '.join(_READERS)}")
    return _READERS[media_type]


def _cut_off(error: GemeinsamError, receipt_id: str) -> Response:
    """The answer to a sender that did not finish; the connection is closed, so that the rest is not awaited."""
    error.details["receipt"] = receipt_id
    response = problem_response(error)
    response.headers["Connection"] = "close"
    return response
