"""Workshops as the LaKI offers them and members book them: seats fill, some wait, some cancel, others move up."""

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from deploy.simulator.casebook import BERLIN
from deploy.simulator.desks import Declined, Desks
from deploy.simulator.nrw import SEED
from shared.auth import Role
from shared.reference import municipalities

VENUES = ("05315000", "05913000", "05515000", "05711000")
SEATS = 12
ATTENDEES = 15
CANCELLED = 2


class Workshop:
    """The development workshop of a number: offered, booked beyond its seats, partly cancelled; held if it is over."""

    def __init__(self, desks: Desks, number: int, anchor: date) -> None:
        self._desks = desks
        self._anchor = anchor
        self._random = Random(f"{SEED}/workshop/{number}")
        self._venue = VENUES[number % len(VENUES)]
        self._day = anchor + timedelta(days=(-9, 5, 12, 19)[number % 4])

    def play(self, towns: list[str]) -> None:
        """Play it with people of these municipalities, of which those not admitted stay away. Raises Declined."""
        start = datetime.combine(self._day, time(9, 30), BERLIN)
        name = municipalities()[self._venue].name
        slot = {
            "title": "Entwicklungsworkshop: Handlungsansätze vor Ort",
            "starts_at": start.isoformat(),
            "ends_at": (start + timedelta(hours=6)).isoformat(),
            "venue": self._venue,
            "place": f"Rathaus {name}",
            "seats": SEATS,
        }
        made = self._desks.ask(Role.LAKI, (), "POST /v1/workshops", {"kind": "DEVELOPMENT", "slot": slot})
        at = f"/v1/workshops/{made['workshop_id']}"
        booked = [booking for ags in towns for booking in self._book(at, ags)][:ATTENDEES]
        for ags, booking in self._random.sample(booked, min(CANCELLED, len(booked))):
            self._desks.ask(Role.MANAGING_BODY, (ags,), f"DELETE {at}/bookings/{booking}")
            booked.remove((ags, booking))
        if self._day < self._anchor:
            self._hold(at, [booking for _, booking in booked[:SEATS]])

    def _book(self, at: str, ags: str) -> list[tuple[str, str]]:
        person = {"municipality": ags, "address": f"teilhabe-{ags}@example.org", "name": "Teilhabemanagement"}
        try:
            booking: dict[str, Any] = self._desks.ask(Role.MANAGING_BODY, (ags,), f"POST {at}/bookings", person)
        except Declined:
            return []
        return [(ags, booking["booking_id"])]

    def _hold(self, at: str, bookings: list[str]) -> None:
        self._desks.ask(Role.LAKI, (), f"POST {at}/held")
        for booking in bookings:
            came = self._random.random() < 0.85
            self._desks.ask(Role.LAKI, (), f"PUT {at}/bookings/{booking}/attendance", {"attended": came})
