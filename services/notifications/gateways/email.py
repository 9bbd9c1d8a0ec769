"""Sends e-mail by SMTP and tells what may be tried again from what never will work."""

from __future__ import annotations

import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr

import aiosmtplib


@dataclass(frozen=True, slots=True)
class Server:
    """How the mail server is reached; `security` is `none`, `starttls` or `tls`."""

    host: str
    port: int
    user: str | None
    password: str | None
    security: str
    timeout_seconds: float


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text that goes along with a mail, as a file."""

    name: str
    media_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Mail:
    """One e-mail; `message_id` is the same again when it is repeated, so that mail boxes show it once."""

    message_id: str
    sender: str
    address: str
    subject: str
    body: str
    language: str
    attachment: Attachment | None = None


class NotDelivered(Exception):
    """The mail was not taken. `permanent` says that the same mail never will be; `reason` is safe to log."""

    def __init__(self, reason: str, *, permanent: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


class Line:
    """An open connection to the mail server."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self._client = client

    async def send(self, mail: Mail) -> None:
        """Hand one mail over; returns when the server has taken it, raises `NotDelivered`."""
        try:
            if not self._client.is_connected:
                await self._client.connect()
            await self._client.send_message(_message(mail), sender=parseaddr(mail.sender)[1], recipients=[mail.address])
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refused(error.recipients[0].code) from None
        except aiosmtplib.SMTPResponseException as error:
            # A refused greeting, login or sender is our set-up's fault or the server's, not this mail's.
            ours = isinstance(
                error,
                aiosmtplib.SMTPConnectResponseError | aiosmtplib.SMTPAuthenticationError | aiosmtplib.SMTPHeloError,
            )
            raise _refused(error.code, permanent=False if ours else None) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise NotDelivered(type(error).__name__, permanent=isinstance(error, ValueError)) from None


@asynccontextmanager
async def line_to(server: Server) -> AsyncIterator[Line]:
    """A connection to the mail server, opened with the first mail and closed at the end."""
    client = aiosmtplib.SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user,
        password=server.password,
        use_tls=server.security == "tls",
        start_tls=server.security == "starttls",
        timeout=server.timeout_seconds,
    )
    try:
        yield Line(client)
    finally:
        try:
            if client.is_connected:
                await client.quit()
        except (aiosmtplib.SMTPException, OSError):
            client.close()


def _refused(code: int, *, permanent: bool | None = None) -> NotDelivered:
    return NotDelivered(f"smtp_{code}", permanent=500 <= code < 600 if permanent is None else permanent)


def _message(mail: Mail) -> EmailMessage:
    message = EmailMessage(policy=email.policy.SMTP)
    message["Message-ID"] = mail.message_id
    message["From"] = mail.sender
    message["To"] = mail.address
    message["Subject"] = mail.subject
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    message.set_content(mail.body)
    message["Content-Language"] = mail.language  # after the content, which takes away what was said about it
    if mail.attachment is not None:
        subtype = mail.attachment.media_type.partition("/")[2]
        message.add_attachment(mail.attachment.text, subtype=subtype, filename=mail.attachment.name)
    return message
