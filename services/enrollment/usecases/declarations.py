"""Joining: interest, declaration, Einvernehmen, the ministry's decisions, withdrawal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import asyncpg

from services.enrollment.domain import joining
from services.enrollment.domain.concurrence import Concurrence, ConcurrenceState, Side
from services.enrollment.domain.declaration import Declaration, Event, Submission
from services.enrollment.domain.documents import Document, Quota, recognise
from services.enrollment.domain.membership import Membership
from services.enrollment.domain.programme import Programme
from services.enrollment.domain.reference import Area, AreaTable
from services.enrollment.store import declarations, documents, memberships, programme
from services.enrollment.usecases.acting import SEES_ALL, check_acts_for, check_reads
from services.enrollment.usecases.telling import Hand, new_id, tell
from shared.auth import Principal, Role, require
from shared.clock import Clock
from shared.contracts.municipalities import MembershipEnded, MembershipStarted
from shared.db import Database
from shared.errors import Forbidden, Invalid, NotFound

HISTORY = 200  # facts shown of one municipality

Rule = Callable[[Declaration, Area, Programme], joining.Outcome]


@dataclass(frozen=True, slots=True)
class Told:
    """A published fact in a municipality's history."""

    type: str
    data: dict[str, Any]
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A declaration with its area and its history, newest first."""

    declaration: Declaration
    area: Area
    history: tuple[Told, ...] = ()


class Declarations:
    """Declarations to join, decided one after the other for each municipality."""

    def __init__(self, database: Database, clock: Clock, areas: AreaTable, quota: Quota) -> None:
        self._database = database
        self._clock = clock
        self._areas = areas
        self._quota = quota

    async def declare_interest(self, principal: Principal, ags: str) -> Standing:
        """Note that a municipality is interested."""
        check_acts_for(principal, ags)
        return await self._decide(
            principal, ags, lambda held, _, __: joining.declare_interest(held, self._clock.today())
        )

    async def upload(self, principal: Principal, ags: str, content: bytes) -> Document:
        """Keep evidence handed in by or for a municipality (its Kreis too); the same bytes again are the same.

        Raises `TooLarge` beyond the quota.
        """
        if not (principal.role is Role.DISTRICT and principal.covers(ags)):
            check_acts_for(principal, ags)
        self._areas.declarant(ags, self._clock.today())
        document = recognise(content)
        async with self._database.transaction() as connection:
            await declarations.lock(connection, ags)
            if not await documents.exists(connection, ags, document.sha256):
                self._quota.check(*await documents.kept(connection, ags), document)
                await documents.put(connection, ags, document, at=self._clock.now(), by=principal.subject)
        return document

    async def document(self, principal: Principal, ags: str, sha256: str) -> Document:
        """Evidence by its SHA-256."""
        check_reads(principal, ags)
        async with self._database.reading() as connection:
            found = await documents.find(connection, ags, sha256)
        if found is None:
            raise NotFound("there is no such document")
        return found

    async def submit(
        self, principal: Principal, ags: str, submission: Submission, *, received_on: date | None = None
    ) -> Standing:
        """Declare, complete or amend. Only the ministry gives a day of receipt: of what came to it on paper."""
        check_acts_for(principal, ags)
        handed = joining.Handed(submission, self._receipt(principal, received_on))
        identity = new_id("m")
        return await self._decide(
            principal,
            ags,
            lambda held, area, dates: joining.receive(held, handed, area=area, programme=dates, new_id=identity),
            evidence=submission.evidence,
        )

    def _receipt(self, principal: Principal, received_on: date | None) -> date:
        today = self._clock.today()
        if received_on is None or received_on == today:
            return today
        if principal.role is not Role.MINISTRY:
            raise Forbidden("only the ministry enters a day of receipt", reason="role_not_allowed")
        if received_on > today:
            raise Invalid("the day of receipt lies in the future", field="received_on", reason="day_in_future")
        return received_on

    async def state_concurrence(
        self, principal: Principal, ags: str, state: ConcurrenceState, *, decided_on: date | None, evidence: str
    ) -> Standing:
        """Take the Einvernehmen: from the right Kreis, or, granted, from the municipality with evidence."""
        day = self._past(decided_on, "decided_on")
        side = self._side(principal, ags)
        if side is Side.MUNICIPALITY and not evidence:
            raise Invalid(
                "the municipality shows the Einvernehmen by a document", field="evidence", reason="document_needed"
            )
        stated = Concurrence(state, side, day, evidence)
        identity = new_id("m")
        return await self._decide(
            principal,
            ags,
            lambda held, area, _: joining.hear_concurrence(held, stated, area=area, new_id=identity),
            evidence=evidence,
        )

    def _side(self, principal: Principal, ags: str) -> Side:
        area = self._areas.declarant(ags, self._clock.today())
        if principal.role is Role.DISTRICT:
            if area.district not in principal.areas:
                raise Forbidden(
                    "the Einvernehmen is given by the Kreis the municipality belongs to", reason="other_kreis"
                )
            return Side.DISTRICT
        check_acts_for(principal, ags)
        return Side.MUNICIPALITY

    async def accept(self, principal: Principal, ags: str) -> Standing:
        """The ministry accepts what came late or is contradicted."""
        require(principal, Role.MINISTRY)
        identity, today = new_id("m"), self._clock.today()
        return await self._decide(principal, ags, lambda held, _, __: joining.accept(held, today, new_id=identity))

    async def send_back(self, principal: Principal, ags: str, reasons: tuple[str, ...]) -> Standing:
        """The ministry returns a declaration with reason codes."""
        require(principal, Role.MINISTRY)
        today = self._clock.today()
        return await self._decide(principal, ags, lambda held, _, __: joining.send_back(held, reasons, today))

    async def withdraw(self, principal: Principal, ags: str, withdrawn_on: date | None) -> Standing:
        """Withdraw interest, declaration or membership."""
        check_acts_for(principal, ags)
        day = self._past(withdrawn_on, "withdrawn_on")
        return await self._decide(principal, ags, lambda held, _, __: joining.withdraw(held, day))

    async def change_managing_body(self, principal: Principal, ags: str, body: Submission) -> Standing:
        """Name another body for the Geschäftsführung."""
        check_acts_for(principal, ags)
        today = self._clock.today()
        return await self._decide(principal, ags, lambda held, _, __: joining.change_managing_body(held, body, today))

    def _past(self, day: date | None, field: str) -> date:
        today = self._clock.today()
        if day is not None and day > today:
            raise Invalid("the day lies in the future", field=field, reason="day_in_future")
        return day or today

    async def standing(self, principal: Principal, ags: str) -> Standing:
        """A municipality's declaration with its history; `NOT_DECLARED` where nothing has come yet."""
        check_reads(principal, ags)
        area = self._areas.declarant(ags, self._clock.today())
        async with self._database.reading() as connection:
            held = await declarations.find(connection, ags)
            rows = await programme.facts_of(connection, ags, HISTORY)
        history = tuple(Told(row["type"], row["data"], row["recorded_at"]) for row in rows)
        return Standing(held or Declaration(ags, area.needs_concurrence), area, history)

    async def listed(self, principal: Principal) -> list[Standing]:
        """The declarations the caller may see: all, or those of its areas."""
        if principal.role not in SEES_ALL:
            require(principal, Role.MANAGING_BODY, Role.DISTRICT)
        areas = None if principal.role in SEES_ALL else principal.areas
        today = self._clock.today()
        async with self._database.reading() as connection:
            found = await declarations.listed(connection, areas)
        known = ((held, self._areas.find(held.ags, today)) for held in found)
        return [Standing(held, area) for held, area in known if area and (areas is None or principal.covers(held.ags))]

    async def _decide(self, principal: Principal, ags: str, rule: Rule, *, evidence: str = "") -> Standing:
        area = self._areas.declarant(ags, self._clock.today())
        async with self._database.transaction() as connection:
            await declarations.lock(connection, ags)
            if evidence and not await documents.exists(connection, ags, evidence):
                raise Invalid(
                    "there is no such document of this municipality: upload it first",
                    field="evidence",
                    reason="document_unknown",
                )
            held = await declarations.find(connection, ags) or Declaration(ags, area.needs_concurrence)
            outcome = rule(held, area, await programme.current(connection))
            await record(connection, outcome, Hand(principal.subject, self._clock.now()))
        return Standing(outcome.declaration, area)


async def record(connection: asyncpg.Connection, outcome: joining.Outcome, hand: Hand) -> None:
    """Save an outcome, the memberships and mandates that follow from it, and tell its facts."""
    await declarations.put(connection, outcome.declaration)
    for fact in outcome.facts:
        if isinstance(fact, MembershipStarted):
            version = Membership(fact.membership_id, fact.municipality, fact.started_on, None, hand.at)
            await memberships.start(connection, version)
            await memberships.open_mandate(connection, fact.municipality, fact.started_on)
        elif isinstance(fact, MembershipEnded):
            await memberships.end(connection, fact.membership_id, fact.ended_on, hand.at)
            await memberships.close_mandate(connection, fact.municipality, fact.ended_on)
    await tell(connection, outcome.facts, hand)


async def advance(connection: asyncpg.Connection, ags: str, event: Event) -> None:
    """Move a member on in the transaction of what it did; who is no member stays where it is."""
    await declarations.lock(connection, ags)
    held = await declarations.find(connection, ags)
    if held is not None and held.is_member:
        await declarations.put(connection, joining.progress(held, event))
