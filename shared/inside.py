"""Requests from one of our services to another, signed with the secret they share: for one path and two minutes."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime

HEADER = "x-gemeinsam-inside"
SECONDS = 120  # how far the clocks of two services may stand apart, and how long a signature is good


def sign(secret: str, path: str, at: datetime, *, content: bytes | None = None) -> str:
    """The value of `HEADER` for a GET of the path, as the service itself sees it, or for a POST of `content` to it."""
    second = int(at.timestamp())
    return f"{second}.{_digest(secret, path, second, content)}"


def is_signed(secret: str, path: str, signature: str, at: datetime, *, content: bytes | None = None) -> bool:
    """Whether one of our services signed this request within the last two minutes."""
    text, _, digest = signature.partition(".")
    if not (text.isascii() and text.isdigit() and len(text) <= 12) or abs(at.timestamp() - int(text)) > SECONDS:
        return False
    return hmac.compare_digest(
        _digest(secret, path, int(text), content).encode(), digest.encode("utf-8", "surrogatepass")
    )


def _digest(secret: str, path: str, second: int, content: bytes | None) -> str:
    key = hashlib.sha256(b"gemeinsam.inside.v1\x00" + secret.encode()).digest()
    asked = f"GET {path} {second}"
    if content is not None:
        asked = f"POST {path} {second} {hashlib.sha256(content).hexdigest()}"
    return hmac.new(key, asked.encode(), hashlib.sha256).hexdigest()
