"""A cluster is all pseudonyms ever linked: what it holds, and what there is to say when facts or days are added."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import msgspec

from services.pathways.domain.diff import Change, difference
from services.pathways.domain.evaluate import Result, evaluate
from services.pathways.domain.facts import INDIFFERENT, Fact
from services.pathways.domain.finding import Finding, Identity, Text
from services.pathways.domain.rules import Rules
from services.pathways.domain.schemas import Kind

HISTORICAL_AFTER_DAYS = 30
_LINKS = frozenset({Kind.MERGED, Kind.SPLIT})
_KEPT_OF_ERASED = _LINKS | {Kind.ERASED}
_SET_ASIDE = Text(
    "Zurückgestellt: die Verarbeitung dieser Person ist eingeschränkt (Art. 18 DSGVO)",
    "Set aside: the processing of this person is restricted (Art. 18 GDPR)",
    "",
    "",
)
_TAKEN_BACK = Text(
    "Zurückgenommen: folgt nicht mehr aus den bekannten Tatsachen",
    "Retracted: it no longer follows from the facts known",
    "",
    "",
)


class Said(msgspec.Struct, frozen=True, gc=False):
    """The last state said of a finding; a retracted one counts on from its revision when it comes back."""

    finding: Finding
    revision: int
    municipality: str | None
    historical: bool
    retracted: bool = False


class Statement(msgspec.Struct, frozen=True, gc=False):
    """One event about a finding, as decided on the business date `on`."""

    event: str
    said: Said
    text: Text
    changed: tuple[str, ...]
    on: date


@dataclass(slots=True)
class Cluster:
    """The state of one cluster: packed facts are read, findings said are held, `next_due` is the earliest of all."""

    facts: dict[str, list[Fact]]
    held: dict[Identity, Said] = field(default_factory=dict)
    next_due: date | None = None
    erased: set[str] = field(default_factory=set)

    def add(self, new: Iterable[Fact]) -> list[Fact]:
        """Add facts, each once however often it was delivered; returns those that were new."""
        added = []
        for fact in new:
            mine = self.facts.setdefault(fact.subject, [])
            if fact not in mine:
                mine.append(fact)
                added.append(fact)
        return added

    def step_to(self, today: date, rules_on: Callable[[date], Rules]) -> list[Statement]:
        """Evaluate on each due date up to and including `today`, in turn, with the facts as they are.

        Each is evaluated by the rule set in force on it.
        """
        statements: list[Statement] = []
        while self.next_due is not None and self.next_due <= today:
            statements += self.evaluate_on(self.next_due, rules_on(self.next_due))
        return statements

    def evaluate_on(self, today: date, rules: Rules) -> list[Statement]:
        """Evaluate once; what differs from what is held is said, and held from then on."""
        result = evaluate([fact for facts in self.facts.values() for fact in facts], today, rules)
        statements = self._differences(result, today)
        self.next_due = min((due for due in result.next_due.values() if due is not None), default=None)
        self.erased |= {person for person, facts in self.facts.items() if facts and result.erased(person)}
        return statements

    def forget_erased(self) -> set[str]:
        """Drop what is held of erased persons but erasure and links; returns whose findings are to be forgotten.

        The links stay, since the erasure of one member is that of its whole merge group, and it is final.
        """
        for person, facts in self.facts.items():
            if any(fact.kind == Kind.ERASED for fact in facts):
                self.facts[person] = [fact for fact in facts if fact.kind in _KEPT_OF_ERASED]
        gone = {person for person in self.erased if any(identity[0] == person for identity in self.held)}
        self.held = {identity: said for identity, said in self.held.items() if identity[0] not in self.erased}
        return gone

    def _differences(self, result: Result, today: date) -> list[Statement]:
        holding = {identity: said.finding for identity, said in self.held.items() if not said.retracted}
        changes = difference(holding, result.findings)
        changes += self._moved(result, {change.finding.identity for change in changes})
        statements = []
        for change in changes:
            statement = self._statement(change, result, today)
            self.held[change.finding.identity] = statement.said
            statements.append(statement)
        return statements

    def _moved(self, result: Result, changed: set[Identity]) -> list[Change]:
        """Open findings whose responsible municipality is another one now, and nothing else about them."""
        moved = []
        for finding in result.findings:
            if finding.until is None and finding.identity not in changed:
                said = self.held[finding.identity]
                municipality = result.municipality(finding.person_id)
                if municipality is not None and municipality != said.municipality:
                    moved.append(Change("revised", finding, said.finding, None, ("municipality",)))
        return moved

    def _statement(self, change: Change, result: Result, today: date) -> Statement:
        finding = change.finding
        before = self.held.get(finding.identity)
        retracted = change.event == "retracted"
        said = Said(
            finding,
            revision=before.revision + 1 if before else 1,
            municipality=result.municipality(finding.person_id) or (before.municipality if before else None),
            historical=is_historical(finding, today),
            retracted=retracted,
        )
        if retracted:
            text = _SET_ASIDE if self._restricted(finding.person_id, result) else _TAKEN_BACK
        else:
            text = result.explain(finding)
        return Statement(change.event, said, text, change.changed, today)

    def _restricted(self, person: str, result: Result) -> bool:
        return bool(self.facts.get(person)) and result.restricted(person)


def is_historical(finding: Finding, today: date) -> bool:
    """Whether the newest step lies more than 30 days before the business date: nobody is told of it any more."""
    return today - finding.steps[-1][1] > timedelta(days=HISTORICAL_AFTER_DAYS)


def needs_evaluation(new: Iterable[Fact]) -> bool:
    """Whether these new facts can change a finding or a due date."""
    return any(fact.kind not in INDIFFERENT for fact in new)


def linked(facts: Iterable[Fact]) -> Mapping[str, set[str]]:
    """Which other pseudonyms these facts' merges and splits name, by subject."""
    links: dict[str, set[str]] = {}
    for fact in facts:
        if fact.kind in _LINKS:
            links.setdefault(fact.subject, set()).add(fact.values[0])
    return links
