"""What a body may see of a person: the matrix of senders and recipients, widened by consent (SGB X, SGB I § 35)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from services.pathways.domain.facts import Fact
from services.pathways.domain.matrix import Decision, Matrix
from services.pathways.domain.schemas import Kind

_ABOUT_A_THING = frozenset(
    {
        Kind.REFERRED,
        Kind.REFUSED,
        Kind.NO_SHOW,
        Kind.STARTED,
        Kind.EXTENDED,
        Kind.ENDED,
        Kind.CORRECTED,
        Kind.CANCELLED,
        Kind.TESTED,
        Kind.CERTIFICATE,
        Kind.EMPLOYMENT_STARTED,
        Kind.EMPLOYMENT_ENDED,
        Kind.TRAINING_STARTED,
        Kind.TRAINING_ENDED,
    }
)


class Sight(IntEnum):
    """How much of a finding is shown: nothing at all, that there is one, all of it."""

    NOTHING = 0
    EXISTENCE = 1
    FULL = 2


class Disclosure:
    """What one body may see of one person on a day, from the person's facts that hold."""

    def __init__(self, facts: Iterable[Fact], body: str | None, today: int, *, matrix: Matrix) -> None:
        held = list(facts)
        self._matrix = matrix
        self._body = body or matrix.without_body
        self._consented = _consented(held, self._body, today, matrix.purposes)
        self._by_id: dict[str, bool] = {}
        for fact in held:
            shown = self.fact(fact)
            self._note(fact.id, shown)
            if fact.kind in _ABOUT_A_THING:
                self._note(fact.values[0], shown)

    def _note(self, id: str, shown: bool) -> None:
        self._by_id[id] = self._by_id.get(id, True) and shown

    def fact(self, fact: Fact) -> bool:
        """Whether a fact may be shown: the matrix allows it, or asks for a consent that is in force."""
        decision = self._matrix.of_fact(fact, self._body)
        if decision == Decision.CONSENT:
            return self._matrix.category(fact) in self._consented
        return decision == Decision.ALLOW

    def ids(self, ids: Iterable[str]) -> bool:
        """Whether every fact about these things, or of these event ids, may be shown; unknown ids are not."""
        return all(self._by_id.get(id, False) for id in ids)

    def evidence(self, ids: Iterable[str]) -> Sight:
        """How much is shown of a finding: in full only if all it rests on may be seen.

        Where the matrix denies it, the body is not even told that there is one.
        """
        if self.ids(ids):
            return Sight.FULL
        return Sight.EXISTENCE if self._matrix.existence(self._body) else Sight.NOTHING


def _consented(facts: Iterable[Fact], body: str, today: int, purposes: frozenset[str]) -> frozenset[str]:
    """The categories for which a consent in force on the day names the body and one of the purposes.

    A withdrawal is the person's word and holds as soon as it is known, whatever date it names (Art. 7 III DSGVO).
    """
    given: dict[str, tuple[Any, ...]] = {}
    withdrawn: set[str] = set()
    for fact in facts:
        if fact.kind == Kind.CONSENT_GIVEN:
            given[str(fact.values[0])] = fact.values
        elif fact.kind == Kind.CONSENT_WITHDRAWN:
            withdrawn.add(str(fact.values[0]))
    categories: set[str] = set()
    for id, (_, about, recipients, purpose, valid_from, valid_to) in given.items():
        in_force = valid_from <= today and (valid_to is None or today <= valid_to)
        if id not in withdrawn and in_force and purpose in purposes and body in _list(recipients):
            categories.update(_list(about))
    return frozenset(categories)


def _list(value: Any) -> list[str]:
    return [str(entry) for entry in value] if isinstance(value, list | tuple) else [str(value)]
