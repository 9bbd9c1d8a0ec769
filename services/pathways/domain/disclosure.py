"""What a body may see of a person: the matrix of senders and recipients, widened by consent (SGB X, SGB I § 35).

Whose a fact is follows from its Rechtskreis, since that decides under which law it was collected. Between bodies that
may tell each other without consent (SGB X § 69) it is shown; else only where a consent in force names the recipient
and the category. Towards the Ausländerbehörde nothing is shown that is not its own (AufenthG § 87 and its limits).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Any

from services.pathways.domain.facts import Fact
from services.pathways.domain.schemas import Kind

FOREIGNERS_OFFICE = "AUSLAENDERBEHOERDE"
PROGRAMME = "KI"
"""Who has no body in its token reads as the programme's own case management: with consent."""

_SOCIAL = frozenset({"JOBCENTER", "AGENTUR", "JUGENDAMT"})
_EVERYBODY = frozenset({"JOBCENTER", "AGENTUR", "SOZIALAMT", "JUGENDAMT", "SCHOOL", "PROVIDER", "KI", "JMD", "OTHER"})
_MAY_SEE: dict[str, frozenset[str]] = {
    "SGB2": _SOCIAL,
    "SGB3": _SOCIAL,
    "SGB8": _SOCIAL,
    "SGB12": frozenset({"SOZIALAMT"}),
    "ASYLBLG": frozenset({"SOZIALAMT"}),
    # Course data under AufenthG §§ 43, 45a may be told to the bodies that grant benefits (§ 88a).
    "AUFENTHG": frozenset({"JOBCENTER", "AGENTUR", "SOZIALAMT", FOREIGNERS_OFFICE}),
    "SCHOOL": frozenset({"SCHOOL"}),
    "LAND": _EVERYBODY,
    "NONE": _EVERYBODY,
}
_CATEGORY: dict[int, str] = {
    Kind.REGISTERED: "STATUS",
    Kind.MOVED: "STATUS",
    Kind.STATUS: "STATUS",
    Kind.BENEFIT: "BENEFITS",
    Kind.NEED: "COUNSELLING",
    Kind.GOAL: "COUNSELLING",
    Kind.CONTACT: "COUNSELLING",
    Kind.TESTED: "LANGUAGE",
    Kind.CERTIFICATE: "EDUCATION",
    Kind.EMPLOYMENT_STARTED: "EMPLOYMENT",
    Kind.EMPLOYMENT_ENDED: "EMPLOYMENT",
    Kind.TRAINING_STARTED: "EMPLOYMENT",
    Kind.TRAINING_ENDED: "EMPLOYMENT",
}
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

    def __init__(self, facts: Iterable[Fact], body: str | None, today: int) -> None:
        held = list(facts)
        self._body = body or PROGRAMME
        self._consented = _consented(held, self._body, today)
        self._by_id: dict[str, bool] = {}
        for fact in held:
            shown = self.fact(fact)
            self._note(fact.id, shown)
            if fact.kind in _ABOUT_A_THING:
                self._note(fact.values[0], shown)

    def _note(self, id: str, shown: bool) -> None:
        self._by_id[id] = self._by_id.get(id, True) and shown

    def fact(self, fact: Fact) -> bool:
        """Whether a fact may be shown."""
        # A fact without a Rechtskreis cannot be told apart from the most protected ones.
        if self._body in _MAY_SEE.get(fact.rechtskreis or "", frozenset()):
            return True
        return self._body != FOREIGNERS_OFFICE and _CATEGORY.get(fact.kind, "MEASURES") in self._consented

    def ids(self, ids: Iterable[str]) -> bool:
        """Whether every fact about these things, or of these event ids, may be shown; unknown ids are not."""
        return all(self._by_id.get(id, False) for id in ids)

    def evidence(self, ids: Iterable[str]) -> Sight:
        """How much is shown of a finding: in full only if all it rests on may be seen.

        The Ausländerbehörde is not even told that there is one.
        """
        if self.ids(ids):
            return Sight.FULL
        return Sight.NOTHING if self._body == FOREIGNERS_OFFICE else Sight.EXISTENCE


def _consented(facts: Iterable[Fact], body: str, today: int) -> frozenset[str]:
    """The categories for which a consent in force on the day names the body."""
    given: dict[str, tuple[Any, ...]] = {}
    withdrawn: set[str] = set()
    for fact in facts:
        if fact.kind == Kind.CONSENT_GIVEN:
            given[str(fact.values[0])] = fact.values
        elif fact.kind == Kind.CONSENT_WITHDRAWN and fact.values[1] <= today:
            withdrawn.add(str(fact.values[0]))
    categories: set[str] = set()
    for id, (_, about, recipients, _, valid_from, valid_to) in given.items():
        in_force = valid_from <= today and (valid_to is None or today <= valid_to)
        if id not in withdrawn and in_force and body in _list(recipients):
            categories.update(_list(about))
    return frozenset(categories)


def _list(value: Any) -> list[str]:
    return [str(entry) for entry in value] if isinstance(value, list | tuple) else [str(value)]
