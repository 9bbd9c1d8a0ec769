"""Funding: scenarios over the number of members, decisions, and the registries of Bausteine and funding blocks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from services.enrollment.domain import funding as rules
from services.enrollment.domain import membership, registry
from services.enrollment.domain.declaration import Event
from services.enrollment.domain.funding import Decision, Scenario, ScenarioResult
from services.enrollment.domain.reference import AreaTable
from services.enrollment.domain.registry import Entry
from services.enrollment.domain.submission import Approach, check_repeat, repeatable_id
from services.enrollment.store import alliances, declarations, funding, memberships, programme
from services.enrollment.usecases.acting import check_acts_for
from services.enrollment.usecases.declarations import advance
from services.enrollment.usecases.telling import Hand, tell
from shared.auth import Principal, Role, require
from shared.clock import Clock
from shared.contracts import municipalities as facts
from shared.db import Database
from shared.errors import Forbidden, Invalid


@dataclass(frozen=True, slots=True)
class Grant:
    """What is to be decided: the amount in euros, and the days it is granted for, both included."""

    municipality: str
    block: str
    amount: Decimal
    granted_from: date
    granted_until: date


class Money:
    """The ministry's view of funding."""

    def __init__(self, database: Database, clock: Clock, areas: AreaTable) -> None:
        self._database = database
        self._clock = clock
        self._areas = areas

    async def put_scenario(self, principal: Principal, scenario: Scenario) -> None:
        """Set a scenario's table of steps."""
        require(principal, Role.MINISTRY)
        async with self._database.transaction() as connection:
            await funding.put_scenario(connection, scenario)

    async def scenarios(
        self, principal: Principal, as_of: date | None = None, known_at: datetime | None = None
    ) -> list[tuple[Scenario, ScenarioResult]]:
        """Every scenario with what it says for the members on a day, as known at an instant."""
        require(principal, Role.MINISTRY)
        day, instant = as_of or self._clock.today(), known_at or self._clock.now()
        async with self._database.reading() as connection:
            found = await funding.scenarios(connection)
            versions = await memberships.versions(connection)
        joined = membership.members(versions, day, instant)
        figures = membership.count(self._areas, joined, as_of=day, known_at=instant)
        return [(scenario, rules.evaluate(scenario, figures.by_kind)) for scenario in found]

    async def decide(self, principal: Principal, grant: Grant, key: str | None = None) -> Decision:
        """Decide on funding for a member whose approach lies here, not before funding begins (BR-10).

        The same again, by the key or the same day in all its parts, changes nothing: nobody is granted twice.
        """
        require(principal, Role.MINISTRY)
        today, ags = self._clock.today(), grant.municipality
        if grant.amount <= 0:
            raise Invalid("an amount is more than nothing", field="amount", reason="amount_nothing")
        if grant.granted_until < grant.granted_from:
            raise Invalid("the grant ends before it begins", field="granted_until", reason="grant_reversed")
        self._areas.declarant(ags, today)
        identity = repeatable_id(
            "f", ags, key, (grant.block, grant.amount.normalize(), grant.granted_from, grant.granted_until, today)
        )
        made = Decision(identity, ags, grant.block, today, grant.amount, grant.granted_from, grant.granted_until)
        async with self._database.transaction() as connection:
            await declarations.lock(connection, ags)
            for decided in await funding.decisions(connection, ags):
                if decided.funding_id == identity:
                    return check_repeat(decided, made, "decided_on")
            held = await declarations.find(connection, ags)
            rules.check_decision(
                await programme.current(connection),
                joined=held is not None and held.is_member,
                approach=bool(await alliances.submissions(connection, Approach, ags)),
                decided_on=today,
            )
            registry.check_known([grant.block], await funding.blocks(connection), today, field="block")
            await funding.add_decision(connection, made)
            await advance(connection, ags, Event.FUND)
            await tell(connection, [_decided(made)], self._hand(principal))
        return made

    async def decisions(self, principal: Principal, ags: str | None = None) -> list[Decision]:
        """Funding decisions: all for the ministry, its own for a municipality."""
        if ags is None:
            require(principal, Role.MINISTRY)
        else:
            check_acts_for(principal, ags)
        async with self._database.reading() as connection:
            return await funding.decisions(connection, ags)

    async def bausteine(self) -> list[Entry]:
        """The registry of Bausteine."""
        async with self._database.reading() as connection:
            return await funding.bausteine(connection)

    async def put_baustein(self, principal: Principal, entry: Entry) -> Entry:
        """Add a Baustein for the Land or one municipality, or change its titles and validity."""
        if entry.scope == registry.LAND:
            require(principal, Role.MINISTRY)
        else:
            check_acts_for(principal, entry.scope)
            self._areas.declarant(entry.scope, self._clock.today(), field="scope")
        registry.check(entry)
        async with self._database.transaction() as connection:
            known = {known.code: known for known in await funding.bausteine(connection)}
            if entry.code in known and known[entry.code].scope != entry.scope:
                raise Forbidden("this code belongs to another Baustein", reason="code_taken")
            if await funding.put_baustein(connection, entry):
                fact = facts.BausteinAdded(municipality=entry.scope, baustein=entry.code, valid_from=entry.valid_from)
                await tell(connection, [fact], self._hand(principal))
        return entry

    async def blocks(self) -> list[Entry]:
        """The registry of funding blocks."""
        async with self._database.reading() as connection:
            return await funding.blocks(connection)

    async def put_block(self, principal: Principal, entry: Entry) -> Entry:
        """Add a funding block, or change its titles and validity."""
        require(principal, Role.MINISTRY)
        registry.check(entry)
        async with self._database.transaction() as connection:
            await funding.put_block(connection, entry)
        return entry

    def _hand(self, principal: Principal) -> Hand:
        return Hand(principal.subject, self._clock.now())


def _decided(made: Decision) -> facts.FundingDecided:
    return facts.FundingDecided(
        municipality=made.municipality,
        funding_id=made.funding_id,
        block=made.block,
        decided_on=made.decided_on,
        amount=float(made.amount),
        granted_from=made.granted_from,
        granted_until=made.granted_until,
    )
