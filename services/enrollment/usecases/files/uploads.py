"""Receiving files, looking at them, cancelling them, and deciding about those the brake holds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import PurePosixPath
from uuid import uuid4

import asyncpg

from services.enrollment.domain.file_import import ENDED, Decision, FileImport, FileNote, ImportState
from services.enrollment.domain.source import Emitter
from services.enrollment.store.files import imports, snapshots
from services.enrollment.usecases.files.mappings import Mappings
from services.enrollment.usecases.files.parts import Parts
from services.enrollment.usecases.telling import Hand, tell
from shared.auth import Principal, Role, require
from shared.clock import Clock
from shared.contracts.municipalities import BrakeReleased
from shared.db import Database
from shared.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge

_PART_BYTES = 1_048_576
_LONGEST_NAME = 120
_RECEIVED_WITHIN = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Upload:
    """What somebody asks for with a file. `scope`: first and last day a snapshot speaks for."""

    mapping: str
    file_name: str
    is_dry_run: bool
    scope: tuple[date, date] | None
    by: str


class Uploads:
    """Files of sources."""

    def __init__(self, database: Database, clock: Clock, mappings: Mappings, parts: Parts, *, most_bytes: int) -> None:
        self._database = database
        self._clock = clock
        self._mappings = mappings
        self._parts = parts
        self.most_bytes = most_bytes

    async def receive(self, emitter: Emitter, upload: Upload, content: AsyncIterator[bytes]) -> FileImport:
        """Keep the file and let it wait its turn; nothing is kept if its sender fails.

        Raises NotFound for the mapping, Invalid for a missing scope, TooLarge, Conflict for a second snapshot.
        """
        document, mapping = await self._mappings.found(emitter, upload.mapping)
        scope = _scope(upload, is_snapshot=mapping.snapshot)
        import_id = f"imp-{uuid4().hex[:20]}"
        async with self._database.transaction() as connection:
            await imports.begin(
                connection,
                (import_id, emitter.source_number, sorted(emitter.areas)),
                (upload.mapping, document),
                (_file_name(upload.file_name), upload.is_dry_run, mapping.snapshot, scope),
                (self._clock.now(), upload.by),
            )
        try:
            await self._keep(import_id, content)
        except BaseException:
            async with self._database.transaction() as connection:
                await imports.delete(connection, import_id)
            raise
        return await self._found(import_id)

    async def _keep(self, import_id: str, content: AsyncIterator[bytes]) -> None:
        held, size, part = bytearray(), 0, 0
        async for piece in content:
            held += piece
            size += len(piece)
            if size > self.most_bytes:
                raise TooLarge(
                    f"a file has at most {self.most_bytes // 1_048_576} MB",
                    reason="file_too_large",
                    values={"megabytes": self.most_bytes // 1048576},
                )
            while len(held) >= _PART_BYTES:
                await self._keep_part(import_id, part, bytes(held[:_PART_BYTES]))
                del held[:_PART_BYTES]
                part += 1
        if not size:
            raise Invalid("the file is empty", field="file", reason="file_empty")
        if held:
            await self._keep_part(import_id, part, bytes(held))
        try:
            async with self._database.transaction() as connection:
                await imports.received(connection, import_id, size)
        except asyncpg.UniqueViolationError:
            raise Conflict(
                "an earlier snapshot with this mapping is still on its way or held by the brake",
                reason="earlier_snapshot",
            ) from None

    async def _keep_part(self, import_id: str, part: int, content: bytes) -> None:
        async with self._database.transaction() as connection:
            await self._parts.keep(connection, import_id, part, content)

    async def listed(self, emitter: Emitter, *, limit: int = 50) -> list[FileImport]:
        """The newest files of the source."""
        async with self._database.reading() as connection:
            return await imports.of_source(connection, emitter.source_number, limit)

    async def seen(self, emitter: Emitter, import_id: str) -> FileImport:
        """A file of the source; raises NotFound, for another source's file too."""
        found = await self._found(import_id)
        if found.source_number != emitter.source_number:
            raise NotFound("there is no such file of this source")
        return found

    async def notes(self, emitter: Emitter, import_id: str, *, after: int, limit: int) -> list[FileNote]:
        """What is to say of the file's rows, after a note's number; raises NotFound."""
        await self.seen(emitter, import_id)
        async with self._database.reading() as connection:
            return await imports.notes(connection, import_id, after=after, limit=limit)

    async def cancel(self, emitter: Emitter, import_id: str) -> FileImport:
        """Stop the file where it is: what was taken stays, the rest is not looked at. Raises NotFound, Conflict."""
        await self.seen(emitter, import_id)
        async with self._database.transaction() as connection:
            state = await imports.lock_state(connection, import_id)
            if state in ENDED:
                raise Conflict("the file is through already", reason="file_done")
            if state is ImportState.RUNNING:
                await imports.ask_to_cancel(connection, import_id)
            else:
                await imports.end(connection, import_id, ImportState.CANCELLED, self._clock.now())
                await imports.forget_parts(connection, import_id)
                await snapshots.forget_plan(connection, import_id)
        return await self._found(import_id)

    async def held(self, principal: Principal) -> list[FileImport]:
        """The files held by the brake that the principal may decide about."""
        require(principal, Role.MANAGING_BODY, Role.DISTRICT, Role.OPERATOR)
        async with self._database.reading() as connection:
            return [one for one in await imports.braked(connection) if _decides(principal, one)]

    async def decide(self, principal: Principal, import_id: str, decision: Decision) -> FileImport:
        """Let a held file pass, or throw it away; raises Forbidden, NotFound, or Conflict if it is not held any more.

        A source never decides about its own file.
        """
        require(principal, Role.MANAGING_BODY, Role.DISTRICT, Role.OPERATOR)
        held = await self._found(import_id)
        if not _decides(principal, held):
            raise Forbidden(
                "only the managing body of the source's area and the operator decide about this",
                reason="role_not_allowed",
            )
        now = self._clock.now()
        passed = decision is Decision.PASSED
        async with self._database.transaction() as connection:
            state = ImportState.WAITING if passed else ImportState.DISCARDED
            if not await imports.decided(connection, import_id, state, now, principal.subject):
                raise Conflict("the file is not held any more", reason="file_decided")
            if not passed:
                await imports.end(connection, import_id, state, now)
                await snapshots.forget_plan(connection, import_id)
            facts = [
                BrakeReleased(
                    municipality=area,
                    source=held.source,
                    import_id=import_id,
                    released_on=self._clock.today(),
                    decision=str(decision),
                )
                for area in held.areas
            ]
            await tell(connection, facts, Hand(principal.subject, now))
        return await self._found(import_id)

    async def forget_unfinished(self) -> None:
        """Forget files that never became whole."""
        async with self._database.transaction() as connection:
            await imports.forget_unfinished(connection, self._clock.now() - _RECEIVED_WITHIN)

    async def _found(self, import_id: str) -> FileImport:
        async with self._database.reading() as connection:
            found = await imports.find(connection, import_id)
        if found is None:
            raise NotFound("there is no such file of this source")
        return found


def _decides(principal: Principal, held: FileImport) -> bool:
    return principal.role is Role.OPERATOR or any(principal.covers(area) for area in held.areas)


def _scope(upload: Upload, *, is_snapshot: bool) -> tuple[date, date] | None:
    if not is_snapshot:
        if upload.scope is not None:
            raise Invalid(
                "this mapping compares no snapshots, so a file has no scope",
                field="scope_since",
                reason="scope_unwanted",
            )
        return None
    if upload.scope is None:
        raise Invalid("a snapshot says for which days it speaks", field="scope_since", reason="scope_needed")
    if upload.scope[0] > upload.scope[1]:
        raise Invalid("the scope ends before it begins", field="scope_until", reason="scope_reversed")
    return upload.scope


def _file_name(name: str) -> str:
    last = PurePosixPath(name.replace("\\", "/")).name
    return "".join(character for character in last if character.isprintable())[:_LONGEST_NAME] or "file"
