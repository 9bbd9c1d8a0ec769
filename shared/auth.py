"""Who is calling: tokens of any OIDC issuer become a `Principal`."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from shared.errors import Forbidden, Unauthenticated, Unavailable

ALGORITHMS = ["RS256", "ES256", "EdDSA"]
LEEWAY_SECONDS = 30
_AREA = re.compile(r"^05\d{6}$|^05\d{3}$")
_REMEMBERED_TOKENS = 4096
_REFETCH_SECONDS = 10.0


class Role(StrEnum):
    """What a token's bearer is to the programme."""

    EMITTER = "emitter"  # a source: a municipal system
    CASE_MANAGER = "case_manager"  # Fallmanagement
    MANAGING_BODY = "managing_body"  # Geschäftsführende Stelle
    DISTRICT = "district"  # Kreis
    LAKI = "laki"  # Landesweite Koordinierungsstelle Kommunale Integrationszentren
    JMD = "jmd"  # Jugendmigrationsdienst
    MINISTRY = "ministry"  # Ministerium
    SCIENCE = "science"  # wissenschaftliche Begleitung
    VAULT_CLERK = "vault_clerk"  # decides near matches of identities
    OPERATOR = "operator"  # sees how the system runs, no person's data


@dataclass(frozen=True, slots=True)
class Principal:
    """Who acts: `areas` are AGS of 8 digits, `source` is the URI of an emitting system."""

    subject: str
    role: Role
    areas: tuple[str, ...] = ()
    body: str | None = None
    source: str | None = None

    def covers(self, ags: str) -> bool:
        """Whether the area lies in one of the principal's: a Kreis (`…000`) covers its Gemeinden."""
        return any(area == ags or (area.endswith("000") and area[:5] == ags[:5]) for area in self.areas)


def require(principal: Principal, *roles: Role) -> None:
    """Raise `Forbidden` unless the principal has one of the roles."""
    if principal.role not in roles:
        raise Forbidden(f"the role {principal.role} may not do this; needed: {', '.join(roles)}")


def principal_of(claims: dict[str, Any]) -> Principal:
    """Read the claims `sub`, `role`, `areas`, `body?`, `source?`; `Unauthenticated` names what is wrong."""
    try:
        role = Role(claims["role"])
        subject = str(claims["sub"])
    except (KeyError, ValueError):
        raise Unauthenticated("the token lacks a known role") from None
    areas = claims.get("areas") or []
    if not isinstance(areas, list) or not all(isinstance(area, str) and _AREA.match(area) for area in areas):
        raise Unauthenticated("the token's areas are not a list of AGS")
    return Principal(
        subject=subject,
        role=role,
        areas=tuple(area if len(area) == 8 else area + "000" for area in areas),
        body=claims.get("body"),
        source=claims.get("source"),
    )


class TokenVerifier:
    """Checks tokens against the issuer's published keys; keys are fetched once and again when an unknown one signs."""

    def __init__(self, issuer_url: str, audience: str) -> None:
        self._issuer = issuer_url.rstrip("/")
        self._registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._keys: KeySet | None = None
        self._fetched = 0.0
        self._fetching = asyncio.Lock()
        self._known: dict[bytes, tuple[float, Principal]] = {}

    async def verify(self, token: str) -> Principal:
        """The principal of a token; `Unauthenticated` says why it does not hold, never what is in it."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._known.get(digest)
        if known and known[0] > time.time():
            return known[1]
        claims = await self.claims(token)
        principal = principal_of(claims)
        if len(self._known) >= _REMEMBERED_TOKENS:
            self._known.clear()
        self._known[digest] = (float(claims["exp"]), principal)
        return principal

    async def claims(self, token: str, *, audience: str | None = None) -> dict[str, Any]:
        """The checked claims: signature, issuer, audience, expiry and begin."""
        try:
            decoded = await self._decode(token)
            self._registry.validate(decoded.claims)
        except (JoseError, ValueError, TypeError, AttributeError, KeyError, UnicodeError) as error:
            raise Unauthenticated(f"the token does not hold: {type(error).__name__}") from None
        if audience is not None and decoded.claims.get("aud") not in (audience, [audience]):
            raise Unauthenticated("the token is for somebody else")
        return dict(decoded.claims)

    async def _decode(self, token: str) -> jwt.Token:
        keys = await self._key_set()
        try:
            return jwt.decode(token, keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            if time.monotonic() - self._fetched < _REFETCH_SECONDS:
                raise
        return jwt.decode(token, await self._key_set(renew=True), algorithms=ALGORITHMS)

    async def _key_set(self, *, renew: bool = False) -> KeySet:
        if self._keys is not None and not renew:
            return self._keys  # nobody waits for an issuer that hangs on account of somebody else's token
        async with self._fetching:
            if self._keys is None or time.monotonic() - self._fetched >= _REFETCH_SECONDS:
                self._fetched = time.monotonic()
                try:
                    self._keys = await self._fetch()
                except Unavailable:
                    if self._keys is None:
                        raise
            return self._keys

    async def _fetch(self) -> KeySet:
        try:
            async with httpx.AsyncClient(timeout=5) as client:
                discovery = await client.get(f"{self._issuer}/.well-known/openid-configuration")
                discovery.raise_for_status()
                keys = await client.get(discovery.json()["jwks_uri"])
                keys.raise_for_status()
                return KeySet.import_key_set(keys.json())
        except (httpx.HTTPError, KeyError, ValueError) as error:
            raise Unavailable(f"the issuer of tokens cannot be asked: {type(error).__name__}") from None
