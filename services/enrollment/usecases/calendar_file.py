"""A booking as a calendar file (RFC 5545) that calendars take in, change and take back by its id."""

from __future__ import annotations

from datetime import datetime

from icalendar import Calendar, Event

from services.enrollment.domain.seats import Place
from services.enrollment.domain.workshop import State
from services.enrollment.usecases.bookings import BookingView
from shared.errors import NotFound

_STATUS = {Place.BOOKED: "CONFIRMED", Place.WAITLISTED: "TENTATIVE", Place.CANCELLED: "CANCELLED"}


def calendar(view: BookingView, at: datetime) -> bytes:
    """The file as of an instant: one event in UTC, without attendees; TENTATIVE means on the waiting list."""
    slot = view.workshop.slot
    if slot is None:
        raise NotFound("this workshop has no date yet")
    called_off = view.workshop.state is State.CANCELLED
    status = "CANCELLED" if called_off else _STATUS[view.booking.place]
    event = Event()
    event.add("uid", f"{view.booking.booking_id}@gemeinsam")
    event.add("dtstamp", at)
    event.add("dtstart", slot.starts_at)
    event.add("dtend", slot.ends_at)
    event.add("summary", slot.title)
    event.add("location", slot.place)
    event.add("status", status)
    file = Calendar()
    file.add("prodid", "-//Gemeinsam//Workshops//DE")
    file.add("version", "2.0")
    file.add("method", "CANCEL" if status == "CANCELLED" else "PUBLISH")
    file.add_component(event)
    return file.to_ical()
