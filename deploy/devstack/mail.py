"""A mail catcher: takes every mail by SMTP, keeps it, and shows it on a page and as JSON. Nothing leaves the machine.

JSON: `GET /api/messages?to=&after=&limit=` (oldest first), `GET /api/messages/ID`, `GET /api/messages/ID/raw`.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from deploy.devstack.pages import application, render, serve
from deploy.devstack.ports import HOST

LARGEST_BYTES = 30_000_000
PAGE_ROWS = 100

SCHEMA = """
create table if not exists messages (
    id integer primary key autoincrement, received_at text not null, sender text not null, recipients text not null,
    subject text not null, message_id text not null, raw blob not null
)
"""
COLUMNS = "id, received_at, sender, recipients, subject, message_id"


class Box:
    """All mails that came, in one SQLite file."""

    def __init__(self, path: Path | str) -> None:
        self._database = sqlite3.connect(path, check_same_thread=False)
        self._database.execute("pragma journal_mode = wal")
        self._database.execute(SCHEMA)

    def put(self, sender: str, recipients: list[str], raw: bytes) -> int:
        """Keep a mail; it is on disk when this returns. Answers its number."""
        mail = _parsed(raw)
        row = (
            datetime.now(UTC).isoformat(timespec="milliseconds"),
            sender,
            ", ".join(recipients),
            str(mail.get("subject", "")),
            str(mail.get("message-id", "")).strip(),
            raw,
        )
        with self._database:
            statement = (
                "insert into messages (received_at, sender, recipients, subject, message_id, raw) "
                "values (?, ?, ?, ?, ?, ?)"
            )
            return int(self._database.execute(statement, row).lastrowid or 0)

    def count(self) -> int:
        """How many mails there are."""
        return int(self._database.execute("select count(*) from messages").fetchone()[0])

    def newest(self, limit: int) -> list[dict[str, Any]]:
        """The newest mails, newest first, without their content."""
        rows = self._database.execute(f"select {COLUMNS} from messages order by id desc limit ?", (limit,))
        return [_listed(row) for row in rows]

    def after(self, number: int, *, to: str = "", limit: int = 1000) -> list[dict[str, Any]]:
        """Mails after the given number, oldest first; `to` is looked for in the recipients."""
        rows = self._database.execute(
            f"select {COLUMNS} from messages where id > ? and instr(recipients, ?) order by id limit ?",
            (number, to, limit),
        )
        return [_listed(row) for row in rows]

    def one(self, number: int) -> tuple[dict[str, Any], bytes] | None:
        """A mail and its bytes as they came."""
        row = self._database.execute(f"select {COLUMNS}, raw from messages where id = ?", (number,)).fetchone()
        return (_listed(row[:-1]), row[-1]) if row else None


def _listed(row: tuple[Any, ...]) -> dict[str, Any]:
    names = ("id", "received_at", "from", "to", "subject", "message_id")
    found = dict(zip(names, row, strict=True))
    found["to"] = found["to"].split(", ")
    return found


def _parsed(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def _text_of(raw: bytes) -> str:
    body = _parsed(raw).get_body(("plain", "html"))
    return str(body.get_content()).replace("\r\n", "\n") if body is not None else ""


class Catcher:
    """Answers SMTP: everything is taken."""

    def __init__(self, box: Box) -> None:
        self._box = box

    async def handle_DATA(self, _server: SMTP, _session: object, envelope: Envelope) -> str:
        """Keep the mail, then say so."""
        content = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        number = self._box.put(envelope.mail_from or "", list(envelope.rcpt_tos), content)
        return f"250 kept as {number}"


def app_of(box: Box, smtp_port: int) -> Starlette:
    """The page and the JSON addresses; SMTP is open as long as the application runs."""

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()

        def session() -> SMTP:
            return SMTP(Catcher(box), data_size_limit=LARGEST_BYTES, enable_SMTPUTF8=True, ident="mail", loop=loop)

        server = await loop.create_server(session, HOST, smtp_port)
        yield
        server.close()

    return application([*_pages(box), *_interface(box)], lifespan=lifespan)


def _pages(box: Box) -> list[BaseRoute]:
    def overview(request: Request) -> Response:
        return render(request, "mails.html", mails=box.newest(PAGE_ROWS), count=box.count(), rows=PAGE_ROWS)

    def letter(request: Request) -> Response:
        found = box.one(request.path_params["number"])
        if found is None:
            return render(request, "mail.html", status=404, mail=None, text="", headers=[])
        mail, raw = found
        return render(request, "mail.html", mail=mail, text=_text_of(raw), headers=list(_parsed(raw).items()))

    return [Route("/", overview), Route("/messages/{number:int}", letter)]


def _interface(box: Box) -> list[BaseRoute]:
    def listing(request: Request) -> Response:
        try:
            after = int(request.query_params.get("after", "0"))
            limit = min(int(request.query_params.get("limit", "1000")), 10_000)
        except ValueError:
            return JSONResponse({"detail": "after and limit are numbers"}, status_code=400)
        mails = box.after(after, to=request.query_params.get("to", ""), limit=limit)
        return JSONResponse({"total": box.count(), "messages": mails})

    def message(request: Request) -> Response:
        found = box.one(request.path_params["number"])
        if found is None:
            return JSONResponse({"detail": "no such mail"}, status_code=404)
        headers = {name.lower(): str(value) for name, value in _parsed(found[1]).items()}
        return JSONResponse({**found[0], "headers": headers, "text": _text_of(found[1])})

    def raw(request: Request) -> Response:
        found = box.one(request.path_params["number"])
        if found is None:
            return JSONResponse({"detail": "no such mail"}, status_code=404)
        return Response(found[1], media_type="text/plain", headers={"x-content-type-options": "nosniff"})

    return [
        Route("/api/messages", listing),
        Route("/api/messages/{number:int}", message),
        Route("/api/messages/{number:int}/raw", raw),
    ]


def main() -> None:
    """Serve the mail catcher of one stack."""
    parser = argparse.ArgumentParser(prog="python -m deploy.devstack.mail", description=__doc__)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="the file that keeps the mails")
    chosen = parser.parse_args()
    serve(app_of(Box(chosen.data), chosen.smtp_port), chosen.http_port)


if __name__ == "__main__":
    main()
