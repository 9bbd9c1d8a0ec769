"""The invented people whom the development issuer lets in, at least one for each role."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

KOELN = "05315000"
BIELEFELD = "05711000"
KREIS_RECKLINGHAUSEN = "05562000"
KREIS_UNNA = "05978000"
DORTMUND = "05913000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One invented person: what the tokens say, and how the login page shows it."""

    subject: str
    name: str
    role: str
    de: str
    en: str
    areas: tuple[str, ...] = ()
    place: str = ""
    body: str | None = None
    source: str | None = field(default=None)

    def claims(self) -> dict[str, Any]:
        """The programme's claims; absent ones are left out. The name is shown on the login page only."""
        said: dict[str, Any] = {"sub": self.subject, "role": self.role, "areas": list(self.areas)}
        if self.body:
            said["body"] = self.body
        if self.source:
            said["source"] = self.source
        return said


PEOPLE: tuple[Person, ...] = (
    Person(
        subject="fallmanagement-koeln",
        name="Ayşe Brandt",
        role="case_manager",
        de="Fallmanagement im Jobcenter",
        en="Case manager in the Jobcenter",
        areas=(KOELN,),
        place="Köln",
        body="JOBCENTER",
    ),
    Person(
        subject="fallmanagement-recklinghausen",
        name="Tobias Nowak",
        role="case_manager",
        de="Fallmanagement im Ausländeramt",
        en="Case manager in the foreigners' office",
        areas=(KREIS_RECKLINGHAUSEN,),
        place="Kreis Recklinghausen",
        body="AUSLAENDERBEHOERDE",
    ),
    Person(
        subject="geschaeftsfuehrung-koeln",
        name="Mirjam Odenthal",
        role="managing_body",
        de="Geschäftsführende Stelle der Allianz im Kommunalen Integrationszentrum",
        en="Managing body of the alliance in the integration centre",
        areas=(KOELN,),
        place="Köln",
        body="KI",
    ),
    Person(
        subject="geschaeftsfuehrung-bielefeld",
        name="Jonas Vahle",
        role="managing_body",
        de="Geschäftsführende Stelle der Allianz im Jugendamt",
        en="Managing body of the alliance in the youth office",
        areas=(BIELEFELD,),
        place="Bielefeld",
        body="JUGENDAMT",
    ),
    Person(
        subject="kreis-unna",
        name="Petra Schulte",
        role="district",
        de="Kreisverwaltung, Kommunales Integrationszentrum",
        en="District administration, integration centre",
        areas=(KREIS_UNNA,),
        place="Kreis Unna",
        body="KI",
    ),
    Person(
        subject="laki",
        name="Deniz Albrecht",
        role="laki",
        de="Landesweite Koordinierungsstelle Kommunale Integrationszentren",
        en="State-wide coordination of the integration centres",
        place="Nordrhein-Westfalen",
    ),
    Person(
        subject="jmd-dortmund",
        name="Carla Reinders",
        role="jmd",
        de="Jugendmigrationsdienst",
        en="Youth migration service",
        areas=(DORTMUND,),
        place="Dortmund",
        body="JMD",
    ),
    Person(
        subject="ministerium",
        name="Dr. Henrike Sommer",
        role="ministry",
        de="Ministerium",
        en="Ministry",
        place="Nordrhein-Westfalen",
    ),
    Person(
        subject="wissenschaft",
        name="Prof. Lutz Amberg",
        role="science",
        de="Wissenschaftliche Begleitung",
        en="Accompanying research",
        place="Nordrhein-Westfalen",
    ),
    Person(
        subject="vertrauensstelle",
        name="Ines Kaminski",
        role="vault_clerk",
        de="Vertrauensstelle: entscheidet über Zweifelsfälle der Identität",
        en="Trust office: decides near matches of identities",
        place="Nordrhein-Westfalen",
    ),
    Person(
        subject="betrieb",
        name="Rafael Thiel",
        role="operator",
        de="Betrieb: sieht, wie das System läuft, und keine Personendaten",
        en="Operations: sees how the system runs, and no person's data",
    ),
    Person(
        subject="fachverfahren-koeln",
        name="Fachverfahren Jobcenter Köln",
        role="emitter",
        de="Ein meldendes Verfahren, kein Mensch",
        en="A reporting system, not a human",
        areas=(KOELN,),
        place="Köln",
        body="JOBCENTER",
        source="//koeln.example/jobcenter",
    ),
)
BY_SUBJECT = {person.subject: person for person in PEOPLE}
