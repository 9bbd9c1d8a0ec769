"""`/alliances/{ags}` and `/practices`: partners, needs analysis, approach, good practices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from services.enrollment.domain.alliance import Field, Partner, PartnerRole
from services.enrollment.domain.registry import Entry
from services.enrollment.domain.submission import Approach, NeedsAnalysis, Practice
from services.enrollment.pages.desk import Desk, Pages, acts_for, attempt, own_areas, page_router
from services.enrollment.pages.forms import LONGEST_TEXT, Sent
from services.enrollment.pages.translations import TEXTS
from services.enrollment.usecases.telling import new_id
from shared.auth import Principal, Role
from shared.contracts.measures import CODES_AND_CATEGORIES, MEASURE_TYPES
from shared.errors import GemeinsamError, Invalid, NotFound
from shared.web import CsrfChecked, Visitor
from shared.web.texts import language_of

router = page_router()


@dataclass(frozen=True, slots=True)
class Page:
    """One alliance's page for one visitor."""

    request: Request
    visitor: Principal
    desk: Desk
    ags: str

    async def show(self, problem: GemeinsamError | None = None, sent: dict[str, str] | None = None) -> Response:
        """The page, after a form that could not be taken with the reason and what was sent."""
        planning = self.desk.use.planning
        view = await planning.alliance(self.visitor, self.ags)
        analyses, approaches = await planning.submissions(self.visitor, self.ags)
        bausteine = await self.desk.use.money.bausteine()
        return self.desk.render(
            self.request,
            "alliance.html",
            problem=problem,
            sent=sent or {},
            ags=self.ags,
            partners=[one for one in view.partners if one.present(view.on) or one.joined_on > view.on],
            missing=view.missing,
            analyses=analyses,
            approaches=approaches,
            acts=acts_for(self.visitor, self.ags),
            roles=list(PartnerRole),
            fields=list(Field),
            bausteine=[one for one in bausteine if one.valid_on(view.on) and one.scope in ("05000000", self.ags)],
            measures=list(MEASURE_TYPES.values()),
            gap_name=lambda code: _gap_name(code, language_of(self.request)),
        )

    async def attempt(self, action: Any, said: str, sent: dict[str, str] | None = None) -> Response:
        """Carry an action out and come back to the page."""
        done = self.desk.to(f"alliances/{self.ags}", said)
        return await attempt(action, done=done, again=lambda problem: self.show(problem, sent))


def _gap_name(code: str, language: str) -> str:
    measure = MEASURE_TYPES.get(code)
    if measure is not None:
        return measure.name_de if language == "de" else measure.name_en
    return TEXTS[language].get(f"category.{code}", code)


def _page(request: Request, visitor: Principal, pages: Desk, ags: str) -> Page:
    if pages.use.areas.find(ags, pages.use.today()) is None:
        raise NotFound("there is no such municipality")
    return Page(request, visitor, pages, ags)


@router.get("/alliances/{ags}")
async def show(request: Request, visitor: Visitor, pages: Pages, ags: str) -> Response:
    """An alliance and what it has handed in."""
    return await _page(request, visitor, pages, ags).show()


@router.post("/alliances/{ags}/partners", dependencies=[CsrfChecked])
async def add_partner(request: Request, visitor: Visitor, pages: Pages, ags: str) -> Response:
    """Let an organisation join."""
    page, sent = _page(request, visitor, pages, ags), await Sent.read(request)

    async def act() -> None:
        fields = tuple(field for field in Field if str(field) in sent.texts("stands_for"))
        role = next((role for role in PartnerRole if str(role) == sent.text("role")), PartnerRole.PARTNER)
        joined_on = sent.day("joined_on") or pages.use.today()
        partner = Partner(new_id("p"), ags, sent.needed("organisation"), role, fields, joined_on)
        await pages.use.planning.add_partner(visitor, partner)

    return await page.attempt(act(), "partner_added", sent.values())


@router.post("/alliances/{ags}/partners/{partner_id}/leave", dependencies=[CsrfChecked])
async def remove_partner(request: Request, visitor: Visitor, pages: Pages, ags: str, partner_id: str) -> Response:
    """Let a partner leave today."""
    page = _page(request, visitor, pages, ags)
    return await page.attempt(pages.use.planning.remove_partner(visitor, ags, partner_id), "partner_left")


@router.post("/alliances/{ags}/bausteine", dependencies=[CsrfChecked])
async def add_baustein(request: Request, visitor: Visitor, pages: Pages, ags: str) -> Response:
    """Add a Baustein for this municipality alone, or change it."""
    page, sent = _page(request, visitor, pages, ags), await Sent.read(request)

    async def act() -> None:
        titles = sent.needed("title_de"), sent.needed("title_en")
        code = sent.needed("code").upper()
        entry = Entry(code, *titles, sent.needed_day("valid_from"), sent.day("valid_to"), scope=ags)
        await pages.use.money.put_baustein(visitor, entry)

    return await page.attempt(act(), "entry_added", sent.values())


async def _document(page: Page, sent: Sent) -> str:
    content = await sent.file("document")
    if content is None:
        return ""
    return (await page.desk.use.declarations.upload(page.visitor, page.ags, content)).sha256


@router.post("/alliances/{ags}/needs", dependencies=[CsrfChecked])
async def submit_analysis(request: Request, visitor: Visitor, pages: Pages, ags: str) -> Response:
    """Hand in an analysis of needs and offers."""
    page, sent = _page(request, visitor, pages, ags), await Sent.read(request)

    async def act() -> None:
        gaps = tuple(code for code in sent.texts("gaps") if code in CODES_AND_CATEGORIES)
        analysis = NeedsAnalysis(
            analysis_id="",
            municipality=ags,
            submitted_on=pages.use.today(),
            target_group=sent.number("target_group", 1_000_000),
            needs=sent.needed("needs", longest=LONGEST_TEXT),
            offers=sent.text("offers", longest=LONGEST_TEXT),
            gaps=gaps,
            document=await _document(page, sent),
        )
        await pages.use.planning.submit_analysis(visitor, analysis, sent.key())

    return await page.attempt(act(), "analysis_submitted", sent.values())


@router.post("/alliances/{ags}/approach", dependencies=[CsrfChecked])
async def submit_approach(request: Request, visitor: Visitor, pages: Pages, ags: str) -> Response:
    """Hand in an approach."""
    page, sent = _page(request, visitor, pages, ags), await Sent.read(request)

    async def act() -> None:
        approach = Approach(
            approach_id="",
            municipality=ags,
            submitted_on=pages.use.today(),
            title=sent.needed("title"),
            summary=sent.needed("summary", longest=LONGEST_TEXT),
            bausteine=sent.texts("bausteine"),
            document=await _document(page, sent),
        )
        await pages.use.planning.submit_approach(visitor, approach, sent.key())

    return await page.attempt(act(), "approach_submitted", sent.values())


@router.get("/practices")
async def practices(request: Request, visitor: Visitor, pages: Pages) -> Response:
    """Good practices of all."""
    return await _practices(request, visitor, pages)


async def _practices(
    request: Request,
    visitor: Principal,
    pages: Desk,
    problem: GemeinsamError | None = None,
    sent: dict[str, str] | None = None,
) -> Response:
    bausteine = await pages.use.money.bausteine()
    return pages.render(
        request,
        "practices.html",
        problem=problem,
        sent=sent or {},
        practices=await pages.use.planning.practices(visitor),
        own=own_areas(visitor),
        is_ministry=visitor.role is Role.MINISTRY,
        bausteine=[one for one in bausteine if one.valid_on(pages.use.today())],
    )


@router.post("/practices", dependencies=[CsrfChecked])
async def submit_practice(request: Request, visitor: Visitor, pages: Pages) -> Response:
    """Present a good practice."""
    sent = await Sent.read(request)

    async def act() -> None:
        practice = Practice(
            "",
            sent.ags("municipality"),
            sent.needed("title"),
            sent.needed("summary", longest=LONGEST_TEXT),
            sent.texts("bausteine"),
            pages.use.today(),
        )
        await pages.use.planning.submit_practice(visitor, practice, sent.key())

    return await attempt(
        act(),
        done=pages.to("practices", "practice_submitted"),
        again=lambda problem: _practices(request, visitor, pages, problem, sent.values()),
    )


@router.post("/practices/{practice_id}", dependencies=[CsrfChecked])
async def move_practice(request: Request, visitor: Visitor, pages: Pages, practice_id: str) -> Response:
    """Publish, or mark as re-used: by the button pressed."""
    sent = await Sent.read(request)

    async def act() -> None:
        if sent.text("act") == "publish":
            await pages.use.planning.publish_practice(visitor, practice_id)
        elif sent.text("act") == "reuse":
            await pages.use.planning.reuse_practice(visitor, practice_id, sent.ags("municipality"))
        else:
            raise Invalid("nothing was chosen", field="act", reason="nothing_chosen")

    return await attempt(
        act(),
        done=pages.to("practices", "practice_changed"),
        again=lambda problem: _practices(request, visitor, pages, problem),
    )
