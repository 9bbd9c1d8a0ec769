"""The vault's keys: a file outside the database, several keys by id, of which one is current.

The file is JSON: `{"current": "2", "keys": {"1": "<base64 of 32 bytes>", "2": …}}`, readable by its owner only. From
each key two are derived: one encrypts the traits (AES-256-GCM), one makes the look-up hashes (HMAC-SHA-256).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.enrollment.domain.identity import Trait, Traits
from shared.errors import Unavailable

KEY_BYTES = 32
_NONCE_BYTES = 12


class KeyMissing(Unavailable):
    """The file lacks a key that the database needs, or there is no file."""


@dataclass(frozen=True, slots=True, repr=False)
class _Key:
    sealing: AESGCM
    hashing: bytes


class KeyRing:
    """All keys of the file. Sealed traits are bound to their record: moved to another one they do not open."""

    def __init__(self, keys: Mapping[str, bytes], current: str) -> None:
        self._keys = {key_id: _derived(secret) for key_id, secret in keys.items()}
        self.current = current

    @property
    def ids(self) -> frozenset[str]:
        """The ids of all keys."""
        return frozenset(self._keys)

    def seal(self, traits: Traits, record: str) -> bytes:
        """The traits of a record encrypted with the current key."""
        plain = json.dumps({name: value for name, value in asdict(traits).items() if value is not None}).encode()
        return self.seal_bytes(plain, record)

    def seal_bytes(self, plain: bytes, record: str) -> bytes:
        """Anything of a record encrypted with the current key."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._keys[self.current].sealing.encrypt(nonce, plain, record.encode())

    def open(self, sealed: bytes, record: str, key_id: str) -> Traits:
        """The traits of a record; raises KeyMissing if no key of ours opens them."""
        return Traits(**json.loads(self.open_bytes(sealed, record, key_id)))

    def open_bytes(self, sealed: bytes, record: str, key_id: str) -> bytes:
        """What was sealed for a record; raises KeyMissing if no key of ours opens it."""
        key = self._keys.get(key_id)
        try:
            if key is None:
                raise InvalidTag
            return key.sealing.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], record.encode())
        except InvalidTag:
            raise KeyMissing("the vault's key for this record is not there") from None

    def hashes(self, traits: Mapping[Trait, str], key_id: str) -> dict[Trait, bytes]:
        """The keyed hash of each comparable trait, 32 bytes."""
        key = self._keys[key_id].hashing
        return {
            trait: hmac.new(key, f"{trait.value}:{value}".encode(), hashlib.sha256).digest()
            for trait, value in traits.items()
        }

    def lookups(self, traits: Mapping[Trait, str]) -> dict[str, dict[Trait, bytes]]:
        """The keyed hashes under every key: while keys are rotated, records of several keys lie side by side."""
        return {key_id: self.hashes(traits, key_id) for key_id in self._keys}


class KeyFile:
    """The file, read again whenever somebody asks for a key it did not have before."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._ring: KeyRing | None = None

    def ring(self, *, anew: bool = False) -> KeyRing:
        """The keys; `anew` reads the file again. Raises KeyMissing without a file that can be read."""
        if self._ring is None or anew:
            keys, current = self._read()
            self._ring = KeyRing(keys, current)
        return self._ring

    def exists(self) -> bool:
        """Whether the file is there."""
        return self._path is not None and self._path.exists()

    def add(self) -> KeyRing:
        """Add a random key and make it current, all or nothing; the file itself is made if there is none."""
        if self._path is None:
            raise KeyMissing("no file is set for the vault's keys")
        keys, _ = self._read() if self._path.exists() else ({}, "")
        fresh = str(max((int(key_id) for key_id in keys if key_id.isdecimal()), default=0) + 1)
        self._write({**keys, fresh: secrets.token_bytes(KEY_BYTES)}, fresh)
        return self.ring(anew=True)

    def keep_only_current(self) -> list[str]:
        """Forget all other keys; what was sealed with them (old backups too) can never be read again."""
        keys, current = self._read()
        self._write({current: keys[current]}, current)
        return sorted(keys.keys() - {current})

    def _read(self) -> tuple[dict[str, bytes], str]:
        if self._path is None:
            raise KeyMissing("no file is set for the vault's keys")
        try:
            document = json.loads(self._path.read_text(encoding="utf-8"))
            keys = {key_id: base64.b64decode(text, validate=True) for key_id, text in document["keys"].items()}
            current = document["current"]
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            raise KeyMissing("the file of the vault's keys cannot be read") from None
        if current not in keys or any(len(secret) != KEY_BYTES for secret in keys.values()):
            raise KeyMissing("the file of the vault's keys has no current key of 32 bytes")
        return keys, current

    def _write(self, keys: Mapping[str, bytes], current: str) -> None:
        assert self._path is not None
        texts = {key_id: base64.b64encode(secret).decode() for key_id, secret in keys.items()}
        descriptor, name = tempfile.mkstemp(prefix=f".{self._path.name}-", dir=self._path.parent)  # mode 0600
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(json.dumps({"current": current, "keys": texts}, indent=1))
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, self._path)


def _derived(secret: bytes) -> _Key:
    sealing, hashing = (
        HKDF(SHA256(), KEY_BYTES, None, f"gemeinsam.vault.{use}".encode()).derive(secret) for use in ("seal", "find")
    )
    return _Key(AESGCM(sealing), hashing)
