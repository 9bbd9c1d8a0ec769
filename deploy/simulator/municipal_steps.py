"""What the municipalities of the demonstration do: a fixed list of steps, decided by a seed, each one request."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from shared import reference
from shared.auth import Role
from shared.clock import BERLIN

SEED = "gemeinsam/municipal/1"
GEMEINDEN_NEAR = 48  # kreisangehörige Städte and Gemeinden that come forward
PARTNERS = (
    ("Jobcenter", ["SGB2"]),
    ("Agentur für Arbeit", ["SGB3"]),
    ("Jugendamt", ["SGB8"]),
    ("Ausländerbehörde", ["AUFENTHG"]),
    ("Sozialamt", ["ASYLBLG"]),
    ("Berufskolleg", ["SCHOOL"]),
    ("Flüchtlingsinitiative", ["CIVIL_SOCIETY"]),
    ("Wohlfahrtsverband", ["CIVIL_SOCIETY", "OTHER"]),
    ("Handwerkskammer", ["OTHER"]),
)
BODIES = (
    ("KI", "Kommunales Integrationszentrum"),
    ("REGIONALES_BILDUNGSBUERO", "Regionales Bildungsbüro"),
    ("KAOA_KOORDINIERUNG", "Kommunale Koordinierungsstelle"),
    ("JUGENDAMT", "Jugendamt"),
    ("SOZIALAMT", "Sozialamt"),
)
COURSES = (
    ("IK_ALLG", "Integrationskurs", "A1", "B1"),
    ("BSK_B2", "Berufssprachkurs", "B1", "B2"),
    ("COACH", "Coaching", None, None),
)


@dataclass(frozen=True, slots=True)
class Step:
    """One request: who asks what. `evidence` is uploaded first and its SHA-256 put into the body's `evidence`.

    `workshop` names the workshop whose id stands for `{workshop}` in the path, by its title or its municipality.
    """

    role: Role
    areas: tuple[str, ...]
    method: str
    path: str
    body: Any = None
    evidence: str | None = None
    workshop: str | None = None


@dataclass(slots=True)
class Land:
    """Who comes forward, decided by the seed: districts and Gemeinden in the order they do."""

    today: date
    random: Random = field(default_factory=lambda: Random(SEED))
    districts: list[str] = field(default_factory=list)
    gemeinden: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        districts = list(reference.districts())
        self.random.shuffle(districts)
        self.districts = districts[:45]
        near = [one.ags for one in reference.municipalities().values() if one.belongs_to_district]
        self.gemeinden = self.random.sample([ags for ags in near if ags != "05334002"], GEMEINDEN_NEAR)

    @property
    def members(self) -> list[str]:
        """The districts whose declarations are whole: members from the beginning."""
        return self.districts[:40]


def programme(today: date) -> dict[str, Any]:
    """Dates that put today into the planning phase, after the deadline."""

    def days(number: int) -> str:
        return (today + timedelta(days=number)).isoformat()

    return {
        "begins_on": days(-75),
        "deadline_on": days(-20),
        "development_from": days(-10),
        "development_until": days(25),
        "planning_until": days(40),
        "funding_from": days(41),
        "ends_on": days(1020),
        "contact": "MKFFI, Referat 423, Haroldstr. 4, 40213 Düsseldorf",
    }


def history(today: date) -> list[Step]:
    """Everything that has happened when the demonstration begins, in order."""
    land = Land(today)
    return [
        *_joining(land),
        *_concurrences(land),
        *_workshops(land),
        *_alliances(land),
        *_papers(land),
        *_offers(land),
        *_scenarios(),
    ]


def _declaration(land: Land, ags: str, received_on: date) -> dict[str, Any]:
    kind, name = land.random.choice(BODIES)
    return {
        "signed_on": (received_on - timedelta(days=land.random.randint(1, 9))).isoformat(),
        "received_on": received_on.isoformat(),
        "signatory": {"name": "Erika Beispiel", "function": "Beigeordnete", "is_board_member": True},
        "managing_body": {"kind": kind, "name": name, "contact": f"{kind.lower()}@{ags}.example"},
    }


def _joining(land: Land) -> Iterator[Step]:
    """Declarations on paper, entered by the ministry with their day of receipt: in time, late, incomplete."""
    for place, ags in enumerate(land.districts + land.gemeinden[:40]):
        late = place in (41, 42, 60, 61)
        received_on = land.today - timedelta(days=land.random.randint(1, 15) if late else land.random.randint(21, 70))
        body = _declaration(land, ags, received_on)
        if place in (43, 44, 62, 63, 64):
            del body["managing_body"]["contact"]
        if place == 65:
            del body["signatory"]
        yield Step(Role.MINISTRY, (), "PUT", f"/v1/declarations/{ags}", body, evidence=ags)
    for ags in land.gemeinden[40:]:
        yield Step(Role.MANAGING_BODY, (ags,), "PUT", f"/v1/declarations/{ags}/interest")
    yield Step(Role.MINISTRY, (), "POST", f"/v1/declarations/{land.districts[41]}/acceptance")


def _concurrences(land: Land) -> Iterator[Step]:
    for place, ags in enumerate(land.gemeinden[:40]):
        if place % 8 == 5:
            continue  # the Kreis has not answered yet
        decision = "REFUSED" if place == 11 else "GRANTED"
        decided = (land.today - timedelta(days=land.random.randint(1, 18))).isoformat()
        body = {"decision": decision, "decided_on": decided}
        yield Step(Role.DISTRICT, (ags[:5] + "000",), "POST", f"/v1/declarations/{ags}/concurrence", body)
    for ags in land.gemeinden[:2]:
        yield Step(Role.MANAGING_BODY, (ags,), "POST", f"/v1/declarations/{ags}/withdrawal", {})


def _slot(land: Land, title: str, days: int, *, venue: str, seats: int) -> dict[str, Any]:
    starts = datetime.combine(land.today + timedelta(days=days), time(10), BERLIN)
    return {
        "title": title,
        "starts_at": starts.isoformat(),
        "ends_at": (starts + timedelta(hours=5)).isoformat(),
        "venue": venue,
        "place": "Rathaus, Großer Saal",
        "seats": seats,
    }


def _workshops(land: Land) -> Iterator[Step]:
    for number, (days, venue, seats) in enumerate(((6, "05913000", 12), (11, "05315000", 20), (18, "05711000", 10))):
        title = f"Entwicklungs-Workshop {number + 1}"
        body = {"kind": "DEVELOPMENT", "slot": _slot(land, title, days, venue=venue, seats=seats)}
        yield Step(Role.LAKI, (), "POST", "/v1/workshops", body)
        for ags in land.random.sample(land.members, 14):
            yield booking(ags, title)
    for place, ags in enumerate(land.members[:6]):
        yield Step(Role.MANAGING_BODY, (ags,), "POST", "/v1/workshops", {"kind": "STARTER", "municipality": ags})
        if place < 4:
            yield Step(Role.JMD, (ags,), "POST", "/v1/workshops/{workshop}/assignment", workshop=ags)
        if place < 3:
            slot = _slot(land, f"Starterworkshop {reference.name_of(ags)}", 8 + 3 * place, venue=ags, seats=15)
            yield Step(Role.JMD, (ags,), "PUT", "/v1/workshops/{workshop}/slot", slot, workshop=ags)


def booking(ags: str, title: str, number: int = 0) -> Step:
    """A municipality sends somebody to the workshop of this title."""
    body = {"municipality": ags, "address": f"person{number}@{ags}.example", "name": f"Person {number + 1} aus {ags}"}
    return Step(Role.MANAGING_BODY, (ags,), "POST", "/v1/workshops/{workshop}/bookings", body, workshop=title)


def _alliances(land: Land) -> Iterator[Step]:
    for ags in land.members[:30]:
        chosen = land.random.sample(PARTNERS, land.random.randint(2, len(PARTNERS)))
        for place, (name, fields) in enumerate(chosen):
            yield partner(ags, name, fields, role="CORE_GROUP" if place < 2 else "PARTNER")


def partner(ags: str, name: str, fields: list[str], *, role: str = "PARTNER") -> Step:
    """An organisation joins the alliance of a municipality."""
    body = {"organisation": f"{name} {reference.name_of(ags)}", "role": role, "stands_for": fields}
    return Step(Role.MANAGING_BODY, (ags,), "POST", f"/v1/alliances/{ags}/partners", body)


def _papers(land: Land) -> Iterator[Step]:
    for ags in land.members[:16]:
        body = {
            "target_group": land.random.randint(40, 900),
            "needs": "Sprachförderung neben der Arbeit; Begleitung beim Übergang in Ausbildung.",
            "offers": "Integrationskurse, Coaching, offene Beratung.",
            "gaps": land.random.sample(["BSK_B2", "EQ", "BVB", "LANG", "PREVOC"], 2),
        }
        yield Step(Role.MANAGING_BODY, (ags,), "POST", f"/v1/alliances/{ags}/needs-analyses", body)
    for ags in land.members[:5]:
        body = {
            "title": "Handlungsansatz",
            "summary": "Eine Anlaufstelle für alle Rechtskreise, feste Ansprechpersonen und ein gemeinsamer Fallstab.",
            "bausteine": ["B1", "B3", "B5"],
        }
        yield Step(Role.MANAGING_BODY, (ags,), "POST", f"/v1/alliances/{ags}/approaches", body)


def _offers(land: Land) -> Iterator[Step]:
    for ags in land.members[:24]:
        yield offer(ags, land.random, land.today)


def offer(ags: str, random: Random, today: date) -> Step:
    """A municipality publishes an offer."""
    type_, title, lower, upper = random.choice(COURSES)
    body = {
        "type": type_,
        "provider": f"traeger-{ags[:5]}-{random.randint(1, 4)}",
        "area": ags,
        "title": title,
        "place": reference.name_of(ags),
        "seats": random.randint(8, 25),
        "starts_on": (today + timedelta(days=random.randint(3, 60))).isoformat(),
    }
    if lower:
        body |= {"language_from": lower, "language_to": upper}
    return Step(Role.MANAGING_BODY, (ags,), "POST", "/v1/offers", body)


def _scenarios() -> Iterator[Step]:
    """An invented table of steps: the amounts are the ministry's to set, these only show how it looks."""
    steps = [
        {"from_members": 1, "amount": "20000"},
        {"from_members": 50, "amount": "35000"},
        {"from_members": 50, "amount": "50000", "kind": "KREIS"},
    ]
    yield Step(Role.MINISTRY, (), "PUT", "/v1/funding/scenarios/BEISPIEL", {"steps": steps})


def live(number: int, today: date) -> Step:
    """The step of this number in the running demonstration: bookings, partners, offers, a Kreis that answers."""
    land, random = Land(today), Random(f"{SEED}/live/{number}")
    ags = random.choice(land.members)
    match random.randrange(4):
        case 0:
            return booking(ags, f"Entwicklungs-Workshop {random.randint(1, 3)}", number)
        case 1:
            name, fields = random.choice(PARTNERS)
            return partner(ags, f"{name} {number}", fields)
        case 2:
            town = land.gemeinden[random.randrange(2, 40)]
            body = {"decision": "GRANTED"}
            return Step(Role.DISTRICT, (town[:5] + "000",), "POST", f"/v1/declarations/{town}/concurrence", body)
        case _:
            return offer(ags, random, today)
