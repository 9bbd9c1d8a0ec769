"""Workshops: the LaKI's fill, some wait, some cancel, others move up; the JMD's are asked for, taken on and held."""

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
SUBSTITUTED = 1


class Workshop:
    """The development workshop of a number: offered, booked beyond its seats, partly cancelled; held if it is over."""

    def __init__(self, desks: Desks, number: int, anchor: date) -> None:
        self._desks = desks
        self._anchor = anchor
        self._random = Random(f"{SEED}/workshop/{number}")
        self._venue = VENUES[number % len(VENUES)]
        # Every fourth is today: it is booked as any other, and then over.
        self._day = anchor + timedelta(days=(0, 5, 12, 19)[number % 4])

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
        for ags, booking in self._random.sample(booked, min(SUBSTITUTED, len(booked))):
            instead = {"address": f"vertretung-{ags}@example.org", "name": "Vertretung"}
            self._desks.ask(Role.MANAGING_BODY, (ags,), f"PUT {at}/bookings/{booking}/attendee", instead)
        if self._day == self._anchor:
            self._hold(at)

    def _book(self, at: str, ags: str) -> list[tuple[str, str]]:
        person = {"municipality": ags, "address": f"teilhabe-{ags}@example.org", "name": "Teilhabemanagement"}
        try:
            booking: dict[str, Any] = self._desks.ask(Role.MANAGING_BODY, (ags,), f"POST {at}/bookings", person)
        except Declined:
            return []
        return [(ags, booking["booking_id"])]

    def _hold(self, at: str) -> None:
        self._desks.ask(Role.LAKI, (), f"POST {at}/held")
        for booking in self._desks.ask(Role.LAKI, (), f"GET {at}/bookings"):
            if booking["place"] == "BOOKED":
                came = {"attended": self._random.random() < 0.85}
                self._desks.ask(Role.LAKI, (), f"PUT {at}/bookings/{booking['booking_id']}/attendance", came)


class StarterWorkshop:
    """A starter workshop of a member: asked for, then, often, taken on by the JMD, dated, booked, held on its day."""

    def __init__(self, desks: Desks, ags: str, day: date) -> None:
        self._desks = desks
        self._ags = ags
        self._day = day
        self._random = Random(f"{SEED}/starter/{ags}")

    def play(self) -> None:
        """Play it as far as it comes: some requests wait, some workshops are still to come. Raises Declined."""
        request = {"kind": "STARTER", "municipality": self._ags}
        made = self._desks.ask(Role.MANAGING_BODY, (self._ags,), "POST /v1/workshops", request)
        at, jmd = f"/v1/workshops/{made['workshop_id']}", (Role.JMD, (self._ags,))
        if self._random.random() < 0.2:
            return
        self._desks.ask(*jmd, f"POST {at}/assignment")
        if self._random.random() < 0.2:
            return
        held = self._random.random() < 0.6
        self._desks.ask(*jmd, f"PUT {at}/slot", self._slot(held=held))
        for number in range(self._random.randint(3, 6)):
            person = {"municipality": self._ags, "address": f"team-{number}-{self._ags}@example.org", "name": "Team"}
            self._desks.ask(Role.MANAGING_BODY, (self._ags,), f"POST {at}/bookings", person)
        if held:
            self._hold(at, jmd)

    def _slot(self, *, held: bool) -> dict[str, Any]:
        day = self._day if held else self._day + timedelta(days=self._random.randint(3, 25))
        start = datetime.combine(day, time(13), BERLIN)
        town = municipalities().get(self._ags)
        place = f"Rathaus {town.name}" if town else "Kreishaus"
        return {
            "title": "Starterworkshop vor Ort",
            "starts_at": start.isoformat(),
            "ends_at": (start + timedelta(hours=4)).isoformat(),
            "venue": self._ags,
            "place": place,
            "seats": 5,
        }

    def _hold(self, at: str, jmd: tuple[Role, tuple[str, ...]]) -> None:
        self._desks.ask(*jmd, f"POST {at}/held")
        for booking in self._desks.ask(*jmd, f"GET {at}/bookings"):
            if booking["place"] == "BOOKED":
                came = {"attended": self._random.random() < 0.9}
                self._desks.ask(*jmd, f"PUT {at}/bookings/{booking['booking_id']}/attendance", came)
