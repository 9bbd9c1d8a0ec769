"""Where uploaded files lie while they wait: with the vault, in parts, sealed with its key wherever there is one."""

from __future__ import annotations

import asyncpg

from services.enrollment.gateways.vault_keys import KeyFile, KeyMissing
from services.enrollment.store.files import imports


class Parts:
    """The parts of files; a part moved to another file or place does not open."""

    def __init__(self, keys: KeyFile) -> None:
        self._keys = keys

    async def keep(self, connection: asyncpg.Connection, import_id: str, part: int, content: bytes) -> None:
        """Keep a part of a file."""
        if not self._keys.exists():
            await imports.add_part(connection, import_id, part, content, None)
            return
        ring = self._keys.ring()
        sealed = ring.seal_bytes(content, _place(import_id, part))
        await imports.add_part(connection, import_id, part, sealed, ring.current)

    async def whole(self, connection: asyncpg.Connection, import_id: str) -> bytes:
        """The file; raises KeyMissing if a key it was sealed with is gone."""
        return b"".join(
            [self._opened(import_id, *row) for row in await imports.parts(connection, import_id)],
        )

    def _opened(self, import_id: str, part: int, content: bytes, key_id: str | None) -> bytes:
        if key_id is None:
            return content
        try:
            return self._keys.ring().open_bytes(content, _place(import_id, part), key_id)
        except KeyMissing:
            return self._keys.ring(anew=True).open_bytes(content, _place(import_id, part), key_id)


def _place(import_id: str, part: int) -> str:
    return f"{import_id}/{part}"
