"""`/declarations/{ags}`: declare with upload, see what is missing, give the Einvernehmen, decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from services.enrollment.domain.concurrence import ConcurrenceState
from services.enrollment.domain.declaration import MANAGING_BODY_KINDS, ReturnReason, Status, Submission
from services.enrollment.pages.desk import Desk, Pages, acts_for, attempt, page_router
from services.enrollment.pages.forms import Sent
from shared.auth import Principal, Role
from shared.errors import GemeinsamError, NotFound
from shared.web import CsrfChecked, Visitor

router = page_router()

DECIDES = {"grant": ConcurrenceState.GRANTED, "refuse": ConcurrenceState.REFUSED, "revoke": ConcurrenceState.REVOKED}


@dataclass(frozen=True, slots=True)
class Page:
    """One municipality's page for one visitor."""

    request: Request
    visitor: Principal
    desk: Desk
    ags: str

    async def show(self, problem: GemeinsamError | None = None, sent: dict[str, str] | None = None) -> Response:
        """The page, after a form that could not be taken with the reason and what was sent."""
        standing = await self.desk.use.declarations.standing(self.visitor, self.ags)
        programme, _ = await self.desk.use.programme.current()
        held = standing.declaration
        is_kreis = self.visitor.role is Role.DISTRICT and standing.area.district in self.visitor.areas
        return self.desk.render(
            self.request,
            "declaration.html",
            problem=problem,
            sent=sent or {},
            standing=standing,
            held=held,
            programme=programme,
            acts=acts_for(self.visitor, self.ags),
            is_kreis=is_kreis and standing.area.needs_concurrence,
            is_ministry=self.visitor.role is Role.MINISTRY,
            can_declare=held.status is not Status.CLOSED,
            kinds=MANAGING_BODY_KINDS,
            reasons=[str(reason) for reason in ReturnReason],
            values=_values(held.submission),
        )

    async def attempt(self, action: Any, said: str, sent: dict[str, str] | None = None) -> Response:
        """Carry an action out and come back to the page."""
        done = self.desk.to(f"declarations/{self.ags}", said)
        return await attempt(action, done=done, again=lambda problem: self.show(problem, sent))


def _values(held: Submission) -> dict[str, str]:
    values = {name: str(getattr(held, name) or "") for name in Submission.__slots__}
    return values | {"signatory_on_board": "1" if held.signatory_on_board else ""}


@router.get("/declarations/{ags}")
async def show(request: Request, visitor: Visitor, pages: Pages, ags: str) -> Response:
    """Where the municipality stands."""
    return await Page(request, visitor, pages, _key(pages, ags)).show()


@router.get("/declarations/{ags}/documents/{sha256}")
async def document(visitor: Visitor, pages: Pages, ags: str, sha256: str) -> Response:
    """Evidence as it was handed in; always to be saved, never shown in our origin."""
    kept = await pages.use.declarations.document(visitor, _key(pages, ags), sha256)
    ending = kept.media_type.rpartition("/")[2]
    return Response(
        kept.content,
        media_type=kept.media_type,
        headers={"Content-Disposition": f'attachment; filename="{ags}-{sha256[:8]}.{ending}"'},
    )


@router.post("/declarations/{ags}/interest", dependencies=[CsrfChecked])
async def interest(request: Request, visitor: Visitor, pages: Pages, ags: str) -> Response:
    """Declare interest."""
    page = Page(request, visitor, pages, _key(pages, ags))
    return await page.attempt(pages.use.declarations.declare_interest(visitor, page.ags), "interest")


@router.post("/declarations/{ags}/submit", dependencies=[CsrfChecked])
async def submit(request: Request, visitor: Visitor, pages: Pages, ags: str) -> Response:
    """Declare, complete or amend."""
    page = Page(request, visitor, pages, _key(pages, ags))
    sent = await Sent.read(request)
    return await page.attempt(_submit(page, sent), "submitted", sent.values())


async def _submit(page: Page, sent: Sent) -> None:
    use = page.desk.use.declarations
    content = await sent.file("document")
    evidence = await use.upload(page.visitor, page.ags, content) if content is not None else None
    submission = Submission(
        evidence=evidence.sha256 if evidence else "",
        signed_on=sent.day("signed_on"),
        signatory_name=sent.text("signatory_name"),
        signatory_function=sent.text("signatory_function"),
        signatory_on_board=sent.ticked("signatory_on_board"),
        managing_body_kind=sent.text("managing_body_kind"),
        managing_body_name=sent.text("managing_body_name"),
        managing_body_contact=sent.text("managing_body_contact"),
    )
    await use.submit(page.visitor, page.ags, submission, received_on=sent.day("received_on"))


@router.post("/declarations/{ags}/concurrence", dependencies=[CsrfChecked])
async def concurrence(request: Request, visitor: Visitor, pages: Pages, ags: str) -> Response:
    """The Kreis grants, refuses or revokes its Einvernehmen; the municipality shows a granted one."""
    page = Page(request, visitor, pages, _key(pages, ags))
    sent = await Sent.read(request)
    return await page.attempt(_concurrence(page, sent), "concurrence", sent.values())


async def _concurrence(page: Page, sent: Sent) -> None:
    use = page.desk.use.declarations
    state = DECIDES.get(sent.text("decision"), ConcurrenceState.GRANTED)
    content = await sent.file("document")
    evidence = (await use.upload(page.visitor, page.ags, content)).sha256 if content is not None else ""
    decided_on = sent.day("decided_on")
    await use.state_concurrence(page.visitor, page.ags, state, decided_on=decided_on, evidence=evidence)


@router.post("/declarations/{ags}/accept", dependencies=[CsrfChecked])
async def accept(request: Request, visitor: Visitor, pages: Pages, ags: str) -> Response:
    """The ministry accepts."""
    page = Page(request, visitor, pages, _key(pages, ags))
    return await page.attempt(pages.use.declarations.accept(visitor, page.ags), "accepted")


@router.post("/declarations/{ags}/return", dependencies=[CsrfChecked])
async def send_back(request: Request, visitor: Visitor, pages: Pages, ags: str) -> Response:
    """The ministry sends the declaration back."""
    page = Page(request, visitor, pages, _key(pages, ags))
    known = {str(reason) for reason in ReturnReason}
    reasons = tuple(reason for reason in (await Sent.read(request)).texts("reasons") if reason in known)
    return await page.attempt(pages.use.declarations.send_back(visitor, page.ags, reasons), "returned")


@router.post("/declarations/{ags}/withdraw", dependencies=[CsrfChecked])
async def withdraw(request: Request, visitor: Visitor, pages: Pages, ags: str) -> Response:
    """Withdraw, from today or an earlier day."""
    page, sent = Page(request, visitor, pages, _key(pages, ags)), await Sent.read(request)

    async def act() -> None:
        await pages.use.declarations.withdraw(visitor, page.ags, sent.day("withdrawn_on"))

    return await page.attempt(act(), "withdrawn", sent.values())


def _key(pages: Desk, ags: str) -> str:
    if pages.use.areas.find(ags, pages.use.today()) is None:
        raise NotFound("there is no such municipality")
    return ags
