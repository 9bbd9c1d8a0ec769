"""Saving how a source's tables become facts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.enrollment.domain.mapping import Mapping, mapping_from
from services.enrollment.domain.source import Emitter
from services.enrollment.store.files import mappings
from shared.clock import Clock
from shared.db import Database
from shared.errors import Invalid, NotFound

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}", re.ASCII)
_TAKEN = frozenset({"new"})  # where the page begins a mapping


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """A mapping as saved."""

    name: str
    document: dict[str, Any]
    changed_at: datetime


class Mappings:
    """The mappings of each source."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def save(self, emitter: Emitter, name: str, document: object, *, by: str) -> bool:
        """Save a mapping; says whether it is new. Raises MappingRefused with every flaw, Invalid for a bad name."""
        if _NAME.fullmatch(name) is None or name in _TAKEN:
            raise Invalid(
                "a name has 1 to 60 of small letters, digits, dot, underscore, hyphen",
                field="name",
                reason="name_malformed",
            )
        mapping = mapping_from(document)
        async with self._database.transaction() as connection:
            return await mappings.put(
                connection,
                (emitter.source_number, name),
                mapping.model_dump(mode="json", exclude_defaults=True),
                self._clock.now(),
                by,
            )

    async def listed(self, emitter: Emitter) -> list[SavedMapping]:
        """The source's mappings by name."""
        async with self._database.reading() as connection:
            rows = await mappings.of_source(connection, emitter.source_number)
        return [SavedMapping(row["name"], row["document"], row["changed_at"]) for row in rows]

    async def found(self, emitter: Emitter, name: str) -> tuple[dict[str, Any], Mapping]:
        """The mapping of that name, as saved and as read; raises NotFound."""
        async with self._database.reading() as connection:
            document = await mappings.find(connection, emitter.source_number, name)
        if document is None:
            raise NotFound("there is no such mapping of this source")
        return document, mapping_from(document)

    async def forget(self, emitter: Emitter, name: str) -> None:
        """Forget a mapping; files on their way keep their copy. Raises NotFound."""
        async with self._database.transaction() as connection:
            if not await mappings.delete(connection, emitter.source_number, name):
                raise NotFound("there is no such mapping of this source")
