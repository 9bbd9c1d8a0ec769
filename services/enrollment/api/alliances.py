"""`/v1/alliances` and `/v1/practices`: partners, needs analyses, approaches, good practices."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter
from pydantic import BaseModel, Field

from services.enrollment.api.parts import PROBLEMS, Ags, Code, Day, Id, Key, Line, Paragraph, Sent, Sha256, Use
from services.enrollment.domain.alliance import Field as PartnerField
from services.enrollment.domain.alliance import Partner, PartnerRole
from services.enrollment.domain.submission import Approach, NeedsAnalysis, Practice
from services.enrollment.usecases.planning import AllianceView
from shared.http import Bearer

router = APIRouter(prefix="/v1", tags=["alliances"], responses=PROBLEMS)

Codes = Annotated[list[Code], Field(max_length=50)]


class PartnerSent(Sent):
    """An organisation that joins; `stands_for`: its Rechtskreise, or the civil society."""

    organisation: Line
    role: PartnerRole = PartnerRole.PARTNER
    stands_for: list[PartnerField] = Field(min_length=1, max_length=8)
    joined_on: Day | None = None


class PartnerShown(BaseModel):
    """A partner from `joined_on` to the day before `left_on`."""

    partner_id: str
    organisation: str
    role: PartnerRole
    stands_for: list[PartnerField]
    joined_on: date
    left_on: date | None


class AllianceShown(BaseModel):
    """The alliance today, and the Rechtskreise nobody stands for."""

    municipality: str
    partners: list[PartnerShown]
    missing: list[PartnerField]


class AnalysisSent(Sent):
    """An analysis of needs and offers; `gaps` are measure types or categories, `document` an upload's SHA-256."""

    target_group: Annotated[int, Field(ge=0, le=1_000_000)] | None = None
    needs: Paragraph
    offers: Paragraph
    gaps: Codes = Field(default_factory=list)
    document: Sha256 | None = None


class ApproachSent(Sent):
    """A municipal approach (Handlungsansatz)."""

    title: Line
    summary: Paragraph
    bausteine: Codes = Field(default_factory=list)
    document: Sha256 | None = None


class SubmissionsShown(BaseModel):
    """What a municipality has handed in, the newest first."""

    needs_analyses: list[NeedsAnalysis]
    approaches: list[Approach]


class PracticeSent(Sent):
    """A good practice to present to the others."""

    municipality: Ags
    title: Line
    summary: Paragraph
    bausteine: Codes = Field(default_factory=list)


@router.get("/alliances/{ags}")
async def show_alliance(ags: Ags, use: Use, principal: Bearer) -> AllianceShown:
    """An alliance today."""
    return _alliance(await use.planning.alliance(principal, ags))


@router.post("/alliances/{ags}/partners", status_code=201)
async def add_partner(ags: Ags, sent: PartnerSent, use: Use, principal: Bearer) -> AllianceShown:
    """Let an organisation join; one Geschäftsführende Stelle at a time."""
    joined_on = sent.joined_on or use.today()
    fields = tuple(dict.fromkeys(sent.stands_for))
    partner = Partner(_new("p"), ags, sent.organisation, sent.role, fields, joined_on)
    return _alliance(await use.planning.add_partner(principal, partner))


@router.delete("/alliances/{ags}/partners/{partner_id}")
async def remove_partner(ags: Ags, partner_id: Id, use: Use, principal: Bearer) -> AllianceShown:
    """Let a partner leave today."""
    return _alliance(await use.planning.remove_partner(principal, ags, partner_id))


@router.get("/alliances/{ags}/submissions")
async def list_submissions(ags: Ags, use: Use, principal: Bearer) -> SubmissionsShown:
    """Needs analyses and approaches."""
    analyses, approaches = await use.planning.submissions(principal, ags)
    return SubmissionsShown(needs_analyses=analyses, approaches=approaches)


@router.post("/alliances/{ags}/needs-analyses", status_code=201)
async def submit_analysis(ags: Ags, sent: AnalysisSent, use: Use, principal: Bearer, key: Key = None) -> NeedsAnalysis:
    """Hand in an analysis of needs and offers."""
    analysis = NeedsAnalysis(
        analysis_id="",
        municipality=ags,
        submitted_on=use.today(),
        target_group=sent.target_group,
        needs=sent.needs,
        offers=sent.offers,
        gaps=tuple(sent.gaps),
        document=sent.document or "",
    )
    return await use.planning.submit_analysis(principal, analysis, key)


@router.post("/alliances/{ags}/approaches", status_code=201)
async def submit_approach(ags: Ags, sent: ApproachSent, use: Use, principal: Bearer, key: Key = None) -> Approach:
    """Hand in an approach: the gate to funding; members only."""
    bausteine = tuple(sent.bausteine)
    approach = Approach("", ags, use.today(), sent.title, sent.summary, bausteine, sent.document or "")
    return await use.planning.submit_approach(principal, approach, key)


@router.get("/practices")
async def list_practices(use: Use, principal: Bearer) -> list[Practice]:
    """Published practices; those not yet published for the ministry and who presented them."""
    return await use.planning.practices(principal)


@router.post("/practices", status_code=201)
async def submit_practice(sent: PracticeSent, use: Use, principal: Bearer, key: Key = None) -> Practice:
    """Present a good practice."""
    bausteine = tuple(sent.bausteine)
    practice = Practice("", sent.municipality, sent.title, sent.summary, bausteine, use.today())
    return await use.planning.submit_practice(principal, practice, key)


@router.put("/practices/{practice_id}/publication")
async def publish_practice(practice_id: Id, use: Use, principal: Bearer) -> Practice:
    """The ministry publishes a practice."""
    return await use.planning.publish_practice(principal, practice_id)


@router.put("/practices/{practice_id}/reuses/{ags}")
async def reuse_practice(practice_id: Id, ags: Ags, use: Use, principal: Bearer) -> Practice:
    """Mark a practice as re-used by a municipality."""
    return await use.planning.reuse_practice(principal, practice_id, ags)


def _new(prefix: str) -> str:
    return f"{prefix}-{uuid4().hex[:16]}"


def _alliance(view: AllianceView) -> AllianceShown:
    partners = []
    for partner in view.partners:
        values = asdict(partner)
        values["stands_for"] = list(values.pop("fields"))
        partners.append(PartnerShown(**values))
    return AllianceShown(municipality=view.ags, partners=partners, missing=list(view.missing))
