"""The tree of all errors a user can be told of; doors translate them to problem+json, nobody else catches.

GemeinsamError
├── BadRequest            400  the request cannot be read
├── Unauthenticated       401  no token or session, or one that is not valid
├── Forbidden             403  known, but not allowed
├── NotFound              404  there is no such thing, or not for this reader
├── RequestTimeout        408  the sender was too slow
├── Conflict              409  true a moment ago, not any more
├── Gone                  410  it was here and has been erased
├── Restricted            423  kept, and not to be used at present
├── TooLarge              413  more than is taken at once
├── UnsupportedMediaType  415  a content type that is not read here
├── Invalid               422  read, and a rule says no
├── RateLimited           429  too much at once; says when to come back
└── Unavailable           503  something we need is away; come back
"""

from __future__ import annotations

from typing import Any, ClassVar


class GemeinsamError(Exception):
    """Base of the tree. `detail` is one sentence for the caller and safe to show: no name, trait or token in it.

    `field` names the place in the input (dotted path), `details` are further members of the problem document.
    """

    status: ClassVar[int] = 500
    slug: ClassVar[str] = "internal"
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str | None = None, *, field: str | None = None, **details: Any) -> None:
        self.detail = detail or self.title
        self.field = field
        self.details = details
        super().__init__(self.detail)

    def problem(self) -> dict[str, Any]:
        """The problem document (RFC 9457) without its instance."""
        document: dict[str, Any] = {
            "type": f"urn:gemeinsam:problem:{self.slug}",
            "title": self.title,
            "status": self.status,
            "code": self.slug,
            "detail": self.detail,
        }
        if self.field is not None:
            document["field"] = self.field
        return document | self.details


class BadRequest(GemeinsamError):
    """The request cannot be read."""

    status, slug, title = 400, "bad_request", "The request cannot be read"


class Unauthenticated(GemeinsamError):
    """No credentials, or none that hold."""

    status, slug, title = 401, "unauthenticated", "A valid token is needed"


class Forbidden(GemeinsamError):
    """Known, but not allowed."""

    status, slug, title = 403, "forbidden", "This is not allowed for your role or area"


class NotFound(GemeinsamError):
    """There is no such thing, or not for this reader: the two are not told apart."""

    status, slug, title = 404, "not_found", "There is no such thing"


class RequestTimeout(GemeinsamError):
    """The sender was slower than the least rate taken."""

    status, slug, title = 408, "request_timeout", "The request came too slowly"


class Conflict(GemeinsamError):
    """The state has moved on, or the same key was used for something else."""

    status, slug, title = 409, "conflict", "This contradicts what is already known"


class Gone(GemeinsamError):
    """It was here and has been erased."""

    status, slug, title = 410, "erased", "This has been erased"


class Restricted(GemeinsamError):
    """It is kept and not to be used at present (Einschränkung der Verarbeitung, Art. 18 DSGVO)."""

    status, slug, title = 423, "restricted", "The processing of these data is restricted"


class TooLarge(GemeinsamError):
    """More than is taken at once."""

    status, slug, title = 413, "too_large", "The request is too large"


class UnsupportedMediaType(GemeinsamError):
    """A content type that is not read here."""

    status, slug, title = 415, "unsupported_media_type", "This content type is not read here"


class Invalid(GemeinsamError):
    """Read, and a rule says no."""

    status, slug, title = 422, "invalid", "A rule of the programme is not met"


class RateLimited(GemeinsamError):
    """Too much at once; `retry_after_seconds` says when to come back."""

    status, slug, title = 429, "rate_limited", "Too many requests"

    def __init__(self, detail: str | None = None, *, retry_after_seconds: int = 1, **details: Any) -> None:
        super().__init__(detail, **details)
        self.retry_after_seconds = retry_after_seconds


class Unavailable(GemeinsamError):
    """Something this service needs is away for the moment."""

    status, slug, title = 503, "unavailable", "Not available at the moment"
