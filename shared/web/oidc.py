"""Our half of OpenID Connect: authorisation code flow with PKCE (S256), at any issuer that publishes its discovery."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from typing import Any
from urllib.parse import urlencode

import httpx

from shared.auth import Principal, TokenVerifier, principal_of
from shared.errors import Unauthenticated, Unavailable
from shared.web.session import LoginUnderWay

_DISCOVERY_SECONDS = 600.0
_SCOPE = "openid"


class Issuer:
    """One issuer, asked over HTTP; what it publishes about itself is remembered for ten minutes."""

    def __init__(self, issuer_url: str, client_id: str) -> None:
        self._url = issuer_url.rstrip("/")
        self._client_id = client_id
        self._verifier = TokenVerifier(issuer_url, client_id)
        self._published: dict[str, Any] = {}
        self._published_until = 0.0

    async def begin(self, redirect_uri: str, next_path: str) -> tuple[str, LoginUnderWay]:
        """Where to send the browser, and what to remember until it comes back."""
        login = LoginUnderWay(
            secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), next_path
        )
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": _SCOPE,
            "state": login.state,
            "nonce": login.nonce,
            "code_challenge": challenge_of(login.verifier),
            "code_challenge_method": "S256",
        }
        return _with_query(await self._endpoint("authorization_endpoint"), asked), login

    async def finish(self, login: LoginUnderWay, code: str, redirect_uri: str) -> tuple[Principal, str]:
        """Trade the code for an ID token: the principal it names, and it; `Unauthenticated` if it does not hold."""
        sent = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self._client_id,
            "code_verifier": login.verifier,
        }
        answer = await _ask("POST", await self._endpoint("token_endpoint"), data=sent)
        id_token = answer.get("id_token")
        if not isinstance(id_token, str):
            raise Unauthenticated("the issuer sent no ID token")
        claims = await self._verifier.claims(id_token)
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), login.nonce.encode()):
            raise Unauthenticated("the ID token belongs to another login")
        return principal_of(claims), id_token

    async def end_url(self, id_token: str | None, back_to: str) -> str | None:
        """Where the browser ends the session at the issuer; None if the issuer has no such place."""
        try:
            endpoint = await self._endpoint("end_session_endpoint")
        except (Unauthenticated, Unavailable):
            return None  # logging out here must work even while the issuer is away
        asked = {"client_id": self._client_id, "post_logout_redirect_uri": back_to}
        return _with_query(endpoint, asked | ({"id_token_hint": id_token} if id_token else {}))

    async def _endpoint(self, name: str) -> str:
        if time.monotonic() > self._published_until:
            self._published = await _ask("GET", f"{self._url}/.well-known/openid-configuration")
            self._published_until = time.monotonic() + _DISCOVERY_SECONDS
        endpoint = self._published.get(name)
        if not isinstance(endpoint, str):
            raise Unavailable(f"the issuer publishes no {name}")
        return endpoint


def challenge_of(verifier: str) -> str:
    """The PKCE challenge of a verifier (RFC 7636, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _with_query(endpoint: str, asked: dict[str, str]) -> str:
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"


async def _ask(method: str, url: str, **sent: Any) -> dict[str, Any]:
    try:
        async with httpx.AsyncClient(timeout=10) as client:
            answer = await client.request(method, url, **sent)
        if 400 <= answer.status_code < 500:
            raise Unauthenticated("the issuer refused the login")  # a used or foreign code, a wrong verifier
        answer.raise_for_status()
        found = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Unavailable(f"the issuer cannot be asked: {type(error).__name__}") from None
    if not isinstance(found, dict):
        raise Unavailable("the issuer answered with something else than an object")
    return found
