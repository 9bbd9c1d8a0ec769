"""Registering sources, and telling as which source somebody speaks."""

from __future__ import annotations

from services.enrollment.domain import source as rules
from services.enrollment.domain.source import Emitter, Source
from services.enrollment.store import sources
from shared.auth import Principal, Role, require
from shared.contracts.topics import intake_topics
from shared.db import Database
from shared.errors import Conflict, Forbidden, Invalid


class Sources:
    """The register of emitting systems."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def register(self, source: Source) -> bool:
        """Register or change a source; says whether it is new. Raises Invalid, or Conflict if its topic is taken."""
        rules.check(source)
        topic = _topic(source.source)
        async with self._database.transaction() as connection:
            await sources.lock_all(connection)
            for other in await sources.every(connection):
                if other.source != source.source and _topic(other.source) == topic:
                    raise Conflict("another source has a name that differs in punctuation only", field="source")
            return await sources.put(connection, source)

    async def listed(self) -> list[Source]:
        """All sources by name."""
        async with self._database.reading() as connection:
            return await sources.every(connection)

    async def emitter(self, principal: Principal) -> Emitter:
        """As which source the caller speaks, and for which areas; raises Forbidden."""
        require(principal, Role.EMITTER)
        if principal.source is None:
            raise Forbidden("the token names no source")
        async with self._database.looking() as connection:
            found = await sources.find(connection, principal.source)
        if found is None:
            raise Forbidden("the token's source is not registered")
        number, areas = found
        allowed = rules.areas_of(areas, principal.areas)
        if not allowed:
            raise Forbidden("none of the token's areas is registered for its source")
        return Emitter(number, principal.source, allowed)


def _topic(source: str) -> str:
    try:
        return intake_topics(source)[0].name
    except ValueError:
        raise Invalid("the source's name is too long for a topic", field="source") from None
