"""The development issuer's signing key and the tokens it signs."""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

ALGORITHM = "RS256"
AUDIENCE = "gemeinsam"
CLIENT_ID = "gemeinsam"
TOKEN_SECONDS = 12 * 3600


def signing_key(path: Path) -> RSAKey:
    """The key kept at `path` (mode 0600), made the first time; its `kid` is its thumbprint."""
    if not path.exists():
        made = RSAKey.generate_key(2048, private=True, auto_kid=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(made.as_dict(private=True), file)
        os.replace(name, path)
    return RSAKey.import_key(json.loads(path.read_text(encoding="utf-8")))


def public_keys(key: RSAKey) -> dict[str, Any]:
    """The key set that verifiers fetch."""
    return {"keys": [{**key.as_dict(private=False), "use": "sig", "alg": ALGORITHM}]}


def sign(key: RSAKey, issuer: str, claims: dict[str, Any], *, seconds: int = TOKEN_SECONDS) -> str:
    """A token with the claims for this system, good from now for the seconds given."""
    now = int(time.time())
    standard = {"iss": issuer, "aud": AUDIENCE, "iat": now, "nbf": now, "exp": now + seconds}
    return jwt.encode({"alg": ALGORITHM, "kid": key.kid, "typ": "JWT"}, {**standard, **claims}, key)
