"""What goes on in the programme from day to day, after the municipalities have come: one thing after the other."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from deploy.simulator.desks import Declined, Desks
from deploy.simulator.nrw import SEED
from deploy.simulator.town_halls import APPROACHES, PARTNERS
from shared.auth import Role

LATER_SEATS = (10, 14, 18, 22, 26)


class Season:
    """The doings of the municipalities that have come so far; each decided by its number and what it finds."""

    def __init__(self, desks: Desks, places: Sequence[str], today: date) -> None:
        self._desks = desks
        self._places = places
        self._today = today

    def play(self, number: int) -> str | None:
        """Do one thing; its name, or none where the rules or the state of things did not allow it."""
        random = Random(f"{SEED}/season/{number}")
        ags = random.choice(self._places)
        acts: tuple[Callable[[Random, str], bool], ...] = (
            self._partner_joins,
            self._partner_leaves,
            self._approach,
            self._reuse,
            self._offer_changes,
            self._seat,
            self._seat_given_back,
            self._funding,
        )
        act = acts[number % len(acts)]
        try:
            return act.__name__.strip("_") if act(random, ags) else None
        except Declined:
            return None

    def _partner_joins(self, random: Random, ags: str) -> bool:
        name, fields = random.choice(PARTNERS)
        there = {one["organisation"] for one in self._own(ags, f"GET /v1/alliances/{ags}")["partners"]}
        if name in there:
            return False
        self._own(ags, f"POST /v1/alliances/{ags}/partners", {"organisation": name, "stands_for": fields})
        return True

    def _partner_leaves(self, random: Random, ags: str) -> bool:
        partners = self._own(ags, f"GET /v1/alliances/{ags}")["partners"]
        staying = [one["partner_id"] for one in partners if one["left_on"] is None]
        if len(staying) < 4:
            return False
        self._own(ags, f"DELETE /v1/alliances/{ags}/partners/{random.choice(staying)}")
        return True

    def _approach(self, random: Random, ags: str) -> bool:
        title = random.choice(APPROACHES)
        approach = {"title": title, "summary": f"{title}: mit allen Partnern beschlossen.", "bausteine": ["B1"]}
        self._own(ags, f"POST /v1/alliances/{ags}/approaches", approach)
        return True

    def _reuse(self, random: Random, ags: str) -> bool:
        published = [one for one in self._own(ags, "GET /v1/practices") if one["published_on"]]
        free = [one for one in published if ags not in (one["municipality"], *one["reused_by"])]
        if not free:
            return False
        self._own(ags, f"PUT /v1/practices/{random.choice(free)['practice_id']}/reuses/{ags}")
        return True

    def _offer_changes(self, random: Random, ags: str) -> bool:
        own = [one for one in self._own(ags, f"GET /v1/offers?area={ags}") if one["area"] == ags]
        running = [one for one in own if one["closed_on"] is None]
        if not running:
            return False
        offer = random.choice(running)
        at = f"/v1/offers/{offer.pop('offer_id')}"
        del offer["closed_on"]
        if random.random() < 0.4:
            self._own(ags, f"POST {at}/closing", {})
        else:
            self._own(ags, f"PUT {at}", offer | {"seats": random.choice(LATER_SEATS)})
        return True

    def _seat(self, random: Random, ags: str) -> bool:
        workshop = self._coming(random, ags)
        if workshop is None:
            return False
        number = random.randint(1, 5)
        person = {"municipality": ags, "address": f"kollegium-{number}-{ags}@example.org", "name": "Kollegium"}
        self._own(ags, f"POST /v1/workshops/{workshop['workshop_id']}/bookings", person)
        return True

    def _seat_given_back(self, random: Random, ags: str) -> bool:
        workshop = self._coming(random, ags)
        if workshop is None:
            return False
        at = f"/v1/workshops/{workshop['workshop_id']}/bookings"
        booked = [one for one in self._desks.ask(Role.LAKI, (), f"GET {at}") if one["place"] == "BOOKED"]
        if not booked:
            return False
        given = random.choice(booked)
        self._own(given["municipality"], f"DELETE {at}/{given['booking_id']}")
        return True

    def _coming(self, random: Random, ags: str) -> dict[str, Any] | None:
        day = self._today.isoformat()
        listed = self._own(ags, "GET /v1/workshops")
        coming = [one for one in listed if one["kind"] == "DEVELOPMENT" and one["state"] == "OFFERED"]
        coming = [one for one in coming if one["starts_at"] > day]
        return random.choice(coming) if coming else None

    def _funding(self, random: Random, ags: str) -> bool:
        """The ministry grants to who has handed in an approach, once funding has begun."""
        programme = self._desks.ask(Role.MINISTRY, (), "GET /v1/programme")
        if self._today.isoformat() < programme["funding_from"]:
            return False
        listed = self._desks.ask(Role.MINISTRY, (), "GET /v1/declarations")
        waiting = [one["municipality"] for one in listed if one["status"] == "APPROACH_SUBMITTED"]
        if not waiting:
            return False
        grant = {
            "municipality": random.choice(waiting),
            "block": random.choice(("F1", "F2", "F3", "F4", "F5", "F6")),
            "amount": str(random.randrange(20_000, 120_000, 5_000)),
            "granted_from": self._today.isoformat(),
            "granted_until": (self._today + timedelta(days=364)).isoformat(),
        }
        self._desks.ask(Role.MINISTRY, (), "POST /v1/funding/decisions", grant)
        return True

    def _own(self, ags: str, way: str, body: Any = None) -> Any:
        return self._desks.ask(Role.MANAGING_BODY, (ags,), way, body)
