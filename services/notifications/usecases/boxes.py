"""Keeping the lists of mail boxes: who is written to about the programme, and who about findings."""

from __future__ import annotations

from dataclasses import replace

from services.notifications.domain import box as rules
from services.notifications.domain.box import Box, Kind
from services.notifications.store import boxes as store
from shared.auth import Principal, Role
from shared.clock import Clock
from shared.db import Database
from shared.errors import Forbidden, Invalid, NotFound

MOST = 1000  # boxes shown at once; the ministry looks at one area at a time

# Who keeps a list for its own areas; the ministry keeps all contacts, and sees no box of case management.
_KEEPERS = {
    Kind.CONTACTS: (Role.MANAGING_BODY, Role.DISTRICT, Role.JMD),
    Kind.RECIPIENTS: (Role.CASE_MANAGER, Role.MANAGING_BODY, Role.DISTRICT),
}


def keeps(principal: Principal, kind: Kind) -> bool:
    """Whether the caller keeps a list of this kind at all."""
    return principal.role in _KEEPERS[kind] or (kind is Kind.CONTACTS and principal.role is Role.MINISTRY)


def check_keeps(principal: Principal, kind: Kind, area: str) -> None:
    """Raise `Forbidden` unless the caller keeps this list for the area: its own, or for the ministry any."""
    if kind is Kind.CONTACTS and principal.role is Role.MINISTRY:
        return
    if not keeps(principal, kind) or area not in principal.areas:
        raise Forbidden("only the bodies of the area itself keep this list", reason="not_your_list")


def body_of(principal: Principal) -> str:
    """As which body somebody reads, and as which its boxes do: whoever has none as case management of the programme."""
    body = principal.body or rules.USUAL_BODY
    return body if body in rules.BODIES else rules.UNKNOWN_BODY


class Boxes:
    """The lists, each kept by the bodies of its area; the ministry keeps the contacts of all."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def listed(self, principal: Principal, kind: Kind, area: str | None = None) -> list[Box]:
        """The boxes the caller keeps, of one area if asked for."""
        if not keeps(principal, kind):
            raise Forbidden("this role keeps no such list", reason="not_your_list")
        areas = None if principal.role is Role.MINISTRY else list(principal.areas)
        if area is not None:
            check_keeps(principal, kind, area)
            areas = [area]
        read = store.contacts if kind is Kind.CONTACTS else store.recipients
        async with self._db.reading() as connection:
            return await read(connection, areas, MOST)

    async def put(self, principal: Principal, kind: Kind, wanted: Box) -> Box:
        """Enter a box, or change how it is written to; the same again changes nothing.

        A recipient is of the caller's own body: nobody has mailed to itself what it may not see.
        """
        own = body_of(principal)
        box = replace(wanted, address=wanted.address.strip(), body=wanted.body or own)
        check_keeps(principal, kind, box.area)
        rules.check(box, kind)
        if kind is Kind.RECIPIENTS and box.body != own:
            raise Invalid(f"you may enter boxes of your own body only: {own}", field="body", reason="not_your_body")
        put = store.put_contact if kind is Kind.CONTACTS else store.put_recipient
        async with self._db.transaction() as connection:
            return replace(box, box_id=await put(connection, box))

    async def remove(self, principal: Principal, kind: Kind, box_id: int) -> None:
        """Take a box off; what still waits for it is not sent. Raises `NotFound` where it is not there."""
        contacts, now = kind is Kind.CONTACTS, self._clock.now()
        async with self._db.transaction() as connection:
            find = store.contact_area if contacts else store.recipient_area
            area = await find(connection, box_id)
            if area is None:
                raise NotFound("there is no such box")
            check_keeps(principal, kind, area)
            await (store.remove_contact if contacts else store.remove_recipient)(connection, box_id, now)
            await (store.drop_notices if contacts else store.drop_deliveries)(connection, box_id, now)
