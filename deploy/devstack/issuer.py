"""An OpenID issuer for development: it lets invented people in without a password, and is strict in all else.

Authorisation code flow with PKCE (S256 only), exact redirect addresses, codes good once for a minute, end of session.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.devstack.pages import application, render, serve
from deploy.devstack.people import BY_SUBJECT, PEOPLE, Person
from deploy.devstack.ports import HOST
from deploy.devstack.tokens import ALGORITHM, CLIENT_ID, TOKEN_SECONDS, public_keys, sign, signing_key

CODE_SECONDS = 60
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_ASKED = (
    "client_id",
    "redirect_uri",
    "response_type",
    "scope",
    "state",
    "nonce",
    "code_challenge",
    "code_challenge_method",
)


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for until it is traded."""

    person: Person
    redirect_uri: str
    nonce: str | None
    challenge: str
    expires: float


class Refused(Exception):
    """A request the issuer does not serve, in OAuth's own words."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


class Issuer:
    """Hands out codes and trades them for tokens; browsers are sent to `redirects` and `returns` only."""

    def __init__(self, url: str, key: RSAKey, *, redirects: frozenset[str], returns: frozenset[str]) -> None:
        self.url = url
        self.redirects = redirects
        self.returns = returns
        self.key = key
        self._grants: dict[str, Grant] = {}

    def discovery(self) -> dict[str, Any]:
        """What `/.well-known/openid-configuration` says."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/jwks",
            "end_session_endpoint": f"{self.url}/logout",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": ["none"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid"],
            "claims_supported": ["sub", "role", "areas", "body", "source"],
        }

    def require_known_client(self, asked: Mapping[str, str]) -> None:
        """Raise `Refused` unless client and redirect are registered; before that nobody may be sent anywhere."""
        if asked.get("client_id") != CLIENT_ID:
            raise Refused("unauthorized_client", "this client is not registered")
        if asked.get("redirect_uri") not in self.redirects:
            raise Refused("invalid_request", "this redirect_uri is not registered for the client")

    def require_complete(self, asked: Mapping[str, str]) -> None:
        """Raise `Refused` for a request without code flow, `openid` or an S256 challenge."""
        if asked.get("response_type") != "code":
            raise Refused("unsupported_response_type", "only response_type=code is served")
        if "openid" not in asked.get("scope", "").split():
            raise Refused("invalid_scope", "the scope lacks openid")
        challenge = asked.get("code_challenge", "")
        if asked.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
            raise Refused("invalid_request", "PKCE with code_challenge_method=S256 is required")

    def code_for(self, person: Person, asked: Mapping[str, str]) -> str:
        """A code for the person, to be traded once within a minute."""
        now = time.monotonic()
        self._grants = {code: grant for code, grant in self._grants.items() if grant.expires > now}
        code = secrets.token_urlsafe(32)
        self._grants[code] = Grant(
            person, asked["redirect_uri"], asked.get("nonce") or None, asked["code_challenge"], now + CODE_SECONDS
        )
        return code

    def trade(self, sent: Mapping[str, str]) -> dict[str, Any]:
        """Tokens for a code; whatever does not fit spends the code and raises `Refused`."""
        if sent.get("grant_type") != "authorization_code":
            raise Refused("unsupported_grant_type", "only authorization_code is served")
        grant = self._grants.pop(sent.get("code", ""), None)
        if grant is None or grant.expires <= time.monotonic():
            raise Refused("invalid_grant", "the code is unknown, used or too old")
        if sent.get("client_id") != CLIENT_ID:
            raise Refused("invalid_client", "this client is not registered")
        if sent.get("redirect_uri") != grant.redirect_uri:
            raise Refused("invalid_grant", "the redirect_uri is not the one of the login")
        if not hmac.compare_digest(_challenge_of(sent.get("code_verifier", "")), grant.challenge):
            raise Refused("invalid_grant", "the code_verifier does not fit the code_challenge")
        claims = grant.person.claims()
        return {
            "access_token": sign(self.key, self.url, claims),
            "id_token": sign(self.key, self.url, claims | ({"nonce": grant.nonce} if grant.nonce else {})),
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "scope": "openid",
        }


def _challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def app_of(issuer: Issuer, origin: str) -> Starlette:
    """The issuer's addresses; `origin` is where its forms may lead the browser back to."""

    def discovery(_: Request) -> Response:
        return JSONResponse(issuer.discovery())

    def keys(_: Request) -> Response:
        return JSONResponse(public_keys(issuer.key))

    async def authorize(request: Request) -> Response:
        form: FormData | None = await request.form() if request.method == "POST" else None
        source: Mapping[str, Any] = form if form is not None else request.query_params
        asked = {name: str(source[name]) for name in _ASKED if name in source}
        try:
            issuer.require_known_client(asked)
        except Refused as refused:
            return render(request, "refused.html", status=400, reason=refused.description)
        back = {"state": asked["state"]} if "state" in asked else {}
        try:
            issuer.require_complete(asked)
        except Refused as refused:
            return _redirect(asked, {"error": refused.error, "error_description": refused.description} | back)
        person = BY_SUBJECT.get(str(form.get("person"))) if form is not None else None
        if person is None:
            forms_to = f"'self' {origin}"
            return render(request, "login.html", forms_to=forms_to, people=PEOPLE, asked=asked)
        return _redirect(asked, {"code": issuer.code_for(person, asked), "iss": issuer.url} | back)

    async def token(request: Request) -> Response:
        sent = {name: str(value) for name, value in (await request.form()).items()}
        headers = {"cache-control": "no-store"}
        try:
            return JSONResponse(issuer.trade(sent), headers=headers)
        except Refused as refused:
            said = {"error": refused.error, "error_description": refused.description}
            return JSONResponse(said, status_code=400, headers=headers)

    async def logout(request: Request) -> Response:
        asked = await request.form() if request.method == "POST" else request.query_params
        back_to = asked.get("post_logout_redirect_uri")
        if isinstance(back_to, str) and back_to in issuer.returns:
            state = {"state": str(asked["state"])} if "state" in asked else {}
            return RedirectResponse(f"{back_to}?{urlencode(state)}" if state else back_to, status_code=303)
        return render(request, "logged_out.html", origin=origin)

    return application(
        [
            Route("/.well-known/openid-configuration", discovery),
            Route("/jwks", keys),
            Route("/authorize", authorize, methods=["GET", "POST"]),
            Route("/token", token, methods=["POST"]),
            Route("/logout", logout, methods=["GET", "POST"]),
        ]
    )


def _redirect(asked: Mapping[str, str], answer: Mapping[str, str]) -> Response:
    return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(answer)}", status_code=303)


def main() -> None:
    """Serve the issuer of one stack."""
    parser = argparse.ArgumentParser(prog="python -m deploy.devstack.issuer", description=__doc__)
    parser.add_argument("--host", default=HOST)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--url", help="where browsers and services reach it, if that differs")
    parser.add_argument("--key", type=Path, required=True, help="where the signing key is kept")
    parser.add_argument("--origin", required=True, help="the origin of the pages that log in here")
    parser.add_argument("--service", action="append", default=[], help="a path on the origin that has pages")
    chosen = parser.parse_args()
    issuer = Issuer(
        chosen.url or f"http://{HOST}:{chosen.port}",
        signing_key(chosen.key),
        redirects=frozenset(f"{chosen.origin}/{name}/login/callback" for name in chosen.service),
        returns=frozenset(f"{chosen.origin}/{name}/logged-out" for name in chosen.service),
    )
    serve(app_of(issuer, chosen.origin), chosen.port, host=chosen.host)


if __name__ == "__main__":
    main()
