"""Warns before a referred measure begins: what its start would make of the person's findings."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import asyncpg

from services.pathways.domain.facts import Fact, unpack
from services.pathways.domain.finding import SEVERITIES
from services.pathways.domain.matrix import Matrix
from services.pathways.domain.measures import Measure
from services.pathways.domain.precheck import Plan, Trial
from services.pathways.domain.rules import Rules
from services.pathways.domain.schemas import Kind
from services.pathways.domain.timeline import Timeline
from services.pathways.store import people, referrals, timelines
from services.pathways.store.referrals import Checked, Hint, Referral
from services.pathways.usecases import warning
from services.pathways.usecases.access import READERS_OF_PERSONS, areas_of, disclosures, note_look
from services.pathways.usecases.loading import Cause, Heard
from services.pathways.usecases.rule_sets import RuleSets
from shared.auth import Principal, require
from shared.clock import Clock
from shared.db import Database
from shared.messaging import outbox

log = logging.getLogger(__name__)

_AT_ONCE = 100
_MOST_SHOWN = 50
_SOON = timedelta(days=14)
"""When a referral does not say when its measure begins."""
_STALE_DAYS = 180
"""A referral this old without a start is an access delay, not a plan."""
_CORRECTED_START = 11
"""Where a correction has the planned start."""


def causes_of(events: Iterable[Heard]) -> dict[str, str]:
    """The last cause by person, in the order of locking."""
    causes = {event.fact.subject: Cause(event.fact.id, event.traceparent).text() for event in events}
    return dict(sorted(causes.items()))


async def note_referrals(connection: asyncpg.Connection, events: Iterable[Heard], today: date) -> None:
    """Write down, in the transaction that takes facts, which referrals are new and which are to begin otherwise."""
    latest: dict[tuple[str, str], Referral] = {}
    moved: dict[tuple[str, str], date] = {}
    for event in events:
        fact = event.fact
        if fact.kind == Kind.REFERRED and fact.values[2] > today.toordinal() - _STALE_DAYS:
            measure_id, type_, on, planned, _, _ = fact.values
            starts_on = date.fromordinal(planned) if planned is not None else None
            cause = Cause(fact.id, event.traceparent).text()
            latest[fact.subject, measure_id] = Referral(
                fact.subject, measure_id, type_, starts_on, date.fromordinal(on), cause
            )
        elif fact.kind == Kind.CORRECTED and isinstance(planned := fact.values[_CORRECTED_START], int):
            moved[fact.subject, fact.values[0]] = date.fromordinal(planned)
    if latest:
        await referrals.note(connection, [latest[key] for key in sorted(latest)])
    if moved:
        await referrals.plan_anew(connection, moved)


class Referrals:
    """Checks open referrals once a day and whenever something is new about their persons."""

    def __init__(self, database: Database, clock: Clock, rules: Rules, matrix: Matrix) -> None:
        self._database = database
        self._clock = clock
        self._matrix = matrix
        self._rule_sets = RuleSets(rules)

    async def check_open(self) -> int:
        """Check all that is to be checked; returns how many referrals that were."""
        done = 0
        while count := await self._check_some():
            done += count
        return done

    async def hints(self, reader: Principal) -> Sequence[Hint]:
        """The referrals in the reader's areas whose start would make a warning, as far as the reader may know."""
        require(reader, *READERS_OF_PERSONS)
        async with self._database.transaction() as connection:
            today = await timelines.current_date(connection) or self._clock.today()
            found = await referrals.hints(connection, areas_of(reader), limit=_MOST_SHOWN)
            sights = await disclosures(
                connection, reader, {hint.person_id for hint in found}, today, matrix=self._matrix
            )
            shown = [hint for hint in found if (sight := sights.get(hint.person_id)) and sight.ids([hint.measure_id])]
            persons = [hint.person_id for hint in shown]
            await note_look(connection, self._clock, reader, persons, what="worklist", reason="WORKLIST")
        return shown

    async def _check_some(self) -> int:
        async with self._database.transaction() as connection:
            today = await timelines.current_date(connection) or self._clock.today()
            rules = await self._rule_sets.on(connection, today)
            waiting = await referrals.to_check(connection, today, limit=_AT_ONCE)
            known = await _facts_of(connection, {referral.person_id for referral in waiting})
            looked_at = [_try(referral, known.get(referral.person_id, ()), today, rules) for referral in waiting]
            found = [one for one in looked_at if one is not None]
            now = self._clock.now()
            await outbox.put(connection, [message for one in found for message in warning.messages(one, today, now)])
            await referrals.checked(connection, today, found)
            failed = [one for one, checked in zip(waiting, looked_at, strict=True) if checked is None]
            await referrals.pass_over(connection, today, failed)
            if not waiting:
                await referrals.forget_old(connection, today - timedelta(days=_STALE_DAYS))
            return len(waiting)


async def _facts_of(connection: asyncpg.Connection, persons: set[str]) -> dict[str, list[bytes]]:
    """The packed facts of each person's whole cluster, a piece a pseudonym."""
    rows = await people.with_clusters(connection, persons)
    clusters: dict[str, list[bytes]] = {}
    for row in rows:
        clusters.setdefault(row.cluster_id, []).append(row.facts)
    return {row.person_id: clusters[row.cluster_id] for row in rows}


def _try(referral: Referral, packed: Sequence[bytes], today: date, rules: Rules) -> Checked | None:
    """As `look_at`; None where it fails: one person must not keep all others from being warned of."""
    try:
        return look_at(referral, [fact for piece in packed for fact in unpack(piece)], today, rules)
    except Exception as error:
        log.error("a referral cannot be checked and is passed over for today: %s", type(error).__name__)
        return None


def look_at(referral: Referral, facts: Sequence[Fact], today: date, rules: Rules) -> Checked:
    """Whether a referral is still open, and what there is to warn of."""
    closed = warning.checked(referral, None, today, is_open=False)
    if not facts or referral.type not in rules.types:
        return closed
    on = max(referral.starts_on or today + _SOON, today)
    trial = Trial(facts, referral.person_id, on=on, rules=rules)
    if trial.before.restricted(referral.person_id):
        return warning.checked(referral, None, today, is_open=True)  # looked at again when the restriction is lifted
    timeline = trial.before.timeline(referral.person_id)
    municipality = None if timeline is None else trial.before.municipality(referral.person_id)
    measure = None if timeline is None else _open_one(timeline, referral.measure_id, today)
    if measure is None or municipality is None:
        return closed
    type_ = measure.type if measure.type in rules.types else referral.type
    referral = referral._replace(type=type_, referred_on=date.fromordinal(measure.referred_on or today.toordinal()))
    concerns = trial.with_plan(Plan(type_, on))[1].concerns
    if not concerns:
        return warning.checked(referral, None, today, is_open=True)
    gravest = max((finding.severity for finding in concerns), key=SEVERITIES.index)
    patterns = sorted({finding.pattern for finding in concerns})
    hint = Hint(*referral[:4], municipality, gravest, patterns)
    return warning.checked(referral, hint, today, is_open=True)


def _open_one(timeline: Timeline, measure_id: str, today: date) -> Measure | None:
    """A measure that was referred to lately and has neither begun nor come to nothing."""
    measure = timeline.known.measures.get(measure_id)
    if measure is None or measure.referred_on is None or measure.started_on is not None:
        return None
    if measure.refused_on is not None or measure.no_show_on is not None or measure.cancelled_on is not None:
        return None
    return measure if measure.referred_on > today.toordinal() - _STALE_DAYS else None
