"""An HTTP server that answers, in place of pathways, what may be told of findings, as a test wants it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

SECRET = "one secret for all services"


@dataclass
class Answering:
    """What is answered to every question, or the status of every answer; `asked` are the requests, in order."""

    url: str = ""
    answer: str | None = "full"
    status: int = 200
    asked: list[list[dict[str, Any]]] = field(default_factory=list)


@contextmanager
def answering() -> Iterator[Answering]:
    """The server on a fresh port."""
    said = Answering()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            questions = json.loads(self.rfile.read(int(self.headers["content-length"])))
            said.asked.append(questions)
            content = json.dumps([said.answer for _ in questions]).encode()
            self.send_response(said.status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    said.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield said
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
