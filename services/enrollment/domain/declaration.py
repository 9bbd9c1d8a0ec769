"""The declaration of a municipality to join (Beitrittserklärung): its state machine and its rules BR-1 to BR-8.

A declaration has one status and three flags that are independent of it and of each other: `late`, `incomplete`,
`concurrence_pending`. It is accepted by rule as soon as it is complete, in time and has its Einvernehmen; the ministry
accepts what came late and decides where Kreis and municipality contradict each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

from services.enrollment.domain.concurrence import Concurrence, ConcurrenceState
from shared.errors import Conflict


class Status(StrEnum):
    """Where a municipality stands."""

    NOT_DECLARED = "NOT_DECLARED"
    INTERESTED = "INTERESTED"
    RECEIVED = "RECEIVED"
    RETURNED = "RETURNED"
    JOINED = "JOINED"
    PLANNING_ACTIVE = "PLANNING_ACTIVE"
    APPROACH_SUBMITTED = "APPROACH_SUBMITTED"
    FUNDED = "FUNDED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"


class Event(StrEnum):
    """What can happen to a declaration."""

    INTEREST = "INTEREST"
    DECLARE = "DECLARE"
    AMEND = "AMEND"
    ACCEPT = "ACCEPT"
    RETURN = "RETURN"
    LOSE_CONCURRENCE = "LOSE_CONCURRENCE"
    BECOME_ACTIVE = "BECOME_ACTIVE"
    SUBMIT_APPROACH = "SUBMIT_APPROACH"
    FUND = "FUND"
    WITHDRAW = "WITHDRAW"
    CLOSE = "CLOSE"


_S, _E = Status, Event

# status × event → status. What is not in the table cannot happen.
TRANSITIONS: Mapping[Status, Mapping[Event, Status]] = {
    _S.NOT_DECLARED: {_E.INTEREST: _S.INTERESTED, _E.DECLARE: _S.RECEIVED},
    _S.INTERESTED: {_E.DECLARE: _S.RECEIVED, _E.WITHDRAW: _S.WITHDRAWN},
    _S.RECEIVED: {
        _E.AMEND: _S.RECEIVED,
        _E.ACCEPT: _S.JOINED,
        _E.RETURN: _S.RETURNED,
        _E.WITHDRAW: _S.WITHDRAWN,
    },
    _S.RETURNED: {_E.AMEND: _S.RECEIVED, _E.WITHDRAW: _S.WITHDRAWN},
    _S.JOINED: {
        _E.AMEND: _S.JOINED,
        _E.BECOME_ACTIVE: _S.PLANNING_ACTIVE,
        _E.SUBMIT_APPROACH: _S.APPROACH_SUBMITTED,
        _E.LOSE_CONCURRENCE: _S.RECEIVED,
        _E.WITHDRAW: _S.WITHDRAWN,
        _E.CLOSE: _S.CLOSED,
    },
    _S.PLANNING_ACTIVE: {
        _E.AMEND: _S.PLANNING_ACTIVE,
        _E.BECOME_ACTIVE: _S.PLANNING_ACTIVE,
        _E.SUBMIT_APPROACH: _S.APPROACH_SUBMITTED,
        _E.LOSE_CONCURRENCE: _S.RECEIVED,
        _E.WITHDRAW: _S.WITHDRAWN,
        _E.CLOSE: _S.CLOSED,
    },
    _S.APPROACH_SUBMITTED: {
        _E.AMEND: _S.APPROACH_SUBMITTED,
        _E.BECOME_ACTIVE: _S.APPROACH_SUBMITTED,
        _E.SUBMIT_APPROACH: _S.APPROACH_SUBMITTED,
        _E.FUND: _S.FUNDED,
        _E.LOSE_CONCURRENCE: _S.RECEIVED,
        _E.WITHDRAW: _S.WITHDRAWN,
        _E.CLOSE: _S.CLOSED,
    },
    _S.FUNDED: {
        _E.AMEND: _S.FUNDED,
        _E.BECOME_ACTIVE: _S.FUNDED,
        _E.SUBMIT_APPROACH: _S.FUNDED,
        _E.FUND: _S.FUNDED,
        _E.LOSE_CONCURRENCE: _S.RECEIVED,
        _E.WITHDRAW: _S.WITHDRAWN,
        _E.CLOSE: _S.CLOSED,
    },
    _S.CLOSED: {},
    _S.WITHDRAWN: {_E.INTEREST: _S.INTERESTED, _E.DECLARE: _S.RECEIVED},
}

MEMBER = frozenset({_S.JOINED, _S.PLANNING_ACTIVE, _S.APPROACH_SUBMITTED, _S.FUNDED})


class Missing(StrEnum):
    """Reason codes of an incomplete declaration (BR-3, BR-4)."""

    EVIDENCE_MISSING = "EVIDENCE_MISSING"
    SIGNED_ON_MISSING = "SIGNED_ON_MISSING"
    SIGNATORY_MISSING = "SIGNATORY_MISSING"
    SIGNATORY_FUNCTION_MISSING = "SIGNATORY_FUNCTION_MISSING"
    SIGNATORY_NOT_ON_BOARD = "SIGNATORY_NOT_ON_BOARD"
    MANAGING_BODY_MISSING = "MANAGING_BODY_MISSING"
    MANAGING_BODY_NAME_MISSING = "MANAGING_BODY_NAME_MISSING"
    MANAGING_BODY_CONTACT_MISSING = "MANAGING_BODY_CONTACT_MISSING"


class ReturnReason(StrEnum):
    """Why the ministry sends a declaration back; open list."""

    EVIDENCE_UNREADABLE = "EVIDENCE_UNREADABLE"
    EVIDENCE_UNSIGNED = "EVIDENCE_UNSIGNED"
    SIGNATORY_UNCONFIRMED = "SIGNATORY_UNCONFIRMED"
    MANAGING_BODY_UNCLEAR = "MANAGING_BODY_UNCLEAR"
    CONCURRENCE_CONTRADICTED = "CONCURRENCE_CONTRADICTED"


MANAGING_BODY_KINDS = ("KI", "REGIONALES_BILDUNGSBUERO", "KAOA_KOORDINIERUNG", "JUGENDAMT", "SOZIALAMT", "OTHER")


@dataclass(frozen=True, slots=True)
class Submission:
    """What was handed in; empty where something is missing. `evidence` is the SHA-256 of the written declaration.

    `managing_body_kind` is one of `MANAGING_BODY_KINDS` or another code: the paper's list is an example (BR-4).
    """

    evidence: str = ""
    signed_on: date | None = None
    signatory_name: str = ""
    signatory_function: str = ""
    signatory_on_board: bool | None = None
    managing_body_kind: str = ""
    managing_body_name: str = ""
    managing_body_contact: str = ""

    def over(self, earlier: Submission) -> Submission:
        """This submission laid over an earlier one: what it leaves empty stays as it was."""
        given = {name: value for name in self.__slots__ if (value := getattr(self, name)) not in ("", None)}
        return replace(earlier, **given)

    def missing(self) -> tuple[Missing, ...]:
        """What the form check finds missing (BR-3), in the order of `Missing`."""
        found = {
            Missing.EVIDENCE_MISSING: not self.evidence,
            Missing.SIGNED_ON_MISSING: self.signed_on is None,
            Missing.SIGNATORY_MISSING: not self.signatory_name,
            Missing.SIGNATORY_FUNCTION_MISSING: not self.signatory_function,
            Missing.SIGNATORY_NOT_ON_BOARD: self.signatory_on_board is not True,
            Missing.MANAGING_BODY_MISSING: not self.managing_body_kind,
            Missing.MANAGING_BODY_NAME_MISSING: not self.managing_body_name,
            Missing.MANAGING_BODY_CONTACT_MISSING: not self.managing_body_contact,
        }
        return tuple(code for code in Missing if found[code])


@dataclass(frozen=True, slots=True)
class Declaration:
    """The state of one municipality. `changed_on` is the day of the last submission, `resume` where a member who
    lost the Einvernehmen goes on when it is granted again, `membership_id` the running membership, if there is one,
    `ended_on` the end of the last one: a new one never reaches back before it.
    """

    ags: str
    needs_concurrence: bool
    status: Status = Status.NOT_DECLARED
    submission: Submission = field(default_factory=Submission)
    received_on: date | None = None
    changed_on: date | None = None
    late: bool = False
    late_accepted: bool = False
    concurrence: Concurrence = field(default_factory=Concurrence)
    return_reasons: tuple[str, ...] = ()
    resume: Status = Status.JOINED
    membership_id: str | None = None
    ended_on: date | None = None

    @property
    def declared(self) -> bool:
        """Whether a declaration lies here that was not withdrawn."""
        return self.status not in (Status.NOT_DECLARED, Status.INTERESTED, Status.WITHDRAWN)

    @property
    def missing(self) -> tuple[Missing, ...]:
        """What is missing in a declaration that lies here."""
        return self.submission.missing() if self.declared else ()

    @property
    def incomplete(self) -> bool:
        """Flag: something of BR-3 is missing."""
        return bool(self.missing)

    @property
    def concurrence_pending(self) -> bool:
        """Flag: the Einvernehmen of the Kreis is needed and not there (BR-5)."""
        return self.declared and self.needs_concurrence and self.concurrence.state is not ConcurrenceState.GRANTED

    @property
    def is_member(self) -> bool:
        """Whether the municipality counts as a member."""
        return self.status in MEMBER

    @property
    def ready(self) -> bool:
        """Whether nothing stands against acceptance but, perhaps, lateness or a contradiction."""
        return self.status is Status.RECEIVED and not self.incomplete and not self.concurrence_pending

    @property
    def acceptable_by_rule(self) -> bool:
        """Whether no decision of the ministry is needed to join."""
        return self.ready and not self.concurrence.contradicted and (not self.late or self.late_accepted)


def step(declaration: Declaration, event: Event) -> Declaration:
    """The declaration after the event by the table; raises `Conflict` where the table has no way."""
    to = TRANSITIONS[declaration.status].get(event)
    if to is None:
        raise Conflict(
            f"{event} is not possible in the state {declaration.status}",
            field="status",
            state=str(declaration.status),
            reason="not_in_this_state",
        )
    return replace(declaration, status=to)
