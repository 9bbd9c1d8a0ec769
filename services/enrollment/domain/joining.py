"""The rules of joining: each function takes a declaration and what happened and returns the next one and its facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any, NamedTuple

from services.enrollment.domain.concurrence import Concurrence, ConcurrenceState, state_concurrence
from services.enrollment.domain.declaration import MEMBER, Declaration, Event, Status, Submission, step
from services.enrollment.domain.programme import Programme
from services.enrollment.domain.reference import Area
from shared.contracts import municipalities as facts
from shared.errors import Conflict, Invalid

RULE, MINISTRY = "RULE", "MINISTRY"


class Outcome(NamedTuple):
    """The next state and what is published of the change; no facts means nothing has changed."""

    declaration: Declaration
    facts: tuple[facts.MunicipalityFact, ...]


@dataclass(frozen=True, slots=True)
class Handed:
    """A submission with the day it was received (Europe/Berlin), which counts for the deadline (BR-2)."""

    submission: Submission
    received_on: date


def declare_interest(declaration: Declaration, on: date) -> Outcome:
    """Note interest: enough for a development workshop, gives no mandate. Repeating it changes nothing."""
    if declaration.status is Status.INTERESTED:
        return Outcome(declaration, ())
    return Outcome(
        step(declaration, Event.INTEREST), (facts.InterestDeclared(municipality=declaration.ags, declared_on=on),)
    )


def receive(declaration: Declaration, handed: Handed, *, area: Area, programme: Programme, new_id: str) -> Outcome:
    """Take a submission: the first is the declaration, further ones complete or amend it, the same again is nothing.

    `new_id` becomes the membership's id if the municipality joins by it. Late is a flag, never a refusal (BR-2).
    """
    if not declaration.declared:
        return _first(declaration, handed, area=area, programme=programme, new_id=new_id)
    merged = handed.submission.over(declaration.submission)
    if merged == declaration.submission:
        return Outcome(declaration, ())
    changed_body = merged.managing_body_kind != declaration.submission.managing_body_kind
    was_missing = declaration.missing
    after = replace(step(declaration, Event.AMEND), submission=merged, changed_on=handed.received_on, return_reasons=())
    told: list[facts.MunicipalityFact] = [_amended(after, bool(was_missing), handed.received_on)]
    if changed_body and after.is_member:
        told.append(_body_changed(after, handed.received_on))
    return _settle(after, tuple(told), new_id)


def _first(declaration: Declaration, handed: Handed, *, area: Area, programme: Programme, new_id: str) -> Outcome:
    received = replace(
        step(declaration, Event.DECLARE),
        needs_concurrence=area.needs_concurrence,
        submission=handed.submission,
        received_on=handed.received_on,
        changed_on=handed.received_on,
        late=programme.is_late(handed.received_on),
        late_accepted=False,
        return_reasons=(),
        resume=Status.JOINED,
    )
    told: list[facts.MunicipalityFact] = [
        facts.DeclarationReceived(
            municipality=received.ags,
            received_on=handed.received_on,
            late=received.late,
            **_missing(received),
            concurrence_pending=received.concurrence_pending,
            **_kind(received),
        )
    ]
    if received.concurrence_pending:
        told.append(
            facts.ConcurrenceRequested(
                municipality=received.ags, district=area.district, requested_on=handed.received_on
            )
        )
    return _settle(received, tuple(told), new_id)


def _amended(after: Declaration, was_incomplete: bool, on: date) -> facts.MunicipalityFact:
    if was_incomplete and not after.incomplete:
        return facts.DeclarationCompleted(municipality=after.ags, completed_on=on)
    return facts.DeclarationAmended(municipality=after.ags, amended_on=on, **_missing(after))


def _kind(declaration: Declaration) -> dict[str, Any]:
    kind = declaration.submission.managing_body_kind
    return {"managing_body_kind": kind} if kind else {}


def _missing(declaration: Declaration) -> dict[str, Any]:
    return {"missing": tuple(map(str, declaration.missing))} if declaration.missing else {}


def _body_changed(after: Declaration, on: date) -> facts.MunicipalityFact:
    return facts.ManagingBodyChanged(
        municipality=after.ags, changed_on=on, managing_body_kind=after.submission.managing_body_kind
    )


def hear_concurrence(declaration: Declaration, stated: Concurrence, *, area: Area, new_id: str) -> Outcome:
    """Take a statement on the Einvernehmen, before or after the declaration; it may bring in or end a membership."""
    if not area.needs_concurrence:
        raise Invalid(f"{area.name} needs no Einvernehmen", field="municipality", reason="no_concurrence_needed")
    held = state_concurrence(declaration.concurrence, stated)
    if held == declaration.concurrence:
        return Outcome(declaration, ())
    after = replace(declaration, concurrence=held)
    told: tuple[facts.MunicipalityFact, ...] = (_concurrence_fact(after, area.district, stated),)
    lost = after.is_member and held.state is not ConcurrenceState.GRANTED
    if not lost:
        return _settle(after, told, new_id)
    back = replace(step(after, Event.LOSE_CONCURRENCE), resume=declaration.status, late_accepted=True)
    return _ended(back, told, stated.decided_on or date.min, "CONCURRENCE_LOST")


def _concurrence_fact(after: Declaration, district: str, stated: Concurrence) -> facts.MunicipalityFact:
    kinds = {
        ConcurrenceState.GRANTED: facts.ConcurrenceGranted,
        ConcurrenceState.REFUSED: facts.ConcurrenceRefused,
        ConcurrenceState.REVOKED: facts.ConcurrenceRevoked,
    }
    return kinds[stated.state](
        municipality=after.ags,
        district=district,
        decided_on=stated.decided_on,
        stated_by=str(stated.stated_by),
        contradicted=after.concurrence.contradicted,
    )


def accept(declaration: Declaration, on: date, *, new_id: str) -> Outcome:
    """The ministry's acceptance, needed for what came late or is contradicted; repeating it changes nothing."""
    if declaration.is_member:
        return Outcome(declaration, ())
    if declaration.status is Status.RECEIVED and not declaration.ready:
        raise Conflict(
            "the declaration is incomplete or lacks the Einvernehmen of the Kreis",
            field="status",
            missing=[str(code) for code in declaration.missing],
            concurrence_pending=declaration.concurrence_pending,
            reason="not_ready",
        )
    cleared = replace(declaration, late_accepted=True)
    return _join(cleared, (), on, MINISTRY, new_id)


def send_back(declaration: Declaration, reasons: tuple[str, ...], on: date) -> Outcome:
    """The ministry returns the declaration with reason codes; an amendment brings it back."""
    if not reasons:
        raise Invalid("at least one reason is needed", field="reasons", reason="reason_needed")
    after = replace(step(declaration, Event.RETURN), return_reasons=reasons)
    return Outcome(after, (facts.DeclarationReturned(municipality=after.ags, returned_on=on, reasons=reasons),))


def withdraw(declaration: Declaration, on: date) -> Outcome:
    """Withdraw interest, declaration or membership; `on` is the first day the municipality is no member."""
    if declaration.status is Status.WITHDRAWN:
        return Outcome(declaration, ())
    after = step(declaration, Event.WITHDRAW)
    told: tuple[facts.MunicipalityFact, ...] = (facts.DeclarationWithdrawn(municipality=after.ags, withdrawn_on=on),)
    after = replace(after, return_reasons=())
    return _ended(after, told, on, "WITHDRAWN") if declaration.is_member else Outcome(after, told)


def close(declaration: Declaration, on: date) -> Outcome:
    """The programme has ended for a member."""
    return _ended(step(declaration, Event.CLOSE), (), on, "PROGRAMME_ENDED")


def change_managing_body(declaration: Declaration, submission: Submission, on: date) -> Outcome:
    """Name another body for the Geschäftsführung (exactly one at a time, BR-4); the history is in the facts."""
    merged = Submission(
        managing_body_kind=submission.managing_body_kind,
        managing_body_name=submission.managing_body_name,
        managing_body_contact=submission.managing_body_contact,
    ).over(declaration.submission)
    if merged == declaration.submission:
        return Outcome(declaration, ())
    after = replace(step(declaration, Event.AMEND), submission=merged)
    return Outcome(after, (_body_changed(after, on),))


def progress(declaration: Declaration, event: Event) -> Declaration:
    """A member became active, submitted its approach or was funded."""
    return step(declaration, event)


def _settle(declaration: Declaration, told: tuple[facts.MunicipalityFact, ...], new_id: str) -> Outcome:
    if not declaration.acceptable_by_rule:
        return Outcome(declaration, told)
    days = [declaration.changed_on, declaration.received_on]
    if declaration.needs_concurrence:
        days.append(declaration.concurrence.decided_on)
    return _join(declaration, told, max(day for day in days if day), RULE, new_id)


def _join(
    declaration: Declaration, told: tuple[facts.MunicipalityFact, ...], on: date, decided_by: str, new_id: str
) -> Outcome:
    joined = step(declaration, Event.ACCEPT)
    on = max(on, declaration.ended_on or on)
    resumed = declaration.resume if declaration.resume in MEMBER else Status.JOINED
    joined = replace(joined, status=resumed, membership_id=new_id, resume=Status.JOINED)
    return Outcome(
        joined,
        (
            *told,
            facts.DeclarationAccepted(municipality=joined.ags, accepted_on=on, decided_by=decided_by, late=joined.late),
            facts.MembershipStarted(municipality=joined.ags, membership_id=new_id, started_on=on),
        ),
    )


def _ended(declaration: Declaration, told: tuple[facts.MunicipalityFact, ...], on: date, reason: str) -> Outcome:
    ended = facts.MembershipEnded(
        municipality=declaration.ags, membership_id=declaration.membership_id or "", ended_on=on, reason=reason
    )
    return Outcome(replace(declaration, membership_id=None, ended_on=on), (*told, ended))
