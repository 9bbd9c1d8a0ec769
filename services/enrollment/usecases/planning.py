"""What a municipality works out: its alliance, needs analyses, approaches, good practices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import asyncpg

from services.enrollment.domain import alliance, registry
from services.enrollment.domain.alliance import Field, Partner
from services.enrollment.domain.declaration import Event
from services.enrollment.domain.reference import AreaTable
from services.enrollment.domain.registry import Entry
from services.enrollment.domain.submission import Approach, NeedsAnalysis, Practice, check_repeat, repeatable_id
from services.enrollment.store import alliances, declarations, documents, funding
from services.enrollment.usecases.acting import check_acts_for, check_takes_part
from services.enrollment.usecases.declarations import advance
from services.enrollment.usecases.telling import Hand, tell
from shared.auth import Principal, Role, require
from shared.clock import Clock
from shared.contracts import municipalities as facts
from shared.db import Database
from shared.errors import Conflict, Invalid, NotFound


@dataclass(frozen=True, slots=True)
class AllianceView:
    """An alliance on a day: all its partners, and the Rechtskreise nobody stands for."""

    ags: str
    partners: tuple[Partner, ...]
    missing: tuple[Field, ...]
    on: date


class Planning:
    """The work of a municipality in the planning phase."""

    def __init__(self, database: Database, clock: Clock, areas: AreaTable) -> None:
        self._database = database
        self._clock = clock
        self._areas = areas

    async def alliance(self, principal: Principal, ags: str) -> AllianceView:
        """An alliance, for who takes part in the programme there or sees all."""
        check_takes_part(principal, ags)
        async with self._database.reading() as connection:
            return self._view(ags, await alliances.partners(connection, ags))

    def _view(self, ags: str, partners: Sequence[Partner]) -> AllianceView:
        today = self._clock.today()
        return AllianceView(ags, tuple(partners), alliance.missing_fields(partners, today), today)

    async def add_partner(self, principal: Principal, partner: Partner) -> AllianceView:
        """Let an organisation join the alliance; the same again changes nothing."""
        ags = partner.municipality
        self._check_acts(principal, ags)
        if not partner.organisation.strip() or not partner.fields:
            raise Invalid(
                "a partner has a name and stands for something", field="organisation", reason="partner_unclear"
            )
        async with self._database.transaction() as connection:
            await self._declared(connection, ags)
            partners = await alliances.partners(connection, ags)
            if any(replace(held, partner_id=partner.partner_id) == partner for held in partners):
                return self._view(ags, partners)
            alliance.check_partner(partners, partner)
            await alliances.add_partner(connection, partner)
            fact = facts.AlliancePartnerJoined(
                municipality=ags,
                partner_id=partner.partner_id,
                role=str(partner.role),
                stands_for=tuple(str(field) for field in partner.fields),
                joined_on=partner.joined_on,
            )
            await tell(connection, [fact], self._hand(principal))
        return await self.alliance(principal, ags)

    async def remove_partner(self, principal: Principal, ags: str, partner_id: str) -> AllianceView:
        """Let a partner leave today; again changes nothing."""
        self._check_acts(principal, ags)
        today = self._clock.today()
        async with self._database.transaction() as connection:
            await declarations.lock(connection, ags)
            if partner_id not in {partner.partner_id for partner in await alliances.partners(connection, ags)}:
                raise NotFound("there is no such partner")
            if await alliances.end_partner(connection, ags, partner_id, today):
                fact = facts.AlliancePartnerLeft(municipality=ags, partner_id=partner_id, left_on=today)
                await tell(connection, [fact], self._hand(principal))
        return await self.alliance(principal, ags)

    async def submit_analysis(
        self, principal: Principal, analysis: NeedsAnalysis, key: str | None = None
    ) -> NeedsAnalysis:
        """Hand in an analysis of needs and offers; a member becomes active by it. Again changes nothing."""
        ags = analysis.municipality
        self._check_acts(principal, ags)
        identity = analysis.analysis_id or repeatable_id("na", ags, key, analysis)
        analysis = replace(analysis, analysis_id=identity)
        async with self._database.transaction() as connection:
            await self._declared(connection, ags)
            for held in await alliances.submissions(connection, NeedsAnalysis, ags):
                if held.analysis_id == identity:
                    return check_repeat(held, analysis, "submitted_on")
            await _check_document(connection, ags, analysis.document)
            await alliances.add_submission(connection, analysis)
            await advance(connection, ags, Event.BECOME_ACTIVE)
            await tell(connection, [_analysis_fact(analysis)], self._hand(principal))
        return analysis

    async def submit_approach(self, principal: Principal, approach: Approach, key: str | None = None) -> Approach:
        """Hand in an approach (Handlungsansatz): members only; it opens the gate to funding. Again changes nothing."""
        ags = approach.municipality
        self._check_acts(principal, ags)
        identity = approach.approach_id or repeatable_id("ap", ags, key, approach)
        approach = replace(approach, approach_id=identity)
        more = {"bausteine": approach.bausteine} if approach.bausteine else {}
        fact = facts.ApproachSubmitted(
            municipality=ags, approach_id=identity, submitted_on=approach.submitted_on, **more
        )
        async with self._database.transaction() as connection:
            await self._declared(connection, ags, member=True)
            for held in await alliances.submissions(connection, Approach, ags):
                if held.approach_id == identity:
                    return check_repeat(held, approach, "submitted_on")
            await _check_document(connection, ags, approach.document)
            entries = await self._bausteine(connection, ags)
            registry.check_known(approach.bausteine, entries, approach.submitted_on, field="bausteine")
            await alliances.add_submission(connection, approach)
            await advance(connection, ags, Event.SUBMIT_APPROACH)
            await tell(connection, [fact], self._hand(principal))
        return approach

    async def submissions(self, principal: Principal, ags: str) -> tuple[list[NeedsAnalysis], list[Approach]]:
        """A municipality's needs analyses and approaches."""
        check_takes_part(principal, ags)
        async with self._database.reading() as connection:
            return await alliances.submissions(connection, NeedsAnalysis, ags), await alliances.submissions(
                connection, Approach, ags
            )

    async def submit_practice(self, principal: Principal, practice: Practice, key: str | None = None) -> Practice:
        """Present a good practice; the ministry publishes it. Again changes nothing."""
        self._check_acts(principal, practice.municipality)
        identity = practice.practice_id or repeatable_id("pr", practice.municipality, key, practice)
        practice = replace(practice, practice_id=identity)
        async with self._database.transaction() as connection:
            await declarations.lock(connection, practice.municipality)
            for held in await alliances.practices(connection, [identity]):
                return check_repeat(held, practice, "submitted_on", "published_on", "reused_by")
            entries = await self._bausteine(connection, practice.municipality)
            registry.check_known(practice.bausteine, entries, practice.submitted_on, field="bausteine")
            await alliances.add_submission(connection, practice)
        return practice

    async def publish_practice(self, principal: Principal, practice_id: str) -> Practice:
        """The ministry publishes a practice for the other municipalities; again changes nothing."""
        require(principal, Role.MINISTRY)
        today = self._clock.today()
        async with self._database.transaction() as connection:
            practice = await _practice(connection, practice_id)
            await declarations.lock(connection, practice.municipality)
            if await alliances.publish_practice(connection, practice_id, today):
                more = {"bausteine": practice.bausteine} if practice.bausteine else {}
                fact = facts.PracticePublished(
                    municipality=practice.municipality, practice_id=practice_id, published_on=today, **more
                )
                await tell(connection, [fact], self._hand(principal))
            return await _practice(connection, practice_id)

    async def reuse_practice(self, principal: Principal, practice_id: str, ags: str) -> Practice:
        """Mark a published practice as re-used by another municipality; again changes nothing."""
        self._check_acts(principal, ags)
        today = self._clock.today()
        async with self._database.transaction() as connection:
            await declarations.lock(connection, ags)
            practice = await _practice(connection, practice_id)
            if practice.published_on is None:
                raise NotFound("there is no such practice")
            if practice.municipality == ags:
                raise Conflict("this is the municipality's own practice", field="municipality", reason="own_practice")
            if await alliances.reuse_practice(connection, practice_id, ags, today):
                fact = facts.PracticeReused(
                    municipality=ags, practice_id=practice_id, reused_on=today, origin=practice.municipality
                )
                await tell(connection, [fact], self._hand(principal))
            return await _practice(connection, practice_id)

    async def practices(self, principal: Principal) -> list[Practice]:
        """Published practices; unpublished ones for the ministry and who submitted them."""
        async with self._database.reading() as connection:
            found = await alliances.practices(connection)
        return [
            practice
            for practice in found
            if practice.published_on or principal.role is Role.MINISTRY or practice.municipality in principal.areas
        ]

    async def _bausteine(self, connection: asyncpg.Connection, ags: str) -> list[Entry]:
        return [entry for entry in await funding.bausteine(connection) if entry.scope in (registry.LAND, ags)]

    async def _declared(self, connection: asyncpg.Connection, ags: str, *, member: bool = False) -> None:
        await declarations.lock(connection, ags)
        held = await declarations.find(connection, ags)
        if held is None or not (held.is_member if member else held.declared):
            said = "the municipality has not joined" if member else "nothing has been declared yet"
            raise Conflict(said, reason="not_joined" if member else "not_declared")

    def _check_acts(self, principal: Principal, ags: str) -> None:
        check_acts_for(principal, ags)
        self._areas.declarant(ags, self._clock.today())

    def _hand(self, principal: Principal) -> Hand:
        return Hand(principal.subject, self._clock.now())


def _analysis_fact(analysis: NeedsAnalysis) -> facts.NeedsAnalysisSubmitted:
    more: dict[str, object] = {}
    if analysis.target_group is not None:
        more["target_group"] = analysis.target_group
    if analysis.gaps:
        more["gaps"] = analysis.gaps
    return facts.NeedsAnalysisSubmitted(
        municipality=analysis.municipality,
        analysis_id=analysis.analysis_id,
        submitted_on=analysis.submitted_on,
        **more,
    )


async def _practice(connection: asyncpg.Connection, practice_id: str) -> Practice:
    found = await alliances.practices(connection, [practice_id])
    if not found:
        raise NotFound("there is no such practice")
    return found[0]


async def _check_document(connection: asyncpg.Connection, ags: str, sha256: str) -> None:
    if sha256 and not await documents.exists(connection, ags, sha256):
        raise Invalid(
            "there is no such document of this municipality: upload it first",
            field="document",
            reason="document_unknown",
        )
