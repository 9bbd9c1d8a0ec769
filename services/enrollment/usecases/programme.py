"""The programme's dates, and the duties of the clock that hang on them: reminders, risks, the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from services.enrollment.domain import joining, reminding
from services.enrollment.domain.commitment import Activity, Commitment, Standing
from services.enrollment.domain.declaration import Declaration, Status
from services.enrollment.domain.programme import Phase, Programme
from services.enrollment.domain.reference import AreaTable
from services.enrollment.store import declarations, programme
from services.enrollment.usecases.declarations import record
from services.enrollment.usecases.telling import Hand, tell
from shared.auth import Principal, Role, require
from shared.clock import Clock
from shared.contracts import municipalities as facts
from shared.db import Database

CLOCK = "clock"


class ProgrammeDates:
    """The programme as the ministry sets it, and what falls due by it."""

    def __init__(self, database: Database, clock: Clock, areas: AreaTable) -> None:
        self._database = database
        self._clock = clock
        self._areas = areas

    async def current(self) -> tuple[Programme, Phase]:
        """The programme and the phase today lies in."""
        async with self._database.reading() as connection:
            held = await programme.current(connection)
        return held, held.phase(self._clock.today())

    async def set(self, principal: Principal, wanted: Programme) -> Programme:
        """Set the programme's dates; they count for what comes in from now on."""
        require(principal, Role.MINISTRY)
        async with self._database.transaction() as connection:
            if await programme.current(connection) != wanted:
                await programme.put(connection, wanted, self._clock.now(), principal.subject)
        return wanted

    async def commitments(self, principal: Principal) -> list[tuple[Commitment, Standing]]:
        """How every member stands to its duty in the planning phase."""
        require(principal, Role.MINISTRY, Role.LAKI)
        today = self._clock.today()
        async with self._database.reading() as connection:
            held = await programme.current(connection)
            members = [one for one in await declarations.listed(connection) if one.is_member]
            done = await programme.activities(connection)
        found = [_commitment(member.ags, done, held) for member in members]
        return [(commitment, commitment.standing(held, today)) for commitment in found]

    async def remind(self) -> int:
        """Tell who must still act: to declare, to complete, to settle the Einvernehmen. Once for each occasion."""
        today, told = self._clock.today(), 0
        async with self._database.reading() as connection:
            dates = await programme.current(connection)
            held = {one.ags: one for one in await declarations.listed(connection)}
            reminded = await declarations.reminded(connection)
        for area in self._areas.valid_on(today):
            declaration = held.get(area.ags) or Declaration(area.ags, area.needs_concurrence)
            for about, due_on in reminding.due(declaration, dates, today):
                if (area.ags, about, due_on) not in reminded:
                    told += await self._remind(declaration, about, due_on)
        return told

    async def _remind(self, seen: Declaration, about: str, due_on: date) -> bool:
        hand, ags = Hand(CLOCK, self._clock.now()), seen.ags
        async with self._database.transaction() as connection:
            await declarations.lock(connection, ags)
            held = await declarations.find(connection, ags) or seen
            if held.status is not seen.status:
                return False  # it has moved meanwhile
            if not await declarations.remind(connection, ags, about, due_on=due_on, at=hand.at):
                return False
            more = {"missing": tuple(map(str, held.missing))} if held.missing else {}
            fact = facts.DeclarationReminded(municipality=ags, about=about, due_on=due_on, **more)
            await tell(connection, [fact], hand)
        return True

    async def warn_of_risk(self) -> int:
        """Tell of members without activity in the last 30 days (a setting) of the planning phase, each once."""
        today, told = self._clock.today(), 0
        async with self._database.reading() as connection:
            dates = await programme.current(connection)
            joined = {Status.JOINED}
            idle = [one.ags for one in await declarations.listed(connection) if one.status in joined]
        if not dates.at_risk_from <= today <= dates.planning_until:
            return 0
        for ags in idle:
            told += await self._warn(ags, dates, today)
        return told

    async def _warn(self, ags: str, dates: Programme, today: date) -> bool:
        hand = Hand(CLOCK, self._clock.now())
        async with self._database.transaction() as connection:
            await declarations.lock(connection, ags)
            commitment = _commitment(ags, await programme.activities(connection, ags), dates)
            if commitment.standing(dates, today) is not Standing.AT_RISK:
                return False
            due_on = commitment.due_on
            if not await declarations.remind(connection, ags, "COMMITMENT", due_on=due_on, at=hand.at):
                return False
            await tell(connection, [facts.CommitmentAtRisk(municipality=ags, due_on=due_on)], hand)
        return True

    async def close(self) -> int:
        """After the programme's last day, end the memberships that still run."""
        today = self._clock.today()
        async with self._database.reading() as connection:
            dates = await programme.current(connection)
            members = [one.ags for one in await declarations.listed(connection) if one.is_member]
        if dates.phase(today) is not Phase.CLOSED:
            return 0
        for ags in members:
            await self._close(ags, dates.ends_on + timedelta(days=1))
        return len(members)

    async def _close(self, ags: str, ended_on: date) -> None:
        async with self._database.transaction() as connection:
            await declarations.lock(connection, ags)
            held = await declarations.find(connection, ags)
            if held is not None and held.is_member:
                await record(connection, joining.close(held, ended_on), Hand(CLOCK, self._clock.now()))


def _commitment(ags: str, activities: Mapping[str, Sequence[tuple[Activity, date]]], dates: Programme) -> Commitment:
    return Commitment(ags, dates.planning_until, tuple(activities.get(ags, ())))
