"""Reading receipts, page by page."""

from __future__ import annotations

from services.enrollment.domain.receipt import NOTES_IN_ANSWER, Kind, Receipt
from services.enrollment.domain.source import Emitter
from services.enrollment.store import receipts
from shared.db import Database
from shared.errors import NotFound

_LISTED = 100


class Receipts:
    """Receipts as their source may read them."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, emitter: Emitter, receipt_id: str, *, after: int, limit: int) -> Receipt:
        """The receipt with up to `limit` rejections of rows after `after`, and its warnings on the first page.

        Raises NotFound, for another source's receipt too.
        """
        key = (emitter.source_number, receipt_id)
        async with self._database.reading() as connection:
            receipt = await receipts.find(connection, *key)
            if receipt is None:
                raise NotFound("there is no such receipt of this source")
            receipt.rejections = await receipts.notes(connection, key, Kind.REJECTION, after=after, limit=limit)
            if after == 0:
                receipt.warnings = await receipts.notes(connection, key, Kind.WARNING, after=0, limit=NOTES_IN_ANSWER)
        return receipt

    async def newest(self, emitter: Emitter) -> list[Receipt]:
        """The source's newest receipts without their notes; chunks of files have theirs with the file."""
        async with self._database.reading() as connection:
            return await receipts.newest(connection, emitter.source_number, _LISTED)
