"""All that can be done on the municipalities' side, in one hand for the doors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from services.enrollment.domain.documents import Quota
from services.enrollment.domain.reference import AreaTable, area_table
from services.enrollment.usecases.bookings import Bookings
from services.enrollment.usecases.declarations import Declarations
from services.enrollment.usecases.memberships import Memberships
from services.enrollment.usecases.money import Money
from services.enrollment.usecases.offers import Offers
from services.enrollment.usecases.planning import Planning
from services.enrollment.usecases.programme import ProgrammeDates
from services.enrollment.usecases.workshops import Workshops
from shared import reference
from shared.clock import Clock
from shared.db import Database


@dataclass(frozen=True, slots=True)
class Municipalities:
    """The use cases of joining, meeting and working together; `app.py` makes one and hangs the doors on it."""

    areas: AreaTable
    declarations: Declarations
    memberships: Memberships
    workshops: Workshops
    bookings: Bookings
    planning: Planning
    money: Money
    offers: Offers
    programme: ProgrammeDates
    clock: Clock

    def today(self) -> date:
        """Today's date in Europe/Berlin, or the fixed one."""
        return self.clock.today()

    @classmethod
    def on(cls, database: Database, clock: Clock, quota: Quota = Quota()) -> Municipalities:  # noqa: B008 (frozen)
        """The use cases on a database, with the table of areas as packaged and a quota for evidence."""
        areas = area_table(reference.districts().values(), reference.municipalities().values())
        return cls(
            areas=areas,
            declarations=Declarations(database, clock, areas, quota),
            memberships=Memberships(database, clock, areas),
            workshops=Workshops(database, clock, areas),
            bookings=Bookings(database, clock, areas),
            planning=Planning(database, clock, areas),
            money=Money(database, clock, areas),
            offers=Offers(database, clock, areas),
            programme=ProgrammeDates(database, clock, areas),
            clock=clock,
        )
