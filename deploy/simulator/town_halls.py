"""What municipalities, their Kreise and the ministry do in the programme, one story after the other."""

from datetime import date, timedelta
from random import Random
from typing import Any

from deploy.simulator.desks import Desks
from deploy.simulator.nrw import SEED
from deploy.simulator.workshops import StarterWorkshop
from shared.auth import Role
from shared.reference import districts, municipalities

TOWNS = 70
SURNAMES = (
    "Albers",
    "Brinkmann",
    "Cordes",
    "Demir",
    "Eickhoff",
    "Feldmann",
    "Grabowski",
    "Hölscher",
    "Kaya",
    "Lohmann",
)
BODIES = {"KI": 45, "SOZIALAMT": 18, "JUGENDAMT": 14, "KAOA_KOORDINIERUNG": 12, "REGIONALES_BILDUNGSBUERO": 11}
PARTNERS = (
    ("Jobcenter", ["SGB2"]),
    ("Agentur für Arbeit", ["SGB3"]),
    ("Jugendamt", ["SGB8"]),
    ("Ausländerbehörde", ["AUFENTHG"]),
    ("Sozialamt", ["ASYLBLG"]),
    ("Berufskolleg", ["SCHOOL"]),
    ("Flüchtlingshilfe e. V.", ["CIVIL_SOCIETY"]),
    ("Jugendmigrationsdienst", ["SGB8", "CIVIL_SOCIETY"]),
)
APPROACHES = (
    "Sprachförderung und Berufsorientierung aus einer Hand",
    "Begleitung beim Wechsel des Rechtskreises",
    "Wege in Ausbildung für Geduldete",
    "Nachholen des Schulabschlusses neben der Arbeit",
)
PRACTICES = ("Lotsinnen und Lotsen im Berufskolleg", "Gemeinsame Fallkonferenz", "Sprachcafé am Ausbildungsplatz")
OFFERS = (
    ("IK_JUGEND", "A1", "B1"),
    ("BSK_B2", "B1", "B2"),
    ("BVB", None, None),
    ("HSA9", None, None),
    ("EQ", None, None),
)


SCENARIOS: dict[str, tuple[tuple[int, str, str | None], ...]] = {
    "GRUNDBETRAG": ((1, "20000", None), (40, "30000", None), (80, "40000", None)),
    "NACH_ART": ((1, "15000", None), (40, "50000", "KREIS"), (40, "40000", "KREISFREIE_STADT"), (90, "25000", None)),
}


def places() -> list[str]:
    """Every Kreis and kreisfreie Stadt, and some towns, in the order they come to the programme in."""
    random = Random(f"{SEED}/towns")
    belonging = sorted(ags for ags, town in municipalities().items() if town.belongs_to_district)
    chosen = sorted(districts()) + random.sample(belonging, TOWNS)
    random.shuffle(chosen)
    return chosen


def set_dates(desks: Desks, anchor: date) -> None:
    """Move the programme's dates so that on `anchor` it is in its planning phase, as in late November of its year."""

    def day(days: int) -> str:
        return (anchor + timedelta(days=days)).isoformat()

    dates = {
        "begins_on": day(-82),
        "deadline_on": day(-38),
        "planning_until": day(39),
        "ends_on": day(1013),
        "development_from": day(-21),
        "development_until": day(30),
        "funding_from": day(40),
    }
    contact = "Ministerium, Referat 423"
    desks.ask(Role.MINISTRY, (), "PUT /v1/programme", {**dates, "contact": contact, "reply_to": "referat@example.org"})
    for code, steps in SCENARIOS.items():
        told = [{"from_members": members, "amount": amount, "kind": kind} for members, amount, kind in steps]
        desks.ask(Role.MINISTRY, (), f"PUT /v1/funding/scenarios/{code}", {"steps": told})


class Story:
    """How one municipality comes to the programme and what it does there; the same place has the same story."""

    def __init__(self, desks: Desks, ags: str, anchor: date, today: date | None = None) -> None:
        self._desks = desks
        self._ags = ags
        self._anchor = anchor
        self._today = today or anchor
        self._random = Random(f"{SEED}/town/{ags}")
        self._belongs = ags in municipalities() and municipalities()[ags].belongs_to_district and ags != "05334002"

    def play(self) -> None:
        """Play it to where it stands today. Raises Declined where a rule stops it."""
        fate = self._random.random()
        if fate < 0.08:
            self._own("PUT", "/interest")
            return
        evidence = self._desks.upload(
            Role.MINISTRY, (), f"/v1/declarations/{self._ags}/documents", _document(self._ags)
        )
        late = self._random.random() < 0.15
        received = self._anchor - timedelta(days=self._random.randint(2, 30) if late else self._random.randint(40, 75))
        incomplete = fate < 0.26
        self._declare(evidence, received, incomplete=incomplete)
        if incomplete and self._random.random() < 0.6:
            self._declare(evidence, received + timedelta(days=1), incomplete=False)
            incomplete = False
        agreed = not self._belongs or self._concurrence(received)
        if late and agreed and not incomplete and self._random.random() < 0.7:
            self._desks.ask(Role.MINISTRY, (), f"POST /v1/declarations/{self._ags}/acceptance")
            late = False
        self._alliance()
        if agreed and not incomplete and not late:
            self._work()
        self._change_of_mind(agreed=agreed)

    def _change_of_mind(self, *, agreed: bool) -> None:
        """Some towns withdraw, or the Kreis takes its Einvernehmen back; who gives the mandate for facts stays."""
        if not self._belongs:
            return
        roll = self._random.random()
        if roll < 0.14:
            self._own("POST", "/withdrawal", {"withdrawn_on": self._anchor.isoformat()})
        elif agreed and roll < 0.24:
            way = f"POST /v1/declarations/{self._ags}/concurrence"
            self._desks.ask(Role.DISTRICT, (f"{self._ags[:5]}000",), way, {"decision": "REVOKED"})

    def _declare(self, evidence: str, received: date, *, incomplete: bool) -> None:
        name = f"{self._random.choice('ABCEHJKMST')}. {self._random.choice(SURNAMES)}"
        kind = self._random.choices(list(BODIES), list(BODIES.values()))[0]
        sent: dict[str, Any] = {
            "evidence": evidence,
            "signed_on": (received - timedelta(days=2)).isoformat(),
            "signatory": {"name": name, "is_board_member": True},
            "managing_body": {"kind": kind, "name": "Geschäftsstelle", "contact": f"bündnis-{self._ags}@example.org"},
            "received_on": received.isoformat(),
        }
        if not incomplete:
            sent["signatory"]["function"] = self._random.choice(
                ("Beigeordnete/r", "Sozialdezernat", "Landrat/Landrätin")
            )
        self._desks.ask(Role.MINISTRY, (), f"PUT /v1/declarations/{self._ags}", sent)

    def _concurrence(self, received: date) -> bool:
        decision = self._random.choices(("GRANTED", "REFUSED", ""), (82, 5, 13))[0]
        if decision:
            decided = min(received + timedelta(days=self._random.randint(1, 14)), self._anchor)
            said = {"decision": decision, "decided_on": decided.isoformat()}
            way = f"POST /v1/declarations/{self._ags}/concurrence"
            self._desks.ask(Role.DISTRICT, (f"{self._ags[:5]}000",), way, said)
        return decision == "GRANTED"

    def _alliance(self) -> None:
        joined = (self._anchor - timedelta(days=self._random.randint(0, 30))).isoformat()
        for name, fields in self._random.sample(PARTNERS, self._random.randint(2, 6)):
            role = self._random.choice(("PARTNER", "PARTNER", "CORE_GROUP"))
            partner = {"organisation": name, "role": role, "stands_for": fields, "joined_on": joined}
            self._own_at("POST", f"/v1/alliances/{self._ags}/partners", partner)

    def _work(self) -> None:
        at = f"/v1/alliances/{self._ags}"
        if self._random.random() < 0.5:
            analysis = {
                "target_group": self._random.randint(20, 900),
                "needs": "Sprachkurse mit Kinderbetreuung, Vorbereitung auf die Ausbildung",
                "offers": "Integrationskurse, Berufsorientierung, ehrenamtliche Begleitung",
                "gaps": self._random.sample(["LANG", "PREVOC", "SCHOOL", "VOC"], 2),
            }
            self._own_at("POST", f"{at}/needs-analyses", analysis)
        if self._random.random() < 0.35:
            title = self._random.choice(APPROACHES)
            approach = {
                "title": title,
                "summary": f"{title}: gemeinsam mit den Partnern des Bündnisses.",
                "bausteine": [],
            }
            self._own_at("POST", f"{at}/approaches", approach)
        if self._random.random() < 0.12:
            practice = {
                "municipality": self._ags,
                "title": self._random.choice(PRACTICES),
                "summary": "Seit 2016 erprobt.",
            }
            made = self._own_at("POST", "/v1/practices", practice)
            self._desks.ask(Role.MINISTRY, (), f"PUT /v1/practices/{made['practice_id']}/publication")
        if self._random.random() < 0.25:
            StarterWorkshop(self._desks, self._ags, self._today).play()
        for type_, low, high in self._random.sample(OFFERS, self._random.randint(0, 2)):
            self._offer(type_, low, high)

    def _offer(self, type_: str, low: str | None, high: str | None) -> None:
        town = self._ags if self._ags in municipalities() else ""
        name = municipalities()[town].name if town else districts()[self._ags].name
        offer = {
            "type": type_,
            "provider": f"traeger-{self._ags[:5]}-1",
            "area": self._ags,
            "title": f"{type_} in {name}",
            "place": name,
            "seats": self._random.choice((12, 15, 18, 20, 24)),
            "starts_on": (self._anchor + timedelta(days=self._random.randint(7, 80))).isoformat(),
        }
        levels = {"language_from": low, "language_to": high} if low else {}
        made = self._own_at("POST", "/v1/offers", {**offer, **levels})
        if self._random.random() < 0.3:
            self._own_at("PUT", f"/v1/offers/{made['offer_id']}", {**offer, **levels, "seats": 28})
        if self._random.random() < 0.2:
            self._own_at("POST", f"/v1/offers/{made['offer_id']}/closing", {})

    def _own(self, method: str, below: str, body: Any = None) -> Any:
        return self._own_at(method, f"/v1/declarations/{self._ags}{below}", body)

    def _own_at(self, method: str, path: str, body: Any = None) -> Any:
        return self._desks.ask(Role.MANAGING_BODY, (self._ags,), f"{method} {path}", body)


def _document(ags: str) -> bytes:
    return f"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n% {ags}\n%%EOF\n".encode()
