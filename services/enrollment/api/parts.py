"""What the municipalities' routes share: the use cases, and how keys, days, moments and texts are written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any, cast

from fastapi import Depends, Header, Request
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from services.enrollment.usecases.municipalities import Municipalities

_EARLIEST, _LATEST = 2000, 2100  # years between which the programme's dates lie


_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "field": {"type": "string"},
        "reason": {"type": "string"},
    },
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {"application/problem+json": {"schema": _PROBLEM}}}
    for status, said in {
        400: "The request cannot be read",
        401: "A valid token is needed",
        403: "Not allowed for this role or area",
        404: "There is no such thing",
        409: "Contradicts what is already known",
        413: "Larger than is taken",
        415: "A content type that is not read here",
        422: "A rule of the programme is not met; `field` says where",
    }.items()
}


class Sent(BaseModel):
    """A request's body: fields we do not know are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid")


def _in_our_time(moment: datetime) -> datetime:
    if not datetime(_EARLIEST, 1, 1, tzinfo=UTC) <= moment < datetime(_LATEST, 1, 1, tzinfo=UTC):
        raise ValueError(f"the years {_EARLIEST} to {_LATEST - 1} are taken")
    return moment.astimezone(UTC)


def _in_our_years(day: date) -> date:
    if not _EARLIEST <= day.year < _LATEST:
        raise ValueError(f"the years {_EARLIEST} to {_LATEST - 1} are taken")
    return day


def use_cases(request: Request) -> Municipalities:
    """The use cases, as `app.py` has put them on the application."""
    return cast(Municipalities, request.app.state.municipalities)


Use = Annotated[Municipalities, Depends(use_cases)]
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r"^[A-Za-z0-9._:-]{1,80}$",
        description="a name of this request: sent again, it finds what it made; without one the content is the name",
    ),
]
Ags = Annotated[str, StringConstraints(pattern=r"^05[0-9]{6}$"), Field(description="AGS, a Kreis as five digits + 000")]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,60}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:/-]{1,80}$")]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Day = Annotated[date, AfterValidator(_in_our_years)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
Line = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Paragraph = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20_000, pattern=r"^[^\x00]*$")]
