"""Sends e-mail by SMTP and tells what may be tried again from what never will work."""

from __future__ import annotations

import email.policy
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from enum import Enum

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
    reply_to: str | None = None


class Blame(Enum):
    """What kept a mail from being sent: itself, the way to its address, or the server that takes no mail at all."""

    MAIL = "mail"
    ADDRESS = "address"
    SERVER = "server"


class NotDelivered(Exception):
    """The mail was not taken. `permanent` says that the same mail never will be; `reason` is safe to log."""

    def __init__(self, reason: str, *, permanent: bool, blame: Blame = Blame.MAIL) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.blame = blame


class Line:
    """An open connection to the mail server."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self._client = client

    async def send(self, mail: Mail) -> None:
        """Hand one mail over; returns when the server has taken it, raises `NotDelivered`."""
        if not self._client.is_connected:
            await self._connect()
        try:
            await self._client.send_message(_message(mail), sender=parseaddr(mail.sender)[1], recipients=[mail.address])
        except aiosmtplib.SMTPRecipientsRefused as error:
            raise _refused(error.recipients[0].code) from None
        except aiosmtplib.SMTPHeloError as error:
            raise NotDelivered(f"smtp_{error.code}", permanent=False, blame=Blame.SERVER) from None
        except aiosmtplib.SMTPResponseException as error:
            raise _refused(error.code) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise NotDelivered(type(error).__name__, permanent=isinstance(error, ValueError)) from None

    async def _connect(self) -> None:
        # What is refused here (a greeting, our login) is no mail's fault, whatever the code.
        try:
            await self._client.connect()
        except aiosmtplib.SMTPResponseException as error:
            raise NotDelivered(f"smtp_{error.code}", permanent=False, blame=Blame.SERVER) from None
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            raise NotDelivered(type(error).__name__, permanent=False, blame=Blame.SERVER) from None


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


def _refused(code: int) -> NotDelivered:
    return NotDelivered(f"smtp_{code}", permanent=500 <= code < 600)


def _message(mail: Mail) -> EmailMessage:
    message = EmailMessage(policy=email.policy.SMTP)
    message["Message-ID"] = mail.message_id
    message["From"] = mail.sender
    message["To"] = mail.address
    if mail.reply_to:
        message["Reply-To"] = mail.reply_to
    message["Subject"] = mail.subject
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    message.set_content(mail.body)
    message["Content-Language"] = mail.language  # after the content, which takes away what was said about it
    if mail.attachment is not None:
        subtype = mail.attachment.media_type.partition("/")[2]
        message.add_attachment(mail.attachment.text, subtype=subtype, filename=mail.attachment.name)
    return message
