"""What is known of each measure, spell, test and certificate: of two facts about one field the later holds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from services.pathways.domain.dates import berlin_day
from services.pathways.domain.facts import Fact
from services.pathways.domain.schemas import Kind


class Measure:
    """One measure as reported: the values that hold, None for what is not known; days as ordinals."""

    __slots__ = (
        "bridge_to",
        "cancelled_on",
        "destination",
        "ended_on",
        "exit",
        "hours",
        "id",
        "no_show_on",
        "planned_end_on",
        "provider",
        "rechtskreis",
        "referred_on",
        "refused_on",
        "started_on",
        "type",
    )

    def __init__(self, id: str) -> None:
        self.id = id
        self.type: str | None = None
        self.bridge_to: str | None = None
        self.referred_on: int | None = None
        self.provider: str | None = None
        self.started_on: int | None = None
        self.planned_end_on: int | None = None
        self.ended_on: int | None = None
        self.exit: str | None = None
        self.destination: str | None = None
        self.hours: float | None = None
        self.rechtskreis: str | None = None
        self.refused_on: int | None = None
        self.no_show_on: int | None = None
        self.cancelled_on: int | None = None


class Known:
    """All that is known of a person, by thing."""

    __slots__ = (
        "benefits",
        "certificates",
        "contacts",
        "goals",
        "measures",
        "moves",
        "registrations",
        "spells",
        "tests",
    )

    def __init__(self) -> None:
        self.measures: dict[str, Measure] = {}
        self.spells: dict[str, list[Any]] = {}
        """spell_id -> [kind of the latest fact, started_on, ended_on, whether a training]"""
        self.tests: dict[str, Fact] = {}
        self.certificates: dict[str, Fact] = {}
        self.registrations: list[Fact] = []
        self.moves: list[Fact] = []
        self.benefits: list[Fact] = []
        self.goals: list[Fact] = []
        self.contacts: list[int] = []


def _measure(known: Known, id: str) -> Measure:
    found = known.measures.get(id)
    if found is None:
        found = known.measures[id] = Measure(id)
    return found


def _referred(known: Known, fact: Fact) -> None:
    id, type_, referred_on, _, _, bridge_to = fact.values
    measure = _measure(known, id)
    measure.type = type_
    measure.referred_on = referred_on
    if bridge_to is not None:
        measure.bridge_to = bridge_to


def _started(known: Known, fact: Fact) -> None:
    id, type_, provider, started_on, planned_end_on, hours, _, bridge_to = fact.values
    measure = _measure(known, id)
    measure.type = type_
    measure.provider = provider
    measure.started_on = started_on
    if planned_end_on is not None:
        measure.planned_end_on = planned_end_on
    if hours is not None:
        measure.hours = hours
    if bridge_to is not None:
        measure.bridge_to = bridge_to
    if fact.rechtskreis is not None:
        measure.rechtskreis = fact.rechtskreis


def _extended(known: Known, fact: Fact) -> None:
    id, planned_end_on = fact.values
    _measure(known, id).planned_end_on = planned_end_on


def _ended(known: Known, fact: Fact) -> None:
    id, ended_on, exit_code, destination, hours = fact.values
    measure = _measure(known, id)
    measure.ended_on = ended_on
    measure.exit = exit_code
    if destination is not None:
        measure.destination = destination
    if hours is not None:
        measure.hours = hours


_CORRECTABLE = (
    "type",
    "bridge_to",
    "referred_on",
    "provider",
    "started_on",
    "planned_end_on",
    "hours",
    "ended_on",
    "exit",
    "destination",
)


def _corrected(known: Known, fact: Fact) -> None:
    values = fact.values
    measure = _measure(known, values[0])
    for name, value in zip(_CORRECTABLE, values[1:], strict=False):
        if value is False:
            setattr(measure, name, None)
            if name == "ended_on":
                measure.exit = measure.destination = None
        elif value is not None:
            setattr(measure, name, value)


def _cancelled(known: Known, fact: Fact) -> None:
    id, cancelled_on, _ = fact.values
    _measure(known, id).cancelled_on = berlin_day(fact.at) if cancelled_on is None else cancelled_on


def _refused(known: Known, fact: Fact) -> None:
    id, refused_on = fact.values
    _measure(known, id).refused_on = refused_on


def _no_show(known: Known, fact: Fact) -> None:
    id, no_show_on = fact.values
    _measure(known, id).no_show_on = no_show_on


def _spell_started(known: Known, fact: Fact) -> None:
    id, started_on, kind = fact.values
    held = known.spells.get(id)
    training = fact.kind == Kind.TRAINING_STARTED
    if held is None:
        known.spells[id] = [kind, started_on, None, training]
    else:
        held[0], held[1], held[3] = kind, started_on, training


def _spell_ended(known: Known, fact: Fact) -> None:
    id, ended_on, kind = fact.values
    held = known.spells.get(id)
    training = fact.kind == Kind.TRAINING_ENDED
    if held is None:
        known.spells[id] = [kind, None, ended_on, training]
    else:
        held[0], held[2], held[3] = kind, ended_on, training


def _tested(known: Known, fact: Fact) -> None:
    known.tests[fact.values[0]] = fact


def _certified(known: Known, fact: Fact) -> None:
    known.certificates[fact.values[0]] = fact


def _contact(known: Known, fact: Fact) -> None:
    known.contacts.append(fact.values[0])


def _registered(known: Known, fact: Fact) -> None:
    known.registrations.append(fact)


def _moved(known: Known, fact: Fact) -> None:
    known.moves.append(fact)


def _benefit(known: Known, fact: Fact) -> None:
    known.benefits.append(fact)


def _goal(known: Known, fact: Fact) -> None:
    known.goals.append(fact)


_TAKE: dict[int, Callable[[Known, Fact], None]] = {
    Kind.REGISTERED: _registered,
    Kind.MOVED: _moved,
    Kind.BENEFIT: _benefit,
    Kind.GOAL: _goal,
    Kind.CONTACT: _contact,
    Kind.REFERRED: _referred,
    Kind.REFUSED: _refused,
    Kind.NO_SHOW: _no_show,
    Kind.STARTED: _started,
    Kind.EXTENDED: _extended,
    Kind.ENDED: _ended,
    Kind.CORRECTED: _corrected,
    Kind.CANCELLED: _cancelled,
    Kind.TESTED: _tested,
    Kind.CERTIFICATE: _certified,
    Kind.EMPLOYMENT_STARTED: _spell_started,
    Kind.EMPLOYMENT_ENDED: _spell_ended,
    Kind.TRAINING_STARTED: _spell_started,
    Kind.TRAINING_ENDED: _spell_ended,
}
_BY_NUMBER = [_TAKE.get(kind) for kind in range(max(Kind) + 1)]


def fold(facts: Iterable[Fact]) -> Known:
    """What is known from the facts that hold, given in the order of `facts.ORDER`."""
    known = Known()
    take_by_number = _BY_NUMBER
    for fact in facts:
        take = take_by_number[fact.kind]
        if take is not None:
            take(known, fact)
    return known
