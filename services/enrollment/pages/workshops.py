"""`/workshops`: offer, ask for, take on, book, cancel, note who was there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from services.enrollment.domain.declaration import Status
from services.enrollment.domain.seats import Booking, Place
from services.enrollment.domain.workshop import Kind, Slot, State, Workshop
from services.enrollment.pages.desk import Desk, Pages, attempt, own_areas, page_router
from services.enrollment.pages.forms import Sent
from services.enrollment.usecases.bookings import Attendee
from services.enrollment.usecases.calendar_file import calendar
from services.enrollment.usecases.workshops import check_host
from shared.auth import Principal, Role
from shared.clock import BERLIN
from shared.errors import Forbidden, GemeinsamError
from shared.web import CsrfChecked, Visitor

router = page_router()

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)  # requests without a date come first


@router.get("/workshops")
async def listed(request: Request, visitor: Visitor, pages: Pages) -> Response:
    """All workshops, and the forms to offer or ask for one."""
    return await _list(request, visitor, pages)


async def _list(
    request: Request,
    visitor: Principal,
    pages: Desk,
    problem: GemeinsamError | None = None,
    sent: dict[str, str] | None = None,
) -> Response:
    views = await pages.use.workshops.listed(visitor)
    own = pages.own(visitor)
    members = [await pages.use.declarations.standing(visitor, ags) for ags in own]
    mine = {ags: await pages.use.bookings.of_area(visitor, ags) for ags in own}
    held = {workshop_id for bookings in mine.values() for workshop_id, one in bookings if one.place != Place.CANCELLED}
    programme, _ = await pages.use.programme.current()
    coming = [view for view in views if view.workshop.state in (State.OFFERED, State.ASSIGNED, State.REQUESTED)]
    coming.sort(key=lambda view: view.workshop.slot.starts_at if view.workshop.slot else _BEFORE_ALL)
    return pages.render(
        request,
        "workshops.html",
        problem=problem,
        sent=sent or {},
        groups=[
            ("upcoming", coming),
            ("past", [v for v in views if v.workshop.state in (State.HELD, State.CANCELLED)]),
        ],
        held=held,
        programme=programme,
        may_offer=visitor.role in (Role.LAKI, Role.MINISTRY),
        may_request=[one.area for one in members if one.declaration.is_member],
    )


@router.post("/workshops/offer", dependencies=[CsrfChecked])
async def offer(request: Request, visitor: Visitor, pages: Pages) -> Response:
    """The LaKI offers a development workshop."""
    sent = await Sent.read(request)

    async def act() -> None:
        await pages.use.workshops.offer(visitor, _slot(sent), sent.key())

    return await attempt(
        act(),
        done=pages.to("workshops", "workshop_offered"),
        again=lambda problem: _list(request, visitor, pages, problem, sent.values()),
    )


@router.post("/workshops/request", dependencies=[CsrfChecked])
async def ask(request: Request, visitor: Visitor, pages: Pages) -> Response:
    """A member asks for a starter workshop."""
    sent = await Sent.read(request)

    async def act() -> None:
        await pages.use.workshops.request(visitor, sent.ags("municipality"))

    return await attempt(
        act(),
        done=pages.to("workshops", "workshop_requested"),
        again=lambda problem: _list(request, visitor, pages, problem),
    )


def _slot(sent: Sent) -> Slot:
    return Slot(
        title=sent.needed("title"),
        starts_at=sent.moment("starts_at"),
        ends_at=sent.moment("ends_at"),
        venue=sent.ags("venue"),
        place=sent.needed("place"),
        seats=sent.number("seats", 500) or 0,
    )


@dataclass(frozen=True, slots=True)
class Page:
    """One workshop's page for one visitor."""

    request: Request
    visitor: Principal
    desk: Desk
    workshop_id: str

    async def show(self, problem: GemeinsamError | None = None, sent: dict[str, str] | None = None) -> Response:
        """The page, after a form that could not be taken with the reason and what was sent."""
        view = await self.desk.use.workshops.found(self.workshop_id)
        bookings = await self.desk.use.bookings.of_workshop(self.visitor, self.workshop_id)
        workshop = view.workshop
        return self.desk.render(
            self.request,
            "workshop.html",
            problem=problem,
            sent=sent or _slot_values(workshop),
            view=view,
            workshop=workshop,
            bookings=[one for one in bookings if one.place is not Place.CANCELLED],
            hosts=_hosts(self.visitor, workshop),
            may_assign=self.visitor.role is Role.JMD and workshop.state is State.REQUESTED,
            may_book=await self._bookable_for(workshop),
            may_call_off=_hosts(self.visitor, workshop) or workshop.municipality in own_areas(self.visitor),
            is_own=lambda booking: _is_own(self.visitor, booking),
        )

    async def _bookable_for(self, workshop: Workshop) -> list[str]:
        if workshop.state is not State.OFFERED:
            return []
        standings = [
            await self.desk.use.declarations.standing(self.visitor, ags) for ags in self.desk.own(self.visitor)
        ]
        closed = (Status.NOT_DECLARED, Status.WITHDRAWN, Status.CLOSED)
        return [
            one.declaration.ags
            for one in standings
            if one.declaration.is_member or (workshop.kind is Kind.DEVELOPMENT and one.declaration.status not in closed)
        ]

    async def attempt(self, action: Any, said: str, sent: dict[str, str] | None = None) -> Response:
        """Carry an action out and come back to the page."""
        done = self.desk.to(f"workshops/{self.workshop_id}", said)
        return await attempt(action, done=done, again=lambda problem: self.show(problem, sent))


def _hosts(visitor: Principal, workshop: Workshop) -> bool:
    try:
        check_host(visitor, workshop)
    except Forbidden:
        return False
    return True


def _is_own(visitor: Principal, booking: Booking) -> bool:
    return booking.municipality in own_areas(visitor)


def _slot_values(workshop: Workshop) -> dict[str, str]:
    slot = workshop.slot
    if slot is None:
        return {"venue": workshop.municipality or ""}
    return {
        "title": slot.title,
        "starts_at": _local(slot.starts_at),
        "ends_at": _local(slot.ends_at),
        "venue": slot.venue,
        "place": slot.place,
        "seats": str(slot.seats),
    }


def _local(moment: datetime) -> str:
    return moment.astimezone(BERLIN).strftime("%Y-%m-%dT%H:%M")


@router.get("/workshops/{workshop_id}")
async def show(request: Request, visitor: Visitor, pages: Pages, workshop_id: str) -> Response:
    """One workshop with its bookings."""
    return await Page(request, visitor, pages, workshop_id).show()


@router.post("/workshops/{workshop_id}/book", dependencies=[CsrfChecked])
async def book(request: Request, visitor: Visitor, pages: Pages, workshop_id: str) -> Response:
    """Book a seat or a place on the waiting list."""
    page, sent = Page(request, visitor, pages, workshop_id), await Sent.read(request)

    async def act() -> None:
        attendee = _attendee(sent)
        await pages.use.bookings.book(visitor, workshop_id, sent.ags("municipality"), attendee)

    return await page.attempt(act(), "booked", sent.values())


@router.post("/workshops/{workshop_id}/bookings/{booking_id}", dependencies=[CsrfChecked])
async def change_booking(
    request: Request, visitor: Visitor, pages: Pages, workshop_id: str, booking_id: str
) -> Response:
    """Cancel, pass on, or note who was there: by the button pressed."""
    page, sent = Page(request, visitor, pages, workshop_id), await Sent.read(request)
    return await page.attempt(_change(page, booking_id, sent), "booking_changed")


def _attendee(sent: Sent) -> Attendee:
    return Attendee(sent.needed("address"), sent.needed("name"), "en" if sent.text("language") == "en" else "de")


async def _change(page: Page, booking_id: str, sent: Sent) -> None:
    use, act = page.desk.use.bookings, sent.text("act")
    if act == "substitute":
        attendee = _attendee(sent)
        await use.substitute(page.visitor, page.workshop_id, booking_id, attendee)
    elif act in ("attended", "absent"):
        await use.attend(page.visitor, page.workshop_id, booking_id, attended=act == "attended")
    else:
        await use.cancel(page.visitor, page.workshop_id, booking_id)


@router.get("/workshops/{workshop_id}/bookings/{booking_id}/calendar.ics")
async def calendar_file(visitor: Visitor, pages: Pages, workshop_id: str, booking_id: str) -> Response:
    """A booking as a calendar file."""
    view = await pages.use.bookings.found(visitor, workshop_id, booking_id)
    return Response(
        calendar(view, pages.use.clock.now()),
        media_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="workshop.ics"'},
    )


@router.post("/workshops/{workshop_id}/slot", dependencies=[CsrfChecked])
async def schedule(request: Request, visitor: Visitor, pages: Pages, workshop_id: str) -> Response:
    """Set or change date, place and seats."""
    page, sent = Page(request, visitor, pages, workshop_id), await Sent.read(request)

    async def act() -> None:
        await pages.use.workshops.schedule(visitor, workshop_id, _slot(sent))

    return await page.attempt(act(), "workshop_scheduled", sent.values())


@router.post("/workshops/{workshop_id}/move", dependencies=[CsrfChecked])
async def move(request: Request, visitor: Visitor, pages: Pages, workshop_id: str) -> Response:
    """Take on, note as held, or call off: by the button pressed."""
    page, act = Page(request, visitor, pages, workshop_id), (await Sent.read(request)).text("act")
    use = pages.use.workshops
    moves = {"assign": use.assign, "hold": use.hold, "cancel": use.cancel}
    chosen = moves.get(act)
    if chosen is None:
        return RedirectResponse(f"{pages.web.root_path}/workshops/{workshop_id}", status_code=303)
    return await page.attempt(chosen(visitor, workshop_id), "workshop_changed")
