"""The signed cookies of the pages: the session of a login, and the short memory of a login under way."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import asdict, dataclass
from typing import Any

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from shared.auth import Principal, Role

SESSION_SECONDS = 8 * 3600  # a working day
LOGIN_SECONDS = 600
LONGEST_HINT = 1600  # a cookie holds 4 kB in all; a longer ID token is not kept, logging out then asks the user


@dataclass(frozen=True, slots=True)
class Session:
    """One login: a random id, made anew at every login, who it is, and the ID token if it is short enough."""

    session_id: str
    principal: Principal
    id_token: str | None = None


@dataclass(frozen=True, slots=True)
class LoginUnderWay:
    """What must come back unchanged from the issuer: state, nonce, PKCE verifier, and where to go then."""

    state: str
    nonce: str
    verifier: str
    next_path: str


class SessionCookies:
    """Reads and writes both cookies. All services of an origin share the secret, so one login serves them all."""

    def __init__(self, secret: str, *, secure: bool) -> None:
        self._secret = secret.encode()
        self._secure = secure
        # A __Host- cookie cannot be planted by a neighbour domain, but browsers take it over https only.
        self._name = "__Host-gemeinsam" if secure else "gemeinsam"
        self._sessions = URLSafeTimedSerializer(secret, salt="gemeinsam.session.v1")
        self._logins = URLSafeTimedSerializer(secret, salt="gemeinsam.login.v1")

    def session(self, request: Request) -> Session | None:
        """The session of a request; None if there is none, it is too old or was not signed by us."""
        found = _opened(self._sessions, request.cookies.get(self._name), SESSION_SECONDS)
        return _session_from(found) if found else None

    def begin(self, response: Response, principal: Principal, id_token: str | None) -> Session:
        """Put a new session on the response; its id is new, so an id planted before the login is worth nothing."""
        hint = id_token if id_token and len(id_token) <= LONGEST_HINT else None
        session = Session(secrets.token_urlsafe(24), principal, hint)
        self._put(response, self._name, self._sessions.dumps(asdict(session)), SESSION_SECONDS)
        return session

    def end(self, response: Response) -> None:
        """Take the session's cookie back."""
        self._take_back(response, self._name)

    def remember(self, response: Response, login: LoginUnderWay) -> None:
        """Put a login under way on the response, each in a cookie of its own: two tabs may log in at once."""
        self._put(response, self._login_name(login.state), self._logins.dumps(asdict(login)), LOGIN_SECONDS)

    def recall(self, request: Request, state: str) -> LoginUnderWay | None:
        """The login under way that this browser began with this state."""
        found = _opened(self._logins, request.cookies.get(self._login_name(state)), LOGIN_SECONDS)
        if not found or not hmac.compare_digest(str(found.get("state", "")).encode(), state.encode()):
            return None
        return LoginUnderWay(**found)

    def forget(self, response: Response, state: str) -> None:
        """Take back the cookie of a login under way: a state is good for one answer."""
        self._take_back(response, self._login_name(state))

    def csrf_token(self, session: Session) -> str:
        """The token every form of this session sends along (bound to the session, not guessable without the secret)."""
        return hmac.new(self._secret, f"csrf:{session.session_id}".encode(), hashlib.sha256).hexdigest()

    def csrf_holds(self, session: Session, given: str) -> bool:
        """Whether a form's token is the session's."""
        return hmac.compare_digest(self.csrf_token(session).encode(), given.encode("utf-8", "surrogatepass"))

    def _login_name(self, state: str) -> str:
        return f"{self._name}-login-{hashlib.sha256(state.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"

    def _put(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=self._secure)

    def _take_back(self, response: Response, name: str) -> None:
        response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=self._secure)


def safe_path(asked: str | None, otherwise: str) -> str:
    """`asked` if it is a path on this origin, else `otherwise`: no other host, no scheme, no trick with slashes."""
    if not asked or not asked.startswith("/") or asked.startswith("//") or len(asked) > 1000:
        return otherwise
    if "\\" in asked or any(ord(character) < 33 or ord(character) == 127 for character in asked):
        return otherwise
    return asked


def _opened(serializer: URLSafeTimedSerializer, value: str | None, seconds: int) -> dict[str, Any] | None:
    if not value:
        return None
    try:
        found = serializer.loads(value, max_age=seconds)
    except BadSignature:
        return None
    return found if isinstance(found, dict) else None


def _session_from(found: dict[str, Any]) -> Session | None:
    try:
        said = found["principal"]
        principal = Principal(said["subject"], Role(said["role"]), tuple(said["areas"]), said["body"], said["source"])
        return Session(found["session_id"], principal, found["id_token"])
    except (KeyError, TypeError, ValueError):
        return None  # signed by an older release with another shape: log in again
