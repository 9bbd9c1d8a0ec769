"""The mail catcher, in its own process: takes mails by SMTP, keeps them over a restart, shows them as page and JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx
import pytest

from deploy.devstack.ports import free_port, listens
from deploy.devstack.processes import Child, Command


class Catcher:
    """A mail catcher that can be stopped and started."""

    def __init__(self, home: Path) -> None:
        self.smtp_port, self.http_port, self._home = free_port(), free_port(), home
        self._child = self._start()

    def _start(self) -> Child:
        arguments = [f"--smtp-port={self.smtp_port}", f"--http-port={self.http_port}", f"--data={self._home / 'mail'}"]
        command = [sys.executable, "-m", "deploy.devstack.mail", *arguments]
        child = Child(Command(name="mail", arguments=command, log=self._home / "mail.log"))
        child.wait_ready(lambda: listens(self.http_port) and listens(self.smtp_port), seconds=60)
        return child

    def kill_and_start(self) -> None:
        self._child.process.kill()
        self._child.process.wait()
        self._child = self._start()

    def stop(self) -> None:
        self._child.stop(5)

    def get(self, path: str, **parameters: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.http_port}{path}", params=parameters)


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[Catcher]:
    made = Catcher(tmp_path)
    yield made
    made.stop()


async def send(catcher: Catcher, *, to: str, subject: str, text: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "system@programm.example", to, subject
    mail["Message-ID"] = f"<{abs(hash((to, subject)))}@programm.example>"
    mail.set_content(text)
    await aiosmtplib.send(mail, hostname="127.0.0.1", port=catcher.smtp_port, start_tls=False)


async def test_a_mail_is_listed_with_its_text_headers_and_recipients(catcher: Catcher) -> None:
    await send(catcher, to="köln@jobcenter.example", subject="Übergang: seit 92 Tagen", text="Guten Tag,\nGrüße\n")
    await send(catcher, to="unna@kreis.example", subject="Anderes", text="Zwei")
    listed = catcher.get("/api/messages").json()
    assert listed["total"] == 2
    assert [mail["subject"] for mail in listed["messages"]] == ["Übergang: seit 92 Tagen", "Anderes"]
    first = catcher.get(f"/api/messages/{listed['messages'][0]['id']}").json()
    assert (first["text"].strip(), first["to"]) == ("Guten Tag,\nGrüße", ["köln@jobcenter.example"])
    assert first["message_id"] == first["headers"]["message-id"]
    only = catcher.get("/api/messages", to="kreis.example").json()["messages"]
    assert [mail["subject"] for mail in only] == ["Anderes"]
    after = catcher.get("/api/messages", after=str(listed["messages"][0]["id"])).json()["messages"]
    assert [mail["subject"] for mail in after] == ["Anderes"]


async def test_an_accepted_mail_outlives_the_kill_of_the_catcher(catcher: Catcher) -> None:
    await send(catcher, to="a@b.example", subject="Bleibt", text="da")
    catcher.kill_and_start()
    assert [mail["subject"] for mail in catcher.get("/api/messages").json()["messages"]] == ["Bleibt"]


async def test_the_pages_show_a_mail_and_run_nothing_of_it(catcher: Catcher) -> None:
    await send(catcher, to="a@b.example", subject="<script>alert(1)</script>", text="<b>nicht fett</b>")
    overview, letter = catcher.get("/"), catcher.get("/messages/1")
    for page in (overview, letter):
        assert "<script>" not in page.text
        assert "&lt;script&gt;" in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "&lt;b&gt;nicht fett" in letter.text
    assert catcher.get("/messages/99").status_code == catcher.get("/api/messages/99").status_code == 404
