"""What notifications holds of a person: the mails about findings, to whom they went and what became of them."""

from __future__ import annotations

from services.notifications.store import erased
from shared.db import Database
from shared.holding import Part, written
from shared.reference import name_of

_STATE = {"waiting": "wartet", "sent": "verschickt", "failed": "aufgegeben"}


class Holding:
    """Tells what is held, for the answer to the person."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def tell(self, pseudonym: str) -> list[Part]:
        """Each mail about the person: when, about which finding, to which office; never an address."""
        async with self._database.reading() as connection:
            mails = await erased.mails_about(connection, pseudonym)
        lines = [
            f"{written(mail.planned_at)}: E-Mail über Befund {mail.pattern} ({mail.severity}) an {mail.role},"
            f" {name_of(mail.area)} – {_STATE.get(mail.state, mail.state)}"
            for mail in mails
        ]
        return [Part("Wem wegen eines Befunds eine Nachricht geschickt wurde", lines)]
