"""`/v1/declarations`: interest, declaration with evidence, Einvernehmen, decisions of the ministry, withdrawal."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from fastapi import APIRouter, Response, UploadFile
from pydantic import BaseModel, Field

from services.enrollment.api.parts import PROBLEMS, Ags, Code, Day, Line, Sent, Sha256, Use
from services.enrollment.domain.concurrence import ConcurrenceState
from services.enrollment.domain.declaration import Submission
from services.enrollment.domain.documents import LARGEST_BYTES
from services.enrollment.usecases.declarations import Standing
from shared.http import Bearer

router = APIRouter(prefix="/v1/declarations", tags=["declarations"], responses=PROBLEMS)

DOCUMENT: dict[str, dict[str, str]] = {"application/pdf": {}, "image/png": {}, "image/jpeg": {}}


class Signatory(Sent):
    """Who signed: a member of the Verwaltungsvorstand."""

    name: Line
    function: Line | None = None
    is_board_member: bool


class ManagingBody(Sent):
    """The one body in charge of the Geschäftsführung; `kind` is an open list (`KI`, `JUGENDAMT`, …, `OTHER`)."""

    kind: Code
    name: Line | None = None
    contact: Line | None = None


class DeclarationSent(Sent):
    """A declaration, its completion or its amendment: what is left out stays as it was.

    `evidence` is the SHA-256 of an uploaded document. Only the ministry gives `received_on`, for what came on paper.
    """

    evidence: Sha256 | None = None
    signed_on: Day | None = None
    signatory: Signatory | None = None
    managing_body: ManagingBody | None = None
    received_on: Day | None = None

    def submission(self) -> Submission:
        """As the rules read it."""
        signatory, body = self.signatory, self.managing_body
        return Submission(
            evidence=self.evidence or "",
            signed_on=self.signed_on,
            signatory_name=signatory.name if signatory else "",
            signatory_function=(signatory.function or "") if signatory else "",
            signatory_on_board=signatory.is_board_member if signatory else None,
            managing_body_kind=body.kind if body else "",
            managing_body_name=(body.name or "") if body else "",
            managing_body_contact=(body.contact or "") if body else "",
        )


class ConcurrenceSent(Sent):
    """A statement on the Einvernehmen; the municipality itself can only show a granted one, by `evidence`."""

    decision: Literal["GRANTED", "REFUSED", "REVOKED"]
    decided_on: Day | None = None
    evidence: Sha256 | None = None


class ReturnSent(Sent):
    """Why a declaration is sent back, as codes."""

    reasons: list[Code] = Field(min_length=1, max_length=20)


class WithdrawalSent(Sent):
    """The first day without membership; today if left out."""

    withdrawn_on: Day | None = None


class Uploaded(BaseModel):
    """Evidence that was taken in."""

    sha256: str
    media_type: str
    size_bytes: int


class ConcurrenceShown(BaseModel):
    """What is known of the Einvernehmen."""

    needed: bool
    state: str
    stated_by: str | None
    decided_on: date | None
    contradicted: bool


class DeclarationSummary(BaseModel):
    """Where a municipality stands: one status and three flags independent of it and of each other."""

    municipality: str
    name: str
    kind: str
    status: str
    received_on: date | None
    late: bool
    incomplete: bool
    concurrence_pending: bool
    is_member: bool
    missing: list[str]
    return_reasons: list[str]
    concurrence: ConcurrenceShown
    managing_body_kind: str


class Event(BaseModel):
    """A fact in the history, as published."""

    type: str
    data: dict[str, Any]
    recorded_at: datetime


class DeclarationShown(DeclarationSummary):
    """The whole declaration, for the municipality, its Kreis and the ministry."""

    evidence: str
    signed_on: date | None
    signatory_name: str
    signatory_function: str
    signatory_on_board: bool | None
    managing_body_name: str
    managing_body_contact: str
    history: list[Event]


@router.get("")
async def list_declarations(use: Use, principal: Bearer) -> list[DeclarationSummary]:
    """The declarations the caller may see: all for ministry, LaKI, JMD and science, else those of its areas."""
    return [DeclarationSummary(**_summary(standing)) for standing in await use.declarations.listed(principal)]


@router.get("/{ags}")
async def show_declaration(ags: Ags, use: Use, principal: Bearer) -> DeclarationShown:
    """Where a municipality stands, what is missing, and its history."""
    return _whole(await use.declarations.standing(principal, ags))


@router.put("/{ags}/interest")
async def declare_interest(ags: Ags, use: Use, principal: Bearer) -> DeclarationShown:
    """Note interest; again changes nothing."""
    return _whole(await use.declarations.declare_interest(principal, ags))


@router.post("/{ags}/documents", status_code=201)
async def upload_document(ags: Ags, document: UploadFile, use: Use, principal: Bearer) -> Uploaded:
    """Upload evidence: PDF, PNG or JPEG by content, at most 8 MB; the same bytes again are the same document."""
    kept = await use.declarations.upload(principal, ags, await document.read(LARGEST_BYTES + 1))
    return Uploaded(sha256=kept.sha256, media_type=kept.media_type, size_bytes=len(kept.content))


@router.get("/{ags}/documents/{sha256}", response_class=Response, responses={200: {"content": DOCUMENT}})
async def download_document(ags: Ags, sha256: Sha256, use: Use, principal: Bearer) -> Response:
    """The document itself."""
    kept = await use.declarations.document(principal, ags, sha256)
    return Response(kept.content, media_type=kept.media_type, headers={"Content-Disposition": "attachment"})


@router.put("/{ags}")
async def declare(ags: Ags, sent: DeclarationSent, use: Use, principal: Bearer) -> DeclarationShown:
    """Declare, complete or amend; the same again changes nothing. Late is a flag, nothing is rejected for it."""
    return _whole(await use.declarations.submit(principal, ags, sent.submission(), received_on=sent.received_on))


@router.post("/{ags}/concurrence")
async def state_concurrence(ags: Ags, sent: ConcurrenceSent, use: Use, principal: Bearer) -> DeclarationShown:
    """Grant, refuse or revoke the Einvernehmen, before or after the declaration."""
    return _whole(
        await use.declarations.state_concurrence(
            principal,
            ags,
            ConcurrenceState(sent.decision),
            decided_on=sent.decided_on,
            evidence=sent.evidence or "",
        )
    )


@router.post("/{ags}/acceptance")
async def accept(ags: Ags, use: Use, principal: Bearer) -> DeclarationShown:
    """The ministry accepts what came late or where Kreis and municipality contradict each other."""
    return _whole(await use.declarations.accept(principal, ags))


@router.post("/{ags}/return")
async def send_back(ags: Ags, sent: ReturnSent, use: Use, principal: Bearer) -> DeclarationShown:
    """The ministry sends a declaration back with reasons; an amendment brings it in again."""
    return _whole(await use.declarations.send_back(principal, ags, tuple(sent.reasons)))


@router.post("/{ags}/withdrawal")
async def withdraw(ags: Ags, sent: WithdrawalSent, use: Use, principal: Bearer) -> DeclarationShown:
    """Withdraw interest, declaration or membership."""
    return _whole(await use.declarations.withdraw(principal, ags, sent.withdrawn_on))


@router.put("/{ags}/managing-body")
async def change_managing_body(ags: Ags, sent: ManagingBody, use: Use, principal: Bearer) -> DeclarationShown:
    """Name another body for the Geschäftsführung: exactly one at a time."""
    submission = DeclarationSent(managing_body=sent).submission()
    return _whole(await use.declarations.change_managing_body(principal, ags, submission))


def _summary(standing: Standing) -> dict[str, Any]:
    held = standing.declaration
    return {
        "municipality": held.ags,
        "name": standing.area.name,
        "kind": str(standing.area.kind),
        "status": str(held.status),
        "received_on": held.received_on,
        "late": held.late,
        "incomplete": held.incomplete,
        "concurrence_pending": held.concurrence_pending,
        "is_member": held.is_member,
        "missing": [str(code) for code in held.missing],
        "return_reasons": list(held.return_reasons),
        "concurrence": ConcurrenceShown(
            needed=standing.area.needs_concurrence,
            state=str(held.concurrence.state),
            stated_by=str(held.concurrence.stated_by) if held.concurrence.stated_by else None,
            decided_on=held.concurrence.decided_on,
            contradicted=held.concurrence.contradicted,
        ),
        "managing_body_kind": held.submission.managing_body_kind,
    }


def _whole(standing: Standing) -> DeclarationShown:
    submission = standing.declaration.submission
    history = [Event(type=told.type, data=told.data, recorded_at=told.recorded_at) for told in standing.history]
    names = (
        "evidence",
        "signed_on",
        "signatory_name",
        "signatory_function",
        "signatory_on_board",
        "managing_body_name",
        "managing_body_contact",
    )
    own = {name: getattr(submission, name) for name in names}
    return DeclarationShown(**_summary(standing), **own, history=history)
