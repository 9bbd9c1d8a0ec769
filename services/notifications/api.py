"""`/v1/contacts` and `/v1/recipients`: the mail boxes written to about the programme, and about findings."""

from __future__ import annotations

from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Depends, FastAPI, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.notifications.domain.box import BODIES, LONGEST, Box, Kind
from services.notifications.usecases.boxes import Boxes
from shared.http import Bearer

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {name: {"type": "string"} for name in ("type", "title", "code", "detail", "field", "reason")}
    | {"status": {"type": "integer"}},
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {"application/problem+json": {"schema": _PROBLEM}}}
    for status, said in {
        400: "The request cannot be read",
        401: "A valid token is needed",
        403: "Not allowed for this role or area",
        404: "There is no such box",
        422: "A rule is not met; `field` says where",
    }.items()
}
router = APIRouter(prefix="/v1", tags=["mail boxes"], responses=PROBLEMS)


def boxes_of(request: Request) -> Boxes:
    """The use cases, as `routes` has put them on the application."""
    return cast(Boxes, request.app.state.boxes)


Use = Annotated[Boxes, Depends(boxes_of)]
Ags = Annotated[str, StringConstraints(pattern=r"^05[0-9]{6}$")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
Address = Annotated[str, Field(max_length=LONGEST, description="an e-mail address")]
Area = Annotated[Ags | None, Query(description="one area only; a Kreis is five digits + 000")]


class _Sent(BaseModel):
    model_config = ConfigDict(extra="forbid")

    area: Ags = Field(description="AGS; the ministry's own box and the operator's: 05000000")
    address: Address
    language: Literal["de", "en"] = "de"


class ContactSent(_Sent):
    """A box written to about what happens to the area in the programme, as the role it belongs to."""

    role: Literal["managing_body", "district", "jmd", "ministry", "operator"]


class RecipientSent(_Sent):
    """A box written to about findings in the area, from the least severity it wants."""

    role: Literal["case_manager", "managing_body", "district"] = "case_manager"
    min_severity: Literal["info", "warning", "critical"] = "warning"
    body: Annotated[
        str, Field(max_length=80, description="the caller's own, also if left out", examples=list(BODIES))
    ] = ""


class ContactShown(BaseModel):
    """A contact with its number."""

    contact_id: int
    area: str
    role: str
    address: str
    language: str


class RecipientShown(BaseModel):
    """A recipient with its number."""

    recipient_id: int
    area: str
    role: str
    address: str
    language: str
    min_severity: str
    body: str


@router.get("/contacts")
async def list_contacts(use: Use, principal: Bearer, area: Area = None) -> list[ContactShown]:
    """The contacts the caller keeps: those of its areas, for the ministry all."""
    return [_contact(box) for box in await use.listed(principal, Kind.CONTACTS, area)]


@router.put("/contacts")
async def put_contact(sent: ContactSent, use: Use, principal: Bearer) -> ContactShown:
    """Enter a contact or change its language; the same again changes nothing."""
    return _contact(await use.put(principal, Kind.CONTACTS, Box(**sent.model_dump())))


@router.delete("/contacts/{contact_id}", status_code=204)
async def remove_contact(contact_id: Number, use: Use, principal: Bearer) -> None:
    """Take a contact off: its address is deleted, what waits for it is not sent."""
    await use.remove(principal, Kind.CONTACTS, contact_id)


@router.get("/recipients")
async def list_recipients(use: Use, principal: Bearer, area: Area = None) -> list[RecipientShown]:
    """The recipients of findings in the caller's areas."""
    return [_recipient(box) for box in await use.listed(principal, Kind.RECIPIENTS, area)]


@router.put("/recipients")
async def put_recipient(sent: RecipientSent, use: Use, principal: Bearer) -> RecipientShown:
    """Enter a recipient or change language, severity and body; the same again changes nothing."""
    return _recipient(await use.put(principal, Kind.RECIPIENTS, Box(**sent.model_dump())))


@router.delete("/recipients/{recipient_id}", status_code=204)
async def remove_recipient(recipient_id: Number, use: Use, principal: Bearer) -> None:
    """Take a recipient off: its address is deleted, what waits for it is not sent."""
    await use.remove(principal, Kind.RECIPIENTS, recipient_id)


def routes(app: FastAPI, use: Boxes) -> None:
    """Hang the routes on the application."""
    app.state.boxes = use
    app.include_router(router)


def _contact(box: Box) -> ContactShown:
    return ContactShown(contact_id=box.box_id, area=box.area, role=box.role, address=box.address, language=box.language)


def _recipient(box: Box) -> RecipientShown:
    return RecipientShown(
        recipient_id=box.box_id,
        area=box.area,
        role=box.role,
        address=box.address,
        language=box.language,
        min_severity=box.min_severity,
        body=box.body,
    )
