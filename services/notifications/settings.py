"""What notifications is told from outside."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from shared.settings import ServiceSettings, settings_for


class Settings(ServiceSettings):
    """The shared settings and those of the mail server."""

    model_config = settings_for("NOTIFICATIONS")

    smtp_host: str = "127.0.0.1"
    smtp_port: int = 25
    smtp_user: str | None = None
    smtp_password: SecretStr | None = None
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    smtp_timeout_seconds: float = 10.0
    mail_from: str = "Gemeinsam klappt's <gemeinsam@programm.example>"
    reply_to: str | None = None  # answers to mails about the programme: the programme's contact
    case_path: str = "/pathways/persons/{case}"  # where a case is shown, on `public_url`
    municipal_path: str = "/enrollment"  # where the pages of municipalities begin, on `public_url`
    enrollment_url: str | None = None  # where enrollment is reached from here; left out, on `public_url`
    pathways_url: str | None = None  # where pathways is reached from here; left out, on `public_url`
    mails_at_once: int = 4  # connections to the mail server
    mails_a_run: int = Field(default=200, ge=1, le=1000)  # pathways answers for so many at once
    first_pause_seconds: float = 10.0  # before the second try; doubles from there
    development_recipients: bool = (
        False  # put a mail box of case management into every area (addresses end in .example)
    )
